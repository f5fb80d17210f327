"""Groups of labels that have thresholds of their own: a model is surer of some kinds of error than of others.

A missing comma may be a matter of taste, a wrong verb form is not; one threshold for both loses either
precision or recall.
"""

from __future__ import annotations

from functools import cache

from triton_server.gector.labels import Action, parse_label

_ARTICLES = frozenset({"a", "an", "the"})
_PREPOSITIONS = frozenset(
    {
        *(
            "about",
            "after",
            "against",
            "among",
            "around",
            "as",
            "at",
            "before",
            "between",
            "by",
            "during",
            "for",
        ),
        *(
            "from",
            "in",
            "into",
            "of",
            "off",
            "on",
            "onto",
            "over",
            "through",
            "to",
            "toward",
            "towards",
            "under",
        ),
        *("until", "upon", "with", "within", "without"),
    }
)
_PLAIN = {
    Action.CASE: "case",
    Action.AGREEMENT: "number",
    Action.VERB: "verb",
    Action.SPLIT_HYPHEN: "join",
    Action.MERGE: "join",
}
_ABOUT = ("comma", "mark", "article", "preposition", "word")
GROUPS = (
    *dict.fromkeys(_PLAIN.values()),
    *(
        f"{action.value}-{about}"
        for action in (Action.APPEND, Action.DELETE, Action.REPLACE)
        for about in _ABOUT
    ),
)
"""All groups."""


@cache
def group_of(label: str, word: str) -> str:
    """The group of a label that is given to a word: an action and what it is about, such as `append-comma`.

    Args:
        label: one that changes something.
        word: what it is given to, in small letters; counts for deletions and replacements.
    """
    read = parse_label(label)
    if read.action in _PLAIN:
        return _PLAIN[read.action]
    about = read.argument.lower() if read.action is Action.APPEND else word
    return f"{read.action.value}-{_class_of(about)}"


def _class_of(word: str) -> str:
    if word == ",":
        return "comma"
    if not any(map(str.isalnum, word)):
        return "mark"
    if word in _ARTICLES:
        return "article"
    return "preposition" if word in _PREPOSITIONS else "word"
