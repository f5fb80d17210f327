"""Versions of a model on a running server: listed, promoted, rolled back and pinned, all under load.

Triton loads and warms a new version beside those that serve, swaps, and unloads an old one when its last
request is answered: nothing is dropped. Without a server, the configuration alone is changed.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import resources
from typing import TYPE_CHECKING

from triton_server.backend.parameters import THRESHOLDS
from triton_server.launcher import http, loading, repository
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.versions import (
    on_disk,
    parameters_of,
    previous,
    remember,
    served,
    with_policy,
    write_config,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from triton_server.launcher.server import Server

_NAMING = frozenset({"model", "revision"})
"""Parameters that say which model it is."""

MOST_CHANGED = 0.5
"""Of the golden sentences, the share that a promoted version may answer otherwise than the one before."""
_AT_ONCE = 8
"""Golden sentences in a request."""
_PROOF_SECONDS = 10.0
"""That a version which serves may take for a small inference, others loading or not."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model."""

    number: int
    state: str
    """As Triton says: READY, LOADING, UNLOADING, UNAVAILABLE; empty when it is not loaded."""
    reason: str
    """Why it is not ready, if Triton says."""
    is_default: bool
    """Whether requests that name no version get this one."""
    model: str
    """The identity that the loaded model tells, else what its parameters name."""
    installed: datetime
    """When its folder was written."""
    parameters: Mapping[str, str]
    """Its own, beside the model's: in what it differs from `config.pbtxt`."""


def versions(folder: Path, server: Server | None) -> list[Version]:
    """Every version on disk, and how the running server has it."""
    states = _states(folder, server)
    ready = [number for number, state in states.items() if state.state == "READY"]
    default = max(ready or (served(folder) if server is None else []), default=None)
    return [_version(folder, number, states.get(number), default, server) for number in on_disk(folder)]


def _version(
    folder: Path, number: int, state: http.ModelState | None, default: int | None, server: Server | None
) -> Version:
    identity = _identity(server, folder.name, number) if server and state and state.state == "READY" else ""
    said = state.state if state else ""
    reason = state.reason if state and said != "READY" else ""
    if reason == "unloaded":
        said, reason = "", ""
    installed = datetime.fromtimestamp((folder / str(number)).stat().st_mtime, timezone.utc)
    model = identity or _named_model(folder, number)
    own = {key: value for key, value in parameters_of(folder, number).items() if key not in _NAMING}
    return Version(number, said, reason, number == default, model, installed, own)


def _identity(server: Server, name: str, number: int) -> str:
    """What the model says it is: a grammar model's output "model" has it."""
    try:
        answer = http.probe(server.http, name, str(number))
        outputs = {one["name"]: one["data"] for one in answer.get("outputs", ())}
        return str(json.loads(outputs["model"][0])["identity"])
    except (http.HttpError, KeyError, IndexError, TypeError, ValueError):
        return ""


def _named_model(folder: Path, number: int) -> str:
    config = repository.read(folder.parent, folder.name).parameters
    parameters = {key: config[key].string_value for key in config} | parameters_of(folder, number)
    named, revision = parameters.get("model", ""), parameters.get("revision", "")
    return f"{named}@{revision}" if named and revision else named


@dataclass(frozen=True, slots=True)
class Promoted:
    """What has become of a promotion."""

    served: list[int]
    """The versions that are served now."""
    changed: float | None
    """The share of golden sentences that the new default answers otherwise than the one before; None where
    that cannot be said: no server runs, or the model does not correct text."""


def promote(
    folder: Path,
    number: int,
    server: Server | None,
    *,
    alone: bool = False,
    seconds: float = 300.0,
    texts: Sequence[str] | None = None,
    most_changed: float = MOST_CHANGED,
) -> Promoted:
    """Make a version the default; the default until now stays beside it if it is a lower one.

    Where both correct text, they are asked about the same sentences: weights that do not belong to their
    labels answer, too, but otherwise almost everywhere.

    Args:
        folder: the model's.
        number: the version.
        server: the one that runs; None changes the configuration only.
        alone: serve no other version.
        seconds: it may take to load.
        texts: what they are asked about; by default sentences that come with this.
        most_changed: the share that may be answered otherwise; 1 lets everything pass.

    Raises:
        LauncherError: there is no such version, it does not load, or it answers too much otherwise; then all
            is as it was before.
    """
    before = _current(folder, server)
    kept = [max(before)] if before and max(before) < number and not alone else []
    asked = list(texts) if texts else golden_sentences()
    known = _answers(server, folder.name, max(before), asked) if server and before else None
    changed: float | None = None

    def compare(running: Server) -> None:
        nonlocal changed
        new = _answers(running, folder.name, number, asked) if known else None
        if not known or not new or number == max(before):
            return
        changed = sum(one != other for one, other in zip(known, new, strict=True)) / len(asked)
        if changed > most_changed:
            raise _TooDifferent(
                f"{folder.name} version {number} answers {changed:.0%} of {len(asked)} sentences otherwise "
                f"than version {max(before)}, more than {most_changed:.0%}: "
                f"{_doubt(folder, number, max(before))}? --force promotes it all the same"
            )

    served_now = serve(folder, [*kept, number], server, "promote", seconds, compare)
    return Promoted(served_now, changed)


def _doubt(folder: Path, number: int, before: int) -> str:
    """What may be wrong with a version that answers otherwise."""
    own, others = parameters_of(folder, number), parameters_of(folder, before)
    changed = [name for name in THRESHOLDS if own.get(name, "") != others.get(name, "")]
    if changed:
        return f"is the change of {' and '.join(changed)} meant"
    return "do its weights belong to its labels"


def golden_sentences() -> list[str]:
    """Sentences with mistakes and without, about which versions are asked before one takes over."""
    return resources.files(__package__).joinpath("golden.txt").read_text("utf-8").splitlines()


def _answers(server: Server, name: str, number: int, texts: Sequence[str]) -> list[str] | None:
    """What a version makes of texts; None if it does not correct text, or does not answer."""
    answers: list[str] = []
    try:
        config = http.call(server.http, f"/v2/models/{name}/versions/{number}/config")
        if not {"text", "corrected_text"} <= {one["name"] for one in (*config["input"], *config["output"])}:
            return None
        at_once = max(1, min(_AT_ONCE, config.get("max_batch_size", 1)))
        for first in range(0, len(texts), at_once):
            some = list(texts[first : first + at_once])
            body = {
                "inputs": [{"name": "text", "shape": [len(some), 1], "datatype": "BYTES", "data": some}],
                "outputs": [{"name": "corrected_text"}],
            }
            answer = http.call(server.http, f"/v2/models/{name}/versions/{number}/infer", body, seconds=60.0)
            answers += answer["outputs"][0]["data"]
    except (http.HttpError, KeyError, TypeError, IndexError):
        return None
    return answers


def rollback(folder: Path, server: Server | None, seconds: float = 300.0) -> list[int]:
    """Serve again what was served before the last change; once more goes one change further back.

    Raises:
        LauncherError: there is nothing before, or it does not load any more.
    """
    back_to = previous(folder)
    if not back_to:
        raise LauncherError(f"{folder.name} has no earlier state to go back to")
    return serve(folder, back_to, server, "rollback", seconds)


def serve(
    folder: Path,
    numbers: Iterable[int],
    server: Server | None,
    action: str,
    seconds: float = 300.0,
    approve: Callable[[Server], None] = lambda _: None,
) -> list[int]:
    """Serve exactly these versions, each proven by a real inference; the highest is the default.

    With them loaded, `approve` may still raise an `http.HttpError`.

    Raises:
        LauncherError: one is not there or does not load; then all is as it was before, unless the
            server was lost, which the text says.
    """
    wanted = sorted(set(numbers))
    missing = sorted(set(wanted) - set(on_disk(folder)))
    if missing or not wanted:
        raise LauncherError(
            f"{folder.name} has no version {', '.join(map(str, missing)) or 'to serve'}; "
            f"it has {', '.join(map(str, on_disk(folder)))}"
        )
    path = folder / "config.pbtxt"
    text, before = path.read_text(encoding="utf-8"), _current(folder, server)
    write_config(folder, with_policy(text, wanted))
    if server:
        try:
            _load(server, folder, wanted, seconds)
            approve(server)
        except http.HttpError as error:
            failed = error.versions if isinstance(error, _NotServing) else wanted
            write_config(folder, text)
            with contextlib.suppress(http.HttpError):
                _load(server, folder, before, seconds)
            if isinstance(error, _TooDifferent):
                raise LauncherError(
                    f"{error} ({_what_became(server, folder.name, before, seconds)})"
                ) from error
            raise LauncherError(
                f"{folder.name} {in_words(failed)} did not load: {http.in_one_line(str(error))} "
                f"({_what_became(server, folder.name, before, seconds)})"
            ) from error
    remember(folder, action, before, wanted)
    return wanted


def in_words(numbers: Sequence[int]) -> str:
    """Such as "version 1" or "versions 1, 2"."""
    return f"version{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _what_became(server: Server, name: str, before: Sequence[int], seconds: float) -> str:
    """Whether what served until now still does: a broken load may take the whole server with it."""
    try:
        for number in before:
            http.probe(server.http, name, str(number), min(_PROOF_SECONDS, seconds))
    except http.HttpError:
        return f"version {number} does not answer any more: stop and start the server"
    return f"{in_words(before)} still {'serve' if len(before) > 1 else 'serves'}"


class _TooDifferent(http.HttpError):
    """A version answers, but not as one of this model would."""


class _NotServing(http.HttpError):
    """Some versions were not loaded, or do not answer."""

    def __init__(self, error: http.HttpError, versions: Sequence[int]) -> None:
        super().__init__(str(error))
        self.versions = versions


def _load(server: Server, folder: Path, numbers: Sequence[int], seconds: float) -> None:
    """Load, and ask each version: until here, a model's proof is that it answers.

    Raises:
        http.HttpError: the server does not answer.
        _NotServing: what the server says of the versions that fail.
    """
    until, name = time.monotonic() + seconds, folder.name
    states = http.models(server.http)
    serving = {int(one.version) for one in states if one.name == name and one.state == "READY"}
    ready = sorted(serving.intersection(on_disk(folder)))
    # What it was started with (another device, other parameters) stays, whatever its file says. And while the
    # policy is all that changes, Triton leaves the versions that stay as they are.
    config = _served_config(server, name) if ready else loading.config_of(server, name)
    step = numbers
    try:
        for step in _steps(ready, numbers):
            asked = config and loading.with_versions(config, step)
            loading.load(server, name, asked, max(1.0, until - time.monotonic()))
    except http.HttpError as error:
        raise _NotServing(error, _not_ready(server, name, step)) from error
    for number in numbers:
        _prove(server, name, number, max(1.0, until - time.monotonic()))


def _served_config(server: Server, name: str) -> str:
    return json.dumps(http.call(server.http, f"/v2/models/{name}/config"))


def _steps(ready: Sequence[int], wanted: Sequence[int]) -> list[Sequence[int]]:
    """What to have served one after the other, so that each step has one new version at most.

    The first is what serves already: what of it has changed on disk, Triton loads anew.
    """
    new = [number for number in wanted if number not in ready]
    growing = [[*ready, *new[:many]] for many in range(len(new))]
    return [*filter(None, growing), wanted]


def _prove(server: Server, name: str, number: int, seconds: float) -> None:
    try:
        http.probe(server.http, name, str(number), seconds)
    except http.HttpError as error:
        raise _NotServing(error, [number]) from error


def _not_ready(server: Server, name: str, numbers: Sequence[int]) -> Sequence[int]:
    """Which of the versions failed, as far as the server can tell."""
    try:
        ready = {one.version for one in http.models(server.http) if one.name == name and one.state == "READY"}
    except http.HttpError:
        return numbers
    return [number for number in numbers if str(number) not in ready] or numbers


def _current(folder: Path, server: Server | None) -> list[int]:
    """The versions that serve: a running server knows, else the configuration says."""
    ready = [number for number, state in _states(folder, server).items() if state.state == "READY"]
    return sorted(set(ready) & set(on_disk(folder))) or served(folder)


def _states(folder: Path, server: Server | None) -> dict[int, http.ModelState]:
    """How the running server has each version that it was ever asked to load."""
    listed = loading.states(server).get(folder.name, []) if server else []
    return {int(one.version): one for one in listed if one.version}
