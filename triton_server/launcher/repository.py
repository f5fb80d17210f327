"""Model repositories: folders of `<name>/config.pbtxt` and `<name>/<version>/model.py`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import text_format  # type: ignore[import-untyped]
from tritonclient.grpc import model_config_pb2  # type: ignore[import-untyped]

from triton_server.backend import parameters
from triton_server.backend.tasks.source import LoadError
from triton_server.launcher.errors import LauncherError, why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from triton_server.launcher.places import Places

SHIPPED = Path(__file__).resolve().parent.parent / "model_repository"
"""The repository that comes with the package."""
DEFAULT_MODEL = "gector_distilbert"


def shipped_copy(places: Places) -> Path:
    """Where a server reads the shipped models: versions come and go, and the package stays as it is."""
    return places.state / "shipped"


def lay_out(places: Places) -> Path:
    """Copy the shipped models (a few kilobytes), except those that the user's own repository has.

    Returns:
        The copy.

    Raises:
        LauncherError: it cannot be written.
    """
    copy = shipped_copy(places)
    try:
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(parents=True)
        for name in names(SHIPPED):
            if not (places.models / name).exists():
                shutil.copytree(SHIPPED / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    except OSError as error:
        raise LauncherError(f"cannot copy the shipped models to {copy}: {why(error)}") from error
    return copy


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
    """In which repository each model is; the first counts. Any of them may be empty or missing."""
    found: dict[str, Path] = {}
    for folder in folders:
        for config in sorted(folder.glob("*/config.pbtxt")):
            found.setdefault(config.parent.name, folder)
    return found


def home_of(homes: Mapping[str, Path], name: str) -> Path:
    """The repository that has the model.

    Raises:
        LauncherError: none has.
    """
    if name not in homes:
        raise LauncherError(f"there is no model {name}; there are {', '.join(sorted(homes))}")
    return homes[name]


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


def read_all(homes: Mapping[str, Path], wanted: Sequence[str]) -> dict[str, Any]:
    """The configurations of models, each after the one that it asks (parameter "tagger").

    Args:
        homes: in which repository each model is.
        wanted: their names; those that they ask are added.

    Raises:
        LauncherError: there is no such model, or its file is broken.
    """
    configs: dict[str, Any] = {}
    for name in wanted:
        config = read(home_of(homes, name), name)
        asked = config.parameters["tagger"].string_value if "tagger" in config.parameters else ""
        if asked and asked not in homes:
            raise LauncherError(
                f"{name} asks {asked}, and there is no such model: add it, or change `tagger`"
            )
        if asked and asked not in configs:
            configs[asked] = read(homes[asked], asked)
        configs.setdefault(name, config)
    return configs


def asked_by(config: Any) -> list[str]:
    """The models that this one asks: a pipeline its tagger, an ensemble those that it consists of."""
    tagger = config.parameters["tagger"].string_value if "tagger" in config.parameters else ""
    return [one for one in (tagger, *(step.model_name for step in config.ensemble_scheduling.step)) if one]


def check_parameters(config: Any, given: Mapping[str, str], *, of_version: bool = False) -> None:
    """Whether a model takes these parameters, in place of those of its configuration or for one version.

    Raises:
        LauncherError: one is unknown, or cannot have its value.
    """
    declared = {key: one.string_value for key, one in config.parameters.items()}
    try:
        parameters.check(given, declared, of_version=of_version)
    except LoadError as error:
        raise LauncherError(f"{config.name}: {error}") from error


def requirements(config: Any) -> list[str]:
    """What the model needs installed beside the base: its parameter "requirements", separated by commas."""
    listed = config.parameters["requirements"].string_value if "requirements" in config.parameters else ""
    return [group.strip() for group in listed.split(",") if group.strip()]


def is_on_gpu(config: Any) -> bool:
    """Whether an instance of it runs on a GPU."""
    return any(group.kind == group.KIND_GPU for group in config.instance_group)
