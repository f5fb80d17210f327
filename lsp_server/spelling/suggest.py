"""What was meant: known words near a misspelt one, the likeliest first.

The score adds up what makes a word less likely: edits (OSA distance, which counts swapped neighbours as one),
rarity, another first or last letter; and takes off what makes it likelier: that both sound alike.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from lsp_server.spelling.dialects import variant
from lsp_server.spelling.words import frequencies, frequency, load

_FARTHEST = 2
_MOST = 8
"""More than are offered: the context chooses."""
_EDIT, _FIRST_LETTER, _LAST_LETTER, _SOUND = 3.5, 1.0, 0.7, 1.2
_SURELY = 20.0
"""The score of a word that a dialect writes otherwise, below that of any other."""
_TWO_WORDS = 2.6
"""What writing two words as one counts, in place of an edit."""
_RUN_TOGETHER = frozenset(
    {
        *(
            "a",
            "an",
            "the",
            "of",
            "in",
            "on",
            "to",
            "at",
            "as",
            "is",
            "it",
            "be",
            "no",
            "if",
            "and",
            "or",
            "for",
        ),
        *("by", "with", "every", "each", "some", "any"),
    }
)
"""Of two words that are run together, one is of these: alot, infact, aswell."""
_COMMON = 7.0
"""log10 of the count of the other."""
_VOWELS = re.compile("[aeiouy]+")
_DOUBLE = re.compile(r"(.)\1+")
_SOUNDS = (
    ("ph", "f"),
    ("wh", "w"),
    ("ck", "k"),
    ("gh", "g"),
    ("kn", "n"),
    ("wr", "r"),
    ("sc", "s"),
    ("c", "k"),
)


class Candidate(NamedTuple):
    """A word, or two, that may have been meant."""

    text: str
    """In small letters, but for names."""
    score: float
    """The less, the likelier; a difference of 1 is a factor of ten."""
    edits: int


@lru_cache(4096)
def candidates(word: str, dialect: str = "auto") -> tuple[Candidate, ...]:
    """What may have been meant by an unknown word, the likeliest first, eight at most.

    Args:
        word: in small letters.
        dialect: whose words.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    small, _ = load(dialect)
    other_way = variant(word, dialect)
    found = [Candidate(other_way, -_SURELY, 1)] if other_way else []
    farthest = 1 if len(word) < 5 else _FARTHEST
    for length in range(len(word) - farthest, len(word) + farthest + 1):
        near = process.extract(
            word, _by_length().get(length, ()), scorer=OSA.distance, score_cutoff=farthest, limit=None
        )
        found += [
            Candidate(other, _score(word, other, distance), int(distance))
            for other, distance, _ in near
            if other in small and other != other_way
        ]
    found += _halves(word, small)
    return tuple(sorted(found, key=lambda candidate: candidate.score)[:_MOST])


def _score(word: str, other: str, distance: float) -> float:
    score = _EDIT * distance - frequency(other)
    score -= _FIRST_LETTER * (word[0] == other[0]) + _LAST_LETTER * (word[-1] == other[-1])
    return score - _SOUND * (_sound(word) == _sound(other))


def _halves(word: str, small: frozenset[str]) -> list[Candidate]:
    """Two common words that were run together, such as "alot"."""
    return [
        Candidate(f"{one} {other}", _TWO_WORDS - min(frequency(one), frequency(other)) - _FIRST_LETTER, 1)
        for one, other in ((word[:cut], word[cut:]) for cut in range(1, len(word)))
        if one in small
        and other in small
        and (one in _RUN_TOGETHER or other in _RUN_TOGETHER)
        and (len(one) > 1 or one == "a")
        and len(other) > 1
        and frequency(one) >= _COMMON
        and frequency(other) >= _COMMON
    ]


def _sound(word: str) -> str:
    """Roughly how a word sounds: vowels all alike, doubled letters single."""
    for written, spoken in _SOUNDS:
        word = word.replace(written, spoken)
    return _DOUBLE.sub(r"\1", word[:1] + _VOWELS.sub("a", word[1:]))


@cache
def _by_length() -> dict[int, list[str]]:
    """The words that are suggested: those that are common enough to have a frequency."""
    words: dict[int, list[str]] = {}
    for word in frequencies():
        words.setdefault(len(word), []).append(word)
    return words
