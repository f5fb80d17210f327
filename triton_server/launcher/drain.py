"""Ending a server so that requests in flight are answered first.

What Triton 2.51 does by itself after SIGTERM: it takes no new HTTP connections and waits until those that
there are have been closed, however idle; so long it answers new gRPC requests as ever. Then it refuses new
requests (UNAVAILABLE), answers those in flight, and unloads its models. Two things are missing: a request
that a pipeline makes to its tagger is a new one, and an idle HTTP connection keeps everybody waiting. So what
asks other models is unloaded first; and while HTTP connections stay open, the models are unloaded over gRPC,
which waits for their requests in flight and shows when nothing but idle connections is left.
"""

from __future__ import annotations

import contextlib
import re
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server.launcher import grpc, http, repository
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from triton_server.launcher.server import Server

_GRACE = 2.5
"""Seconds that HTTP connections have to close by themselves: the log tells of them once a second."""
_LAST_WORDS = 0.5
"""Seconds in which an answer that is ready is sent."""
_PAUSE = 0.05
_IN_FLIGHT = re.compile(r"Model '.+' \(version \d+\) has (\d+) in-flight inferences")
_LIVE = re.compile(r"Found (\d+) live models")
_HELD = "HTTP service connections"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a server has ended."""

    by_itself: bool
    """Else it was killed, since it did not end in time."""
    cut: int = 0
    """Requests in flight that got no answer; at least so many."""


def drain(
    server: Server,
    seconds: float,
    terminate: Callable[[], object],
    log: Callable[[], str],
) -> Ended:
    """Ask a server to end, and wait until it has, or has nothing left to answer, or the time is up.

    Args:
        server: the one that runs.
        seconds: it may take.
        terminate: sends SIGTERM.
        log: what the server has logged since then.

    Returns:
        `by_itself` is true even if it still runs, with nothing left but idle connections: then kill it.
    """
    until = time.monotonic() + seconds
    _finish_askers(server, until)
    terminate()
    told, since = False, time.monotonic()
    while server.is_alive():
        now = time.monotonic()
        said = log()
        if now > until:
            return Ended(False, _cut(server, said))
        if now > since + _GRACE and _is_held(said):
            if not told:
                told = _unload_over_grpc(server, until)
            elif not _unloading(server):
                time.sleep(_LAST_WORDS)
                return Ended(True)
        time.sleep(_PAUSE)
    return Ended(True)


def _finish_askers(server: Server, until: float) -> None:
    """Unload what asks other models, and wait until that has answered all its requests."""
    with contextlib.suppress(http.HttpError, LauncherError):
        seconds = min(2.0, max(0.1, until - time.monotonic()))
        ready = {one.name for one in http.models(server.http, seconds) if one.state == "READY"}
        askers = _askers(server, ready)
        for name in askers:
            http.unload(server.http, name, seconds)
        while askers and time.monotonic() < until:
            states = {one.name for one in http.models(server.http) if one.state in {"READY", "UNLOADING"}}
            if not states.intersection(askers):
                return
            time.sleep(_PAUSE)


def _askers(server: Server, names: Collection[str]) -> list[str]:
    homes = repository.homes([Path(folder) for folder in server.repositories])
    found = []
    for name in sorted(names):
        with contextlib.suppress(LauncherError):  # its file is broken by now; the model runs on
            if name in homes and repository.asked_by(repository.read(homes[name], name)):
                found.append(name)
    return found


def _is_held(said: str) -> bool:
    """Whether the server still waits for its HTTP connections."""
    lines = [line for line in said.splitlines() if "Timeout" in line]
    return bool(lines) and _HELD in lines[-1]


def _unload_over_grpc(server: Server, until: float) -> bool:
    try:
        for name in grpc.models_in(server.grpc, {"READY"}, max(0.1, until - time.monotonic())):
            grpc.unload(server.grpc, name, max(0.1, until - time.monotonic()))
    except http.HttpError:
        return False  # it may be encrypted: then HTTP's connections are waited for
    return True


def _unloading(server: Server) -> Sequence[str]:
    """The models that still have something to answer; none if the server does not say."""
    try:
        return grpc.models_in(server.grpc, {"READY", "UNLOADING"}, 2.0)
    except http.HttpError:
        return []


def _cut(server: Server, said: str) -> int:
    """How many requests are in flight, at least.

    The log counts those of the batch that was formed last, the metrics those that wait for an instance; and
    something is being executed, or the server would have ended.
    """
    last = said.rpartition("model versions that have in-flight inferences")[2]
    logged = [] if _is_held(said) else [int(number) for number in _IN_FLIGHT.findall(last)]
    live = _LIVE.findall(last)
    is_busy = bool(logged) or (live[-1] != "0" if live else bool(_unloading(server)))
    return max(sum(logged), is_busy + _pending(server))


def _pending(server: Server) -> int:
    """Requests that wait for a model."""
    if server.metrics_port is None:
        return 0
    address = f"{server.http.rpartition(':')[0]}:{server.metrics_port}/metrics"
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=2.0) as response:
            lines = response.read().decode().splitlines()
    except OSError:
        return 0
    return sum(
        int(float(line.rpartition(" ")[2]))
        for line in lines
        if line.startswith("nv_inference_pending_request_count{")
    )
