"""The place in a context that answers a question.

Start and end are normalised over all windows of a context together, so that a window without the answer
need not invent one (shared normalisation, Clark and Gardner 2018).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from triton_server.backend.requests import BadRequest
from triton_server.backend.tasks.batches import forward
from triton_server.backend.tasks.windows import windows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from triton_server.backend.tasks.backend import Row
    from triton_server.backend.tasks.loading import Loaded
    from triton_server.backend.tasks.windows import Window

MOST_TOKENS = 64
"""Of an answer."""


def question_answering(loaded: Loaded) -> Callable[[Sequence[Row]], list[Row | Exception]]:
    """The task, for a model with a question answering head."""

    def run(rows: Sequence[Row]) -> list[Row | Exception]:
        by_row = [_windows(loaded, i, row) for i, row in enumerate(rows)]
        inputs = [one.encoded for windows in by_row if isinstance(windows, list) for one in windows]
        ran = iter(forward(loaded, inputs) if inputs else [])
        return [
            _answer(row, windows, [next(ran) for _ in windows]) if isinstance(windows, list) else windows
            for row, windows in zip(rows, by_row, strict=True)
        ]

    return run


def _windows(loaded: Loaded, index: int, row: Row) -> list[Window] | BadRequest:
    try:
        return windows_of(loaded, index, row["context"], row["question"])
    except BadRequest as error:
        return error


def _answer(row: Row, windows: Sequence[Window], ran: Sequence[Mapping[str, Any]]) -> Row:
    starts, nothing_starts = _log_probabilities(windows, [one["start_logits"] for one in ran])
    ends, nothing_ends = _log_probabilities(windows, [one["end_logits"] for one in ran])
    spans = [best_span(*both) for both in zip(starts, ends, strict=True)]
    where = max(range(len(spans)), key=spans.__getitem__)
    score, start, end = spans[where]
    if row["allow_no_answer"] and nothing_starts + nothing_ends > score:
        return {"answer": "", "score": float(np.exp(nothing_starts + nothing_ends)), "start": 0, "end": 0}
    first, last = windows[where].spans[start][0], windows[where].spans[end][1]
    return {
        "answer": row["context"][first:last],
        "score": float(np.exp(score)),
        "start": first,
        "end": last,
    }


def _log_probabilities(
    windows: Sequence[Window], logits: Sequence[np.ndarray[Any, Any]]
) -> tuple[list[np.ndarray[Any, Any]], float]:
    """Of the context's tokens in each window, and of "nowhere", which a model says at its first token."""
    context = [one[window.positions] for window, one in zip(windows, logits, strict=True)]
    nowhere = min(float(one[0]) for one in logits)
    everything = np.concatenate([*context, [nowhere]]).astype(np.float64)
    total = float(np.logaddexp.reduce(everything))
    return [one - total for one in context], nowhere - total


def best_span(
    starts: np.ndarray[Any, Any], ends: np.ndarray[Any, Any], most: int = MOST_TOKENS
) -> tuple[float, int, int]:
    """The likeliest span of at most `most` tokens: its log probability, first and last token."""
    together = starts[:, None] + ends[None, :]
    every = np.ones_like(together, dtype=bool)
    allowed = np.triu(every) & ~np.triu(every, k=most)
    place = int(np.where(allowed, together, -np.inf).argmax())
    start, end = divmod(place, len(ends))
    return float(together[start, end]), start, end
