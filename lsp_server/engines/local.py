"""The engine inside this process: ONNX Runtime in a worker thread."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from lsp_server.errors import EngineError, ModelError
from triton_server.gector.chunks import chunks_of, in_order
from triton_server.gector.model_files import bundled_model
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from triton_server.gector.tagger import Tagger
    from triton_server.gector.types import Decoding, Strictness, Tagging

_AT_A_TIME = 32
"""Sentences handed to the thread at once: enough for full batches, few enough that documents take turns."""
_Result = TypeVar("_Result")


class LocalEngine:
    """Tags on ONNX Runtime in this process (an `Engine`).

    Args:
        folder: the model's; None for the bundled one.
        threads: processor threads; None for as many as there are physical cores.
    """

    def __init__(self, folder: Path | None = None, threads: int | None = None) -> None:
        self._folder = folder or bundled_model()
        self._threads = threads or 0
        self._worker: ThreadPoolExecutor | None = ThreadPoolExecutor(1, thread_name_prefix="grammared-model")
        self._tagger: Tagger | None = None

    @property
    def identity(self) -> str:
        """Name and hash of the model's files."""
        return f"local:{self._loaded.files.identity}"

    def decoding(self, strictness: Strictness) -> Decoding:
        """The thresholds in the model's folder."""
        return self._loaded.files.decodings[strictness]

    @property
    def _loaded(self) -> Tagger:
        if self._tagger is None:
            raise EngineError("the local engine was not started")
        return self._tagger

    async def start(self) -> None:
        """Load the model.

        Raises:
            ModelError: it cannot be loaded.
        """
        if self._tagger is None:
            try:
                self._tagger = await self._in_thread(_load, self._folder, self._threads)
            except GectorError as error:
                raise ModelError(str(error)) from error

    async def tag(self, sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Tagging]:
        """Tag each sentence, neighbours in length together."""
        tagger = self._loaded
        chunks = chunks_of(sentences, _AT_A_TIME)
        stopped = threading.Event()
        try:
            answers = [
                await self._in_thread(
                    tagger, [sentences[i] for i in chunk], [keep_confidence] * len(chunk), stopped.is_set
                )
                for chunk in chunks
            ]
        except GectorError as error:
            raise EngineError(str(error)) from error
        finally:
            stopped.set()  # after a cancellation the thread would go on, and whoever is next would wait
        return in_order(chunks, answers)

    async def close(self) -> None:
        """End the thread after what it is doing, and forget the model."""
        if self._worker is not None:
            worker, self._worker, self._tagger = self._worker, None, None
            worker.shutdown(wait=False)

    async def _in_thread(self, function: Callable[..., _Result], *arguments: Any) -> _Result:
        def work() -> _Result:
            self._must_be_open()  # it may have been closed while this waited for the thread
            return function(*arguments)

        self._must_be_open()
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    def _must_be_open(self) -> None:
        if self._worker is None:
            raise EngineError("the local engine is closed")


def _load(folder: Path, threads: int) -> Tagger:
    from triton_server.gector.onnx_model import onnx_tagger

    return onnx_tagger(folder, threads=threads)
