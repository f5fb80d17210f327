"""The counts, kept on this machine: JSON lines of numbers, with no text and no names of documents."""

from __future__ import annotations

import json
import logging
import math
import os
import threading
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

if TYPE_CHECKING:
    from lsp_server.settings import Settings
    from lsp_server.trials.follow import Tally

_FLUSH_SECONDS = 30.0
_STEP = 1.25
"""A request of t milliseconds is counted in bucket floor(log t / log _STEP)."""
_log = logging.getLogger(__name__)


def ledger_file() -> Path:
    """Where the counts are: in the platform's folder for state, or under `GRAMMARED_HOME`."""
    home = os.environ.get("GRAMMARED_HOME")
    state = Path(home).expanduser() / "state" if home else platformdirs.user_state_path("grammared")
    return state / "ab.jsonl"


def ledger_of(settings: Settings) -> Ledger | None:
    """Where to count, if the settings split documents between versions of a model."""
    splits = settings.engine == "triton" and settings.triton.versions
    return Ledger(ledger_file()) if splits else None


def bucket_of(seconds: float) -> int:
    """The bucket of a latency."""
    return math.floor(math.log(max(seconds * 1000, 0.001)) / math.log(_STEP))


def milliseconds_of(bucket: int) -> float:
    """The middle of a bucket."""
    return float(_STEP ** (bucket + 0.5))


class Ledger:
    """Adds to the counts; several processes may do so at once. May be called from any thread.

    Args:
        path: of the file; its folder is made if need be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._sentences: Counter[str] = Counter()
        self._latencies: dict[str, Counter[int]] = {}
        self._flushed = time.monotonic()

    def request(self, model: str, sentences: int, seconds: float) -> None:
        """A model has tagged sentences."""
        with self._lock:
            self._sentences[model] += sentences
            self._latencies.setdefault(model, Counter())[bucket_of(seconds)] += 1
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self.flush()

    def document(self, model: str, words: int, tally: Tally) -> None:
        """A document of so many words was closed, or checked once and for all."""
        self._append([{"model": model, "documents": 1, "words": words, **asdict(tally)}])

    def flush(self) -> None:
        """Write what was gathered of requests."""
        with self._lock:
            lines = [
                {"model": model, "sentences": self._sentences[model], "latency": dict(latencies)}
                for model, latencies in self._latencies.items()
            ]
            self._sentences, self._latencies = Counter(), {}
            self._flushed = time.monotonic()
        self._append(lines)

    def _append(self, entries: list[dict[str, Any]]) -> None:
        now = round(time.time())
        text = "".join(json.dumps({"time": now, **entry}) + "\n" for entry in entries)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab", buffering=0) as file:
                file.write(text.encode())  # in one piece: others append, too
        except OSError as error:  # counting must never hinder checking
            _log.warning("%s cannot be written: %s", self._path, error.strerror)
