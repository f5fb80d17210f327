"""Kinds of slips that lead from a word to a misspelling of it, and how rare each is.

Letters are seldom wrong at random: people double a letter or do not, take one vowel for another that sounds
the same, swap neighbours, leave out what they do not hear. What each kind costs was fitted to misspellings
with their corrections (`benchmarks/spelling_weights.py`).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rapidfuzz.distance import Editops


class Slip(Enum):
    """One thing that went wrong."""

    DOUBLING = "a letter doubled or not"
    VOWEL = "a vowel for another"
    ALIKE = "a consonant for one that sounds alike"
    NEARBY = "a letter for its neighbour on the keyboard"
    OTHER = "a letter for any other"
    SWAPPED = "two letters the wrong way round"
    FINAL_E_LEFT_OUT = "an e left out at the end"
    LEFT_OUT = "another letter left out"
    FINAL_E_ADDED = "an e added at the end"
    ADDED = "another letter added"


COSTS = {
    Slip.DOUBLING: 1.33,
    Slip.VOWEL: 2.19,
    Slip.ALIKE: 1.69,
    Slip.NEARBY: 2.47,
    Slip.OTHER: 2.94,
    Slip.SWAPPED: 1.23,
    Slip.FINAL_E_LEFT_OUT: 0.88,
    Slip.LEFT_OUT: 1.4,
    Slip.FINAL_E_ADDED: 0.97,
    Slip.ADDED: 2.52,
}
"""What a slip takes off the likelihood of a word, as log10: 1 as much as a tenth of its frequency would."""

_VOWELS = frozenset("aeiouy")
_ALIKE = frozenset(
    map(
        frozenset,
        (
            *("cs", "ck", "cq", "kq", "sz", "sx", "fv", "bv", "bp", "dt", "mn", "gj", "gk", "gh", "lr"),
            *("vw", "uw"),
        ),
    )
)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEARBY = frozenset(
    frozenset((letter, other))
    for row, letters in enumerate(_ROWS)
    for at, letter in enumerate(letters)
    for beside in _ROWS[row : row + 2]
    for other in beside[max(at - 1, 0) : at + 2]
    if other != letter
)


def slips(wrong: str, right: str) -> list[Slip]:
    """What went wrong when `right` was written as `wrong`: the likelier of two alignments.

    One has the fewest edits; in the other no letter is replaced, as in "tommorow", where two are doubled or
    not that fewest edits replace.
    """
    from rapidfuzz.distance import Indel, Levenshtein

    found = [list(_slips(wrong, right, kind.editops(wrong, right))) for kind in (Levenshtein, Indel)]
    return min(found, key=lambda some: sum(COSTS[slip] for slip in some))


def _slips(wrong: str, right: str, editops: Editops) -> Iterator[Slip]:
    edits = [(edit.tag, edit.src_pos, edit.dest_pos) for edit in editops]
    while edits:
        kind, at, to = edits.pop(0)
        if edits and _is_swap(wrong, right, (kind, at, to), edits[0]):
            edits.pop(0)
            yield Slip.SWAPPED
        elif kind == "replace":
            yield _replaced(wrong[at], right[to])
        elif kind == "insert":
            yield _left_out(right[to], wrong[max(at - 1, 0) : at + 1], is_last=to == len(right) - 1)
        else:
            beside = wrong[max(at - 1, 0) : at] + wrong[at + 1 : at + 2]
            yield _added(wrong[at], beside, is_last=at == len(wrong) - 1)


def _is_swap(wrong: str, right: str, one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    """Whether two edits exchange two neighbouring letters."""
    (kind, at, to), (kind2, at2, to2) = one, other
    if (kind, kind2) == ("replace", "replace"):
        return at2 == at + 1 and wrong[at : at + 2] == right[to2] + right[to]
    if (kind, kind2) == ("insert", "delete"):
        return at2 == at + 1 and right[to] == wrong[at2]
    return (kind, kind2) == ("delete", "insert") and at2 == at + 2 and right[to2] == wrong[at]


def _replaced(wrong: str, right: str) -> Slip:
    pair = frozenset((wrong, right))
    if pair <= _VOWELS:
        return Slip.VOWEL
    if pair in _ALIKE:
        return Slip.ALIKE
    return Slip.NEARBY if pair in _NEARBY else Slip.OTHER


def _left_out(letter: str, beside: str, *, is_last: bool) -> Slip:
    if letter in beside:
        return Slip.DOUBLING
    return Slip.FINAL_E_LEFT_OUT if letter == "e" and is_last else Slip.LEFT_OUT


def _added(letter: str, beside: str, *, is_last: bool) -> Slip:
    if letter in beside:
        return Slip.DOUBLING
    return Slip.FINAL_E_ADDED if letter == "e" and is_last else Slip.ADDED
