"""Trains a GECToR model further, on a CPU or a GPU.

Both heads learn at once (Omelianchuk et al. 2020): cross-entropy of the labels and of "there is an error
here", at each word's first sub-word. The rate rises over the first steps, stays, and falls linearly to
nothing at the end, which is a number of steps or of minutes away.

The folder of a training holds the model in gotutiyan's format, with fp16 weights, and beside it

    training.json     how it was asked for
    metrics.jsonl     a `Report` every `REPORT` steps, one line each
    checkpoint.pt     all that is needed to go on: weights, optimiser, random numbers, place in the data
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save_file

from triton_server.gector.model_files import WEIGHTS, open_model
from triton_server.gector.torch_model import ENCODER_CONFIG, load_torch
from triton_server.gector.types import GectorError
from triton_server.training.examples import chunks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

    from triton_server.gector.torch_model import TorchGector
    from triton_server.training.examples import Examples, Mix

METRICS = "metrics.jsonl"
CHECKPOINT = "checkpoint.pt"
ASKED = "training.json"
REPORT = 50
"""Steps between two lines of `metrics.jsonl`."""

_LEAST_RATE = 0.01
"""Of the full rate, at the very end."""
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a training learns."""

    steps: int | None = None
    """Batches in all. Either these or `minutes`."""
    minutes: float | None = None
    """Of wall-clock time, in all runs together if there were several."""
    rate: float = 5e-5
    """Learning rate of AdamW."""
    warm_up: int = 100
    """Steps until the full rate is reached."""
    decay: float = 0.4
    """The last part of the training, over which the rate falls to nothing."""
    checkpoint_minutes: float = 10.0
    """Between two checkpoints."""

    def progress(self, step: int, seconds: float) -> float:
        """How much of the training is over, in 0..1."""
        whole = self.steps if self.steps is not None else 60 * (self.minutes or 0)
        done = step if self.steps is not None else seconds
        return min(1.0, done / whole) if whole else 1.0

    def rate_at(self, step: int, progress: float) -> float:
        """The learning rate of a step."""
        falling = (1 - progress) / self.decay if self.decay else 1.0
        rising = (step + 1) / max(self.warm_up, 1)
        return self.rate * min(1.0, rising) * max(_LEAST_RATE, min(1.0, falling))


@dataclass(frozen=True, slots=True)
class Options:
    """How a training learns and runs."""

    device: str = "cpu"
    """As PyTorch names it: "cpu", "cuda", "cuda:1"."""
    workers: int = 1
    """Processes that make batches."""
    compiled: bool = True
    """Compile the network: a minute or two at the start, then up to twice as fast."""
    bf16: bool = True
    """Compute in bf16, with fp32 weights."""
    freeze_embeddings: bool = True
    """Leave the encoder's embeddings as they are."""
    label_smoothing: float = 0.0
    error_weight: float = 1.0
    """How much a word with an error counts; one without counts 1."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a training is doing, over the last `REPORT` steps."""

    step: int
    minutes: float
    """Since the training began, all its runs together."""
    progress: float
    """0..1."""
    sentences: int
    """Since the training began."""
    subwords_per_second: float
    """Padding included, as it is computed, too."""
    rate: float
    loss: float
    precision: float
    """Of the labels that change something."""
    recall: float


def train(
    mix: Mix,
    schedule: Schedule,
    options: Options,
    out: Path,
    report: Callable[[Report], None] = lambda _: None,
) -> Path:
    """Train the model of `mix.model` further, and write the result to the folder `out`.

    If `out` holds a checkpoint of the same training, it goes on from there; with a schedule in steps and on
    the same machine, to the same weights as without the interruption.

    Args:
        mix: what is read.
        schedule: how long and how fast.
        options: how it runs.
        out: the new model's folder.
        report: called every `REPORT` steps.

    Returns:
        `out`.

    Raises:
        GectorError: model or data cannot be read, there is no such device, or `out` holds another training.
    """
    if (schedule.steps is None) == (schedule.minutes is None):
        raise GectorError("Say how long to train: either steps or minutes.")
    files = open_model(mix.model)
    training = Training(load_torch(files), schedule, options)
    _claim(out, {"mix": asdict(mix), "schedule": asdict(schedule), "options": asdict(options)})
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(files.folder / name, out / name)
    checkpoint = out / CHECKPOINT
    if checkpoint.exists():
        training.resume(checkpoint)
    with (out / METRICS).open("a", encoding="utf-8") as metrics:
        for made in chunks(mix, first=training.chunk, workers=options.workers):
            for batch in made[training.in_chunk :]:
                if training.progress >= 1:
                    break
                training.step(batch)
                if training.done % REPORT == 0:
                    line = training.report()
                    metrics.write(json.dumps(asdict(line)) + "\n")
                    metrics.flush()
                    report(line)
                if training.unsaved > 60 * schedule.checkpoint_minutes:
                    training.save(checkpoint)
            if training.progress >= 1:
                break
            training.end_chunk()
    training.save(checkpoint)
    write_model(training.network, out)
    return out


class Training:
    """A network that learns, and all that changes while it does."""

    def __init__(self, network: TorchGector, schedule: Schedule, options: Options) -> None:
        """Put the network on its device.

        Raises:
            GectorError: there is no such device.
        """
        torch.manual_seed(0)  # of dropout, if the encoder has it
        self.network, self._schedule, self._options = network, schedule, options
        try:
            self._device = torch.device(options.device)
            network.to(self._device).train()
        except (RuntimeError, AssertionError) as error:
            raise GectorError(
                f"PyTorch cannot train on {options.device}: {str(error).splitlines()[0]}"
            ) from error
        for embeddings in _embeddings(network):
            embeddings.requires_grad_(not options.freeze_embeddings)
        self._learning = [weights for weights in network.parameters() if weights.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._learning, lr=schedule.rate, weight_decay=0.01, betas=(0.9, 0.98), fused=True
        )
        self._answers: Any = torch.compile(_answers, dynamic=True) if options.compiled else _answers
        self.done = 0
        """Steps."""
        self.chunk = 0
        """The number of the chunk that is being learnt."""
        self.in_chunk = 0
        """How many of its batches are done."""
        self._sentences = 0
        self._earlier = 0.0
        """Seconds of the runs before this one."""
        self._began = self._saved = self._reported = time.monotonic()
        self._subwords = 0
        """Since the last report."""
        self._sums = torch.zeros(4, device=self._device)
        """Since the last report: loss, right labels that change something, those wanted, those given."""

    @property
    def seconds(self) -> float:
        """Since the training began, all its runs together."""
        return self._earlier + time.monotonic() - self._began

    @property
    def progress(self) -> float:
        """How much is over, in 0..1."""
        return self._schedule.progress(self.done, self.seconds)

    @property
    def unsaved(self) -> float:
        """Seconds since the last checkpoint."""
        return time.monotonic() - self._saved

    def step(self, batch: Examples) -> None:
        """Learn from a batch."""
        for group in self._optimizer.param_groups:
            group["lr"] = self._schedule.rate_at(self.done, self.progress)
        input_ids, mask, words, labels, wrong = (
            torch.from_numpy(array).to(self._device, non_blocking=True)
            for array in (batch.input_ids, batch.attention_mask, batch.words, batch.labels, batch.wrong)
        )
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._options.bf16):
            label_scores, error_scores = self._answers(self.network, input_ids, mask, words)
        loss = _label_loss(
            label_scores.float(), labels, wrong, self._options
        ) + torch.nn.functional.cross_entropy(
            error_scores.float(), wrong if self.network.incorrect else 1 - wrong
        )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._learning, 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._count(loss, label_scores, labels, wrong)
        self.done += 1
        self.in_chunk += 1
        self._sentences += len(batch.input_ids)
        self._subwords += batch.input_ids.size

    @torch.no_grad()
    def _count(self, loss: Tensor, scores: Tensor, labels: Tensor, wrong: Tensor) -> None:
        given = scores.argmax(-1)
        keep = self.network.keep
        right = (given == labels) & (given != keep)
        self._sums += torch.stack([loss.detach(), right.sum(), wrong.sum(), (given != keep).sum()])

    def end_chunk(self) -> None:
        """Go on to the next chunk."""
        self.chunk += 1
        self.in_chunk = 0

    def report(self) -> Report:
        """Since the last report."""
        loss, right, wanted, given = self._sums.tolist()
        now = time.monotonic()
        line = Report(
            step=self.done,
            minutes=round(self.seconds / 60, 2),
            progress=round(self.progress, 4),
            sentences=self._sentences,
            subwords_per_second=round(self._subwords / (now - self._reported)),
            rate=self._optimizer.param_groups[0]["lr"],
            loss=round(loss / REPORT, 4),
            precision=round(right / given, 4) if given else 1.0,
            recall=round(right / wanted, 4) if wanted else 1.0,
        )
        self._sums.zero_()
        self._subwords, self._reported = 0, now
        return line

    def save(self, path: Path) -> None:
        """Write a checkpoint; a crash in the middle leaves the one before."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "place": (self.done, self.chunk, self.in_chunk, self._sentences),
            "seconds": self.seconds,
        }
        new = path.with_suffix(".new")
        torch.save(state, new)
        new.replace(path)
        self._saved = time.monotonic()

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            GectorError: it cannot be read.
        """
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            self.network.load_state_dict(state["network"])
            self._optimizer.load_state_dict(state["optimizer"])
            torch.set_rng_state(state["random"])
        except Exception as error:  # zip's, pickle's and PyTorch's
            raise GectorError(
                f"Cannot go on from {path}: {str(error).splitlines()[0]} Delete the folder to begin again."
            ) from error
        self.done, self.chunk, self.in_chunk, self._sentences = state["place"]
        self._earlier = state["seconds"]
        self._began = self._saved = self._reported = time.monotonic()


def _embeddings(network: TorchGector) -> list[torch.nn.Module]:
    """The encoder's embeddings, of positions among them; XLNet has those of words alone."""
    return [
        module for name, module in network.bert.named_children() if name in ("embeddings", "word_embedding")
    ]


def _answers(network: TorchGector, input_ids: Tensor, mask: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
    """Scores of labels (n, labels) and of errors (n, 2), at the words of a batch."""
    hidden = network.bert(input_ids=input_ids, attention_mask=mask).last_hidden_state
    hidden = hidden.reshape(-1, hidden.shape[-1]).index_select(0, words)
    return network.label_proj_layer(hidden), network.d_proj_layer(hidden)


def _label_loss(scores: Tensor, wanted: Tensor, wrong: Tensor, options: Options) -> Tensor:
    by_word = torch.nn.functional.cross_entropy(
        scores, wanted, ignore_index=_IGNORED, reduction="none", label_smoothing=options.label_smoothing
    )
    counted = (1 + (options.error_weight - 1) * wrong) * (wanted != _IGNORED)
    return (by_word * counted).sum() / counted.sum().clamp(min=1)


def _claim(out: Path, asked: dict[str, Any]) -> None:
    """Make the folder of a training, or see that it is this training's.

    Raises:
        GectorError: it cannot be made, or holds another one.
    """
    text = json.dumps(asked, default=str, indent=1) + "\n"
    path = out / ASKED
    try:
        out.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise GectorError(
                f"{out} holds another training (see {path}): name another folder, or delete it."
            )
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GectorError(f"Cannot write to {out}: {error.strerror}.") from error


def write_model(network: TorchGector, out: Path) -> None:
    """Write fp16 weights and the encoder's configuration; config.json and tokenizer.json are the caller's."""
    weights = {
        name: tensor.detach().half().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    save_file(weights, out / WEIGHTS[0], metadata={"format": "pt"})
    (out / ENCODER_CONFIG).write_text(network.bert.config.to_json_string(), encoding="utf-8")
