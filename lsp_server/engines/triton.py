"""The engine on a Triton Inference Server, over gRPC.

Every exception of gRPC and of Triton's client is mapped here, in `_as_engine_error`, and nowhere else.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from lsp_server.engines.chunks import tag_in_chunks
from lsp_server.engines.protocol import BATCH, TYPING
from lsp_server.errors import EngineError, EngineUnavailable, ModelError
from triton_server.gector.types import Decoding, Strictness, Tagging

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence
    from pathlib import Path

_INPUTS = frozenset({"words", "keep_confidence"})
_OUTPUTS = ("labels", "probabilities", "error_probabilities", "model")

_IN_FLIGHT = 3
"""Requests under way at a time: one runs, one is ready to, one is on its way."""
_FIRST_PAUSE = 0.1
"""Seconds before the first retry; doubled before each further one."""
_PATIENCE = 0.4
"""Seconds without an answer after which the server is asked whether it lives; one that hangs is given up
within a second of the request, unless the deadline is longer than by default."""
_SIGN_OF_LIFE = 0.5
"""Seconds that the server may take to say that it lives; a tenth of the deadline if that is longer."""
_LONGEST = 60.0
"""Seconds after which gRPC gives up a request, though nobody may have waited for it so long.

What is no longer wanted is left to be answered: Triton 2.51 may crash, for all its clients, when a request is
cancelled just as its answer is ready (mended by pull request 7840 of triton-inference-server/server).
"""
_NOT_HEALTHY = "not healthy"
"""What Triton says when the process of an instance has died."""
_TRIES = 5
"""How often to ask again when two versions have answered."""
_Result = TypeVar("_Result")
_PROBE = (("This", "is", "a", "test", "."),)

# A connection that was lost is tried again soon: the server may be back long before gRPC's own two minutes.
_CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]
_NO_PROXY = ("grpc.enable_http_proxy", 0)
_LOOPBACK = ("localhost:", "127.", "[::1]:")


@dataclass(frozen=True, slots=True)
class Access:
    """How to get through to a server."""

    tls: bool = False
    """Whether the connection is encrypted."""
    root_certificates: Path | None = None
    """PEM of who vouches for the server; None for those that gRPC brings."""
    client_certificate: Path | None = None
    """PEM of ours, where the server asks for one, and its key."""
    client_key: Path | None = None
    token: str | None = field(default=None, repr=False)
    """Sent as `authorization: Bearer …`, for a proxy before the server; over TLS or on this machine only."""


@dataclass(frozen=True, slots=True)
class _Card:
    """What the server says of the model that answered."""

    identity: str
    decodings: Mapping[str, Decoding]


class TritonEngine:
    """Tags on a Triton server (an `Engine`).

    Args:
        url: host and port of the gRPC interface.
        model: its name in the server's repository.
        version: of the model; empty for the server's choice.
        deadline: seconds that one request may take, retries included.
        retries: how often a request is sent again when the server could not be reached.
        access: encryption and token.
        priority: of the requests, `TYPING` before `BATCH`; counts where the model's configuration has levels.
            More sentences than one request takes are a whole file's, which comes after what others type.
    """

    def __init__(
        self,
        url: str,
        model: str,
        version: str = "",
        deadline: float = 5.0,
        retries: int = 1,
        access: Access = Access(),
        priority: int = TYPING,
    ) -> None:
        self.url = url
        self._model = model
        self._version = version
        self._deadline = deadline
        self._retries = retries
        self._access = access
        self._headers = {"authorization": f"Bearer {access.token}"} if access.token else None
        self._priority = priority
        self._client: Any = None
        self._batch = 1
        self._instances = 1
        self._card_json = b""
        self._card: _Card | None = None
        self._in_flight = asyncio.Semaphore(_IN_FLIGHT)
        self._unanswered: set[asyncio.Future[Any]] = set()

    @property
    def identity(self) -> str:
        """Model, version and a hash of the weights, as the server last said."""
        return self._card.identity if self._card else f"triton:{self._model}"

    def decoding(self, strictness: Strictness) -> Decoding:
        """The thresholds that the server sent with the model."""
        if self._card is None:
            raise EngineUnavailable(f"Triton at {self.url} was not asked for its model yet")
        return self._card.decodings[strictness]

    async def start(self) -> None:
        """Reach the server, see that the model is one of ours, and have each instance of it tag a sentence.

        May be called again, to see whether the server is back. The process of one instance may have died
        while others live: requests mostly go to idle ones in turn. One that is missed shows at its first
        request.

        Raises:
            EngineUnavailable: the server or the model does not answer.
            ModelError: the server has no such model, or another kind under its name.
        """
        if self._client is None:
            self._client = _connect(self.url, self._access)
        await self._check_signature()
        for _ in range(self._instances):
            await self.tag(_PROBE, 0.0)

    async def tag(self, sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Tagging]:
        """Tag each sentence, in requests of neighbours in length, some of them under way at a time."""
        return (await self.tag_as(sentences, keep_confidence))[0]

    async def tag_as(
        self, sentences: Sequence[Sequence[str]], keep_confidence: float
    ) -> tuple[list[Tagging], str]:
        """The same, with the identity of the model that tagged: one and the same for all of the sentences."""
        priority = self._priority if len(sentences) <= self._batch else BATCH
        for _ in range(_TRIES):
            models: set[str] = set()

            async def tag(chunk: Sequence[Sequence[str]], models: set[str] = models) -> list[Tagging]:
                taggings, model = await self._tag(chunk, keep_confidence, priority)
                models.add(model)
                return taggings

            taggings = await tag_in_chunks(sentences, self._batch, tag)
            if len(models) <= 1:  # else another version took over between two requests
                return taggings, models.pop() if models else self.identity
        raise EngineUnavailable(
            f"Triton at {self.url} answers with one version of {self._model} and another by turns: "
            "choose one with triton.version"
        )

    async def close(self) -> None:
        """Close the connection; what is still unanswered is given up."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()
            for one in self._unanswered:
                one.cancel()
            if self._unanswered:
                await asyncio.wait(self._unanswered)

    @property
    def _connected(self) -> Any:
        if self._client is None:
            raise EngineUnavailable(f"the connection to Triton at {self.url} is closed")
        return self._client

    async def _check_signature(self) -> None:
        metadata = await self._call(
            self._connected.get_model_metadata(self._model, self._version, headers=self._headers)
        )
        missing = _INPUTS.difference(one.name for one in metadata.inputs)
        missing |= frozenset(_OUTPUTS).difference(one.name for one in metadata.outputs)
        if missing:
            raise ModelError(
                f"{self._model} on Triton at {self.url} is no grammar model: "
                f"it has no {', '.join(sorted(missing))}"
            )
        config = await self._call(
            self._connected.get_model_config(self._model, self._version, headers=self._headers)
        )
        self._batch = max(1, config.config.max_batch_size)
        self._instances = sum(group.count * max(1, len(group.gpus)) for group in config.config.instance_group)

    async def _call(self, awaitable: Awaitable[Any]) -> Any:
        """Await a call of the client that has no deadline of its own."""
        try:
            return await _within(self._deadline, awaitable)
        except Exception as error:
            raise self._as_engine_error(error) from error

    async def _tag(
        self, sentences: Sequence[Sequence[str]], keep_confidence: float, priority: int
    ) -> tuple[list[Tagging], str]:
        inputs = _inputs(sentences, keep_confidence)
        async with self._in_flight:
            try:
                result = await _within(self._deadline, self._infer_with_retries(inputs, priority))
            except EngineError:
                raise
            except Exception as error:
                if _status(error) == "INVALID_ARGUMENT":
                    await self._check_signature()  # may say more: another model under the name
                raise self._as_engine_error(error) from error
        return self._read(result, sentences)

    async def _infer_with_retries(self, inputs: list[Any], priority: int) -> Any:
        for attempt in range(self._retries):
            try:
                return await self._infer_by_any(inputs, priority, self._instances)
            except Exception as error:
                if _status(error) != "UNAVAILABLE":
                    raise
            await asyncio.sleep(_FIRST_PAUSE * 2**attempt)
        return await self._infer_by_any(inputs, priority, self._instances)

    async def _infer_by_any(self, inputs: list[Any], priority: int, instances: int) -> Any:
        """One inference by whichever instance of the model lives.

        Triton gives requests to all of them in turn, also to one whose process has died.
        """
        try:
            return await self._infer(inputs, priority)
        except Exception as error:
            if instances <= 1 or _NOT_HEALTHY not in str(_message(error)):
                raise
        return await self._infer_by_any(inputs, priority, instances - 1)

    async def _infer(self, inputs: list[Any], priority: int) -> Any:
        """One inference, which goes on when this is cancelled.

        While it takes long, see to it that the server lives: a dead host sends no error.
        """
        answer = asyncio.ensure_future(
            self._connected.infer(
                self._model,
                inputs,
                self._version,
                outputs=_outputs(),
                client_timeout=max(_LONGEST, self._deadline),
                priority=priority,
                headers=self._headers,
            )
        )
        self._unanswered.add(answer)
        answer.add_done_callback(self._unanswered.discard)
        answer.add_done_callback(_seen)
        while not (await asyncio.wait({answer}, timeout=_PATIENCE))[0]:
            await self._ask_whether_it_lives()
        return answer.result()

    async def _ask_whether_it_lives(self) -> None:
        try:
            seconds = max(_SIGN_OF_LIFE, self._deadline / 10)
            await _within(seconds, self._connected.is_server_live(headers=self._headers))
        except asyncio.TimeoutError as error:
            raise EngineUnavailable(f"Triton at {self.url} hangs: it gives no sign of life") from error

    def _read(self, result: Any, sentences: Sequence[Sequence[str]]) -> tuple[list[Tagging], str]:
        try:
            columns = [result.as_numpy(name).tolist() for name in _OUTPUTS]
            taggings = [
                _tagging(json.loads(labels), probabilities, errors, len(words))
                for words, (labels,), probabilities, errors in zip(sentences, *columns[:3], strict=True)
            ]
            card = self._see(columns[3][0][0], result.get_response().model_version)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{self._model} on Triton at {self.url} gave an answer that does not fit"
            ) from error
        return taggings, card.identity

    def _see(self, card: bytes, version: str) -> _Card:
        """Take note of which model answered; it may be replaced at any time."""
        said = card + b"\0" + version.encode()
        if self._card is None or said != self._card_json:
            read = json.loads(card)
            identity = f"triton:{self._model}:{version}:{read['identity']}"
            decodings = {
                strictness: Decoding.read(values) for strictness, values in read["decodings"].items()
            }
            self._card, self._card_json = _Card(identity, decodings), said
        return self._card

    def _as_engine_error(self, error: Exception) -> EngineError:
        """What a failure of gRPC or of Triton's client means to us."""
        if isinstance(error, EngineError):
            return error
        where = f"Triton at {self.url}"
        status, message = _status(error), " ".join(str(_message(error)).split())
        if isinstance(error, (TimeoutError, asyncio.TimeoutError)) or status == "DEADLINE_EXCEEDED":
            return EngineUnavailable(f"{where} did not answer within {self._deadline:g} s")
        if status in {"UNAUTHENTICATED", "PERMISSION_DENIED"}:
            sent = "the token" if self._access.token else "us without a token"
            return EngineUnavailable(f"{where} refuses {sent}: set GRAMMARED_TRITON_TOKEN ({message})")
        if status == "NOT_FOUND" or "unknown model" in message or "unknown version" in message:
            version = f" version {self._version}" if self._version else ""
            if "not at ready state" in message or "no available versions" in message:
                return EngineUnavailable(f"{where} has {self._model}{version}, but it is not loaded")
            return ModelError(f"{where} has no model {self._model}{version}")
        if status == "INVALID_ARGUMENT":
            return EngineError(f"{where} refused the request: {message}")
        if status == "INTERNAL" and _NOT_HEALTHY not in message:
            return EngineError(f"{self._model} on {where} failed: {message}")
        if status == "UNAVAILABLE" and ("ssl" in message.lower() or "tls" in message.lower()):
            return EngineUnavailable(f"{where} does not agree on TLS: see triton.tls and the certificates")
        if status in {"UNAVAILABLE", "CANCELLED", ""} and "failed to connect" in message.lower():
            return EngineUnavailable(f"{where} cannot be reached")
        return EngineUnavailable(f"{where} is not available: {message or status or type(error).__name__}")


async def _within(seconds: float, awaitable: Awaitable[_Result]) -> _Result:
    """The result of `awaitable`.

    To be cancelled ends this at once, whatever comes at that moment. Calls of gRPC, and `asyncio.wait_for`
    before Python 3.12, may give their result instead, and who asks again and again would go on.

    Raises:
        asyncio.TimeoutError: it takes longer.
        ConnectionAbortedError: gRPC cancelled it: the connection was closed.
    """
    task = asyncio.ensure_future(awaitable)
    task.add_done_callback(_seen)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise asyncio.TimeoutError
        if task.cancelled():
            raise ConnectionAbortedError("the connection was closed")
        return task.result()
    finally:
        task.cancel()


def _seen(done: asyncio.Future[Any]) -> None:
    """Take note of its failure, if it failed: nobody else may be there to see it."""
    if not done.cancelled():
        done.exception()


def _connect(url: str, access: Access) -> Any:
    # What fails is said by us, in one line: gRPC's C library would say it once more on stderr.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from tritonclient.grpc import aio  # type: ignore[import-untyped]  # half a second that few need

    on_this_machine = url.startswith(_LOOPBACK)
    if access.token and not (access.tls or on_this_machine):
        raise EngineError(f"The token is not sent to {url} in the clear: set triton.tls")
    options = [*_CHANNEL, _NO_PROXY] if on_this_machine else _CHANNEL
    if not access.tls:
        return aio.InferenceServerClient(url, channel_args=options)
    root, key, chain = (
        None if path is None else str(path)
        for path in (access.root_certificates, access.client_key, access.client_certificate)
    )
    try:
        return aio.InferenceServerClient(
            url,
            ssl=True,
            root_certificates=root,
            private_key=key,
            certificate_chain=chain,
            channel_args=options,
        )
    except OSError as error:
        raise EngineError(f"{error.filename} cannot be read: {error.strerror}") from error


def _inputs(sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Any]:
    from tritonclient.grpc import InferInput

    rows = [[json.dumps(list(words), ensure_ascii=False).encode()] for words in sentences]
    words = InferInput("words", [len(rows), 1], "BYTES")
    words.set_data_from_numpy(np.array(rows, dtype=np.object_).reshape(len(rows), 1))
    bias = InferInput("keep_confidence", [len(rows), 1], "FP32")
    bias.set_data_from_numpy(np.full((len(rows), 1), keep_confidence, dtype=np.float32))
    return [words, bias]


def _outputs() -> list[Any]:
    from tritonclient.grpc import InferRequestedOutput

    return [InferRequestedOutput(name) for name in _OUTPUTS]


def _tagging(labels: list[str], probabilities: list[float], errors: list[float], words: int) -> Tagging:
    if len(labels) != words + 1 or len(probabilities) < words + 1 or len(errors) < words + 1:
        raise ValueError("another number of labels than words")
    return Tagging(tuple(labels), tuple(probabilities[: words + 1]), tuple(errors[: words + 1]))


def _status(error: Exception) -> str:
    """The gRPC status code's name, or "" for what has none."""
    status = getattr(error, "status", None)
    return str(status() or "").removeprefix("StatusCode.") if callable(status) else ""


def _message(error: Exception) -> str:
    message = getattr(error, "message", None)
    return cast(str, message()) if callable(message) else str(error)
