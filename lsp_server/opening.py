"""From settings to a checker that is ready."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.checker import Checker
from lsp_server.engines.local import LocalEngine
from lsp_server.errors import ModelError
from triton_server.segmentation import SegmentationError, load_splitter, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.engines import Engine
    from lsp_server.settings import Settings
    from triton_server.segmentation import Splitter


async def open_checker(settings: Settings, engine_changed: Callable[[str, bool], None]) -> Checker:
    """Start the engine that the settings ask for, and get ready what else a check needs at the same time.

    Args:
        settings: which engine, which model, how strict.
        engine_changed: told in one line when another engine takes over, and whether it is the replacement.

    Returns:
        A checker; who is done with it closes its engine.

    Raises:
        EngineError: the engine, its model or the spaCy pipeline cannot be used.
    """
    engine = _engine(settings, engine_changed)
    starting = asyncio.create_task(engine.start())
    try:
        splitter = await asyncio.to_thread(_splitter, settings.sentence_pipeline)
        await starting
    except BaseException:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await engine.close()
        raise
    return Checker(engine, settings, splitter)


def _engine(settings: Settings, engine_changed: Callable[[str, bool], None]) -> Engine:
    """The engine, not yet started."""
    local = LocalEngine(Path(settings.model).expanduser() if settings.model else None, settings.threads)
    if settings.engine == "local":
        return local
    from lsp_server.engines.failover import FailoverEngine
    from lsp_server.engines.triton import TritonEngine

    server = settings.triton
    triton = TritonEngine(
        server.url, server.model, server.version, server.deadline, server.retries, server.tls
    )
    return FailoverEngine(triton, local, engine_changed) if settings.fallback else triton


def _splitter(pipeline: str | None) -> Splitter:
    """What finds the sentences; imports spaCy on the way, which takes its time."""
    try:
        splitter = load_splitter(pipeline)
    except SegmentationError as error:
        raise ModelError(str(error)) from error
    words_of("Ready.")
    return splitter
