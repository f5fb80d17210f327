"""What models are asked while they are compared, and how alike two answers are."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from triton_server.backend.requests import BadRequest, Request
from triton_server.backend.tasks.backend import defaults_of, read_rows
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.launcher.errors import LauncherError
from triton_server.segmentation.sentences import sentences_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from triton_server.backend.requests import Answer

SENTENCES = Path(__file__).parent / "sample.txt"
"""Sentences with and without mistakes, one a line."""
GENERATED = 24
"""So many sentences are enough for a model that generates: an answer may take it seconds."""
_QUESTIONS = ("Who is it about?", "What happened?", "Where was it?", "When was it?")
_PASSAGE = 4
"""Sentences of a text that is asked about."""
_DTYPES = {"BYTES": np.object_, "INT32": np.int32, "FP32": np.float32, "BOOL": np.bool_}
_CLOSE = 0.05
"""How far two numbers may be apart that a custom model says, as a share of the largest in the answer."""


def requests(task: str, path: Path | None = None) -> list[Request]:
    """Requests of one row each, with inputs for the task.

    Args:
        task: "gector", or one of `CONTRACTS`.
        path: plain text, whose sentences are asked; or with the ending `.jsonl` a request's inputs in each
            line, as {"question": …, "context": …}. None for sentences that come with the package.

    Raises:
        LauncherError: the file cannot be read, a line is no such object, or there is nothing in it.
    """
    is_json = path is not None and path.suffix == ".jsonl" and task != "gector"
    rows = _own(task, path) if path and is_json else _of_text(task, path or SENTENCES)
    if not rows:
        raise LauncherError(f"{path} holds nothing to compare answers with: sentences of four words or more")
    return rows


def _of_text(task: str, path: Path) -> list[Request]:
    sentences = _sentences(path)
    if task == "gector":
        return [_request({"words": json.dumps(words)}) for _, words in sentences]
    texts = [text for text, _ in sentences]
    if task == "question-answering":
        passages = [" ".join(texts[i : i + _PASSAGE]) for i in range(0, len(texts), _PASSAGE)]
        return [_request({"question": q, "context": passage}) for passage in passages for q in _QUESTIONS]
    return [_request({"text": text}) for text in texts[: GENERATED if task == "text-generation" else None]]


def _own(task: str, path: Path) -> list[Request]:
    lines = enumerate(_lines(path), 1)
    return [_read(task, line, f"{path}, line {number}") for number, line in lines if line.strip()]


def _sentences(path: Path) -> list[tuple[str, list[str]]]:
    """Text and words of each sentence; those of a few words tell little."""
    lines = _lines(path)
    found = [(one.text, [word.text for word in one.words]) for line in lines for _, one in sentences_in(line)]
    return [(text, words) for text, words in found if len(words) > 3]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LauncherError(f"cannot read {path}: {error}") from error


def _read(task: str, line: str, place: str) -> Request:
    contract = CONTRACTS[task]
    kinds = {one.name: one.kind for one in contract.inputs}
    needed = {one.name for one in contract.inputs if one.required}
    try:
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("no JSON object")
        if not needed <= row.keys() <= kinds.keys():
            raise ValueError(f"{task} takes {', '.join(kinds)}, not {', '.join(row) or 'nothing'}")
        request = _request(row, kinds)
        read_rows(contract, request, defaults_of(contract, {}))
    except (ValueError, TypeError, BadRequest) as error:
        raise LauncherError(f"{place}: {error}") from error
    return request


def of_text(text: str) -> Request:
    """A request for a text's correction."""
    return _request({"text": text})


def _request(row: dict[str, Any], kinds: dict[str, Any] | None = None) -> Request:
    values = {name: value.encode() if isinstance(value, str) else value for name, value in row.items()}
    return Request(
        {
            name: np.array([[value]], dtype=_DTYPES[kinds[name] if kinds else "BYTES"])
            for name, value in values.items()
        }
    )


def alike(task: str, one: Answer, other: Answer) -> tuple[int, int]:
    """How much of what one answer says another says too: so many of so many things.

    A thing is a word's label (gector, `$START`'s among them), the likeliest label (text-classification), a
    span with its label (token-classification), a span (question-answering), or all of the text or result.
    """
    if task == "custom":
        results = [json.loads(answer["result"][0, 0]) for answer in (one, other)]
        return int(_close(*results, within=_CLOSE * max(map(abs, _numbers(results)), default=0))), 1
    mine, its = (Counter(_THINGS[task](answer)) for answer in (one, other))
    return (mine & its).total(), max(mine.total(), its.total())


def _first(name: str, answer: Answer) -> list[Any]:
    return [answer[name][0, 0]]


_THINGS: dict[str, Callable[[Answer], list[Any]]] = {
    "gector": lambda answer: list(enumerate(json.loads(answer["labels"][0, 0]))),
    "text-classification": partial(_first, "labels"),
    "token-classification": lambda answer: [
        (one["start"], one["end"], one["label"]) for one in json.loads(answer["entities"][0, 0])
    ],
    "question-answering": lambda answer: [(answer["start"][0, 0], answer["end"][0, 0])],
    "text-generation": partial(_first, "generated_text"),
}


def _close(one: Any, other: Any, *, within: float) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_close(one[k], other[k], within=within) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(partial(_close, within=within), one, other))
    if isinstance(one, float) and isinstance(other, (int, float)):
        return abs(one - other) <= within
    return bool(one == other)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, float):
        yield value
