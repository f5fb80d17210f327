"""What people make of fixed expressions: one rule for each kind of slip instead of a list of mistakes.

Of "for the most part" come "for most part", "for a most part", "in the most part" and "for the most parts".
Many slips are right somewhere: those that stand in clean text are left out, and those whose place in the
expression is taken by another word too often (`are_sure`). What remains is packed, see `compile.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.patterns.parts import letters
from triton_server.gector.verb_forms import is_verb_form, plural, singular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_ARTICLES = ("a", "the")
_PREPOSITIONS = ("in", "on", "at", "of", "for", "by", "with", "to", "from")
_ENDS = frozenset({"of", "to", "for", "from"})
"""Prepositions that seldom begin anything new where an expression ends: "as a result at noon" is right."""
_OFTEN = 20
"""Times that a short expression stands in the clean text, so that it says something what does not."""
_SHARE = 0.985
"""Of all words of one kind that stand in a place of an expression, so many must be the right one."""


class Slip(NamedTuple):
    """A wrong form of an expression."""

    wrong: str
    right: str
    kind: str
    """The code of the kind of error."""
    at: int
    """Which word is wrong or missing, counted from 0."""


def slips_of(expressions: Iterable[str], confused: Mapping[str, str]) -> dict[str, Slip]:
    """The wrong forms of expressions, by themselves.

    Args:
        expressions: right ones, words with blanks between them.
        confused: words that people write for others, with blanks between them, by the right one.
    """
    rights = sorted(expressions)
    fine = {right.lower() for right in rights}
    found: dict[str, Slip] = {}
    for right in rights:
        for slip in _slips(right, confused):
            if slip.wrong.lower() not in fine:
                found.setdefault(slip.wrong.lower(), slip)
    return found


def are_sure(slips: Iterable[Slip], counts: Mapping[str, int], weak: frozenset[str]) -> Iterator[Slip]:
    """Those of which clean text says that they are wrong wherever they stand.

    Args:
        slips: all of some expressions.
        counts: how often expressions and slips, in small letters, stand in clean text.
        weak: words that stand in too many other places, so that only long expressions give them away.
    """
    slips = list(slips)
    places: Counter[tuple[str, int, str]] = Counter()
    for slip in slips:
        places[slip.right, slip.at, slip.kind] += counts.get(slip.wrong.lower(), 0)
    for slip in slips:
        right = counts.get(slip.right.lower(), 0)
        others = places[slip.right, slip.at, slip.kind]
        is_fixed = right >= _SHARE * (right + others)
        if is_fixed and not counts.get(slip.wrong.lower(), 0) and _is_sure(slip, right, weak):
            yield slip


def _is_sure(slip: Slip, right: int, weak: frozenset[str]) -> bool:
    """Whether an expression is long or common enough for a slip in this place."""
    words, wrong = slip.right.split(), slip.wrong.split()
    length, is_last = len(words), slip.at == len(words) - 1
    if slip.kind == "preposition":
        if is_last:
            return length > 2 and right >= _OFTEN and wrong[-1] in _ENDS and words[-1] in {*_ENDS, "with"}
        if slip.at == 0:
            return wrong[0] != "of" and (length > 4 or (length > 2 and right >= _OFTEN))
        return length > 3
    if slip.kind == "article":
        return slip.at > 0 and length > 2 and (length > 3 or right >= 2 * _OFTEN)
    if slip.kind == "missing-article":
        return length > 4 or (length > 3 and right >= _OFTEN)
    if slip.kind == "noun-number":
        return length > 3 or (length > 2 and right >= _OFTEN)
    if wrong[slip.at].lower() in weak:
        return length > 3 and slip.at > 0 and not is_last
    return length > 2 or right >= _OFTEN


def _slips(right: str, confused: Mapping[str, str]) -> Iterator[Slip]:
    words = right.split()
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else ""
        for other, kind in _others(word, after, confused):
            yield Slip(" ".join([*words[:at], other, *words[at + 1 :]]), right, kind, at)
        if at and word in ("a", "an", "the") and len(words) > 3:
            yield Slip(" ".join([*words[:at], *words[at + 1 :]]), right, "missing-article", at)
    if _takes_no_article(words):
        for article in _ARTICLES:
            yield Slip(" ".join([words[0], article, *words[1:]]), right, "article", 1)


def _others(word: str, after: str, confused: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What may stand wrongly in the place of a word, with the kind of error that this is."""
    is_infinitive = word == "to" and is_verb_form(after, "VB")
    if word in _PREPOSITIONS and not is_infinitive:
        yield from ((other, "preposition") for other in _PREPOSITIONS if other != word)
    if word in _ARTICLES:
        yield from ((other, "article") for other in _ARTICLES if other != word)
    if not after and letters(word)[:1] in ("N", "n", "P", "p") and len(word) > 2:
        number = plural(word) or singular(word)
        if number and number != word:
            yield number, "noun-number"
    yield from ((other, "confused-word") for other in confused.get(word, "").split())


def _takes_no_article(words: Sequence[str]) -> bool:
    """Whether an expression begins with a preposition and a noun with nothing between them."""
    if len(words) < 2 or words[0] not in _PREPOSITIONS or (is_verb_form(words[1], "VB") and words[0] == "to"):
        return False
    return letters(words[1])[:1] in tuple("NnJjPp")


def confused_words(groups: Iterable[str]) -> dict[str, str]:
    """Of each word those that people write for it.

    Args:
        groups: words that are taken for each other, with blanks between them.
    """
    found: dict[str, set[str]] = {}
    for group in groups:
        words = group.split()
        for word in words:
            found.setdefault(word, set()).update(one for one in words if one != word)
    return {word: " ".join(sorted(others)) for word, others in found.items()}
