"""Model repositories: folders of `<name>/config.pbtxt` and `<name>/<version>/model.py`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format, text_format  # type: ignore[import-untyped]
from tritonclient.grpc import model_config_pb2  # type: ignore[import-untyped]

from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHIPPED = Path(__file__).resolve().parent.parent / "model_repository"
"""The repository that comes with the package."""
DEFAULT_MODEL = "gector_distilbert"


def names(repository: Path) -> list[str]:
    """The models of a repository.

    Raises:
        LauncherError: there is no such folder, or no model in it.
    """
    if not repository.is_dir():
        raise LauncherError(f"there is no model repository at {repository}")
    found = sorted(config.parent.name for config in repository.glob("*/config.pbtxt"))
    if not found:
        raise LauncherError(f"{repository} holds no model (a folder with a config.pbtxt)")
    return found


def homes(folders: Sequence[Path]) -> dict[str, Path]:
    """In which repository each model is; the first counts. All but the first may be empty or missing.

    Raises:
        LauncherError: the first is no repository with models.
    """
    first, *others = folders
    found = dict.fromkeys(names(first), first)
    for folder in others:
        for config in sorted(folder.glob("*/config.pbtxt")):
            found.setdefault(config.parent.name, folder)
    return found


def parse(text: str) -> Any:
    """A `config.pbtxt` as Triton's own message `inference.ModelConfig`.

    Raises:
        ValueError: it is not one; the message has line and column.
    """
    try:
        return text_format.Parse(text, model_config_pb2.ModelConfig())
    except text_format.ParseError as error:
        raise ValueError(str(error)) from error


def read(repository: Path, name: str) -> Any:
    """The configuration of a model as `inference.ModelConfig`.

    Raises:
        LauncherError: there is no such model, or its file is broken.
    """
    if name not in names(repository):
        raise LauncherError(f"{repository} has no model {name}; it has {', '.join(names(repository))}")
    path = repository / name / "config.pbtxt"
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise LauncherError(f"{path} is no valid model configuration: {error}") from error


def requirements(config: Any) -> list[str]:
    """What the model needs installed beside the base: its parameter "requirements", separated by commas."""
    listed = config.parameters["requirements"].string_value if "requirements" in config.parameters else ""
    return [group.strip() for group in listed.split(",") if group.strip()]


def override(config: Any, parameters: Mapping[str, str], device: str | None = None) -> str | None:
    """The configuration as JSON with some things changed, or None when nothing is.

    Args:
        config: as `read` gives it; it is changed too.
        parameters: new values for its parameters.
        device: "cpu" or "gpu" for every instance group; None leaves them.
    """
    if not parameters and device is None:
        return None
    for key, value in parameters.items():
        config.parameters[key].string_value = value
    if device is not None:
        groups = config.instance_group or [config.instance_group.add(count=1)]
        for group in groups:
            group.kind = model_config_pb2.ModelInstanceGroup.Kind.Value(f"KIND_{device.upper()}")
    return str(json_format.MessageToJson(config, preserving_proto_field_name=True, indent=None))
