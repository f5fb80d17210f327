"""A training's plan: a TOML file that says what is learnt from, in which stages.

model = "gector-distilbert-fp32"        # where it starts; paths are relative to the plan

[options]                               # of all stages: see `train.Options`
device = "cpu"

[[stage]]                               # see `examples.Mix` and `train.Schedule`
sentences = ["clean.txt.xz"]
pairs = ["corrections.tsv"]
rates = "dense"
minutes = 40
decay = 0

[[stage]]
sentences = ["clean.txt.xz"]
pairs = ["corrections.tsv"]
pairs-share = 0.2
minutes = 50
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from triton_server.gector.types import GectorError
from triton_server.training.examples import Mix
from triton_server.training.train import Options, Report, Schedule, train

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_T = TypeVar("_T")
_PATHS = ("sentences", "pairs", "errors", "model")


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a training, with its own data and schedule."""

    mix: Mix
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan file says."""

    stages: tuple[Stage, ...]
    """The first one's model is where it starts; the others' are replaced by the result before them."""
    options: Options


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises:
        GectorError: it cannot be read, or says something that is not known.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GectorError(f"Cannot read the plan {path}: {error}.") from error
    _known(values, ("model", "options", "stage"), path, "the plan")
    stages = values.get("stage")
    if not isinstance(values.get("model"), str) or not isinstance(stages, list) or not stages:
        raise GectorError(f"{path}: a plan names a model, and has at least one [[stage]].")
    options = _made(Options, values.get("options", {}), path, "[options]")
    read = [_stage({**stage, "model": values["model"]}, path) for stage in stages]
    return Plan(tuple(read), options)


def run_plan(plan: Plan, out: Path, report: Callable[[int, Report], None]) -> Path:
    """Train stage after stage; each is kept in a folder of `out`, the last one's model is the result.

    Run again after an interruption, it goes on where it was.

    Args:
        plan: what to do.
        out: holds `stage-1`, `stage-2` and so on.
        report: called with a stage's number, from 1, and how it is doing.

    Returns:
        The folder of the last stage.

    Raises:
        GectorError: as `train` does.
    """
    model = plan.stages[0].mix.model
    for number, stage in enumerate(plan.stages, 1):
        folder = out / f"stage-{number}"
        mix = Mix(**{**_values(stage.mix), "model": model})

        def tell(line: Report, number: int = number) -> None:
            report(number, line)

        model = train(mix, stage.schedule, plan.options, folder, tell)
    return model


def _stage(values: Mapping[str, Any], path: Path) -> Stage:
    names = {field.name for field in fields(Mix)}
    _known(values, [*names, *(field.name for field in fields(Schedule))], path, "[[stage]]")
    mix = {name: value for name, value in values.items() if _name(name) in names}
    schedule = {name: value for name, value in values.items() if _name(name) not in names}
    return Stage(_made(Mix, mix, path, "[[stage]]"), _made(Schedule, schedule, path, "[[stage]]"))


def _made(kind: type[_T], values: Mapping[str, Any], path: Path, where: str) -> _T:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    _known(values, names, path, where)
    read = {_name(name): value for name, value in values.items()}
    for name in _PATHS:
        if name in read:
            read[name] = _paths(read[name], path)
    try:
        return kind(**read)
    except TypeError as error:
        raise GectorError(f"{path}, {where}: {str(error).partition(') ')[2] or error}.") from error


def _paths(value: Any, path: Path) -> Any:
    if isinstance(value, str):
        return path.parent / value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(path.parent / one for one in value)
    raise GectorError(f"{path}: expected paths, found {value!r}.")


def _known(values: Any, names: Iterable[str], path: Path, where: str) -> None:
    """See that a table has nothing but these names.

    Raises:
        GectorError: it has, or is no table.
    """
    if not isinstance(values, dict):
        raise GectorError(f"{path}: {where} is not a table.")
    known = [name.replace("_", "-") for name in names]
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}."
            raise GectorError(f"{path}, {where}: {name} is not known: {hint}")


def _name(key: str) -> str:
    return key.replace("-", "_")


def _values(mix: Mix) -> dict[str, Any]:
    return {field.name: getattr(mix, field.name) for field in fields(mix)}
