"""How a running server and its models are, each asked by a real inference."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server.launcher import http, repository, versions
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.server import Server, find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.launcher.places import Places


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """How one version of one model is, by a real inference."""

    name: str
    version: str
    problem: str
    """Empty when it answered."""
    milliseconds: float = 0.0
    """Of the inference that asked."""
    inferences: int = 0
    """Rows answered since it was loaded."""
    executions: int = 0
    """Forward passes that took."""
    queue_milliseconds: float = 0.0
    """How long a request waited for its turn, on average."""
    cache_hits: int = 0
    """Requests that the response cache answered."""

    @property
    def mean_batch(self) -> float:
        """Rows in a forward pass."""
        return self.inferences / self.executions if self.executions else 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """A running server and its models."""

    server: Server
    version: str
    """Triton's; empty when the server does not answer."""
    models: tuple[ModelHealth, ...]

    @property
    def is_well(self) -> bool:
        """It answers, has models, and each of them answered."""
        return bool(self.version and self.models) and not any(model.problem for model in self.models)


def status(places: Places, models: Sequence[str] = (), seconds: float = 30.0) -> Health | None:
    """How the running server and its models are, each asked by a real inference; None when none runs.

    Args:
        places: where the state file is.
        models: which to ask about; empty for all that were ever asked to load.
        seconds: that each may take to answer.
    """
    server = find(places)
    if server is None:
        return None
    try:
        version = str(http.server_metadata(server.http)["version"])
        listed = [one for one in http.models(server.http) if one.name in models or (not models and one.state)]
    except (http.HttpError, KeyError):
        return Health(server, "", ())
    states = [one for one in listed if one.state == "READY" or _is_wanted(server, one)]
    return Health(server, version, tuple(_model_health(server.http, state, seconds) for state in states))


def _is_wanted(server: Server, state: http.ModelState) -> bool:
    """Whether a version is to be served: one that was rolled back is not missed."""
    home = repository.homes([Path(folder) for folder in server.repositories]).get(state.name)
    try:
        return home is None or not state.version or int(state.version) in versions.served(home / state.name)
    except LauncherError:  # its configuration is broken
        return True


def _model_health(base: str, state: http.ModelState, seconds: float) -> ModelHealth:
    if state.state != "READY":
        return ModelHealth(state.name, state.version, state.reason or state.state.lower() or "was not loaded")
    before = time.monotonic()
    try:
        http.probe(base, state.name, state.version, seconds)
        milliseconds = 1000 * (time.monotonic() - before)
        counted = http.statistics(base, state.name, state.version)
    except http.HttpError as error:
        is_slow = time.monotonic() - before >= seconds
        problem = f"slow: no answer within {seconds:g} s" if is_slow else http.in_one_line(str(error))
        return ModelHealth(state.name, state.version, problem or "does not answer")
    waits, cached = (counted["inference_stats"].get(name, {}) for name in ("queue", "cache_hit"))
    return ModelHealth(
        state.name,
        state.version,
        "",
        milliseconds,
        counted["inference_count"],
        counted["execution_count"],
        waits.get("ns", 0) / max(waits.get("count", 0), 1) / 1e6,
        cached.get("count", 0),
    )
