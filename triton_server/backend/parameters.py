"""The parameters that a model takes, and which values they can have.

Those of `config.pbtxt` are of the model; those in `<version>/parameters.json` of a version, and count first.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, get_args

from triton_server.backend.tasks.backend import defaults_of
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.backend.tasks.source import Dtype, LoadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from triton_server.gector.types import Decoding

THRESHOLDS = {
    "keep_confidence": (-1.0, 1.0, "Bias towards leaving a word alone, -1 to 1; empty for the model's own."),
    "min_error_prob": (0.0, 1.0, "What is less sure to be an error is left alone, 0 to 1; empty: as above."),
    "max_passes": (1.0, 20.0, "How often a sentence is corrected at most, 1 to 20; empty: as above."),
}
"""Of a grammar model, in place of what was measured for it, whatever the strictness: least, most, meaning."""
_FLAGS = frozenset({"offline", "trust_remote_code"})
_WHOLE = frozenset({"threads", "tagger_version", "max_passes"})
_FIXED = frozenset({"task", "requirements"})
"""They decide which tensors there are and what is installed: of a model, not of one of its versions."""


def known(declared: Iterable[str], task: str) -> list[str]:
    """The parameters that a model takes, sorted: those in its `config.pbtxt`, and what its task knows."""
    contract = CONTRACTS.get(task)
    defaults = [f"default_{one.name}" for one in contract.inputs if not one.required] if contract else []
    thresholds = THRESHOLDS if task == "gector" else {}
    return sorted({*declared, *thresholds, *defaults})


def check(given: Mapping[str, str], declared: Mapping[str, str], *, of_version: bool = False) -> None:
    """Whether a model takes these parameters.

    Args:
        given: what is to be set.
        declared: those of its `config.pbtxt`.
        of_version: whether they are for one version of it.

    Raises:
        LoadError: one is unknown, or cannot have its value.
    """
    task = declared.get("task", "")
    for name, value in given.items():
        taken = [one for one in known(declared, task) if not (of_version and one in _FIXED)]
        if name not in taken:
            near = get_close_matches(name, taken, 1)
            guess = f"did you mean {near[0]}? There" if near else "there"
            raise LoadError(f"there is no parameter {name}; {guess} are {', '.join(taken)}")
        _check_value(name, value)
    if task in CONTRACTS:
        defaults_of(CONTRACTS[task], given)


def _check_value(name: str, value: str) -> None:
    if name in THRESHOLDS and value:
        _threshold(name, value)
    elif name in _WHOLE and value and not (value.isascii() and value.isdigit()):
        raise LoadError(f"{name} is {value!r}; it must be a whole number, 0 or more")
    elif name == "dtype" and value and value not in get_args(Dtype):
        raise LoadError(f"dtype {value} is none of {', '.join(get_args(Dtype))}")
    elif name in _FLAGS and value.lower() not in {"", "true", "false"}:
        raise LoadError(f"{name} must be true or false, not {value}")


def _threshold(name: str, value: str) -> float:
    least, most, _ = THRESHOLDS[name]
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not least <= number <= most or (name in _WHOLE and number != int(number)):
        whole = "whole " if name in _WHOLE else ""
        raise LoadError(f"{name} is {value!r}; it must be a {whole}number from {least:g} to {most:g}")
    return number


def with_thresholds(decoding: Decoding, parameters: Mapping[str, str]) -> Decoding:
    """A model's thresholds, but for those that its parameters set.

    Raises:
        LoadError: one is out of its range.
    """
    own = thresholds(parameters)
    if "max_passes" in own:
        decoding = replace(decoding, max_passes=int(own["max_passes"]))
    return replace(
        decoding,
        keep_confidence=own.get("keep_confidence", decoding.keep_confidence),
        min_error_prob=own.get("min_error_prob", decoding.min_error_prob),
    )


def thresholds(parameters: Mapping[str, str]) -> dict[str, float]:
    """The thresholds that parameters set, by name.

    Raises:
        LoadError: one is out of its range.
    """
    return {name: _threshold(name, parameters[name]) for name in THRESHOLDS if parameters.get(name)}
