"""What a form costs, as memory and the wait of a lone request, and what it is worth, as F0.5."""

from __future__ import annotations

import math
import multiprocessing
import re
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.backend.requests import Request
from triton_server.export.optimise.forms import backend_of
from triton_server.gector.types import KEEP
from triton_server.launcher.errors import LauncherError
from triton_server.segmentation.sentences import sentences_in
from triton_server.training.label import labels_of
from triton_server.training.tune import precision_recall_f05

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from triton_server.authoring.new_model import NewModel
    from triton_server.backend.requests import Answer

    Inputs = Mapping[str, np.ndarray[Any, Any]]
    Ask = Callable[[Sequence[Request]], Sequence[Answer | Exception]]


def megabytes(new: NewModel, home: Path, threads: int, rows: Sequence[Request]) -> float:
    """The most memory that a process held that loaded the model and answered these rows together, as MB.

    That is what an instance on Triton takes, libraries included. Not a number where the system does not tell.
    """
    inputs = [dict(row.inputs) for row in rows]  # a request cannot be sent to another process
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(_weigh, new, home, threads, inputs).result()


def _weigh(new: NewModel, home: Path, threads: int, inputs: Sequence[Inputs]) -> float:
    backend = backend_of(new, home, threads)
    backend.answer([Request(one) for one in inputs])
    return _most_memory()


def _most_memory() -> float:
    """The most that this process held, as MB."""
    try:
        # On Linux, `getrusage` would tell what the parent held when it forked, if that was more.
        held = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii", "replace"))
    except OSError:
        held = None
    if held:
        return int(held[1]) * 1024 / 1e6
    try:
        import resource
    except ImportError:  # Windows
        return math.nan
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def milliseconds(ask: Ask, rows: Sequence[Request]) -> float:
    """How long a request of one row waits when nobody else asks; the median of some."""
    waits = []
    for row in (rows[0], *rows):
        began = time.perf_counter()
        ask([row])
        waits.append(1000 * (time.perf_counter() - began))
    return statistics.median(waits[1:])  # the first one warms up


def read_gold(path: Path) -> list[tuple[str, str]]:
    """Sentences as they were written and as they should be: a line each, with a tab between.

    Raises:
        LauncherError: it cannot be read, or a line is no such pair.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LauncherError(f"cannot read {path}: {error}") from error
    pairs = [tuple(line.split("\t")[:2]) for line in lines if line.strip()]
    wrong = next((number for number, pair in enumerate(pairs, 1) if len(pair) < 2 or not all(pair)), None)
    if wrong or not pairs:
        raise LauncherError(f"{path}, line {wrong or 1}: no sentence, tab, and the sentence as it should be")
    return [(source, target) for source, target in pairs]


def f05(ask: Ask, gold: Sequence[tuple[str, str]], batch: int, request: Callable[[str], Request]) -> float:
    """F0.5 of a grammar model's corrections, 0 to 1, by the labels that make each sentence right."""
    hits = proposed = wanted = 0
    for start in range(0, len(gold), batch):
        pairs = gold[start : start + batch]
        for (source, target), answer in zip(pairs, ask([request(one) for one, _ in pairs]), strict=True):
            if isinstance(answer, Exception):
                raise answer
            words = _words(source)
            its = labels_of(words, _words(answer["corrected_text"][0, 0].decode()))
            right = labels_of(words, _words(target))
            hits += sum(a == b != KEEP for a, b in zip(its, right, strict=True))
            proposed += sum(label != KEEP for label in its)
            wanted += sum(label != KEEP for label in right)
    return precision_recall_f05(hits, proposed, wanted)[2]


def _words(text: str) -> list[str]:
    return [word.text for _, sentence in sentences_in(text) for word in sentence.words]
