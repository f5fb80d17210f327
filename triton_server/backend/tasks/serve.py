"""A task ready to answer, from the parameters in a model's `config.pbtxt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triton_server.backend.tasks.backend import StreamingBackend, TaskBackend, defaults_of
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.backend.tasks.loading import MODEL_CLASSES, load
from triton_server.backend.tasks.source import LoadError, source_of

if TYPE_CHECKING:
    from pathlib import Path

    from triton_server.backend.adapter import ModelArguments
    from triton_server.backend.tasks.backend import Run
    from triton_server.backend.tasks.source import Source


def task_backend(arguments: ModelArguments) -> TaskBackend:
    """The task that parameter "task" names, loaded and warm.

    Parameters beside it: those of `source_of`, and "default_<input>".

    Raises:
        LoadError: why it cannot be loaded, in one line.
    """
    return _loaded(arguments, streaming=False)


def streaming_backend(arguments: ModelArguments) -> StreamingBackend:
    """The same for a decoupled model; only text-generation has pieces to send.

    Raises:
        LoadError: why it cannot be loaded, in one line.
    """
    backend = _loaded(arguments, streaming=True)
    assert isinstance(backend, StreamingBackend)
    return backend


def _loaded(arguments: ModelArguments, *, streaming: bool) -> TaskBackend:
    parameters = arguments.parameters
    task = parameters.get("task", "")
    contract = CONTRACTS.get(task)
    if contract is None:
        raise LoadError(f"parameter task is {task!r} and none of {', '.join(CONTRACTS)}")
    defaults = defaults_of(contract, parameters)
    source = source_of(arguments)
    if contract.task == "text-generation":
        from triton_server.backend.tasks.text_generation import text_generation

        generate = text_generation(load(source, MODEL_CLASSES[contract.task]))
        kind = StreamingBackend if streaming else TaskBackend
        backend = kind(contract, generate, defaults)
    else:
        backend = TaskBackend(contract, _task(contract.task, source, arguments.folder), defaults)
    backend.warm_up()
    return backend


def _task(task: str, source: Source, folder: Path) -> Run:
    if task == "custom":
        from triton_server.backend.tasks.custom import custom, hooks_of

        hooks = hooks_of(folder)
        own = getattr(hooks, "load", None)
        return custom(own(source) if own else load(source, getattr(hooks, "MODEL_CLASS", "AutoModel")), hooks)
    loaded = load(source, MODEL_CLASSES[task])
    if task == "text-classification":
        from triton_server.backend.tasks.text_classification import text_classification

        return text_classification(loaded)
    if task == "token-classification":
        from triton_server.backend.tasks.token_classification import token_classification

        return token_classification(loaded)
    from triton_server.backend.tasks.question_answering import question_answering

    return question_answering(loaded)
