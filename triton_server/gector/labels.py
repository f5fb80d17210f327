"""The labels of GECToR: what each says to do with a word.

A label says one thing about one word (Omelianchuk et al. 2020, section 3): keep it, delete it, put a word
after it, replace it, rewrite it by a rule (case, number, verb form, hyphen), or merge it with the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache

from triton_server.gector.verb_forms import VERB_TAGS, plural, singular, verb_form


class Action(Enum):
    """What a label does with its word."""

    KEEP = "keep"
    """Nothing; `<OOV>` and labels that nobody knows do the same."""
    DELETE = "delete"
    APPEND = "append"
    """Put the argument after the word."""
    REPLACE = "replace"
    """Put the argument in the word's place."""
    CASE = "case"
    """Change the case as the argument says: LOWER, UPPER, CAPITAL, CAPITAL_1 (the second letter)."""
    AGREEMENT = "agreement"
    """Change the number of a noun: PLURAL, SINGULAR."""
    VERB = "verb"
    """Change the form of a verb; the argument is the two Penn tags, such as VB_VBZ."""
    SPLIT_HYPHEN = "split hyphen"
    """Write the parts as words of their own."""
    MERGE = "merge"
    """Join with the next word; the argument stands between them: nothing or a hyphen."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label, read."""

    action: Action
    argument: str = ""


_KEEP = Label(Action.KEEP)
_WHOLE = {
    "$DELETE": Label(Action.DELETE),
    "$TRANSFORM_SPLIT_HYPHEN": Label(Action.SPLIT_HYPHEN),
    "$MERGE_SPACE": Label(Action.MERGE, ""),
    "$MERGE_HYPHEN": Label(Action.MERGE, "-"),
}
_PREFIXES = {
    "$APPEND_": (Action.APPEND, None),
    "$REPLACE_": (Action.REPLACE, None),
    "$TRANSFORM_CASE_": (Action.CASE, {"LOWER", "UPPER", "CAPITAL", "CAPITAL_1"}),
    "$TRANSFORM_AGREEMENT_": (Action.AGREEMENT, {"PLURAL", "SINGULAR"}),
    "$TRANSFORM_VERB_": (Action.VERB, {f"{a}_{b}" for a in VERB_TAGS for b in VERB_TAGS if a != b}),
}


@cache
def parse_label(label: str) -> Label:
    """Read a label; one that is not known (`<OOV>`, `<PAD>`, another model's) keeps the word."""
    if label in _WHOLE:
        return _WHOLE[label]
    for prefix, (action, arguments) in _PREFIXES.items():
        argument = label[len(prefix) :]
        if label.startswith(prefix) and argument and (arguments is None or argument in arguments):
            return Label(action, argument)
    return _KEEP


def rewrite(word: str, label: Label) -> tuple[str, ...]:
    """The words that a label makes of one word by itself.

    Where there is no sensible form (a verb form of what is no verb, a hyphen split of a word without parts)
    the word stays as it is. `APPEND` and `MERGE` are about a word's neighbours and leave it alone.
    """
    argument = label.argument
    if label.action is Action.DELETE:
        return ()
    if label.action is Action.REPLACE:
        return (argument,)
    if label.action is Action.CASE:
        return (_recased(word, argument),)
    if label.action is Action.AGREEMENT:
        return (_inflected(word, (plural if argument == "PLURAL" else singular)(word.lower())),)
    if label.action is Action.VERB:
        return (_inflected(word, verb_form(word.lower(), *argument.split("_"))),)
    if label.action is Action.SPLIT_HYPHEN:
        parts = tuple(word.split("-"))
        return parts if all(parts) else (word,)
    return (word,)


def _recased(word: str, case: str) -> str:
    if case == "LOWER":
        return word.lower()
    if case == "UPPER":
        return word.upper()
    # `str.capitalize` would take the other capitals away: McDonald, iPhone
    first = int(case == "CAPITAL_1")
    return word[:first] + word[first : first + 1].upper() + word[first + 1 :]


def _inflected(word: str, form: str | None) -> str:
    """`form` in the case of `word`, or `word` if there is none."""
    if form is None:
        return word
    if word.isupper() and len(word) > 1:
        return form.upper()
    return form[:1].upper() + form[1:] if word[:1].isupper() else form
