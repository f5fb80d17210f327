"""Finds the fastest way to serve a GECToR model on this machine that still says what the original says.

Three questions, one after the other, each answered by measuring: which number format (exported to ONNX in
fp32, fp16 and int8), which threads and batch, and, on a real Triton, how many instances. In each, settings
take turns in one run and are told as ratios, medians of the repeats: no other run's figures compare.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from triton_server import launcher
from triton_server.authoring.new_model import NewModel, config, files
from triton_server.gector.model_files import ONNX, WEIGHTS, bundled_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.types import GectorError
from triton_server.launcher import repository
from triton_server.launcher.errors import LauncherError
from triton_server.segmentation.sentences import sentences_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from triton_server.gector.tagger import Tagger
    from triton_server.gector.types import Tagging

    Sentences = list[list[str]]

SAMPLE = Path(__file__).parent / "sample.txt"
"""Sentences with and without mistakes, one a line."""
PRECISIONS = ("fp32", "fp16", "int8")
BATCHES = (1, 8, 32)
_BATCH = 16
"""While number formats are compared."""
_CLIENTS = 16
"""While instances are compared."""
_INSIDE = "onnx"
"""The model's folder in that of the model on Triton."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A way to serve the model."""

    precision: str
    """"original", or one of `PRECISIONS`."""
    threads: int
    """Of one instance."""
    batch: int
    """Most sentences in one forward pass."""
    instances: int = 1


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a setting."""

    setting: Setting
    speed: float
    """Sentences a second, as a ratio to the first of its question."""
    agreement: float
    """Share of the original's labels, `$START`'s among them, that it gives too."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was tried, and the best of it."""

    formats: list[Trial]
    """In this process; the first is the original."""
    runs: list[Trial]
    """In this process, the best format; the first is the original."""
    instances: list[Trial]
    """On a server; the first is one instance. Empty where none was tried."""
    best: Setting
    model: Path
    """Folder of the best format's ONNX model; the original's where nothing was better."""


def optimise(
    original: Path,
    scratch: Path,
    sentences: Sentences,
    report: Callable[[str], None],
    *,
    max_loss: float,
    measured: int = 48,
    repeats: int = 3,
    places: launcher.Places | None = None,
) -> Result:
    """Try the settings.

    Args:
        original: a model folder, with PyTorch weights or an ONNX model.
        scratch: a folder for the exported models.
        sentences: lists of words, to compare labels.
        report: told in one line what comes next.
        max_loss: the share of labels that may be others than the original's.
        measured: how many of the sentences to measure the speed with.
        repeats: how often each setting has its turn.
        places: where a server can be started; None tries no instances.

    Raises:
        GectorError: the model cannot be loaded or exported.
        LauncherError: the server cannot be started.
        ModuleNotFoundError: what exporting needs is not installed.
    """
    cores = len(os.sched_getaffinity(0))
    report(f"Exporting {original.name} to {', '.join(PRECISIONS)} …")
    folders = {"original": original, **exported(original, scratch)}
    first = Setting("original", cores, _BATCH)
    report("Comparing number formats …")
    settings = [replace(first, precision=precision) for precision in folders]
    agreements, taggers = _agreements(folders, sentences, cores)
    sentences = sentences[:measured]
    speeds = _speeds([_work(taggers[one.precision], one, sentences) for one in settings], repeats)
    formats = _trials(settings, speeds, agreements)
    best = _best(formats, max_loss).setting
    report(f"Comparing threads and batches of {best.precision} …")
    settings = [first, *(replace(best, threads=t, batch=b) for t in sorted({1, cores}) for b in BATCHES)]
    loaded = {(best.precision, cores): taggers[best.precision], ("original", cores): taggers["original"]}
    for one in settings:
        if (one.precision, one.threads) not in loaded:
            loaded[one.precision, one.threads] = _load(folders[one.precision], one.threads)
    work = [_work(loaded[one.precision, one.threads], one, sentences) for one in settings]
    runs = _trials(settings, _speeds(work, repeats), agreements)
    best = max(runs[1:], key=lambda trial: trial.speed).setting
    model = folders[best.precision]
    if places is None or not (model / ONNX).is_file():
        return Result(formats, runs, [], best, model)
    report("Comparing instances on a Triton of its own …")
    shares = [(n, max(1, cores // n)) for n in (1, 2) if n <= cores]
    settings = [replace(best, instances=n, threads=threads) for n, threads in shares]
    served = _trials(
        settings, _served_speeds(settings, model, scratch, sentences, repeats, places), agreements
    )
    return Result(formats, runs, served, _best(served, max_loss).setting, model)


def exported(original: Path, scratch: Path) -> dict[str, Path]:
    """The model in each of `PRECISIONS`, as model folders with an ONNX model.

    Raises:
        GectorError: the model cannot be loaded or exported.
    """
    import onnx
    from onnxruntime.transformers.float16 import (  # type: ignore[import-untyped]
        convert_float_to_float16,
    )

    from triton_server.export.dequantise import dequantise
    from triton_server.export.gector import export, quantise

    logging.disable(logging.WARNING)  # the exporter tells of every node that it touches
    try:
        weights = any((original / name).is_file() for name in WEIGHTS)
        source = original if weights else dequantise(original, scratch / "weights")
        folders = {"fp32": export(source, scratch / "fp32")}
        for precision, change in (("fp16", convert_float_to_float16), ("int8", quantise)):
            folders[precision] = scratch / precision
            shutil.copytree(folders["fp32"], folders[precision], ignore=shutil.ignore_patterns(ONNX))
            graph = onnx.load(folders["fp32"] / ONNX)
            options = {"keep_io_types": True} if precision == "fp16" else {}
            onnx.save(change(graph, **options), folders[precision] / ONNX)
    finally:
        logging.disable(logging.NOTSET)
    return folders


def sample(path: Path = SAMPLE) -> Sentences:
    """The sentences of a text, as lists of words; those of a few words tell little."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [[word.text for word in one.words] for line in lines for _, one in sentences_in(line)]
    return [words for words in found if len(words) > 3]


def _load(folder: Path, threads: int) -> Tagger:
    if (folder / ONNX).is_file():
        return onnx_tagger(folder, threads=threads)
    import torch

    from triton_server.gector.torch_model import torch_tagger

    torch.set_num_threads(threads)
    return torch_tagger(folder)


def _agreements(
    folders: Mapping[str, Path], sentences: Sentences, threads: int
) -> tuple[dict[str, float], dict[str, Tagger]]:
    taggers = {precision: _load(folder, threads) for precision, folder in folders.items()}
    bias = taggers["original"].files.decoding.keep_confidence
    labels = {name: _labels(tagger(sentences, [bias] * len(sentences))) for name, tagger in taggers.items()}
    original = labels["original"]
    agreements = {
        name: sum(mine == its for mine, its in zip(own, original, strict=True)) / len(original)
        for name, own in labels.items()
    }
    return agreements, taggers


def _labels(taggings: Iterable[Tagging]) -> list[str]:
    return [label for tagging in taggings for label in tagging.labels]


def _work(tagger: Tagger, setting: Setting, sentences: Sentences) -> Callable[[], Any]:
    ordered = sorted(sentences, key=len)

    def work() -> None:
        for start in range(0, len(ordered), setting.batch):
            chunk = ordered[start : start + setting.batch]
            tagger(chunk, [0.0] * len(chunk))

    return work


def _speeds(work: Sequence[Callable[[], Any]], repeats: int) -> list[float]:
    """Each as a ratio to the first, the median of `repeats` in which all have their turn; one warms up."""
    seconds: list[list[float]] = [[] for _ in work]
    for repeat in range(repeats + 1):
        for own, one in zip(seconds, work, strict=True):
            began = time.perf_counter()
            one()
            if repeat:
                own.append(time.perf_counter() - began)
    return [
        statistics.median(first / its for first, its in zip(seconds[0], own, strict=True)) for own in seconds
    ]


def _trials(
    settings: Sequence[Setting], speeds: Sequence[float], agreements: Mapping[str, float]
) -> list[Trial]:
    return [
        Trial(setting, speed, agreements[setting.precision])
        for setting, speed in zip(settings, speeds, strict=True)
    ]


def _best(trials: Sequence[Trial], max_loss: float) -> Trial:
    """The fastest within the loss; the original always is."""
    return max((one for one in trials if 1 - one.agreement <= max_loss), key=lambda one: one.speed)


def _served_speeds(
    settings: Sequence[Setting],
    model: Path,
    scratch: Path,
    sentences: Sentences,
    repeats: int,
    places: launcher.Places,
) -> list[float]:
    names = [f"instances_{setting.instances}" for setting in settings]
    for name, setting in zip(names, settings, strict=True):
        _write(scratch / "served" / name, name, setting, model, "")
    with tempfile.TemporaryDirectory() as state:
        own = launcher.Places(places.data, Path(state), places.cache)
        options = launcher.Options(
            names, scratch / "served", http_port=0, grpc_port=0, metrics_port=None, use_docker=False
        )
        server = launcher.start(options, own, lambda _: None).server
        try:
            return _speeds([lambda n=n: asyncio.run(_ask(server.grpc, n, sentences)) for n in names], repeats)  # type: ignore[misc]
        finally:
            launcher.stop(own)


async def _ask(url: str, name: str, sentences: Sentences) -> None:
    """Tag the sentences, one a request, some requests at a time."""
    from tritonclient.grpc import InferInput, aio  # type: ignore[import-untyped]

    rest = iter(sentences)

    async def client(connection: Any) -> None:
        for words in rest:
            tensor = InferInput("words", [1, 1], "BYTES")
            tensor.set_data_from_numpy(np.array([[json.dumps(words).encode()]], dtype=np.object_))
            await connection.infer(name, [tensor], client_timeout=120)

    async with aio.InferenceServerClient(url, channel_args=[("grpc.enable_http_proxy", 0)]) as connection:
        clients: list[Awaitable[None]] = [client(connection) for _ in range(_CLIENTS)]
        await asyncio.gather(*clients)


def original_of(folder: Path) -> Path:
    """The model folder that a model of a repository serves.

    Args:
        folder: the model's in the repository.

    Raises:
        LauncherError: it is not a GECToR model.
        GectorError: the hub does not give it.
    """
    read = repository.read(folder.parent, folder.name)
    if not {"words", "text"} <= {one.name for one in read.input}:
        raise LauncherError(f"{folder.name} is no GECToR model: only those can be optimised")
    model = str(read.parameters["model"].string_value)
    if not model:
        return bundled_model()
    if (folder / model).is_dir():
        return folder / model
    from triton_server.gector.torch_model import model_folder

    revision = read.parameters["revision"].string_value if "revision" in read.parameters else ""
    return model_folder(model, revision=revision or None)


def write(result: Result, name: str, folder: Path, about: str, *, force: bool = False) -> Path:
    """Write the best setting as the model `name` into the repository `folder`, whole or not at all.

    Args:
        result: of `optimise`.
        name: of the new model.
        folder: a repository.
        about: for its README.
        force: replace a model of that name.

    Raises:
        GectorError: the original is best, and it is no ONNX model.
        LauncherError: it is there already, or cannot be written.
    """
    target = folder / name
    if not (result.model / ONNX).is_file():
        raise GectorError(f"No export is faster than {result.model} within this loss; nothing was written.")
    if target.exists() and not force:
        raise LauncherError(f"{target} exists already: --force replaces it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
            made = Path(temporary) / name
            _write(made, name, result.best, result.model, about)
            if target.exists():
                target.rename(Path(temporary) / "replaced")
            made.rename(target)
    except OSError as error:
        raise LauncherError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _write(folder: Path, name: str, setting: Setting, model: Path, about: str) -> None:
    """The model's folder, with a copy of the model inside."""
    new = NewModel(
        name,
        task="gector",
        model=str(model),
        max_batch=setting.batch,
        instances=setting.instances,
        threads=setting.threads,
        about=about,
    )
    for path, text in files(new).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.replace(str(model), _INSIDE), encoding="utf-8")
    shutil.copytree(model, folder / _INSIDE)
    made = config(new)
    made = replace(
        made,
        about=made.about.replace(str(model), _INSIDE),
        parameters={**made.parameters, "model": (_INSIDE, "The model's folder, in this one.")},
        origin="Made by `grammared triton optimize`; yours to change.",
    )
    (folder / "config.pbtxt").write_text(made.pbtxt(), encoding="utf-8")


def table(result: Result) -> str:
    """What was tried, in Markdown."""
    head = ["| Format | Threads | Batch | Instances | Speed | Same labels |", "|---|---|---|---|---|---|"]
    parts = [
        ("Number format, in one process; speed as a ratio to the original:", result.formats),
        ("Threads and batch, in one process; speed as a ratio to the original:", result.runs),
        (f"Instances, on Triton with {_CLIENTS} clients; speed as a ratio to one:", result.instances),
    ]
    return "\n\n".join("\n".join([title, "", *head, *map(_row, trials)]) for title, trials in parts if trials)


def _row(trial: Trial) -> str:
    one = trial.setting
    return (
        f"| {one.precision} | {one.threads} | {one.batch} | {one.instances} "
        f"| {trial.speed:.2f} | {trial.agreement:.2%} |"
    )
