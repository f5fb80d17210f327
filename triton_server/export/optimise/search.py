"""Three questions, one after the other, each answered by measuring.

Which form of the model, which threads and batch, and, on a real Triton, how many instances. In each, settings
take turns in one run and are told as ratios, medians of the repeats: no other run's figures compare.
"""

from __future__ import annotations

import asyncio
import math
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server import launcher
from triton_server.backend.adapter import cores as available_cores
from triton_server.export.optimise.costs import f05, megabytes, milliseconds, read_gold
from triton_server.export.optimise.forms import ORIGINAL, Form, backend_of, forms
from triton_server.export.optimise.sample import alike, of_text, requests
from triton_server.export.optimise.written import write_model
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.profiles import usual

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from triton_server.authoring.new_model import NewModel
    from triton_server.backend.requests import Answer, Backend, Request

BATCHES = (1, 8, 16, 32)
"""Those of them that are usual for the task, or smaller."""
_BATCH = 16
"""While forms are compared."""
CLIENTS = 16
"""While instances are compared."""
_LONE = 12
"""Requests, of all lengths, whose wait is measured."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A way to serve the model."""

    form: Form
    threads: int
    """Of one instance."""
    batch: int
    """Most rows in one forward pass."""
    instances: int = 1

    def served(self) -> NewModel:
        """The model as Triton is told to serve it."""
        return replace(
            self.form.new, threads=self.threads, max_batch=self.batch, instances=self.instances, profile=None
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a setting."""

    setting: Setting
    speed: float
    """Rows a second, as a ratio to the first of its question."""
    agreement: float
    """Share of what the original says that it says too: see `sample.alike`."""
    milliseconds: float = math.nan
    """That a lone request of one row waits."""
    megabytes: float = math.nan
    """Of memory, all instances together."""
    f05: float = math.nan
    """Of a grammar model, on sentences with their corrections, where there are some."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a setting must keep to."""

    loss: float
    """The share of what the original says that may be said otherwise."""
    milliseconds: float = math.inf
    """Of a lone request."""
    megabytes: float = math.inf
    """Of memory."""

    def allow(self, trial: Trial) -> bool:
        """Whether it keeps to them; what could not be measured does."""
        return not (
            1 - trial.agreement > self.loss
            or trial.milliseconds > self.milliseconds
            or trial.megabytes > self.megabytes
        )


@dataclass(frozen=True, slots=True)
class Result:
    """What was tried, and the best of it."""

    forms: list[Trial]
    """In this process; the first is the original."""
    runs: list[Trial]
    """In this process, the best form; the first is the original."""
    instances: list[Trial]
    """On a server; the first is one instance. Empty where none was tried."""
    best: Setting


class _Loaded:
    """A backend with its threads."""

    def __init__(self, backend: Backend, threads: int) -> None:
        self._backend = backend
        self._threads = threads

    def answers(self, rows: Sequence[Request], batch: int) -> list[Answer | Exception]:
        """One for each row, `batch` of them at a time."""
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(self._threads)  # the process has one setting for all models
        starts = range(0, len(rows), batch)
        return [one for start in starts for one in self._backend.answer(rows[start : start + batch])]

    def at_once(self, rows: Sequence[Request]) -> list[Answer | Exception]:
        """One for each row, together."""
        return self.answers(rows, max(1, len(rows)))


def optimise(
    original: NewModel,
    home: Path,
    scratch: Path,
    report: Callable[[str], None],
    *,
    limits: Limits,
    sample: Path | None = None,
    gold: Path | None = None,
    measured: int = 48,
    repeats: int = 3,
    places: launcher.Places | None = None,
) -> Result:
    """Try the settings.

    Args:
        original: as its folder in a repository says.
        home: that folder.
        scratch: a folder for exported models.
        report: told in one line what comes next.
        limits: what the best must keep to.
        sample: what to ask, as `sample.requests` takes it.
        gold: sentences with their corrections, as `costs.read_gold` takes them: for F0.5.
        measured: with how many of its rows to measure the speed.
        repeats: how often each setting has its turn.
        places: where a server can be started; None tries no instances.

    Raises:
        LoadError: the model cannot be had or loaded.
        GectorError: the same of a GECToR model, or it cannot be exported.
        LauncherError: the sample is not as the task needs it, nothing keeps to the limits, or the server
            cannot be started.
        ModuleNotFoundError: what exporting needs is not installed.
    """
    rows = sorted(requests(original.task, sample), key=_length)
    pairs = read_gold(gold) if gold else []
    if pairs and original.task != "gector":
        raise LauncherError(f"--gold is for grammar models, and {original.name} does {original.task}")
    cores = available_cores()
    candidates = forms(original, home, scratch, report)
    report("Comparing number formats …")
    first = Setting(candidates[0], cores, _BATCH)
    loaded = {(form.title, cores): _Loaded(backend_of(form.new, home, cores), cores) for form in candidates}
    answers = {form.title: loaded[form.title, cores].answers(rows, _BATCH) for form in candidates}
    agreements = _agreements(original.task, answers)
    rows = [row for row, its in zip(rows, answers[ORIGINAL], strict=True) if not isinstance(its, Exception)]
    timed = rows[:: max(1, len(rows) // measured)][:measured]
    weights = {form.title: megabytes(form.new, home, cores, rows[-_BATCH:]) for form in candidates}
    worth = {
        form.title: f05(loaded[form.title, cores].at_once, pairs, _BATCH, of_text) if pairs else math.nan
        for form in candidates
    }
    waits: dict[tuple[str, int], float] = {}

    def ready(form: Form, threads: int) -> _Loaded:
        key = form.title, threads
        if key not in loaded:
            loaded[key] = _Loaded(backend_of(form.new, home, threads), threads)
        if key not in waits:
            waits[key] = milliseconds(loaded[key].at_once, timed[:_LONE])
        return loaded[key]

    def tried_of(settings: Sequence[Setting], speeds: Sequence[float]) -> list[Trial]:
        return [
            Trial(
                one,
                speed,
                agreements[one.form.title],
                waits[one.form.title, one.threads],
                weights[one.form.title] * one.instances,
                worth[one.form.title],
            )
            for one, speed in zip(settings, speeds, strict=True)
        ]

    def compared(settings: Sequence[Setting]) -> list[Trial]:
        work = [partial(ready(one.form, one.threads).answers, timed, one.batch) for one in settings]
        return tried_of(settings, _speeds(work, repeats))

    tried = compared([replace(first, form=form) for form in candidates])
    best = _best(tried, limits).setting
    report(f"Comparing threads and batches of {best.form.title} …")
    counts = {cores} if original.device == "cuda" else {1, cores}
    most = usual(original.task, "gpu" if original.device == "cuda" else "cpu").rows
    batches = [batch for batch in BATCHES if batch <= most]
    runs = compared([first, *(replace(best, threads=t, batch=b) for t in sorted(counts) for b in batches)])
    best = _best(runs[1:], limits).setting
    if places is None:
        return Result(tried, runs, [], best)
    report("Comparing instances on a Triton of its own …")
    shares = [(n, max(1, cores // n)) for n in (1, 2) if n <= cores]
    settings = [replace(best, instances=n, threads=of_each) for n, of_each in shares]
    for one in settings:
        ready(one.form, one.threads)
    served = tried_of(settings, _served_speeds(settings, home, scratch, timed, repeats, places))
    return Result(tried, runs, served, _best(served, limits).setting)


def _length(request: Request) -> int:
    return sum(len(tensor[0, 0]) for tensor in request.inputs.values() if tensor.dtype == object)


def _agreements(task: str, answers: Mapping[str, Sequence[Answer | Exception]]) -> dict[str, float]:
    """The share that each form has in common with the original, of the rows that the original answers.

    Raises:
        LauncherError: it answers none (all are too long for it, say).
    """
    original = answers[ORIGINAL]
    if all(isinstance(its, Exception) for its in original):
        raise LauncherError(f"the model answers none of the samples: {original[0]}")
    shares = {}
    for title, own in answers.items():
        pairs = [
            (0, 1) if isinstance(mine, Exception) else alike(task, its, mine)
            for its, mine in zip(original, own, strict=True)
            if not isinstance(its, Exception)
        ]
        of = sum(total for _, total in pairs)
        shares[title] = sum(same for same, _ in pairs) / of if of else 1.0
    return shares


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


def _best(trials: Sequence[Trial], limits: Limits) -> Trial:
    """The fastest within the limits.

    Raises:
        LauncherError: there is none.
    """
    allowed = [one for one in trials if limits.allow(one)]
    if not allowed:
        alike = [one for one in trials if 1 - one.agreement <= limits.loss]
        least = min(one.milliseconds for one in alike), min(one.megabytes for one in alike)
        raise LauncherError(
            f"nothing that was tried keeps to the budget: with answers as asked for, a lone request takes "
            f"{least[0]:.1f} ms at best, and the model {least[1]:.0f} MB"
        )
    return max(allowed, key=lambda one: one.speed)


def _served_speeds(
    settings: Sequence[Setting],
    home: Path,
    scratch: Path,
    rows: Sequence[Request],
    repeats: int,
    places: launcher.Places,
) -> list[float]:
    names = [f"instances_{setting.instances}" for setting in settings]
    for name, setting in zip(names, settings, strict=True):
        write_model(scratch / "served" / name, replace(setting.served(), name=name, streaming=False), home)
    with tempfile.TemporaryDirectory() as state:
        own = launcher.Places(places.data, Path(state), places.cache)
        options = launcher.Options(
            names, scratch / "served", http_port=0, grpc_port=0, metrics_port=None, use_docker=False
        )
        server = launcher.start(options, own, lambda _: None).server
        try:
            return _speeds([lambda n=n: asyncio.run(_ask(server.grpc, n, rows)) for n in names], repeats)  # type: ignore[misc]
        finally:
            launcher.stop(own)


async def _ask(url: str, name: str, rows: Sequence[Request]) -> None:
    """Send the rows, some at a time."""
    from tritonclient.grpc import InferInput, aio  # type: ignore[import-untyped]
    from tritonclient.utils import np_to_triton_dtype  # type: ignore[import-untyped]

    rest = iter(rows)

    async def client(connection: Any) -> None:
        for row in rest:
            tensors = []
            for key, value in row.inputs.items():
                tensors.append(InferInput(key, value.shape, np_to_triton_dtype(value.dtype)))
                tensors[-1].set_data_from_numpy(value)
            await connection.infer(name, tensors, client_timeout=_PATIENCE)

    async with aio.InferenceServerClient(url, channel_args=[("grpc.enable_http_proxy", 0)]) as connection:
        clients: list[Awaitable[None]] = [client(connection) for _ in range(CLIENTS)]
        await asyncio.gather(*clients)


_PATIENCE = 600
"""Seconds for a request: a generated text may take long."""
