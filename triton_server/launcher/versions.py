"""Versions of a model side by side: installed, served, promoted, rolled back, all under load.

A version is a folder `<model>/<number>/` with its own `model.py` and, where it differs from what
`config.pbtxt` says, its own parameters in `<number>/parameters.json` (read by `backend.adapter`). Which are
served is the `version_policy` of `config.pbtxt`; a request that names no version gets the highest of them,
that is Triton's rule. So to choose the default is to choose what is served.

Triton loads and warms a new version beside those that serve, swaps, and unloads an old one when its last
request is answered: nothing is dropped. What was served before is kept in `<model>.versions.json` beside the
model's folder: if a file inside looked changed, Triton would load all versions anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.launcher import grpc, http, repository
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from triton_server.launcher.places import Places
    from triton_server.launcher.server import Server

PARAMETERS = "parameters.json"
_NAMING = frozenset({"model", "revision"})
"""Parameters that say which model it is."""
_PROOF_SECONDS = 10.0
"""That a version which serves may take for a small inference, others loading or not."""
_COMMENT = (
    "# Written by `grammared triton promote`, `pin` and `rollback`: the highest of these is the default."
)


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


def home(name: str, places: Places, server: Server | None, given: Path | None = None) -> Path:
    """The folder of a model, to look at; the package's own is not for changing.

    Args:
        name: the model's.
        places: where the user's repository is.
        server: the one that runs, if any: its repositories count.
        given: the repository to look in, and no other.

    Raises:
        LauncherError: there is no such model.
    """
    served_from = (
        [Path(folder) for folder in server.repositories] if server else [places.models, repository.SHIPPED]
    )
    folders = [given] if given else served_from
    for folder in folders:
        if (folder / name / "config.pbtxt").is_file():
            return folder / name
    raise LauncherError(f"there is no model {name} in {' or '.join(map(str, folders))}")


def find(name: str, places: Places, server: Server | None, given: Path | None = None) -> Path:
    """The folder of a model, where its versions may be changed; arguments as of `home`.

    A model that comes with the package is put into the user's own repository first; of a running server it
    is moved there from the copy that the server reads.

    Raises:
        LauncherError: there is no such model, or it cannot be put into the user's repository.
    """
    folder = home(name, places, server, given)
    if folder.parent == repository.SHIPPED:
        return _settle(folder, places.models / name, copy=True)
    if folder.parent == repository.shipped_copy(places):
        return _settle(folder, places.models / name)
    return folder


def _settle(source: Path, target: Path, *, copy: bool = False) -> Path:
    """Bring a model's folder into the user's repository, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise LauncherError(f"{target} exists already, but has no config.pbtxt: remove it")
    hidden = target.with_name(f".{target.name}")
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        shutil.copytree(source, hidden, ignore=shutil.ignore_patterns("__pycache__"))
        if not copy:
            shutil.rmtree(source)
        hidden.rename(target)
    except OSError as error:
        raise LauncherError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def check(folder: Path) -> None:
    """Whether Triton can make something of a model's folder: of what it cannot, only its log says why.

    Raises:
        LauncherError: its configuration is broken, or it has no version to serve; a version without a
            `model.py` keeps Triton waiting for ever.
    """
    config = repository.read(folder.parent, folder.name)
    if config.name not in {"", folder.name}:
        raise LauncherError(f"{folder / 'config.pbtxt'} has the name {config.name}, and not its folder's")
    numbers = served(folder)
    if not numbers:
        raise LauncherError(f"{folder} has no version to serve, that is a folder 1 with a model.py")
    for number in numbers:
        if config.backend == "python" and not (folder / str(number) / "model.py").is_file():
            raise LauncherError(f"{folder} has no {number}/model.py")


def on_disk(folder: Path) -> list[int]:
    """The versions that the model's folder holds, in order."""
    return sorted(
        int(one.name) for one in folder.iterdir() if one.is_dir() and re.fullmatch("[1-9][0-9]*", one.name)
    )


def served(folder: Path) -> list[int]:
    """The versions that the model's configuration asks Triton to serve, in order."""
    policy = repository.read(folder.parent, folder.name).version_policy
    there = on_disk(folder)
    choice = policy.WhichOneof("policy_choice")
    if choice == "all":
        return there
    if choice == "specific":
        return [number for number in there if number in policy.specific.versions]
    return there[-max(1, policy.latest.num_versions) :]


def _current(folder: Path, server: Server | None) -> list[int]:
    """The versions that serve: a running server knows, else the configuration says."""
    ready = [number for number, state in _states(folder, server).items() if state.state == "READY"]
    return sorted(set(ready) & set(on_disk(folder))) or served(folder)


def _states(folder: Path, server: Server | None) -> dict[int, http.ModelState]:
    """How the running server has each version that it was ever asked to load."""
    if server is None:
        return {}
    try:
        listed = http.models(server.http)
    except http.HttpError as error:
        raise LauncherError(f"Triton at {server.http} does not answer: {error}") from error
    return {int(one.version): one for one in listed if one.name == folder.name and one.version}


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


def parameters_of(folder: Path, number: int) -> dict[str, str]:
    """The version's own parameters.

    Raises:
        LauncherError: its file cannot be read.
    """
    path = folder / str(number) / PARAMETERS
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise LauncherError(f"{path} is no JSON object: {error}") from error


def install(folder: Path, parameters: Mapping[str, str], base: int | None = None) -> int:
    """Write a new version beside the others; it is not served yet.

    Args:
        folder: the model's.
        parameters: in which it differs from `base`. A "model" that is a folder is copied into the version,
            so that nothing which happens to it later changes the version.
        base: the version whose files it takes over; by default the default one.

    Returns:
        Its number, the next after the highest.

    Raises:
        LauncherError: there is nothing to begin with, or it cannot be written.
    """
    there = on_disk(folder)
    if not there:
        raise LauncherError(f"{folder} has no version to take model.py from")
    base = base or max(served(folder), default=there[-1])
    number = there[-1] + 1
    inherited = parameters_of(folder, base)
    own = {**inherited, **parameters}
    source = Path(parameters.get("model", "")).expanduser()
    copied = {Path(inherited["model"]).name} if "/" in inherited.get("model", "") else set()
    target, hidden = folder / str(number), folder / f".{number}"
    try:
        shutil.rmtree(hidden, ignore_errors=True)
        shutil.copytree(
            folder / str(base), hidden, ignore=shutil.ignore_patterns("__pycache__", PARAMETERS, *copied)
        )
        if "model" in parameters and source.is_dir():
            inside = source.resolve().name
            shutil.copytree(source, hidden / inside)
            own["model"] = f"{number}/{inside}"
            if "revision" in own and "revision" not in parameters:
                del own["revision"]
        elif "model" not in parameters and copied:
            own["model"] = inherited["model"]  # the base's own copy
        (hidden / PARAMETERS).write_text(json.dumps(own, indent=2) + "\n", encoding="utf-8")
        os.utime(hidden)
        # "The latest" would be this one at the next start, promoted or not.
        config = folder / "config.pbtxt"
        _write_config(folder, with_policy(config.read_text(encoding="utf-8"), served(folder)))
        hidden.rename(target)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise LauncherError(f"cannot write {target}: {error.strerror or error}") from error
    return number


def remove(folder: Path, number: int) -> None:
    """Delete a version that is not served."""
    shutil.rmtree(folder / str(number), ignore_errors=True)


def promote(
    folder: Path, number: int, server: Server | None, *, alone: bool = False, seconds: float = 300.0
) -> list[int]:
    """Make a version the default; the default until now stays beside it if it is a lower one.

    Args:
        folder: the model's.
        number: the version.
        server: the one that runs; None changes the configuration only.
        alone: serve no other version.
        seconds: it may take to load.

    Returns:
        What is served now.

    Raises:
        LauncherError: there is no such version, or it does not load; then all is as it was before.
    """
    before = _current(folder, server)
    kept = [max(before)] if before and max(before) < number and not alone else []
    return serve(folder, [*kept, number], server, "promote", seconds)


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
    folder: Path, numbers: Iterable[int], server: Server | None, action: str, seconds: float = 300.0
) -> list[int]:
    """Serve exactly these versions, each proven by a real inference; the highest is the default.

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
    _write_config(folder, with_policy(text, wanted))
    if server:
        try:
            _load(server, folder.name, wanted, seconds)
        except http.HttpError as error:
            failed = error.versions if isinstance(error, _NotServing) else wanted
            _write_config(folder, text)
            with contextlib.suppress(http.HttpError):
                _load(server, folder.name, before, seconds)
            raise LauncherError(
                f"{folder.name} {_listed(failed)} did not load: {http.first_line(str(error))} "
                f"({_what_became(server, folder.name, before, seconds)})"
            ) from error
    _remember(folder, action, before, wanted)
    return wanted


def _listed(numbers: Sequence[int]) -> str:
    return f"version{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _what_became(server: Server, name: str, before: Sequence[int], seconds: float) -> str:
    """Whether what served until now still does: a broken load may take the whole server with it."""
    try:
        for number in before:
            http.probe(server.http, name, str(number), min(_PROOF_SECONDS, seconds))
    except http.HttpError:
        return f"version {number} does not answer any more: stop and start the server"
    return f"{_listed(before)} still {'serve' if len(before) > 1 else 'serves'}"


class _NotServing(http.HttpError):
    """Some versions were not loaded, or do not answer."""

    def __init__(self, error: http.HttpError, versions: Sequence[int]) -> None:
        super().__init__(str(error))
        self.versions = versions


def _load(server: Server, name: str, numbers: Sequence[int], seconds: float) -> None:
    """Load, and ask each version: until here, a model's proof is that it answers.

    Raises:
        http.HttpError: the server does not answer.
        _NotServing: what the server says of the versions that fail.
    """
    until = time.monotonic() + seconds
    loaded = any(one.name == name and one.state == "READY" for one in http.models(server.http))
    override = server.override(name)
    if loaded:
        # What it was started with (another device, other parameters) stays, whatever its file says. And
        # while the policy is all that changes, Triton leaves the versions that stay as they are.
        config = http.call(server.http, f"/v2/models/{name}/config")
        config["version_policy"] = {"specific": {"versions": list(numbers)}}
        override = json.dumps(config)
    try:
        grpc.load(server, name, override, seconds)
    except http.HttpError as error:
        raise _NotServing(error, _not_ready(server, name, numbers)) from error
    for number in numbers:
        _prove(server, name, number, max(1.0, until - time.monotonic()))


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


def with_policy(text: str, numbers: Sequence[int]) -> str:
    """A `config.pbtxt` that asks for exactly these versions, else as it is, comments included.

    Raises:
        LauncherError: its `version_policy` cannot be told from the rest.
    """
    kept = _without_policy(text.replace(f"{_COMMENT}\n", "")).rstrip("\n")
    listed = ", ".join(map(str, numbers))
    changed = f"{kept}\n{_COMMENT}\nversion_policy {{ specific {{ versions: [ {listed} ] }} }}\n"
    try:
        wanted, made = repository.parse(text), repository.parse(changed)
    except ValueError as error:
        raise LauncherError(f"config.pbtxt is no valid model configuration: {error}") from error
    wanted.ClearField("version_policy")
    wanted.version_policy.specific.versions.extend(numbers)
    if made != wanted:
        raise LauncherError(
            "the version_policy of config.pbtxt cannot be changed: write it on a line of its own"
        )
    return changed


def _without_policy(text: str) -> str:
    start = re.search(r"^[ \t]*version_policy\s*:?\s*\{", text, re.MULTILINE)
    if not start:
        return text
    depth, end = 1, start.end()
    while depth and end < len(text):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return text[: start.start()] + text[end:].removeprefix("\n")


def history_file(folder: Path) -> Path:
    """Where it is kept which versions were served when."""
    return folder.with_name(f"{folder.name}.versions.json")


def _history(folder: Path) -> dict[str, Any]:
    try:
        read = json.loads(history_file(folder).read_text(encoding="utf-8"))
        return {"previous": list(read["previous"]), "log": list(read["log"])}
    except FileNotFoundError:
        return {"previous": [], "log": []}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LauncherError(
            f"{history_file(folder)} cannot be read: {error}; remove it to begin anew"
        ) from error


def previous(folder: Path) -> list[int]:
    """What a rollback would serve; empty when there is nothing before."""
    states = _usable(_history(folder), folder)
    return list(states[-1]) if states else []


def _usable(history: dict[str, Any], folder: Path) -> list[list[int]]:
    """The earlier states whose versions are still there."""
    there = set(on_disk(folder))
    return [state for state in history["previous"] if there.issuperset(state)]


def _remember(folder: Path, action: str, before: Sequence[int], now: Sequence[int]) -> None:
    history = _history(folder)
    history["previous"] = _usable(history, folder)
    if action == "rollback":
        history["previous"].pop()
    elif list(before) != list(now):
        history["previous"].append(list(before))
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    history["log"].append({"time": at, "action": action, "served": list(now)})
    _write(history_file(folder), json.dumps(history, indent=1) + "\n")


def _write_config(folder: Path, text: str) -> None:
    """Change the policy on disk behind Triton's back: it is told when it is to load, and what."""
    path = folder / "config.pbtxt"
    _write(path, text, path.stat().st_mtime_ns)


def _write(path: Path, text: str, modified: int | None = None) -> None:
    """Replace a file as a whole: Triton may read it at any moment."""
    hidden = path.with_name(f".{path.name}")
    try:
        hidden.write_text(text, encoding="utf-8")
        if modified is not None:
            os.utime(hidden, ns=(modified, modified))
        hidden.replace(path)
    except OSError as error:
        raise LauncherError(f"cannot write {path}: {error.strerror or error}") from error
