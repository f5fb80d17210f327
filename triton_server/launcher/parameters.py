"""Which parameters a model takes, so that one that would mean nothing is refused before it is written.

A model of one's own (its `model.py` reads what it wants) takes those that its `config.pbtxt` has.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from triton_server.backend.gector import THRESHOLDS
from triton_server.backend.tasks.backend import defaults_of
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.backend.tasks.source import Dtype, LoadError
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_SOURCE = ("model", "revision", "dtype", "offline", "cache", "threads")
"""What `backend.tasks.source` reads."""


def check(config: Any, parameters: Mapping[str, str]) -> None:
    """Hold parameters against what a model takes.

    Args:
        config: the model's, as `repository.read` gives it.
        parameters: new values by name.

    Raises:
        LauncherError: a name is unknown, or a value is none that it can have; the line names those that are.
    """
    known = known_parameters(config)
    for name, value in parameters.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            guess = f"did you mean {near[0]}? It" if near else "it"
            raise LauncherError(
                f"{config.name} has no parameter {name}; {guess} takes {', '.join(sorted(known))}"
            )
        if problem := _problem(config, name, value):
            raise LauncherError(f"{config.name}: parameter {name} {problem}, not {value!r}")


def known_parameters(config: Any) -> set[str]:
    """The names of the parameters that a model takes."""
    known = set(config.parameters)
    if "task" in known:
        contract = CONTRACTS.get(config.parameters["task"].string_value)
        optional = [one.name for one in contract.inputs if not one.required] if contract else []
        known |= {*_OF_SOURCE, "trust_remote_code", *(f"default_{name}" for name in optional)}
    elif _is_tagger(config):
        known |= {"model", "threads", *THRESHOLDS}
    return known - {"task", "requirements"}


def _is_tagger(config: Any) -> bool:
    """Whether it is a grammar model of ours, whose requests may have thresholds of their own."""
    return {"words", *THRESHOLDS} <= {one.name for one in config.input}


def _problem(config: Any, name: str, value: str) -> str:
    """What a value must be, if it is something else."""
    if name == "threads":
        return "" if value.isdecimal() or not value else "must be a whole number, 0 or more"
    if name == "dtype":
        return "" if value in get_args(Dtype) or not value else f"must be one of {', '.join(get_args(Dtype))}"
    if name in ("offline", "trust_remote_code"):
        return "" if value.lower() in ("true", "false", "") else "must be true or false"
    if name == "tagger_version":
        return "" if value.isdecimal() or not value else "must be the number of a version"
    if name in THRESHOLDS and _is_tagger(config):
        low, high = THRESHOLDS[name]
        return "" if _is_between(value, low, high) else f"must be a number between {low:g} and {high:g}"
    if name.startswith("default_") and "task" in config.parameters:
        contract = CONTRACTS.get(config.parameters["task"].string_value)
        try:
            if contract:
                defaults_of(contract, {name: value})
        except LoadError as error:
            return f"cannot be that ({error})"
    return ""


def _is_between(value: str, low: float, high: float) -> bool:
    try:
        return low <= float(value) <= high
    except ValueError:
        return False
