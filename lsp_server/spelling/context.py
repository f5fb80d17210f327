"""Which of several candidates fits between its neighbours: pairs of words that often stand together.

A model would know more, and would cost a run of its own for each candidate; the pairs cost some
microseconds and are the same whatever engine tags. They are read when the first unknown word has more than
one candidate.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from lsp_server.spelling.files import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.spelling.suggest import Candidate

WEIGHT = 0.65
"""How much a pair counts beside slips and frequency. This and the next were fitted with the costs of slips
(`benchmarks/spelling_weights.py`), and measured on learners' essays (`benchmarks/spelling_context.py`)."""
UNSEEN = 0.92
"""What a pair counts that is not listed, of which nobody knows how rare it is: as one that stands together so
much more often than by chance, as log10."""
LEAST = -0.5
"""Pairs that stand together less often than this are not listed."""
MOST = 4.0
"""At most so much counts one pair."""
_BEFORE = re.compile(r"([^\W\d_]+)\s+$")
_AFTER = re.compile(r"\s+([^\W\d_]+)")


def in_context(
    found: Sequence[Candidate], text: str, start: int, end: int, *, most: int
) -> tuple[Candidate, ...]:
    """The candidates for `text[start:end]` in a new order, with new scores.

    Args:
        found: the likeliest first, without regard to the context.
        text: the sentence's.
        start: of the unknown word.
        end: of the unknown word.
        most: how many are wanted.
    """
    if len(found) > 1:
        first, last = neighbours(text, start, end)
        found = sorted((_placed(one, first, last) for one in found), key=lambda one: one.score)
    return tuple(found[:most])


def neighbours(text: str, start: int, end: int) -> tuple[str, str]:
    """The words before and after `text[start:end]` in small letters; empty where there is none."""
    before, after = _BEFORE.search(text[max(start - 40, 0) : start]), _AFTER.match(text, end)
    return (before[1].lower() if before else ""), (after[1].lower() if after else "")


def _placed(candidate: Candidate, before: str, after: str) -> Candidate:
    """The candidate with a score that knows its neighbours."""
    words = candidate.text.lower().split()
    fit = (association(before, words[0]) if before else 0.0) + (
        association(words[-1], after) if after else 0.0
    )
    return candidate._replace(score=candidate.score - WEIGHT * fit)


def association(first: str, second: str) -> float:
    """log10 of how much more often than by chance two words stand together, or `UNSEEN`."""
    table = _table()
    wanted = f"{first} {second}\t".encode()
    low, high = 0, len(table)
    while low < high:
        middle = table.rfind(b"\n", 0, (low + high) // 2) + 1
        if middle < low:
            middle = low
        if table[middle : middle + len(wanted)] < wanted:
            low = table.find(b"\n", (low + high) // 2) + 1 or len(table)
        else:
            high = middle
    if table.startswith(wanted, low):
        return float(table[low + len(wanted) : table.find(b"\n", low)])
    return UNSEEN


@cache
def _table() -> bytes:
    r"""Sorted lines `first second\tassociation`, searched as they are: a dictionary would take 30 MB."""
    return read("bigrams.gz")
