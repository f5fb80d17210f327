"""What the benchmarks of quality share: gold edits, and how right proposals are by them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from triton_server.training.m2 import read_m2
from triton_server.training.tune import precision_recall_f05

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GoldEdit = tuple[int, int, str]
"""First token, the one after the last, correction: what ERRANT compares."""

_WORD = re.compile(r"\w[\w'’-]*")


def read_gold(path: Path) -> Iterator[tuple[list[str], dict[GoldEdit, str]]]:
    """Sentences of an M2 file with the edits of annotator 0, each with its type of error."""
    for tokens, corrections in read_m2(path):
        own = (one for one in corrections if one.annotator == "0" and not one.is_empty)
        yield tokens, {(one.start, one.end, one.replacement): one.type for one in own}


def measures(hits: int, proposed: int, wanted: int) -> tuple[float, float, float]:
    """Precision, recall and F0.5 in per cent."""
    precision, recall, f = precision_recall_f05(hits, proposed, wanted)
    return 100 * precision, 100 * recall, 100 * f


def words_in(text: str) -> int:
    """How many words a text has; punctuation marks are none here."""
    return len(_WORD.findall(text))
