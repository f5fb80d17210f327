"""Real text to a model on a running server, over HTTP and gRPC: what comes back, and how fast."""

from __future__ import annotations

import json
import math
import statistics
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.launcher import http
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.grpc import connectable, speaks_tls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Protocol = Literal["HTTP", "gRPC"]
Values = dict[str, Any]
"""By input or output name: a number, a string, or a list of them."""

_GECTOR_SAMPLES = ({"text": "She go to school every days."}, {"text": "I has two cat. They is black."})
_CORRECTED = "corrected_text"
"""Of a model of the task gector, and of a pipeline."""
_WORDS = "words"
"""What a model of the task gector takes in place of a text; then it gives labels."""
_PYTHON: dict[str, Callable[[str], Any]] = {
    "TYPE_STRING": str,
    "TYPE_FP32": float,
    "TYPE_INT32": int,
    "TYPE_BOOL": lambda text: {"true": True, "false": False}[text.lower()],
}


class NoAnswer(LauncherError):  # noqa: N818  (it is what one gets, not what one did)
    """The model did not answer, or said that it failed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one set of inputs."""

    protocol: Protocol
    inputs: Values
    outputs: Values
    milliseconds: float
    """The median of the repeats."""


def try_model(
    http_base: str,
    grpc_address: str,
    name: str,
    given: Mapping[str, str] | None = None,
    *,
    repeats: int = 5,
    seconds: float = 120.0,
) -> list[Answer]:
    """Send samples (or what is given) over both protocols, one after the other.

    Args:
        http_base: such as http://127.0.0.1:8000.
        grpc_address: such as 127.0.0.1:8001.
        name: of a model that is loaded.
        given: values of inputs, as text; required inputs that are not given are those of the first sample.
        repeats: how often each is sent.
        seconds: a deadline for each request.

    Raises:
        LauncherError: an input is unknown or of the wrong type, or gRPC is encrypted.
        NoAnswer: the model did not answer.
    """
    grpc_address = connectable(grpc_address)
    if speaks_tls(grpc_address):
        raise LauncherError(
            f"gRPC at {grpc_address} is encrypted, which `triton test` does not speak: ask over HTTP or with "
            f"`grammared lint --triton-url {grpc_address} --set triton.tls=true` and triton.rootCertificates"
        )
    try:
        config = http.call(http_base, f"/v2/models/{name}/config")
    except http.HttpError as error:
        raise NoAnswer(f"{name}: {http.in_one_line(str(error))}") from error
    decoupled = bool(config.get("model_transaction_policy", {}).get("decoupled"))
    over_http = _http_stream if decoupled else _http_infer
    over_grpc = _grpc_stream if decoupled else _grpc_infer
    answers = []
    for inputs in _inputs(config, given or {}):
        types = {one["name"]: one["data_type"] for one in config["input"]}
        outputs = _outputs(config, inputs)
        ask_http = _Ask(http_base, name, types, outputs, seconds)
        ask_grpc = _Ask(grpc_address, name, types, outputs, seconds)
        answers.append(_timed("HTTP", inputs, partial(over_http, ask_http, inputs), repeats, name))
        answers.append(_timed("gRPC", inputs, partial(over_grpc, ask_grpc, inputs), repeats, name))
    return answers


@dataclass(frozen=True, slots=True)
class _Ask:
    """Where and what to ask."""

    server: str
    name: str
    types: Mapping[str, str]
    outputs: Sequence[str]
    seconds: float


def _timed(protocol: Protocol, inputs: Values, send: Callable[[], Values], repeats: int, name: str) -> Answer:
    times = []
    outputs: Values = {}
    for _ in range(repeats):
        before = time.perf_counter()
        try:
            outputs = send()
        except Exception as error:
            raise NoAnswer(f"{name} over {protocol}: {_reason(error)}") from error
        times.append(1000 * (time.perf_counter() - before))
    return Answer(protocol, inputs, outputs, statistics.median(times))


def _reason(error: Exception) -> str:
    said = str(error.message() if hasattr(error, "message") else error)
    if said.startswith("data: "):  # of a stream, an event
        said = json.loads(said.removeprefix("data: "))["error"]
    return http.in_one_line(said) or type(error).__name__


def _inputs(config: Mapping[str, Any], given: Mapping[str, str]) -> list[Values]:
    """What to send: the samples, or the first one with what is given in place of its own."""
    types = {one["name"]: one["data_type"] for one in config["input"]}
    typed: Values = {}
    for name, text in given.items():
        if name not in types:
            raise LauncherError(f"{config['name']} has no input {name}; it has {', '.join(types)}")
        try:
            typed[name] = _PYTHON[types[name]](text)
        except (ValueError, KeyError) as error:
            raise LauncherError(f"{name} takes {types[name].removeprefix('TYPE_')}, not {text!r}") from error
    if _WORDS in typed and _corrects(config):
        return [typed]
    samples = _samples(config)
    required = {name for sample in samples for name in sample}
    if not typed.keys() & required:
        return [sample | typed for sample in samples]
    return [samples[0] | typed]


def _samples(config: Mapping[str, Any]) -> list[Values]:
    if _corrects(config):
        return [dict(sample) for sample in _GECTOR_SAMPLES]
    contract = CONTRACTS.get(config.get("parameters", {}).get("task", {}).get("string_value", ""))
    if contract:
        return [dict(sample) for sample in contract.samples]
    tensors = http.sample_inputs(dict(config))
    return [{one["name"]: one["data"][0] for one in tensors}]


def _corrects(config: Mapping[str, Any]) -> bool:
    return any(one["name"] == _CORRECTED for one in config["output"])


def _outputs(config: Mapping[str, Any], inputs: Values) -> list[str]:
    if not _corrects(config):
        return [one["name"] for one in config["output"]]
    return ["labels", "probabilities"] if _WORDS in inputs else [_CORRECTED, "edits"]


def _http_infer(ask: _Ask, inputs: Values) -> Values:
    body = {
        "inputs": [
            {
                "name": name,
                "shape": [1, 1],
                "datatype": ask.types[name].removeprefix("TYPE_").replace("STRING", "BYTES"),
                "data": [value],
            }
            for name, value in inputs.items()
        ],
        "outputs": [{"name": name} for name in ask.outputs],
    }
    answer = http.call(ask.server, f"/v2/models/{ask.name}/infer", body, seconds=ask.seconds)
    return {one["name"]: _single(one["data"]) for one in answer["outputs"]}


def _http_stream(ask: _Ask, inputs: Values) -> Values:
    pieces = http.stream(ask.server, f"/v2/models/{ask.name}/generate_stream", inputs, ask.seconds)
    return _together([{name: piece[name] for name in ask.outputs} for piece in pieces])


def _grpc_infer(ask: _Ask, inputs: Values) -> Values:
    import tritonclient.grpc as grpc  # type: ignore[import-untyped]

    with grpc.InferenceServerClient(ask.server) as client:
        outputs = [grpc.InferRequestedOutput(name) for name in ask.outputs]
        result = client.infer(ask.name, _tensors(ask, inputs), outputs=outputs, client_timeout=ask.seconds)
    return {name: _single(_decoded(result.as_numpy(name))) for name in ask.outputs}


def _grpc_stream(ask: _Ask, inputs: Values) -> Values:
    import queue

    import tritonclient.grpc as grpc

    arrived: queue.Queue[tuple[Any, Any]] = queue.Queue()
    pieces: list[Values] = []
    with grpc.InferenceServerClient(ask.server) as client:
        client.start_stream(lambda result, error: arrived.put((result, error)), stream_timeout=ask.seconds)
        client.async_stream_infer(ask.name, _tensors(ask, inputs), enable_empty_final_response=True)
        while True:
            result, error = arrived.get(timeout=ask.seconds)
            if error is not None:
                raise error
            response = result.get_response()
            if len(response.outputs):
                pieces.append({name: _single(_decoded(result.as_numpy(name))) for name in ask.outputs})
            if response.parameters["triton_final_response"].bool_param:
                return _together(pieces)


def _tensors(ask: _Ask, inputs: Values) -> list[Any]:
    import tritonclient.grpc as grpc

    tensors = []
    for name, value in inputs.items():
        kind = ask.types[name]
        array = np.array([[value.encode() if isinstance(value, str) else value]], dtype=_NUMPY[kind])
        tensor = grpc.InferInput(name, [1, 1], kind.removeprefix("TYPE_").replace("STRING", "BYTES"))
        tensor.set_data_from_numpy(array)
        tensors.append(tensor)
    return tensors


_NUMPY = {"TYPE_STRING": np.object_, "TYPE_FP32": np.float32, "TYPE_INT32": np.int32, "TYPE_BOOL": np.bool_}


def _decoded(array: np.ndarray[Any, Any]) -> list[Any]:
    values = array.reshape(-1).tolist()
    return [value.decode() if isinstance(value, bytes) else value for value in values]


def _single(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _together(pieces: Sequence[Values]) -> Values:
    """A streamed answer as one: its pieces joined, all else as the last one says, and how many there were."""
    if not pieces:
        return {}
    joined = "".join(cast("str", piece["generated_text"]) for piece in pieces)
    return {**pieces[-1], "generated_text": joined, "pieces": len(pieces)}


_SHOWN = 500
"""Characters of an output; embeddings are long."""


def report(answers: Sequence[Answer]) -> tuple[list[str], bool]:
    """What came back, in lines for a person, and whether both protocols gave the same.

    Args:
        answers: as `try_model` gives them: of each set of inputs, over HTTP and over gRPC.
    """
    lines, are_alike = [], True
    for over_http, over_grpc in zip(answers[::2], answers[1::2], strict=True):
        lines += [f"{name}: {value}" for name, value in over_http.inputs.items()]
        lines += _outputs_in_lines(over_http)
        if not _alike(over_http.outputs, over_grpc.outputs):
            are_alike = False
            lines += ["  over gRPC the answer is another:", *_outputs_in_lines(over_grpc)]
    for protocol in ("HTTP", "gRPC"):
        times = ", ".join(f"{one.milliseconds:.1f}" for one in answers if one.protocol == protocol)
        lines.append(f"{protocol}: {times} ms (median of each text)")
    return lines, are_alike


def _outputs_in_lines(answer: Answer) -> list[str]:
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in answer.outputs.items()
    }
    return [f"  {name}: {text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}" for name, text in texts.items()]


def _alike(one: Any, other: Any) -> bool:
    """Equal, floating point numbers to what JSON keeps of them."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-6)
    return bool(one == other)
