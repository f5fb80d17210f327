"""The models that can be served: those of the repositories, and what a running server makes of them."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server.authoring.new_model import read
from triton_server.gector.model_files import bundled_model
from triton_server.launcher import http, loading, repository, versions
from triton_server.launcher.errors import LauncherError, why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.launcher.places import Places
    from triton_server.launcher.server import Server

_ORDER = ("READY", "LOADING", "UNLOADING", "UNAVAILABLE", "UNKNOWN", "")
"""Of the states of a model's versions, the one that says most of the model."""
OWN_CODE = "code of its own"
"""What a folder serves that was made by hand: its `model.py` knows."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of a repository."""

    name: str
    task: str
    """One of `new_model.TASKS`; empty for a model of another kind."""
    model: str
    """What it serves: a hub id with its revision, a folder, `OWN_CODE`; empty for what Grammared brings."""
    home: str
    """The repository that it is in."""
    state: str
    """As the running server says: READY, LOADING, UNLOADING, UNAVAILABLE; empty when it is not loaded."""
    problem: str
    """Why it cannot be served, as far as that is known."""


def listed(places: Places, server: Server | None, given: Path | None = None) -> list[Listed]:
    """All models of the repositories, by name.

    Args:
        places: where the user's repository is.
        server: the one that runs, if any: its repositories count.
        given: the repository to look in, and no other.

    Raises:
        LauncherError: the server does not answer.
    """
    homes = repository.homes(versions.folders(places, server, given))
    states = loading.states(server) if server else {}
    shipped = {repository.SHIPPED, repository.shipped_copy(places)}
    return [
        _listed(home, name, states.get(name, []), is_shipped=home in shipped)
        for name, home in sorted(homes.items())
    ]


def _listed(home: Path, name: str, states: Sequence[http.ModelState], *, is_shipped: bool) -> Listed:
    best = min(states, key=lambda one: _ORDER.index(one.state), default=None)
    task = problem = ""
    model = "" if is_shipped else OWN_CODE
    try:
        versions.check(home / name)
        if "model" in repository.read(home, name).parameters:
            with contextlib.suppress(LauncherError):  # of none of the tasks
                task, model = _task_and_model(home / name)
    except LauncherError as error:
        problem = str(error)
    unloaded = best is None or best.reason == "unloaded"
    state, reason = ("", "") if best is None or unloaded else (best.state, best.reason)
    return Listed(name, task, model, str(home), state, problem or reason)


def _task_and_model(folder: Path) -> tuple[str, str]:
    new = read(folder)
    is_bundled = new.model == str(bundled_model())
    return new.task, "" if is_bundled else "@".join(filter(None, (new.model, new.revision)))


def remove(folder: Path, places: Places, server: Server | None) -> None:
    """Unload a model, if a server runs that has it, and delete its folder with all versions.

    Raises:
        LauncherError: it comes with Grammared, the server does not unload it, or it cannot be deleted.
    """
    if folder.parent in {repository.SHIPPED, repository.shipped_copy(places)}:
        raise LauncherError(f"{folder.name} comes with grammared and cannot be removed")
    if server and folder.parent in map(Path, server.repositories) and folder.name in loading.states(server):
        try:
            http.call(server.http, f"/v2/repository/models/{folder.name}/unload", post=True, seconds=60)
        except http.HttpError as error:
            raise LauncherError(
                f"{folder.name} cannot be unloaded: {http.in_one_line(str(error))}"
            ) from error
    try:
        shutil.rmtree(folder)
        versions.history_file(folder).unlink(missing_ok=True)
    except OSError as error:
        raise LauncherError(f"cannot delete {folder}: {why(error)}") from error
