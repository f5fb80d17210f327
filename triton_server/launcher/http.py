"""Triton's HTTP interface, as far as the launcher asks it: health, loading, and one small real inference."""

from __future__ import annotations

import json
import re
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORT = {"max_new_tokens": 1}
"""Inputs that keep the sample's answer short."""
_PAUSE = 0.02
"""Seconds that an instance has to become idle again."""
_WRAPPING = re.compile(
    r"^(load failed for model )?('[^']*': )?(version \d+ is at UNAVAILABLE state: )?"
    r"((Internal|Invalid argument): )?"
    r"((LoadError|GectorError): )?"  # our own, whose text is a line for a person
)
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_GROUPS = {
    "torch": "torch",
    "safetensors": "torch",
    "transformers": "transformers",
    "huggingface_hub": "transformers",
}
"""Which requirements have a package: see `environment.REQUIREMENTS`."""
_NO_GPU = re.compile(r"(has kind KIND_GPU but no GPUs are available|invalid or unsupported gpu id \d+)")
_CURE_OF_NO_GPU = "`--device cpu`, or one that nvidia-smi lists where the server runs (Docker: --gpus=all)"
_LONGEST_REASON = 600
# Never through a proxy: the server is on this machine, or where the user said.
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class HttpError(Exception):
    """The server refused, or does not answer; the text is Triton's own."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model of the repository index."""

    name: str
    version: str
    state: str
    """READY, UNAVAILABLE, LOADING, UNLOADING, or empty when it was never loaded."""
    reason: str


def call(
    base: str,
    path: str,
    body: Any = None,
    *,
    post: bool = False,
    seconds: float = 10.0,
    headers: Mapping[str, str] = {},
) -> Any:
    """GET or POST JSON.

    Raises:
        HttpError: no connection, no answer within `seconds`, or a status other than 2xx.
    """
    answer = _read(base, path, (body or {}) if post or body is not None else None, seconds, headers)
    try:
        return json.loads(answer) if answer else None
    except ValueError as error:
        raise HttpError("the answer is no JSON: not a Triton server?") from error


def _read(base: str, path: str, body: Any, seconds: float, headers: Mapping[str, str] = {}) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}{path}", data, {"Content-Type": "application/json", **headers})
    try:
        with _open(request, timeout=seconds) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        with error:
            raise HttpError(_message(error.read()) or f"HTTP status {error.code}") from error
    except (OSError, ValueError) as error:  # ValueError: a status line that is no HTTP
        raise HttpError(str(getattr(error, "reason", error))) from error
    except Exception as error:  # http.client has a family of its own
        raise HttpError(str(error) or type(error).__name__) from error


def is_ready(base: str) -> bool:
    """Whether the server answers; says nothing of its models."""
    try:
        call(base, "/v2/health/ready", seconds=2.0)
    except HttpError:
        return False
    return True


def server_metadata(base: str) -> dict[str, Any]:
    """Name, version and extensions of the server."""
    return dict(call(base, "/v2"))


def models(base: str, seconds: float = 10.0, headers: Mapping[str, str] = {}) -> list[ModelState]:
    """The repository index; `headers` may bring a key."""
    listed = call(base, "/v2/repository/index", post=True, seconds=seconds, headers=headers)
    return [
        ModelState(
            one["name"], one.get("version", ""), one.get("state", ""), in_one_line(one.get("reason", ""))
        )
        for one in listed
    ]


def load(base: str, name: str, config: str | None, seconds: float) -> None:
    """Load a model, with `config` (JSON) in place of its `config.pbtxt` when given.

    Raises:
        HttpError: why it cannot be loaded.
    """
    body = {"parameters": {"config": config}} if config else {}
    try:
        call(base, f"/v2/repository/models/{name}/load", body, post=True, seconds=seconds)
    except HttpError as error:
        raise HttpError(in_one_line(str(error))) from error


def unload(base: str, name: str, seconds: float = 10.0, headers: Mapping[str, str] = {}) -> None:
    """Ask for a model to be unloaded, when its last request is answered; new ones are refused at once.

    Raises:
        HttpError: the server refused, or does not answer.
    """
    call(base, f"/v2/repository/models/{name}/unload", post=True, seconds=seconds, headers=headers)


def statistics(base: str, name: str, version: str) -> dict[str, Any]:
    """What Triton counted for a version of a model."""
    return dict(call(base, f"/v2/models/{name}/versions/{version}/stats")["model_stats"][0])


def probe(base: str, name: str, version: str = "", seconds: float = 30.0) -> dict[str, Any]:
    """A small real inference by each instance: the only proof that a model lives.

    With the process of an instance dead, Triton still says that the model is ready. It gives requests to the
    instance that has been idle the longest, but one that has just answered may take the next before that one
    wakes. So several are asked twice, with pauses.

    A model with a `text` input is asked about a short sentence; any other gets the smallest tensors its
    configuration allows in all of its required inputs. The sentence is another one each time: what was asked
    before, the response cache answers for a model that is dead.

    Raises:
        HttpError: the model did not answer, or not in time.
    """
    path = f"/v2/models/{name}" + (f"/versions/{version}" if version else "")
    config = call(base, f"{path}/config", seconds=min(seconds, 10.0))
    until = time.monotonic() + seconds
    answer = _probe(base, path, config, seconds)
    for _ in range(2 * (_instances(config) - 1)):
        time.sleep(_PAUSE)
        answer = _probe(base, path, config, max(0.1, until - time.monotonic()))
    return answer


def _instances(config: dict[str, Any]) -> int:
    groups = config.get("instance_group") or [{}]
    return sum(group.get("count", 1) * max(1, len(group.get("gpus", ()))) for group in groups)


def _probe(base: str, path: str, config: dict[str, Any], seconds: float) -> dict[str, Any]:
    inputs = sample_inputs(config, f"This is test {secrets.randbelow(10**9)}.")
    if config.get("model_transaction_policy", {}).get("decoupled"):
        body = {one["name"]: one["data"][0] for one in inputs}
        return stream(base, f"{path}/generate_stream", body, seconds)[-1]
    return dict(call(base, f"{path}/infer", {"inputs": inputs}, seconds=seconds))


def stream(base: str, path: str, body: Any, seconds: float = 30.0) -> list[dict[str, Any]]:
    """The answers of a decoupled model, which sends them as server-sent events.

    Raises:
        HttpError: the model refused or failed, or did not answer in time.
    """
    events = [line for line in _read(base, path, body, seconds).decode().splitlines() if line]
    answers = [json.loads(event.removeprefix("data: ")) for event in events]
    wrong = [answer["error"] for answer in answers if "error" in answer]
    if wrong or not answers:
        raise HttpError(wrong[0] if wrong else "the model sent no answer")
    return answers


def sample_inputs(config: dict[str, Any], text: str = "This is a test.") -> list[dict[str, Any]]:
    """The inputs of `probe` for a model configuration, with this text."""
    by_name = {one["name"]: one for one in config["input"]}
    chosen = (
        [by_name["text"]]
        if "text" in by_name
        else [one for one in by_name.values() if not one.get("optional")]
    )
    chosen += [one for one in by_name.values() if one["name"] in _SHORT]
    return [_sample_tensor(one, text, batched=config.get("max_batch_size", 0) > 0) for one in chosen]


def _sample_tensor(declared: dict[str, Any], text: str, *, batched: bool) -> dict[str, Any]:
    datatype = declared["data_type"].removeprefix("TYPE_").replace("STRING", "BYTES")
    shape = [1] * batched + [max(1, int(size)) for size in declared["dims"]]
    elements = 1
    for size in shape:
        elements *= size
    value = {"BYTES": text, "BOOL": False}.get(datatype, 0)
    data = [_SHORT.get(declared["name"], value)] * elements
    return {"name": declared["name"], "shape": shape, "datatype": datatype, "data": data}


def in_one_line(reason: str) -> str:
    """Triton's words for a failure without the Python traceback and the wrapping around them, and the cure.

    Of a message of several lines, all count: the first mostly says what, the last what to do.
    """
    head = _WRAPPING.sub("", reason.split("\nAt:", 1)[0].strip())
    lines = [_WRAPPING.sub("", line.strip()) for line in head.splitlines() if line.strip()]
    said = " ".join(lines)
    missing = _NO_MODULE.search(said)
    if missing:
        return f"{said.rstrip('.; ')}: {_cure_of_missing(missing[1].partition('.')[0])}"
    if no_gpu := _NO_GPU.search(said):
        return f"{said[: no_gpu.end()]}: {_CURE_OF_NO_GPU}"
    return said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]} …"


def _cure_of_missing(package: str) -> str:
    group = _GROUPS.get(package)
    if group is None:
        return "install it where the server runs: see docs/triton-models.md, Packages"
    return (
        f'write parameters {{ key: "requirements" value {{ string_value: "{group}" }} }} into its '
        "config.pbtxt, then stop and start"
    )


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()
