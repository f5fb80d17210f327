"""The server that was started here: found again from any process by its state file, and ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server.launcher import docker, grpc, process
from triton_server.launcher.drain import Ended, drain
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from triton_server.launcher.places import Places
    from triton_server.launcher.profiles import Profile

STOP_SECONDS = 60.0
"""In which requests in flight are answered; then the server is killed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started, as the state file keeps it."""

    pid: int
    """0 for a container."""
    started: str
    """The kernel's start time of `pid`, or the container's id."""
    address: str
    http_port: int
    grpc_port: int
    metrics_port: int | None
    log: str
    shared_memory: str = ""
    """How the names of the memory begin that it shares with its stubs; no other server's begin so."""
    repositories: Sequence[str] = ()
    """The folders that it serves; the first that has a model counts."""
    models: Sequence[str] = ()
    """Those that `start` loaded, as it was told by the three that follow; see `Options`."""
    parameters: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    device: str | None = None
    profile: Profile | None = None

    @property
    def http(self) -> str:
        """The base URL of the HTTP interface, for this machine."""
        return f"http://{grpc.connectable(host_port(self.address, self.http_port))}"

    @property
    def grpc(self) -> str:
        """Host and port of the gRPC interface, for this machine."""
        return grpc.connectable(host_port(self.address, self.grpc_port))

    @property
    def in_docker(self) -> bool:
        """Whether it is a container."""
        return self.pid == 0

    def is_alive(self) -> bool:
        """Whether the process (or container) that was started still runs."""
        return (
            docker.is_running(self.started)
            if self.in_docker
            else process.start_time(self.pid) == self.started
        )


def keep(server: Server, places: Places) -> None:
    """Let other processes find the server."""
    _state_file(places).write_text(json.dumps(asdict(server)), encoding="utf-8")
    _unwanted_file(places).unlink(missing_ok=True)


def find(places: Places) -> Server | None:
    """The server that was started and still runs."""
    server = _kept(places)
    return server if server and server.is_alive() else None


def epitaph(places: Places) -> str:
    """What the server said last that died without being stopped; empty when there is none."""
    server = _kept(places)
    try:
        if server is not None:
            raise_if_dead(server)
    except LauncherError as error:
        return str(error)
    return ""


def _kept(places: Places) -> Server | None:
    """The server that was started last and not stopped; it may be dead."""
    try:
        return Server(**json.loads(_state_file(places).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def log_file(places: Places) -> Path:
    """The log of the last server from PyPI."""
    return places.state / "triton.log"


def stop(places: Places, seconds: float = STOP_SECONDS) -> Ended | None:
    """End the server that was started here, and only that, with requests in flight answered: see `drain`.

    Args:
        places: where the state file is.
        seconds: requests in flight may take; then they are cut.

    Returns:
        None if none was running.
    """
    if places.state.is_dir():
        _unwanted_file(places).touch()
    return clear(places, seconds)


def clear(places: Places, seconds: float = 0.0) -> Ended | None:
    """End what is left of a server, to start another: the same as `stop`, but one is still wanted."""
    server = _kept(places)
    if server is None:
        return None
    ended = None
    if server.is_alive():
        ended = _end(server, seconds)
    _tidy(server)
    _state_file(places).unlink(missing_ok=True)
    return ended


def is_wanted(places: Places) -> bool:
    """Whether nobody has stopped the server since it was started, though it may be dead."""
    return not _unwanted_file(places).exists()


def kill(places: Places) -> None:
    """End a server at once that does nothing any more; its state file stays, since it is still wanted."""
    server = _kept(places)
    if server is None or not server.is_alive():
        return
    if server.in_docker:
        docker.run(["docker", "kill", server.started])
        return
    os.killpg(os.getpgid(server.pid), signal.SIGKILL)
    process.wait(server.pid, server.started, 5.0)


def _end(server: Server, seconds: float) -> Ended:
    if server.in_docker:
        return _end_container(server, seconds)
    log = Path(server.log)
    before = log.stat().st_size if log.exists() else 0
    group = os.getpgid(server.pid)

    def said() -> str:
        with log.open("rb") as file:
            file.seek(before)
            return file.read().decode(errors="replace")

    ended = drain(server, seconds, lambda: os.kill(server.pid, signal.SIGTERM), said)
    if server.is_alive():
        os.killpg(group, signal.SIGKILL)
        process.wait(server.pid, server.started, 5.0)
    return ended


def _end_container(server: Server, seconds: float) -> Ended:
    started = datetime.now(timezone.utc).isoformat()

    def said() -> str:
        return docker.run(["docker", "logs", f"--since={started}", server.started])

    ended = drain(
        server, seconds, lambda: docker.run(["docker", "kill", "--signal=TERM", server.started]), said
    )
    with Path(server.log).open("a", encoding="utf-8") as log:
        log.write(docker.run(["docker", "logs", "--tail=200", server.started]))
    docker.run(["docker", "stop", "--time=1", server.started])
    return ended


def _tidy(server: Server) -> None:
    """Remove what a server leaves behind that did not end by itself."""
    if server.in_docker:
        with contextlib.suppress(LauncherError):  # it is gone
            docker.run(["docker", "rm", "--force", server.started])
    elif server.shared_memory:
        for region in process.SHARED_MEMORY.glob(f"{server.shared_memory}*"):
            region.unlink(missing_ok=True)


def raise_if_dead(server: Server) -> None:
    """Tell why a server that was started runs no more.

    Raises:
        LauncherError: its last words.
    """
    if not server.is_alive():
        raise LauncherError(f"Triton died: {_last_words(server)} (all of it in {server.log})")


def _last_words(server: Server) -> str:
    """The last error in the log without Triton's prefix, else the last line of one that never got to run."""
    text = Path(server.log).read_text(encoding="utf-8", errors="replace") if Path(server.log).exists() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    usage = [line for line in lines if "unrecognized option" in line]  # many lines of advice follow it
    errors = [
        line
        for line in lines
        if line.startswith(("E", "error", "Error", "Signal")) and "CudaDriverHelper" not in line  # no GPU
    ]
    ran = any("Started HTTPService" in line for line in lines)
    silent = ["it was killed, perhaps for want of memory"] if ran else ["it left no log"]
    return (usage or errors or ([] if ran else lines) or silent)[-1].rpartition("] ")[2]


def _state_file(places: Places) -> Path:
    return places.state / "triton.json"


def _unwanted_file(places: Places) -> Path:
    """Is there from the moment that somebody stops the server until the next start."""
    return places.state / "triton.stopped"


def host_port(address: str, port: int) -> str:
    """Both as one, an IPv6 address in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
