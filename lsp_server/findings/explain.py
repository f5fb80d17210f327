"""From an edit to words that a person understands: what kind of error it puts right, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from lsp_server.findings.kinds import ErrorKind
from lsp_server.findings.words import (
    AGREEING,
    ARTICLES,
    AUXILIARIES,
    BEFORE_NOUNS,
    CONFUSED,
    HAVE_AND_BE,
    MODALS,
    PREPOSITIONS,
    PRONOUNS,
)
from triton_server.gector.labels import Action, parse_label
from triton_server.gector.verb_forms import is_verb_form, plural, singular

if TYPE_CHECKING:
    from triton_server.gector.types import Edit
    from triton_server.segmentation.types import Sentence, Word

_MARK_NAMES = {
    ",": "comma",
    ".": "full stop",
    "?": "question mark",
    "!": "exclamation mark",
    ":": "colon",
    ";": "semicolon",
    "-": "hyphen",
    "'": "apostrophe",
    "’": "apostrophe",
    "(": "bracket",
    ")": "bracket",
}


_NEGATIONS = frozenset({"not", "n't", "n’t", "never"})


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an edit is about."""

    kind: ErrorKind
    message: str
    start: int
    """Where to underline, as code-point offsets into the sentence's text: whole words."""
    end: int


def explain(sentence: Sentence, edit: Edit) -> Explanation:
    """Say what kind of error an edit puts right, in a sentence for a person.

    It is told from the edit, its labels and the words beside it; equal edits get equal explanations.
    """
    place = _place(sentence, edit)
    if not place.old:
        kind, message = _insertion(place)
    elif not place.new:
        kind, message = _deletion(place)
    else:
        kind, message = _change(place, edit)
    return Explanation(kind, message, place.start, place.end)


@dataclass(frozen=True, slots=True)
class _Place:
    """An edit seen by whole words."""

    old: str
    """The words that are changed or deleted; empty if the edit only inserts."""
    new: str
    """What takes their place, or is inserted; empty if the edit only deletes."""
    before: str
    """The word before; empty at the beginning."""
    after: str
    helper: str
    """What a verb here would depend on: the words before, up to one that is no "not": `did not`, `can't`."""
    start: int
    end: int


def _place(sentence: Sentence, edit: Edit) -> _Place:
    text, words = sentence.text, sentence.words
    first, last = _touched(sentence, edit)
    before = words[first - 1] if first > 0 else None
    after = words[last] if last < len(words) else None
    if first < last:
        start, end = words[first].start, words[last - 1].end
        old = text[start:end]
        new = text[start : max(start, edit.start)] + edit.replacement + text[min(end, edit.end) : end]
    else:
        old, new = "", edit.replacement
        anchor = _anchor(new, before, after)
        start, end = (anchor.start, anchor.end) if anchor else (edit.start, edit.end)
    return _Place(
        " ".join(old.split()),
        " ".join(new.split()),
        before.text if before else "",
        after.text if after else "",
        _helper(sentence, first),
        start,
        end,
    )


def _helper(sentence: Sentence, index: int) -> str:
    words = sentence.words[:index]
    first = next((i for i in range(index - 1, -1, -1) if words[i].text.lower() not in _NEGATIONS), None)
    return "" if first is None else sentence.text[words[first].start : words[-1].end]


def _touched(sentence: Sentence, edit: Edit) -> tuple[int, int]:
    """The words (first, past the last) that an edit changes, with those that it cuts or joins to others."""
    text, words = sentence.text, sentence.words
    first = next((i for i, word in enumerate(words) if word.end > edit.start), len(words))
    last = next((i for i, word in enumerate(words) if word.start >= edit.end), len(words))
    if first >= last:  # between two words
        first = last = next((i for i, word in enumerate(words) if word.start >= edit.start), len(words))
        joins = first > 0 and last < len(words) and not edit.replacement.strip("-")
        clings = first > 0 and edit.start == words[first - 1].end and edit.replacement[:1].isalpha()
        clings |= edit.replacement[:1] in "'’" and len(edit.replacement) > 1
        if joins:
            return first - 1, last + 1
        if clings and first > 0:
            return first - 1, last
        return first, last
    while first > 0 and _run_on(text, words[first - 1].end):
        first -= 1
    while (
        last < len(words) and _run_on(text, words[last - 1].end) and words[last].start == words[last - 1].end
    ):
        last += 1
    return first, last


def _run_on(text: str, offset: int) -> bool:
    """Whether letters run on across a border of words: "do|n't", "Do|nt"."""
    beside = text[offset - 1 : offset + 1]
    return len(beside) == 2 and all(character.isalpha() or character in "'’" for character in beside)


def _anchor(inserted: str, before: Word | None, after: Word | None) -> Word | None:
    """The word to underline for an insertion: the one that it stands close to."""
    if inserted[:1].isspace() or not any(character.isalnum() for character in inserted):
        return before or after
    return after if after and after.text[:1].isalnum() else before or after


def _insertion(place: _Place) -> tuple[ErrorKind, str]:
    word = place.new.lower()
    where = f"before “{place.after}”" if place.after[:1].isalnum() else f"after “{place.before}”"
    if not any(character.isalnum() for character in word):
        where = f"after “{place.before}”" if place.before else where
        kind = ErrorKind.MISSING_COMMA if word == "," else ErrorKind.PUNCTUATION
        name = _MARK_NAMES.get(word)
        return kind, f"Missing {name} {where}." if name else f"Missing “{place.new}” {where}."
    if word in ARTICLES:
        return ErrorKind.MISSING_ARTICLE, f"Missing article: “{place.new}” {where}."
    if word == "to":  # of a verb or of a place: hard to tell, and the same to do
        return ErrorKind.PREPOSITION, f"Missing “to” {where}."
    if word in PREPOSITIONS:
        return ErrorKind.PREPOSITION, f"Missing preposition: “{place.new}” {where}."
    if word in PRONOUNS:
        return ErrorKind.PRONOUN, f"Missing pronoun: “{place.new}” {where}."
    if word in AUXILIARIES:
        return ErrorKind.MISSING_WORD, f"Missing verb: “{place.new}” {where}."
    name = "words" if " " in word else "word"
    return ErrorKind.MISSING_WORD, f"Missing {name}: “{place.new}” {where}."


def _deletion(place: _Place) -> tuple[ErrorKind, str]:
    word = place.old.lower()
    if word in (place.before.lower(), place.after.lower()):
        return ErrorKind.REPEATED_WORD, f"Repeated word: “{place.old}” stands here twice."
    if not any(character.isalnum() for character in word):
        name = _MARK_NAMES.get(word) or f"“{place.old}”"
        where = f" after “{place.before}”" if place.before else ""
        return ErrorKind.PUNCTUATION, f"Unneeded {name}{where}."
    where = f" before “{place.after}”" if place.after[:1].isalnum() else ""
    if word in ARTICLES:
        return ErrorKind.ARTICLE, f"Unneeded article: leave out “{place.old}”{where}."
    if word in PREPOSITIONS:
        return ErrorKind.PREPOSITION, f"Unneeded “{place.old}”{where}: leave it out."
    if word in PRONOUNS:
        return ErrorKind.PRONOUN, f"Unneeded pronoun: leave out “{place.old}”{where}."
    name = "words" if " " in word else "word"
    return ErrorKind.EXTRA_WORD, f"Unneeded {name}: leave out “{place.old}”{where}."


def _change(place: _Place, edit: Edit) -> tuple[ErrorKind, str]:
    old, new = place.old.lower().replace("’", "'"), place.new.lower().replace("’", "'")
    instead = f"“{place.new}” instead of “{place.old}”"
    if old == new:
        return _case_change(place)
    if re.sub(r"[\s-]", "", old) == re.sub(r"[\s-]", "", new):
        return ErrorKind.COMPOUND, _compound(place)
    if old.replace("'", "") == new.replace("'", "") and not _together(CONFUSED, old, new):
        name = "Missing apostrophe" if new.count("'") > old.count("'") else "Misplaced apostrophe"
        return ErrorKind.CONTRACTION, f"{name}: {instead}."
    if old.endswith("nt") and new.endswith("n't"):
        return ErrorKind.CONTRACTION, f"Use {instead}."
    if not any(character.isalnum() for character in old + new):
        return ErrorKind.PUNCTUATION, f"Use {instead}."
    for kind, message in (
        _by_words(place, old, new, instead),
        _by_label(place, edit, instead),
        _by_form(old, new, instead),
    ):
        if kind:
            return kind, message
    if " " in old or " " in new:
        return ErrorKind.GRAMMAR, f"Use {instead}."
    return ErrorKind.WORD_CHOICE, f"Use {instead}."


_Told = tuple[ErrorKind | None, str]
_UNKNOWN: _Told = (None, "")


def _case_change(place: _Place) -> tuple[ErrorKind, str]:
    if place.new.isupper() and len(place.new) > 1:
        how = "in capitals"
    elif place.new[:1].isupper() and not place.old[:1].isupper():
        how = "with a capital letter"
    elif place.new.islower():
        how = "in lower case"
    else:
        return ErrorKind.CAPITALISATION, f"Write “{place.new}” instead of “{place.old}”."
    return ErrorKind.CAPITALISATION, f"Write “{place.new}” {how}."


def _compound(place: _Place) -> str:
    if " " in place.new:
        return f"Write “{place.new}” as separate words."
    if "-" in place.new:
        return f"Write “{place.new}” with a hyphen."
    return f"Write “{place.new}” as one word."


def _by_words(place: _Place, old: str, new: str, instead: str) -> _Told:
    """What two well-known words have to do with each other."""
    if _together(CONFUSED, old, new):
        return ErrorKind.CONFUSED_WORD, f"Easily confused words: {instead}."
    if _together(AGREEING, old, new):
        return ErrorKind.AGREEMENT, f"The verb should agree with its subject: {instead}."
    if old in ARTICLES and new in ARTICLES:
        where = f" before “{place.after}”" if place.after[:1].isalnum() else ""
        return ErrorKind.ARTICLE, f"Use the article {instead}{where}."
    if old in PREPOSITIONS and new in PREPOSITIONS:
        return ErrorKind.PREPOSITION, f"Use the preposition {instead}."
    if old in PRONOUNS and new in PRONOUNS:
        return ErrorKind.PRONOUN, f"Use the pronoun {instead}."
    return _UNKNOWN


def _by_label(place: _Place, edit: Edit, instead: str) -> _Told:
    """What a single rule of inflection says; other labels name only the outcome."""
    if len(edit.labels) != 1:
        return _UNKNOWN
    label = parse_label(edit.labels[0])
    if label.action is Action.AGREEMENT:
        return _number(label.argument == "PLURAL", instead)
    if label.action is Action.VERB:
        source, target = label.argument.split("_")
        return _verb(place, source, target, instead)
    return _UNKNOWN


def _by_form(old: str, new: str, instead: str) -> _Told:
    """What two words have to do with each other by their forms."""
    if " " in old or " " in new:
        return _UNKNOWN
    if new in (plural(old), plural(singular(old) or "")):  # child and childs → children
        return _number(True, instead)
    if plural(new) == old:
        return _number(False, instead)
    if _is_misspelling(old, new):
        return ErrorKind.SPELLING, f"Spelling: {instead}."
    return _UNKNOWN


def _number(to_plural: bool, instead: str) -> tuple[ErrorKind, str]:
    return ErrorKind.NOUN_NUMBER, f"Use the {'plural' if to_plural else 'singular'}: {instead}."


def _verb(place: _Place, source: str, target: str, instead: str) -> tuple[ErrorKind, str]:
    before = place.before.lower().replace("’", "'")
    helper = re.split(r"[\s]|n't$", place.helper.lower().replace("’", "'"))[0]
    if target == "VB" and helper in MODALS:
        return ErrorKind.VERB_FORM, f"After “{place.helper}” comes the base form of the verb: {instead}."
    if {source, target} == {"VB", "VBZ"}:
        # the label knows the ending, not the word class: "a list of value", "the main reason is"
        if before in BEFORE_NOUNS or place.after.lower() in (MODALS | HAVE_AND_BE) - {"to"}:
            return _number(target == "VBZ", instead)
        return ErrorKind.AGREEMENT, f"The verb should agree with its subject: {instead}."
    if helper in HAVE_AND_BE or "VBG" in (source, target) or target == "VBN":
        return ErrorKind.VERB_FORM, f"Wrong verb form: {instead}."
    return ErrorKind.VERB_TENSE, f"Check the tense of the verb: {instead}."


def _is_misspelling(old: str, new: str) -> bool:
    """Whether `old` looks like a slip for `new` rather than a word of its own."""
    if old[:1] != new[:1] or old.startswith(new) or new.startswith(old) or len(new) < 4:
        return False
    known = any(is_verb_form(old, tag) for tag in ("VB", "VBD", "VBN", "VBG", "VBZ"))
    return not known and SequenceMatcher(None, old, new, autojunk=False).ratio() >= 0.75


def _together(groups: tuple[frozenset[str], ...], old: str, new: str) -> bool:
    return any(old in group and new in group for group in groups)
