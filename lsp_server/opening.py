"""From settings to a checker that is ready."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cache import SentenceCache, cache_path
from lsp_server.checker import Checker
from lsp_server.engines.local import LocalEngine
from lsp_server.engines.protocol import BATCH, TYPING
from lsp_server.errors import ModelError
from lsp_server.proposers import Proposers
from lsp_server.spelling import load as load_words
from lsp_server.trials import Ledger, ledger_of
from triton_server.segmentation import SegmentationError, load_splitter, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.engines import Engine
    from lsp_server.settings import Settings, TritonSettings
    from triton_server.segmentation import Splitter


TOKEN = "GRAMMARED_TRITON_TOKEN"


async def open_checker(
    settings: Settings,
    engine_changed: Callable[[str, bool], None],
    *,
    is_hurried: bool = True,
) -> Checker:
    """Start the engine that the settings ask for, and get ready what else a check needs at the same time.

    Args:
        settings: which engine, which model, how strict.
        engine_changed: told in one line when another engine takes over, and whether it is the replacement.
        is_hurried: whether somebody types and waits, so that a Triton server is to see to it first.

    Returns:
        A checker; who is done with it closes it.

    Raises:
        EngineError: the engine, its model or the spaCy pipeline cannot be used.
    """
    engine = _engine(settings, engine_changed, TYPING if is_hurried else BATCH)
    starting = asyncio.create_task(engine.start())
    try:
        splitter = await asyncio.to_thread(_splitter, settings.sentence_pipeline)
        await starting
    except BaseException:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await engine.close()
        raise
    cache = await asyncio.to_thread(SentenceCache, cache_path()) if settings.cache else None
    return Checker(engine, settings, splitter, Proposers, cache=cache)


def _engine(settings: Settings, engine_changed: Callable[[str, bool], None], priority: int) -> Engine:
    """The engine, not yet started."""
    local = LocalEngine(Path(settings.model).expanduser() if settings.model else None, settings.threads)
    if settings.engine == "local":
        return local
    from lsp_server.engines.failover import FailoverEngine

    triton = _triton(settings.triton, engine_changed, priority, ledger_of(settings))
    return FailoverEngine(triton, local, engine_changed) if settings.fallback else triton


def _triton(
    settings: TritonSettings,
    engine_changed: Callable[[str, bool], None],
    priority: int,
    ledger: Ledger | None,
) -> Engine:
    """One server, several, or several versions on one or several."""
    from lsp_server.engines.pool import PoolEngine
    from lsp_server.engines.split import SplitEngine
    from lsp_server.engines.triton import Access, TritonEngine

    access = Access(
        settings.tls,
        _path(settings.root_certificates),
        _path(settings.client_certificate),
        _path(settings.client_key),
        settings.token or os.environ.get(TOKEN) or None,
    )

    def of_version(version: str) -> Engine:
        servers = [
            TritonEngine(url, settings.model, version, settings.deadline, settings.retries, access, priority)
            for url in settings.url.split(",")
        ]
        return servers[0] if len(servers) == 1 else PoolEngine(servers, engine_changed)

    if not settings.versions:
        return of_version(settings.version)
    arms = {version: of_version(version) for version, _ in settings.versions}
    return SplitEngine(arms, dict(settings.versions), ledger, engine_changed)


def _path(name: str | None) -> Path | None:
    return Path(name).expanduser() if name else None


def _splitter(pipeline: str | None) -> Splitter:
    """What finds the sentences; imports spaCy on the way, which takes its time."""
    try:
        splitter = load_splitter(pipeline)
    except SegmentationError as error:
        raise ModelError(str(error)) from error
    words_of("Ready.")
    load_words("auto")
    return splitter
