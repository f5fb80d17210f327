"""Requests to rows and answers to tensors, the same for every task, as its contract says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from triton_server.backend.requests import Answer, BadRequest, Request, numbers, texts
from triton_server.backend.tasks.contract import MOST_CHARACTERS
from triton_server.backend.tasks.hub import one_line
from triton_server.backend.tasks.source import LoadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from triton_server.backend.tasks.contract import Contract, Input, Output

Row = dict[str, Any]
"""A row's values by the names of inputs, or of outputs. An absent optional input has its default."""


Run = Callable[[Sequence[Row]], list[Row | Exception]]
"""A task: all rows at once, one answer (or what is wrong with the row) for each, in order. May raise, when
none of the rows can be answered."""


class RunStreaming(Protocol):
    """A task that can tell pieces of its answers while it runs."""

    def __call__(
        self, rows: Sequence[Row], tell: Callable[[int, Row], bool] | None = None
    ) -> list[Row | Exception]:
        """`tell` takes the row's index and a piece, and says whether anyone still listens."""
        ...


class TaskBackend:
    """A task that answers the requests of an `execute` together (a `requests.Backend`)."""

    def __init__(self, contract: Contract, run: Run, defaults: Mapping[str, Any]) -> None:
        """Take the task, and the values of optional inputs that a request leaves out."""
        self._contract = contract
        self._run = run
        self._defaults = defaults

    def answer(self, requests: Sequence[Request]) -> list[Answer | Exception]:
        """One answer, or what was wrong, for each request, in order; all good rows are run at once."""
        read = [self.read(request) for request in requests]
        rows = [row for one in read if not isinstance(one, Exception) for row in one]
        try:
            results = iter(self._run(rows) if rows else [])
        except Exception as error:
            if len(requests) == 1:
                return [_failed(error)]
            return [self.answer([request])[0] for request in requests]  # the others are not to suffer
        return [
            one
            if isinstance(one, Exception)
            else packed(self._contract.outputs, [next(results) for _ in range(len(one))])
            for one in read
        ]

    def read(self, request: Request) -> list[Row] | BadRequest:
        """The rows of a request, or what is wrong with it."""
        try:
            return read_rows(self._contract, request, self._defaults)
        except BadRequest as error:
            return error

    def warm_up(self) -> None:
        """Answer the samples once, so that the first request does not pay for what is done once."""
        self._run([dict(self._defaults) | sample for sample in self._contract.samples])


class StreamingBackend(TaskBackend):
    """A task that sends its answers in pieces; a request has one row."""

    def __init__(self, contract: Contract, run: RunStreaming, defaults: Mapping[str, Any]) -> None:
        """Take the task, and the values of optional inputs that a request leaves out."""
        super().__init__(contract, run, defaults)
        self._run_streaming = run

    def stream(
        self, requests: Sequence[Request], send: Callable[[int, Answer, bool], bool]
    ) -> list[Exception | None]:
        """Send pieces while they are made; all good rows are run at once.

        Args:
            requests: of one row each.
            send: takes a request's index, a piece, and whether it is the last; says whether to go on.

        Returns:
            What was wrong with each request, if anything.
        """
        read = [self.read(request) for request in requests]
        problems: list[Exception | None] = [
            one
            if isinstance(one, Exception)
            else None
            if len(one) == 1
            else BadRequest(f"a request of {len(one)} rows cannot be streamed: send one row")
            for one in read
        ]
        good = [index for index, problem in enumerate(problems) if problem is None]
        rows = [
            one[0]
            for one, problem in zip(read, problems, strict=True)
            if problem is None and isinstance(one, list)
        ]

        def tell(place: int, piece: Row) -> bool:
            answer = packed(self._contract.outputs, [piece])
            last = bool(piece["finish_reason"])
            return not isinstance(answer, Exception) and send(good[place], answer, last)

        try:
            results = self._run_streaming(rows, tell) if rows else []
        except Exception as error:
            results = [RuntimeError(f"the model failed: {type(error).__name__}: {one_line(error)}")] * len(
                rows
            )
        for index, result in zip(good, results, strict=True):
            problems[index] = result if isinstance(result, Exception) else None
        return problems


def _failed(error: Exception) -> Exception:
    return RuntimeError(f"the model failed: {type(error).__name__}: {one_line(error)}")


def defaults_of(contract: Contract, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The values of optional inputs: the contract's, or those of parameters `default_<input>`.

    Raises:
        LoadError: a parameter names no optional input, or has a wrong value.
    """
    optional = {one.name: one for one in contract.inputs if not one.required}
    values = {name: one.default for name, one in optional.items()}
    for key, text in parameters.items():
        if not key.startswith("default_"):
            continue
        name = key.removeprefix("default_")
        if name not in optional:
            raise LoadError(
                f"{key}: {contract.task} has no optional input {name}; it has {', '.join(optional)}"
            )
        try:
            values[name] = _checked(optional[name], _parsed(optional[name], text))
        except (ValueError, KeyError) as error:
            raise LoadError(f"{key} takes {optional[name].kind}, not {text!r}") from error
        except BadRequest as error:
            raise LoadError(f"{key}: {error}") from error
    return values


def read_rows(contract: Contract, request: Request, defaults: Mapping[str, Any]) -> list[Row]:
    """A request's rows with all their inputs.

    Raises:
        BadRequest: an empty, huge or non-UTF-8 text, or a parameter that is out of range.
    """
    first = contract.inputs[0]
    rows: list[Row] = [dict(defaults) for _ in range(len(request.inputs[first.name]))]
    for one in contract.inputs:
        for i, value in enumerate(_column(one, request, len(rows))):
            rows[i][one.name] = _checked(one, value, i)
    return rows


def _column(one: Input, request: Request, rows: int) -> Sequence[Any]:
    if one.name not in request.inputs:
        return []
    if one.kind == "BYTES":
        column: Sequence[Any] = texts(request, one.name, MOST_CHARACTERS)
    else:
        column = numbers(request, one.name, rows) or []
    if len(column) != rows:
        raise BadRequest(f"{one.name} has {len(column)} rows and not {rows} as the others")
    return (
        [bool(v) for v in column]
        if one.kind == "BOOL"
        else [int(v) for v in column]
        if one.kind == "INT32"
        else column
    )


def _parsed(one: Input, text: str) -> Any:
    return _PYTHON[one.kind](text)


_PYTHON: dict[str, Callable[[str], Any]] = {
    "BYTES": str,
    "INT32": int,
    "FP32": float,
    "BOOL": lambda text: {"true": True, "false": False}[text.lower()],
}


def _checked(one: Input, value: Any, row: int | None = None) -> Any:
    title = one.name if row is None else f"{one.name} of row {row}"
    if one.required and not value.strip():
        raise BadRequest(f"{title} is empty")
    if one.choices and value not in one.choices:
        raise BadRequest(f"{title} is {value!r} and none of {', '.join(one.choices)}")
    if one.least is not None and value < one.least:
        raise BadRequest(f"{title} is {value:g}; the least is {one.least:g}")
    if one.most is not None and value > one.most:
        raise BadRequest(f"{title} is {value:g}; the most is {one.most:g}")
    return value


def packed(outputs: Sequence[Output], rows: Sequence[Row | Exception]) -> Answer | Exception:
    """The rows of one request as tensors; the first row that failed fails the request, and is named."""
    for i, row in enumerate(rows):
        if isinstance(row, BadRequest):
            return BadRequest(f"row {i}: {row}") if len(rows) > 1 else row
        if isinstance(row, Exception):
            return row
    return {
        one.name: _tensor(one, [row[one.name] for row in rows if isinstance(row, dict)]) for one in outputs
    }


_NUMPY = {"INT32": np.int32, "FP32": np.float32, "BOOL": np.bool_}


def _tensor(output: Output, values: Sequence[Any]) -> np.ndarray[Any, Any]:
    rows = [list(value) if output.ragged else [value] for value in values]
    shape = (len(rows), max(map(len, rows), default=0))
    if output.kind == "BYTES":
        tensor: np.ndarray[Any, Any] = np.full(shape, b"", dtype=np.object_)
        rows = [[value.encode("utf-8", "replace") for value in row] for row in rows]
    else:
        tensor = np.zeros(shape, dtype=_NUMPY[output.kind])
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            tensor[i, j] = value
    return tensor
