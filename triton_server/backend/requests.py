"""Requests and answers as plain arrays, and the readers that every model shares."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


class BadRequest(Exception):  # noqa: N818  (as HTTP names it)
    """The request's own fault; the text is one line for its sender."""


class Cancelled(Exception):  # noqa: N818  (as gRPC names it)
    """Whoever asked waits no longer."""

    def __init__(self) -> None:
        super().__init__("the request was cancelled")


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an `execute`: rows × whatever each input has."""

    inputs: Mapping[str, np.ndarray[Any, Any]]
    """By name; BYTES are object arrays of `bytes`. Absent optional inputs are absent."""
    outputs: frozenset[str] = field(default_factory=frozenset)
    """The outputs asked for; empty for all."""
    is_cancelled: Callable[[], bool] = field(default=lambda: False, compare=False)
    """Whether whoever asked has gone: an answer need not be worked out."""


Answer = dict[str, np.ndarray[Any, Any]]
"""The outputs by name."""


class Backend(Protocol):
    """A loaded model that answers all requests of an `execute` together."""

    def answer(self, requests: Sequence[Request]) -> list[Answer | Exception]:
        """One answer, or what was wrong, for each request, in order. Never raises."""
        ...


class StreamsAnswers(Protocol):
    """A loaded model that sends its answers in pieces."""

    def stream(
        self, requests: Sequence[Request], send: Callable[[int, Answer, bool], bool]
    ) -> list[Exception | None]:
        """Call `send` with a request's index, a piece, and whether it is the last; it says whether to go on.

        Returns:
            What was wrong with each request, if anything. Never raises.
        """
        ...


class AnswersEach(Protocol):
    """A loaded model that waits for other models, and answers each request when they have answered it."""

    async def answer(self, request: Request) -> Answer | Exception:
        """The answer, or what was wrong. Never raises."""
        ...


Infer = Callable[[Mapping[str, "np.ndarray[Any, Any]"]], Awaitable[Mapping[str, "np.ndarray[Any, Any]"]]]
"""Asks another model of the server: its inputs by name to its outputs; raises `TaggerError`."""


class TaggerError(Exception):
    """Another model of the server did not answer; the text is one line that names it."""


def texts(request: Request, name: str, most_characters: int) -> list[str]:
    """The rows of a BYTES input of shape [rows, 1] as strings.

    Raises:
        BadRequest: another shape, bytes that are no UTF-8, or too many of them.
    """
    tensor = request.inputs[name]
    if tensor.ndim != 2 or tensor.shape[1] != 1:
        raise BadRequest(f"{name} must have the shape [rows, 1], not {list(tensor.shape)}")
    rows = []
    for i, value in enumerate(tensor[:, 0].tolist()):
        try:
            row = value.decode() if isinstance(value, bytes) else str(value)
        except UnicodeDecodeError as error:
            raise BadRequest(
                f"{name} of row {i} is not UTF-8: byte 0x{value[error.start]:02x} at {error.start}"
            ) from error
        if len(row) > most_characters:
            raise BadRequest(
                f"{name} of row {i} has {len(row):,} characters; at most {most_characters:,} are taken"
            )
        rows.append(row)
    return rows


def numbers(
    request: Request, name: str, rows: int, least: float = -math.inf, most: float = math.inf
) -> list[float] | None:
    """The rows of an optional FP32 input of shape [rows, 1], or None when it is absent.

    Raises:
        BadRequest: another shape, or a value that is no finite number from `least` to `most`.
    """
    tensor = request.inputs.get(name)
    if tensor is None:
        return None
    if tensor.shape != (rows, 1):
        raise BadRequest(f"{name} must have the shape [{rows}, 1], not {list(tensor.shape)}")
    if not np.isfinite(tensor).all():
        raise BadRequest(f"{name} must be a finite number in every row")
    values = [float(value) for value in tensor[:, 0]]
    for value in values:
        if not least <= value <= most:
            raise BadRequest(f"{name} is {value:g}; it must be from {least:g} to {most:g}")
    return values


def strings(rows: Sequence[str]) -> np.ndarray[Any, Any]:
    """A BYTES output of shape [rows, 1]."""
    return np.array([[row.encode()] for row in rows], dtype=np.object_).reshape(len(rows), 1)


def padded(rows: Sequence[Sequence[float]]) -> np.ndarray[Any, Any]:
    """An FP32 output of shape [rows, longest], short rows filled up with 0."""
    tensor = np.zeros((len(rows), max(map(len, rows), default=0)), dtype=np.float32)
    for i, row in enumerate(rows):
        tensor[i, : len(row)] = row
    return tensor
