"""Tags sentences with a model, whatever runs it: sub-words, batches, and the way back to words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from triton_server.gector.subwords import NO_SUBWORD, Subwords, Window
from triton_server.gector.types import StoppedError, Tagging

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from triton_server.gector.model_files import ModelFiles

_BATCH_SUBWORDS = 1024
"""Sub-words in a batch, padding included: more are no faster on a CPU, and cost memory."""
_BATCH_COST = 16
"""What a batch costs beside its sub-words, in sub-words: measured on a CPU, where padding costs far more than
another run of the model."""
_LENGTH_STEP = 8
"""Lengths are padded to a multiple, so that few shapes are met."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of like length as the model takes them: b windows, s sub-words, w words with `$START`."""

    input_ids: NDArray[np.int64]
    """(b, s)"""
    attention_mask: NDArray[np.int64]
    """(b, s): 1 for a sub-word, 0 for padding."""
    word_starts: NDArray[np.int64]
    """(b, w): index of each word's first sub-word; 0 for padding and for words without sub-words."""
    keep_confidence: NDArray[np.float32]
    """(b,)"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of a `Batch`."""

    label_ids: NDArray[np.int64]
    """(b, w)"""
    probabilities: NDArray[np.float32]
    """(b, w): of those labels, before `keep_confidence` was added."""
    error_probabilities: NDArray[np.float32]
    """(b, w)"""


class Forward(Protocol):
    """Runs a model: see `onnx_model` and `torch_model`."""

    def __call__(self, batch: Batch) -> Answer:
        """Run the model once.

        Raises:
            GectorError: it failed.
        """
        ...


class Tagger:
    """A model ready to tag sentences; it is a `triton_server.gector.types.Tag`."""

    def __init__(
        self, files: ModelFiles, forward: Forward, *, side_by_side: int = 1, alone: bool = False
    ) -> None:
        """Join a model's files with what runs it.

        Args:
            files: the model's.
            forward: runs it; with `side_by_side` it is called from several threads at once.
            side_by_side: how many runs there are at the same time.
            alone: whether each sentence, or window of a long one, is a run of its own, without padding.

        Raises:
            GectorError: the tokenizer cannot be read.
        """
        self.files = files
        self.windowed = 0
        """How many sentences so far were longer than the model takes at once, and were cut into windows."""
        self._forward = forward
        self._alone = alone
        self._runners = ThreadPoolExecutor(side_by_side, "grammared-run") if side_by_side > 1 else None
        self._subwords = Subwords(
            files.path("tokenizer.json"),
            special_tokens=files.special_tokens,
            max_subwords=files.max_subwords,
        )

    def __call__(
        self,
        sentences: Sequence[Sequence[str]],
        keep_confidence: Sequence[float],
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> list[Tagging]:
        """Tag each sentence (words without `$START`), of any length; one keep bias per sentence.

        Args:
            sentences: what is tagged.
            keep_confidence: of each.
            is_stopped: is asked before each run of the model, in any thread: whether nobody waits any more.

        Raises:
            GectorError: the model failed.
            StoppedError: `is_stopped` said so.
        """

        def forward(batch: Batch) -> Answer:
            if is_stopped():
                raise StoppedError("nobody waits for this any more")
            return self._forward(batch)

        taggings = [_Unfinished(len(words)) for words in sentences]
        cut = self._subwords.windows(sentences)
        self.windowed += len({window.sentence for window in cut if window.first})
        batches = _one_by_one(cut) if self._alone else _batches(cut)
        step = 1 if self._alone else _LENGTH_STEP
        made = [_batch(windows, keep_confidence, self._subwords.padding_id, step) for windows in batches]
        run = self._runners.map if self._runners and len(made) > 1 else map
        for windows, answer in zip(batches, run(forward, made), strict=True):
            for row, window in enumerate(windows):
                taggings[window.sentence].put(window, answer, row)
        return [tagging.finish(self.files.labels, self.files.keep) for tagging in taggings]


def _one_by_one(windows: list[Window]) -> list[list[Window]]:
    """Each alone, the longest first, so that those that run side by side end together."""
    return [[window] for window in sorted(windows, key=lambda window: len(window.input_ids), reverse=True)]


def _batches(windows: list[Window]) -> list[list[Window]]:
    """The batches that cost least, the longest windows first, so that memory is claimed once.

    A batch costs its sub-words, padding included, and `_BATCH_COST`. Sorted by length, the best batches are
    runs of neighbours: for each end the best beginning of the last run is found from what was found before.
    """
    ordered = sorted(windows, key=lambda window: len(window.input_ids), reverse=True)
    lengths = [_padded(len(window.input_ids), _LENGTH_STEP) for window in ordered]
    least, beginnings = [0], [0]
    for end in range(1, len(ordered) + 1):
        cost, beginning = least[end - 1] + lengths[end - 1], end - 1
        for begin in range(end - 2, -1, -1):
            subwords = lengths[begin] * (end - begin)
            if subwords > _BATCH_SUBWORDS:
                break
            if least[begin] + subwords < cost:
                cost, beginning = least[begin] + subwords, begin
        least.append(cost + _BATCH_COST)
        beginnings.append(beginning)
    batches = []
    end = len(ordered)
    while end:
        batches.append(ordered[beginnings[end] : end])
        end = beginnings[end]
    return batches[::-1]


def _padded(length: int, step: int) -> int:
    return -(-length // step) * step


def _batch(windows: list[Window], keep_confidence: Sequence[float], padding_id: int, step: int) -> Batch:
    subwords = _padded(max(len(window.input_ids) for window in windows), step)
    words = max(len(window.starts) for window in windows)
    input_ids = np.full((len(windows), subwords), padding_id, np.int64)
    attention_mask = np.zeros((len(windows), subwords), np.int64)
    word_starts = np.zeros((len(windows), words), np.int64)
    for row, window in enumerate(windows):
        input_ids[row, : len(window.input_ids)] = window.input_ids
        attention_mask[row, : len(window.input_ids)] = 1
        word_starts[row, : len(window.starts)] = window.starts
    bias = np.array([keep_confidence[window.sentence] for window in windows], np.float32)
    return Batch(input_ids, attention_mask, np.maximum(word_starts, 0), bias)


class _Unfinished:
    """A sentence's tagging while its windows come back; words that no window speaks of are kept."""

    def __init__(self, words: int) -> None:
        self._label_ids = np.full(words + 1, -1, np.int64)
        self._probabilities = np.ones(words + 1, np.float32)
        self._error_probabilities = np.zeros(words + 1, np.float32)

    def put(self, window: Window, answer: Answer, row: int) -> None:
        """Take over a row of the model's answer."""
        here = np.array(window.starts) != NO_SUBWORD
        here[0] = window.first == 0  # a later window's $START is not the sentence's
        source = np.flatnonzero(here)
        target = source + window.first
        self._label_ids[target] = answer.label_ids[row, source]
        self._probabilities[target] = answer.probabilities[row, source]
        self._error_probabilities[target] = answer.error_probabilities[row, source]

    def finish(self, labels: tuple[str, ...], keep: int) -> Tagging:
        """Name the labels."""
        ids = np.where(self._label_ids < 0, keep, self._label_ids)
        return Tagging(
            labels=tuple(labels[i] for i in ids.tolist()),
            probabilities=tuple(self._probabilities.tolist()),
            error_probabilities=tuple(self._error_probabilities.tolist()),
        )
