"""Versions of a model on disk: installed, chosen to be served, remembered.

A version is a folder `<model>/<number>/` with its own `model.py` and, where it differs from what
`config.pbtxt` says, its own parameters in `<number>/parameters.json` (read by `backend.adapter`). Which are
served is the `version_policy` of `config.pbtxt`; a request that names no version gets the highest of them,
that is Triton's rule. So to choose the default is to choose what is served: see `promotion`.

What was served before is kept in `<model>.versions.json` beside the model's folder: if a file inside looked
changed, Triton would load all versions anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.launcher import repository
from triton_server.launcher.errors import LauncherError, why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from triton_server.launcher.places import Places
    from triton_server.launcher.server import Server

PARAMETERS = "parameters.json"

_COMMENT = (
    "# Written by `grammared triton promote`, `pin` and `rollback`: the highest of these is the default."
)


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
    there = folders(places, server, given)
    for folder in there:
        if (folder / name / "config.pbtxt").is_file():
            return folder / name
    raise LauncherError(f"there is no model {name} in {' or '.join(map(str, there))}")


def folders(places: Places, server: Server | None, given: Path | None = None) -> list[Path]:
    """The repositories to look in, the first that has a model counts; arguments as of `home`."""
    if given:
        return [given]
    return [Path(folder) for folder in server.repositories] if server else [places.models, repository.SHIPPED]


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
        raise LauncherError(f"cannot write {target}: {why(error)}") from error
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


def check_parameters(folder: Path, own: Mapping[str, str]) -> None:
    """Whether a version of the model can have these parameters of its own.

    Raises:
        LauncherError: one is unknown, or cannot have its value.
    """
    repository.check_parameters(repository.read(folder.parent, folder.name), own, of_version=True)


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
        write_config(folder, with_policy(config.read_text(encoding="utf-8"), served(folder)))
        hidden.rename(target)
    except OSError as error:
        shutil.rmtree(hidden, ignore_errors=True)
        raise LauncherError(f"cannot write {target}: {why(error)}") from error
    return number


def remove(folder: Path, number: int) -> None:
    """Delete a version that is not served."""
    shutil.rmtree(folder / str(number), ignore_errors=True)


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


def remember(folder: Path, action: str, before: Sequence[int], now: Sequence[int]) -> None:
    """Keep what was served before the last change, and that it was changed.

    Args:
        folder: the model's.
        action: "promote", "pin" or "rollback".
        before: what was served until now.
        now: what is.

    Raises:
        LauncherError: what was kept before cannot be read, or it cannot be written.
    """
    history = _history(folder)
    history["previous"] = _usable(history, folder)
    if action == "rollback":
        history["previous"].pop()
    elif list(before) != list(now):
        history["previous"].append(list(before))
    at = datetime.now(timezone.utc).isoformat(timespec="seconds")
    history["log"].append({"time": at, "action": action, "served": list(now)})
    _write(history_file(folder), json.dumps(history, indent=1) + "\n")


def write_config(folder: Path, text: str) -> None:
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
        raise LauncherError(f"cannot write {path}: {why(error)}") from error
