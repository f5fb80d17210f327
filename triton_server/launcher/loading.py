"""Loading a model on a running server, as its files are now and `start` was told of it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format  # type: ignore[import-untyped]

from triton_server.launcher import grpc, http, profiles, repository
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from triton_server.launcher.profiles import Profile
    from triton_server.launcher.server import Server


def load(server: Server, name: str, config: str | None, seconds: float) -> None:
    """Load a model, so that no client waits for it.

    Triton's HTTP interface loads in one of the few threads that answer its clients: those who share it wait
    until the model is loaded. Over gRPC a load has a thread of its own. Where that interface cannot be used,
    the model is loaded over HTTP after all.

    Args:
        server: the one that runs.
        name: the model's.
        config: JSON in place of its `config.pbtxt`, when given.
        seconds: it may take.

    Raises:
        http.HttpError: why it cannot be loaded, in Triton's words.
    """
    try:
        grpc.load(server.grpc, name, config, seconds)
    except grpc.Unusable:
        http.load(server.http, name, config, seconds)


def reload(server: Server, name: str, seconds: float) -> None:
    """Load a model again as its files are now and `start` was told of it, without a gap.

    Triton keeps a model whose files and configuration are what they were as it is, though a process of it has
    died or there are new weights in another folder: so a parameter makes its configuration another.

    Raises:
        http.HttpError: why it cannot be loaded; then what served until now does so still.
        LauncherError: its config.pbtxt is broken.
    """
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    load(server, name, config_of(server, name, reloaded=now), seconds)


def with_versions(config: str, numbers: Sequence[int]) -> str:
    """A configuration, as JSON, that asks for exactly these versions.

    Ask for one new version at a time: when one of several fails, Triton gives up those that it has just
    loaded, and 2.51 may crash over it (it then looks for the instance in a list that is empty for a moment).
    """
    return json.dumps(json.loads(config) | {"version_policy": {"specific": {"versions": list(numbers)}}})


def as_json(config: Any) -> str:
    """A configuration, as `repository.read` gives it, in the form in which Triton takes one with a load."""
    return str(json_format.MessageToJson(config, preserving_proto_field_name=True, indent=None))


def states(server: Server) -> dict[str, list[http.ModelState]]:
    """How the server has each version of each model of its repositories, by model.

    Raises:
        LauncherError: it does not answer.
    """
    found: dict[str, list[http.ModelState]] = {}
    try:
        for one in http.models(server.http):
            found.setdefault(one.name, []).append(one)
    except http.HttpError as error:
        raise LauncherError(f"Triton at {server.http} does not answer: {error}") from error
    return found


def config_of(server: Server, name: str, **parameters: str) -> str | None:
    """The configuration of a model as its file is now, but with what `start` was told of it, as JSON.

    Args:
        server: the one that runs.
        name: the model's.
        parameters: that are to be changed besides.

    Returns:
        None where the server has no such model.

    Raises:
        LauncherError: the file is broken.
    """
    home = repository.homes([Path(folder) for folder in server.repositories]).get(name)
    if home is None:
        return None
    config = repository.read(home, name)
    if name in server.models:
        told = {**server.parameters.get(name, {}), **parameters}
        changed = override(config, told, server.device, server.profile)
    else:
        changed = override(config, parameters)
    return changed or as_json(config)


def override(
    config: Any,
    parameters: Mapping[str, str],
    device: str | None = None,
    profile: Profile | None = None,
) -> str | None:
    """The configuration of a model as JSON with some things changed, or None when nothing is.

    Args:
        config: as `repository.read` gives it; it is changed too.
        parameters: new values for its parameters.
        device: "cpu" or "cuda" for every instance group; None leaves them.
        profile: how it is served; None leaves that.
    """
    if not parameters and device is None and profile is None:
        return None
    if profile is not None:
        profiles.apply(config, profile)
    for key, value in parameters.items():
        config.parameters[key].string_value = value
    if device is not None:
        groups = config.instance_group or [config.instance_group.add(count=1)]
        for group in groups:
            group.kind = group.KIND_GPU if device == "cuda" else group.KIND_CPU
            if device == "cpu":
                del group.gpus[:]  # Triton refuses an instance that is on both
    return as_json(config)
