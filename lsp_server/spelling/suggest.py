"""What was meant: known words near a misspelt one, the likeliest first.

The score adds up what makes a word less likely: the slips that lead from it to what was written
(`slips.py`), rarity, another first or last letter; and takes off what makes it likelier: that both sound
alike.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from lsp_server.spelling.dialects import variant
from lsp_server.spelling.slips import COSTS, slips
from lsp_server.spelling.words import frequencies, frequency, is_listed, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FARTHEST = 2
_FAR = 3
"""Edits that are tried where so many lead to no word: "dissapointted"."""
_SHORTEST_FAR = 8
_COMMON_FAR = 5.0
"""Letters of a word with so many, and log10 of the count of what it may be."""
_MOST = 8
"""More than are offered: the context chooses."""
FIRST_LETTER, LAST_LETTER, SOUND = 1.16, 0.48, 0.61
"""What these, where they agree, take off; fitted together with the costs of slips."""
_SURELY = 20.0
"""The score of a word that a dialect writes otherwise, below that of any other."""
TWO_WORDS = 2.38
"""What writing two words as one counts, in place of a slip."""
_RUN_TOGETHER = frozenset(
    {
        *("a", "an", "the", "of", "in", "on", "to", "at", "as", "is", "it", "be", "no", "if", "and", "or"),
        *("for", "by", "with", "every", "each", "some", "any"),
    }
)
"""Of two words that are run together, one is of these: alot, infact, aswell."""
_COMMON = 7.0
"""log10 of the count of the other."""
_SMALL_COST = 2.2
"""What slips cost that people make often."""
_LETTERS = 26
"""By which code points are told apart when letters are compared: those from a to z all differ."""
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
    small, _ = load(dialect)
    other_way = variant(word, dialect)
    found = [Candidate(other_way, -_SURELY, 1)] if other_way else []
    near = near_words(word, 1 if len(word) < 5 else _FARTHEST)
    found += [
        _candidate(word, other, edits) for other, edits in near if other in small and other != other_way
    ]
    found += _halves(word, small)
    if not found and len(word) >= _SHORTEST_FAR:
        found = [
            _candidate(word, other, edits)
            for other, edits in near_words(word, _FAR)
            if other in small and other[0] == word[0] and frequency(other) >= _COMMON_FAR
        ]
    return tuple(sorted(found, key=lambda candidate: candidate.score)[:_MOST])


@lru_cache(4096)
def is_slip_by_rule(word: str) -> bool:
    """Whether a word which only the rules for affixes and compounds know is rather a slip for a common one.

    "Wonderfull" could be made of two words, "responsability" of a word and a suffix.

    Args:
        word: in small letters.
    """
    small, _ = load("auto")
    return not is_listed(word) and any(
        cost(word, other) <= _SMALL_COST and frequency(other) >= _COMMON
        for other, _ in near_words(word, 1)
        if other in small
    )


def _candidate(word: str, other: str, edits: int) -> Candidate:
    score = cost(word, other) - frequency(other)
    score -= FIRST_LETTER * (word[0] == other[0]) + LAST_LETTER * (word[-1] == other[-1])
    return Candidate(other, score - SOUND * (sound(word) == sound(other)), edits)


def cost(word: str, other: str) -> float:
    """What the slips cost that lead from another word, or two, to this one."""
    return TWO_WORDS if " " in other else sum(COSTS[slip] for slip in slips(word, other))


def _halves(word: str, small: frozenset[str]) -> list[Candidate]:
    """Two common words that were run together, such as "alot"."""
    return [
        Candidate(f"{one} {other}", TWO_WORDS - min(frequency(one), frequency(other)) - FIRST_LETTER, 1)
        for one, other in ((word[:cut], word[cut:]) for cut in range(1, len(word)))
        if one in small
        and other in small
        and (one in _RUN_TOGETHER or other in _RUN_TOGETHER)
        and (len(one) > 1 or one == "a")
        and len(other) > 1
        and frequency(one) >= _COMMON
        and frequency(other) >= _COMMON
    ]


def sound(word: str) -> str:
    """Roughly how a word sounds: vowels all alike, doubled letters single."""
    for written, spoken in _SOUNDS:
        word = word.replace(written, spoken)
    return _DOUBLE.sub(r"\1", word[:1] + _VOWELS.sub("a", word[1:]))


def near_words(word: str, farthest: int) -> Iterator[tuple[str, int]]:
    """The words that are suggested at all within so many edits, with their number (OSA: a swap is one).

    Comparing letters comes first: an edit changes at most two of those that a word has.
    """
    import numpy as np
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    letters = _letters([word])[0]
    for length in range(len(word) - farthest, len(word) + farthest + 1):
        words, their_letters = _by_length().get(length, ((), ()))
        if words:
            differing = their_letters ^ letters
            count = _bits()[differing & 0xFFFF] + _bits()[differing >> 16]
            like = [words[index] for index in np.flatnonzero(count <= 2 * farthest)]
            near = process.extract(word, like, scorer=OSA.distance, score_cutoff=farthest, limit=None)
            yield from ((other, int(distance)) for other, distance, _ in near)


@cache
def _by_length() -> dict[int, tuple[list[str], Any]]:
    """The words that are suggested, those that are common enough to have a frequency, with their letters."""
    words: dict[int, list[str]] = {}
    for word in frequencies():
        words.setdefault(len(word), []).append(word)
    return {length: (some, _letters(some)) for length, some in words.items()}


def _letters(words: Sequence[str]) -> Any:
    """Which letters each of some words of equal length has: a bit for each, (n,)."""
    import numpy as np

    codes = np.array(words, dtype=f"U{len(words[0])}").view(np.uint32).reshape(len(words), -1)
    return np.bitwise_or.reduce(np.uint32(1) << (codes % _LETTERS).astype(np.uint32), axis=1)


@cache
def _bits() -> Any:
    """How many bits are set in each number of 16 bits."""
    import numpy as np

    pairs = np.arange(1 << 16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    return np.unpackbits(pairs, axis=1).sum(axis=1, dtype=np.uint8)
