"""What a training reads: batches of labelled sentences, made on the way by worker processes.

Chunk number k of a mix is always the same, whoever makes it: its random numbers come from the seed and k. So
workers make chunks side by side, and a training that was interrupted goes on with the batches that were next.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import deque
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from triton_server.gector.model_files import open_model
from triton_server.gector.subwords import NO_SUBWORD, Subwords
from triton_server.gector.types import GectorError
from triton_server.training.corrupt import corrupt
from triton_server.training.errors import DEFAULT, load_errors
from triton_server.training.fragments import fragment
from triton_server.training.label import labels_of
from triton_server.training.texts import read_lines, read_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from triton_server.training.texts import Words

CHUNK = 1024
"""Sentences in a chunk."""
_LENGTH_STEP = 8
"""Lengths are padded to a multiple, so that few shapes are compiled."""
_SHORTEST = 3
"""Words of a right sentence; shorter ones offer nothing."""
_IGNORED = -100
"""The target of what has none, as PyTorch's cross-entropy has it."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Which sentences a training reads."""

    model: Path
    """The folder with the tokenizer and the labels."""
    sentences: tuple[Path, ...] = ()
    """Files of right sentences, which get mistakes."""
    pairs: tuple[Path, ...] = ()
    """Files of people's sentences with their corrections."""
    pairs_share: float = 0.1
    """Of all sentences, those from pairs."""
    fragments_share: float = 0.05
    """Of all sentences, headings and the like, without mistakes."""
    errors: Path = DEFAULT
    rates: str = "people"
    """How many mistakes: a name of `errors.rates`."""
    reverse: bool = False
    """Learn to make people's mistakes instead of correcting them: the right sides of pairs are read, and the
    wrong ones wanted (see `reverse`)."""
    subwords: int = 2048
    """Most sub-words in a batch, padding included."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Examples:
    """A batch: b sentences of at most s sub-words, with n words (`$START` of each among them) in all."""

    input_ids: NDArray[np.int64]
    """(b, s)"""
    attention_mask: NDArray[np.int64]
    """(b, s): 1 for a sub-word, 0 for padding."""
    words: NDArray[np.int64]
    """(n,): where each word's first sub-word is in the flattened `input_ids`."""
    labels: NDArray[np.int64]
    """(n,): ids; -100 for an error that no label corrects, which only the detection head learns."""
    wrong: NDArray[np.int64]
    """(n,): 1 where there is an error."""


@dataclass(slots=True)
class Maker:
    """Makes chunks of a mix."""

    mix: Mix
    _lines: list[str] = field(init=False)
    _pairs: list[tuple[Words, Words]] = field(init=False)
    _subwords: Subwords = field(init=False)
    _label_ids: Mapping[str, int] = field(init=False)
    _keep: int = field(init=False)

    def __post_init__(self) -> None:
        """Read everything.

        Raises:
            GectorError: a file cannot be read, or there are no sentences.
        """
        files = open_model(self.mix.model)
        self._subwords = Subwords(
            files.path("tokenizer.json"), special_tokens=files.special_tokens, max_subwords=files.max_subwords
        )
        self._label_ids = {
            label: index for label, index in files.config["label2id"].items() if label[0] == "$"
        }
        self._keep = files.keep
        self._lines = [line for path in self.mix.sentences for line in read_lines(path) if line]
        self._pairs = [(pair.source, pair.target) for pair in read_pairs(self.mix.pairs)]
        if self.mix.reverse:
            self._pairs = [(right, wrong) for wrong, right in self._pairs]
            self._lines = []
        if not self._lines and not self._pairs:
            raise GectorError("There is nothing to train on: give files of sentences, or of pairs.")
        random.Random(self.mix.seed).shuffle(self._lines)

    def chunk(self, number: int) -> list[Examples]:
        """The batches of a chunk: of sentences of like length, in random order."""
        rng = random.Random(f"{self.mix.seed} {number}")
        batches: list[list[_Labelled]] = [[]]
        longest = 0
        for example in sorted(self._labelled(number, rng), key=lambda x: len(x.input_ids) + rng.random() * 3):
            longest = max(longest, len(example.input_ids))
            if longest * (len(batches[-1]) + 1) > self.mix.subwords and batches[-1]:
                batches.append([])
                longest = len(example.input_ids)
            batches[-1].append(example)
        rng.shuffle(batches)
        return [_batch(batch, self._subwords.padding_id) for batch in batches if batch]

    def _labelled(self, number: int, rng: random.Random) -> Iterator[_Labelled]:
        pairs = [self._pair(number * CHUNK + i, rng) for i in range(CHUNK)]
        pairs = [(source, target) for source, target in pairs if source]
        windows: dict[int, list[tuple[list[int], list[int]]]] = {}
        for window in self._subwords.windows([source for source, _ in pairs]):
            windows.setdefault(window.sentence, []).append((window.input_ids, window.starts))
        for sentence, (source, target) in enumerate(pairs):
            if len(windows[sentence]) == 1:  # one that is longer than the model takes is left out
                input_ids, starts = windows[sentence][0]
                yield self._example(input_ids, starts, labels_of(source, target))

    def _pair(self, index: int, rng: random.Random) -> tuple[Words, Words]:
        if self._pairs and (not self._lines or rng.random() < self.mix.pairs_share):
            return rng.choice(self._pairs)
        right = tuple(self._lines[index % len(self._lines)].split(" "))
        if rng.random() < self.mix.fragments_share:
            right = fragment(right, rng)
            return right, right
        if len(right) < _SHORTEST:
            return right, right
        return corrupt(right, load_errors(self.mix.errors), rng, self.mix.rates), right

    def _example(self, input_ids: list[int], starts: list[int], labels: Sequence[str]) -> _Labelled:
        seen = [(start, label) for start, label in zip(starts, labels, strict=True) if start != NO_SUBWORD]
        ids = [self._label_ids.get(label, _IGNORED) for _, label in seen]
        return _Labelled(input_ids, [start for start, _ in seen], ids, [int(i != self._keep) for i in ids])


@dataclass(frozen=True, slots=True)
class _Labelled:
    input_ids: list[int]
    starts: list[int]
    labels: list[int]
    wrong: list[int]


def _batch(rows: Sequence[_Labelled], padding: int) -> Examples:
    longest = -(-max(len(row.input_ids) for row in rows) // _LENGTH_STEP) * _LENGTH_STEP
    input_ids = np.full((len(rows), longest), padding, np.int64)
    mask = np.zeros_like(input_ids)
    for number, row in enumerate(rows):
        input_ids[number, : len(row.input_ids)] = row.input_ids
        mask[number, : len(row.input_ids)] = 1
    words = [number * longest + start for number, row in enumerate(rows) for start in row.starts]
    labels = [label for row in rows for label in row.labels]
    wrong = [one for row in rows for one in row.wrong]
    return Examples(input_ids, mask, *(np.array(values, np.int64) for values in (words, labels, wrong)))


def chunks(mix: Mix, *, first: int = 0, workers: int = 1) -> Iterator[list[Examples]]:
    """Chunks of a mix, one after the other without end.

    Args:
        mix: what they are made of.
        first: the number of the first chunk.
        workers: processes beside this one that make them; with 0 they are made here, when they are asked for.

    Raises:
        GectorError: a file cannot be read, or there are no sentences.
    """
    maker = Maker(mix)  # here, too: what is wrong with the files is said before any process starts
    if not workers:
        yield from map(maker.chunk, count(first))
        return
    del maker
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers, _start_worker, (mix,)) as pool:
        numbers = count(first)
        waiting = deque(pool.apply_async(_work, (next(numbers),)) for _ in range(2 * workers))
        while True:
            done = waiting.popleft()
            waiting.append(pool.apply_async(_work, (next(numbers),)))
            yield done.get()


_maker: Maker | None = None


def _start_worker(mix: Mix) -> None:
    global _maker
    _maker = Maker(mix)


def _work(number: int) -> list[Examples]:
    assert _maker is not None
    return _maker.chunk(number)
