"""Between Triton's Python objects and `Backend`: the only module that sees `triton_python_backend_utils`.

That module exists inside a Triton server only, so `model.py` hands it in.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.backend.requests import BadRequest, Cancelled, Request, TaggerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from triton_server.backend.requests import Answer, AnswersEach, Backend, Infer, StreamsAnswers


@dataclass(frozen=True, slots=True)
class ModelArguments:
    """What Triton tells a model when it loads it."""

    name: str
    version: str
    device: str
    """Such as "cpu" or "cuda:0", from the instance group."""
    folder: Path
    """The model's folder in the repository."""
    parameters: Mapping[str, str]
    """Those of `config.pbtxt`, or what took their place when it was loaded, and over them the version's own
    in `<version>/parameters.json`."""
    instances: int = 1
    """How many there are of it, on processors or on each GPU."""


def model_arguments(args: Mapping[str, str]) -> ModelArguments:
    """What `initialize` is given, in order."""
    config = json.loads(args["model_config"])
    on_gpu = args["model_instance_kind"] == "GPU"
    own = Path(args["model_repository"]) / args["model_version"] / "parameters.json"
    of_version = json.loads(own.read_text(encoding="utf-8")) if own.is_file() else {}
    return ModelArguments(
        name=args["model_name"],
        version=args["model_version"],
        device=f"cuda:{args['model_instance_device_id']}" if on_gpu else "cpu",
        folder=Path(args["model_repository"]),
        parameters={key: value["string_value"] for key, value in config.get("parameters", {}).items()}
        | of_version,
        instances=max((group.get("count", 1) for group in config.get("instance_group", ())), default=1),
    )


def execute(pb_utils: Any, backend: Backend, requests: Sequence[Any]) -> list[Any]:
    """Answer all of Triton's `requests` together: one response for each, in order.

    A request that is wrong gets INVALID_ARGUMENT, one that the model fails on INTERNAL; the others never
    notice. (A `None` among the responses would leave its client waiting for ever.)
    """
    answers = backend.answer([_request(one) for one in requests])
    return [_response(pb_utils, one, answer) for one, answer in zip(requests, answers, strict=True)]


def stream(pb_utils: Any, backend: StreamsAnswers, requests: Sequence[Any]) -> None:
    """Send the pieces of each answer as they come (decoupled models); always ends every request."""
    senders = [request.get_response_sender() for request in requests]
    final = pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL
    ended = [False] * len(requests)

    def send(index: int, piece: Answer, last: bool) -> bool:
        if senders[index].is_cancelled():
            return False
        senders[index].send(_response(pb_utils, requests[index], piece), flags=final if last else 0)
        ended[index] = last
        return True

    problems = backend.stream([_request(one) for one in requests], send)
    for i, problem in enumerate(problems):
        if problem is not None and not ended[i]:
            senders[i].send(_response(pb_utils, requests[i], problem), flags=final)
        elif not ended[i]:
            senders[i].send(flags=final)


async def answer_each(pb_utils: Any, backend: AnswersEach, requests: Sequence[Any]) -> list[Any]:
    """Answer Triton's `requests` side by side, by a model that asks other models."""
    answers = await asyncio.gather(*(backend.answer(_request(one)) for one in requests))
    return [_response(pb_utils, one, answer) for one, answer in zip(requests, answers, strict=True)]


def asks(pb_utils: Any, arguments: ModelArguments, outputs: Sequence[str]) -> Infer:
    """What asks another model of the server.

    Parameters: "tagger", its name; "tagger_version", empty for the server's choice.
    """
    name = arguments.parameters["tagger"]
    version = int(arguments.parameters.get("tagger_version") or -1)

    async def infer(inputs: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
        tensors = [pb_utils.Tensor(key, value) for key, value in inputs.items()]
        request = pb_utils.InferenceRequest(
            model_name=name, model_version=version, requested_output_names=list(outputs), inputs=tensors
        )
        try:
            response = await request.async_exec()
        except pb_utils.TritonModelException as error:
            raise TaggerError(_complaint(name, str(error))) from error
        if response.has_error():
            raise TaggerError(_complaint(name, response.error().message()))
        return {key: pb_utils.get_output_tensor_by_name(response, key).as_numpy() for key in outputs}

    return infer


def _complaint(name: str, message: str) -> str:
    reason = message.strip().splitlines()[0].rpartition("inference request. ")[2].rstrip(" ;")
    if "is not ready" in reason or "unknown model" in reason:
        return f"the tagger {name} is not loaded: load it with grammared triton test {name} --reload"
    return f"the tagger {name} failed: {reason}"


def _request(request: Any) -> Request:
    inputs = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
    return Request(inputs, frozenset(request.requested_output_names()), request.is_cancelled)


def _response(pb_utils: Any, request: Any, answer: Answer | Exception) -> Any:
    if isinstance(answer, Exception):
        codes = pb_utils.TritonError
        code = (
            codes.INVALID_ARG
            if isinstance(answer, BadRequest)
            else codes.CANCELLED
            if isinstance(answer, Cancelled)
            else codes.INTERNAL
        )
        return pb_utils.InferenceResponse(
            error=pb_utils.TritonError(str(answer) or type(answer).__name__, code)
        )
    wanted = request.requested_output_names()
    tensors = [pb_utils.Tensor(name, tensor) for name, tensor in answer.items() if name in wanted]
    return pb_utils.InferenceResponse(tensors)


def threads(parameters: Mapping[str, str], instances: int = 1) -> int:
    """Parameter "threads": of one instance; 0 or none for its share of the processor cores.

    Raises:
        ValueError: it is no whole number.
    """
    asked = int(parameters.get("threads") or 0)
    return asked if asked > 0 else max(1, cores() // instances)


def cores() -> int:
    """The processor cores that this process may use; where the system does not say (macOS), all there are."""
    of_process = getattr(os, "sched_getaffinity", None)
    return len(of_process(0)) if of_process else os.cpu_count() or 1
