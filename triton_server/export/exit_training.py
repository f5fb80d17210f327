"""Training the heads of early exits (`early_exit`): which sentences need no more of the model.

The encoder stays as it is. Each head learns the error probabilities that the whole model gives, from what the
encoder knows of the words after some of its layers; its threshold is such that on sentences that it has not
learnt from, next to nothing is lost of what the model would have changed.
"""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper

from triton_server.export.early_exit import Exit, end_of_layer, save_apart, with_exits, without_exits
from triton_server.gector.model_files import ONNX, ONNX_WEIGHTS, open_model
from triton_server.gector.onnx_model import INPUTS, OUTPUTS, open_session
from triton_server.gector.passes import thresholded
from triton_server.gector.tagger import Answer, Tagger
from triton_server.gector.types import KEEP, GectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from triton_server.gector.model_files import ModelFiles
    from triton_server.gector.tagger import Batch
    from triton_server.training.texts import Words

LAYERS = (4,)
"""After which layers of six: earlier ones do not see yet what is far apart, later ones save too little."""
LOST = 0.01
"""The share of labels, at the highest strictness, that may get lost."""
_INNER = 128
_EPOCHS = 5
_BATCH = 4096
"""Words."""
_RATE = 2e-3
_HELD_OUT = 10
"""One sentence of so many is kept for the thresholds."""


class _Seen(NamedTuple):
    """What the model has made of a sentence."""

    hidden: tuple[NDArray[np.float16], ...]
    """For each exit (words, hidden)."""
    error_probabilities: NDArray[np.float32]
    """(words,)"""
    labels: int
    """How many would change something at the highest strictness."""


@dataclass(frozen=True, slots=True)
class Trained:
    """An exit, and what it does to sentences that it has not learnt from."""

    layer: int
    threshold: float
    left: float
    """The share of all words whose sentences leave the model here."""
    lost: float
    """The share of all labels that do."""


def train_exits(
    model: Path,
    out: Path,
    sentences: Sequence[Words],
    *,
    layers: Sequence[int] = LAYERS,
    lost: float = LOST,
    threads: int = 2,
    report: Callable[[int, int], None] | None = None,
) -> list[Trained]:
    """Write a model folder with a model that has early exits.

    Args:
        model: a folder with an ONNX model that takes one sentence a run (8 bits); exits that it has are
            trained anew.
        out: the new folder; files of the same names are replaced.
        sentences: right ones and wrong ones, as people write them; some ten thousand.
        layers: after which there is to be an exit.
        lost: the share of labels that may get lost, by all exits together.
        threads: for the model.
        report: told how many sentences of how many have been looked at.

    Raises:
        GectorError: the model cannot be used, or too few sentences have mistakes to choose thresholds by.
    """
    files = open_model(model)
    graph = without_exits(onnx.load(files.path(ONNX)))
    layers = sorted(set(layers))
    ends = [end_of_layer(graph, layer) for layer in layers]
    seen = _observed(files, graph, ends, sentences, threads, report)
    held_out, learnt = seen[::_HELD_OUT], [one for i, one in enumerate(seen) if i % _HELD_OUT]
    total = sum(one.labels for one in held_out)
    if total * lost < len(layers):
        raise GectorError(
            f"the model finds only {total} mistakes in the sentences that are held out: too few to choose "
            "thresholds by; give more sentences with mistakes"
        )
    exits, told = [], []
    staying = np.ones(len(held_out), bool)
    for index, layer in enumerate(layers):
        head = _trained(learnt, index)
        highest = np.array([float(head(one.hidden[index]).max()) for one in held_out])
        labels = np.array([one.labels for one in held_out])
        threshold = _threshold(highest, labels * staying, total * lost / len(layers))
        leaving = staying & (highest < threshold)
        words = np.array([len(one.error_probabilities) for one in held_out])
        told.append(
            Trained(layer, threshold, words[leaving].sum() / words.sum(), labels[leaving].sum() / total)
        )
        staying &= ~leaving
        exits.append(Exit(layer, threshold, *head.arrays()))
    graph = with_exits(graph, exits, files.keep)
    shutil.copytree(model, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns(ONNX, ONNX_WEIGHTS))
    save_apart(graph, out)
    return told


def _observed(
    files: ModelFiles,
    graph: onnx.ModelProto,
    ends: Sequence[str],
    sentences: Sequence[Words],
    threads: int,
    report: Callable[[int, int], None] | None,
) -> list[_Seen]:
    """Run the model on sentences; those that are too long for one run are left out."""
    watched = onnx.ModelProto.FromString(graph.SerializeToString())
    watched.graph.output.extend(helper.make_tensor_value_info(end, TensorProto.FLOAT, None) for end in ends)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / ONNX
        onnx.save(watched, path)
        session = open_session(path, threads=1)
    observers = [_observer(files, session, ends) for _ in range(threads)]

    def observe(number: int) -> _Seen | None:
        if report and number % 1000 == 0:
            report(number, len(sentences))
        observer = observers.pop()  # there are as many as threads
        try:
            return observer(sentences[number])
        finally:
            observers.append(observer)

    with ThreadPoolExecutor(threads) as pool:
        return [one for one in pool.map(observe, range(len(sentences))) if one is not None]


def _observer(files: ModelFiles, session: Any, ends: Sequence[str]) -> Callable[[Words], _Seen | None]:
    caught: list[tuple[NDArray[np.float16], ...]] = []

    def forward(batch: Batch) -> Answer:
        feed = {name: getattr(batch, name) for name in INPUTS}
        outputs = session.run([*OUTPUTS, *ends], feed)
        starts = batch.word_starts[0]
        caught.append(tuple(one[0, starts].astype(np.float16) for one in outputs[len(OUTPUTS) :]))
        return Answer(*outputs[: len(OUTPUTS)])

    tagger = Tagger(files, forward, alone=True)
    readiest = files.decodings["high"]

    def observe(words: Words) -> _Seen | None:
        caught.clear()
        [tagging] = tagger([words], [0.0])
        if len(caught) != 1:
            return None
        labels = sum(label != KEEP for label in thresholded(tagging, readiest, words))
        return _Seen(caught[0], np.array(tagging.error_probabilities, np.float32), labels)

    return observe


class _Head(torch.nn.Module):
    """As `Exit` has it."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.first = torch.nn.Linear(hidden, _INNER)
        self.second = torch.nn.Linear(_INNER, 1)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.second(torch.relu(self.first(hidden))).squeeze(-1)
        return made

    def forward(self, hidden: NDArray[np.float16]) -> NDArray[np.float32]:
        """Error probabilities (words,)."""
        with torch.inference_mode():
            made: NDArray[np.float32] = self.logits(torch.from_numpy(hidden).float()).sigmoid().numpy()
        return made

    def arrays(self) -> tuple[Any, Any]:
        """Weights and biases as `Exit` has them."""
        layers = (self.first, self.second)
        weights = tuple(layer.weight.detach().numpy().T.copy() for layer in layers)
        return weights, tuple(layer.bias.detach().numpy() for layer in layers)


def _trained(seen: Sequence[_Seen], index: int) -> _Head:
    """A head that tells the error probabilities of the whole model, as well as it can."""
    torch.manual_seed(0)
    hidden = torch.from_numpy(np.concatenate([one.hidden[index] for one in seen]))
    wanted = torch.from_numpy(np.concatenate([one.error_probabilities for one in seen]))
    head = _Head(hidden.shape[1])
    optimiser = torch.optim.AdamW(head.parameters(), lr=_RATE, weight_decay=0.01)
    steps = _EPOCHS * -(-len(wanted) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, total_steps=steps)
    for _ in range(_EPOCHS):
        for part in torch.split(torch.randperm(len(wanted)), _BATCH):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                head.logits(hidden[part].float()), wanted[part]
            )
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    return head


def _threshold(highest: NDArray[np.float64], labels: NDArray[np.int64], lost: float) -> float:
    """The highest threshold below which sentences have at most `lost` labels in all."""
    order = np.argsort(highest)
    within = np.cumsum(labels[order]) <= lost
    return float(highest[order][within][-1]) if within.any() else 0.0
