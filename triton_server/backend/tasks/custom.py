"""Any other model, with what `hooks.py` in its folder does before and after.

    MODEL_CLASS = "AutoModel"                           optional: a class of transformers
    load(source) -> loaded                              optional: in its place; see `loading.on_pytorch`
    preprocess(text, options) -> text                   optional
    postprocess(text, options, outputs) -> anything that json can write

`outputs` has the model's tensors for this text as numpy arrays by name, without padding.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from triton_server.backend.hooks import module_of
from triton_server.backend.requests import BadRequest
from triton_server.backend.tasks.batches import encoded_rows, ran
from triton_server.backend.tasks.hub import one_line
from triton_server.backend.tasks.source import LoadError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import ModuleType

    from triton_server.backend.tasks.backend import Row
    from triton_server.backend.tasks.loading import Loaded


def hooks_of(folder: Path) -> ModuleType:
    """The functions in `folder/hooks.py`.

    Raises:
        LoadError: there is no such file, it cannot be run, or it has no `postprocess`.
    """
    path = folder / "hooks.py"
    if not path.exists():
        raise LoadError(f"there is no {path}")
    module = module_of(path)
    if not callable(getattr(module, "postprocess", None)):
        raise LoadError(f"{path} has no function postprocess(text, options, outputs)")
    return module


def custom(loaded: Loaded, hooks: ModuleType) -> Callable[[Sequence[Row]], list[Row | Exception]]:
    """The task, for any model of transformers and any hooks."""

    def run(rows: Sequence[Row]) -> list[Row | Exception]:
        prepared = [_prepared(hooks, row) for row in rows]
        texts = [one[0] for one in prepared if not isinstance(one, Exception)]
        outputs = iter(_forward(loaded, texts) if texts else [])
        return [
            one if isinstance(one, Exception) else _result(hooks, *one, next(outputs)) for one in prepared
        ]

    return run


def _prepared(hooks: ModuleType, row: Row) -> tuple[str, dict[str, Any]] | Exception:
    """What the model reads, and the row's options."""
    try:
        options = _options(row["options"])
        preprocess = getattr(hooks, "preprocess", None)
        text = _hooked("preprocess", preprocess, row["text"], options) if preprocess else row["text"]
    except (BadRequest, HookError) as error:
        return error
    return text, options


def _result(hooks: ModuleType, text: str, options: dict[str, Any], outputs: Any) -> Row | Exception:
    try:
        result = _hooked("postprocess", hooks.postprocess, text, options, outputs)
        return {"result": _hooked("postprocess", json.dumps, result)}
    except (BadRequest, HookError) as error:
        return error


class HookError(Exception):
    """A hook raised something; the text says which and what."""


def _hooked(name: str, hook: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return hook(*arguments)
    except ValueError as error:  # what a hook raises on a text or options that it cannot take
        raise BadRequest(f"{name}: {one_line(error)}") from error
    except Exception as error:
        raise HookError(f"{name} of hooks.py failed: {type(error).__name__}: {one_line(error)}") from error


def _options(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadRequest(f"options is no JSON object: {error}") from error
    if not isinstance(found, dict):
        raise BadRequest("options must be a JSON object")
    return found


def _forward(loaded: Loaded, texts: Sequence[str]) -> list[dict[str, Any]]:
    """All the tensors of the model's answer for each text, without padding."""
    rows = encoded_rows(loaded, loaded.tokenizer(texts, truncation=True, max_length=loaded.longest))
    results: list[dict[str, Any]] = [{}] * len(rows)
    for indices, outputs in ran(loaded, rows):
        longest = len(rows[indices[-1]]["input_ids"])
        for place, index in enumerate(indices):
            length = len(rows[index]["input_ids"])
            results[index] = {
                name: _unpadded(array[place], length, longest) for name, array in outputs.items()
            }
    return results


def _unpadded(array: Any, length: int, longest: int) -> Any:
    return array[:length] if array.ndim and array.shape[0] == longest else array
