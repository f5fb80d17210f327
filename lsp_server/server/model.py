"""The checker that the present settings ask for: opened in the background, replaced when they change."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from lsp_server.documents import Span
from lsp_server.errors import EngineError
from lsp_server.results import CheckPart
from lsp_server.server.background import BackgroundLoop
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from lsp_server.checker import Checker
    from lsp_server.documents import DocumentSnapshot

OpenChecker = Callable[[Settings, Callable[[str, bool], None]], Coroutine[Any, Any, "Checker"]]
"""Makes a checker whose engine has started; raises `EngineError` when that fails. The second argument is told
when another engine takes over: in one line what happened, and whether checks are worse off for it."""

_log = logging.getLogger(__name__)


class Model:
    """Opens checkers, and checks with the newest, all off the main loop.

    Args:
        open_checker: makes the checker for some settings.
        loading: is entered while one is opened, to show progress.
        engine_changed: is told when another engine takes over.
    """

    def __init__(
        self,
        open_checker: OpenChecker,
        loading: Callable[[], AbstractContextManager[None]],
        engine_changed: Callable[[str, bool], None],
    ) -> None:
        self._open_checker = open_checker
        self._loading = loading
        self._main_loop = asyncio.get_running_loop()
        self._tell_engine_changed = engine_changed
        self._loop = BackgroundLoop()
        self._ready: asyncio.Future[Checker | EngineError] = asyncio.get_running_loop().create_future()
        self._outdated: list[Checker] = []
        self._opening: asyncio.Task[None] | None = None
        self._locks: dict[str, asyncio.Lock] = {}
        self.degraded = False
        """Whether another engine than the chosen one is in use."""

    @property
    def failed(self) -> bool:
        """Whether the checker could not be opened."""
        return self.failure is not None

    @property
    def failure(self) -> str | None:
        """Why the checker could not be opened, if it could not."""
        opened = self._ready.result() if self._ready.done() else None
        return str(opened) if isinstance(opened, EngineError) else None

    @property
    def identity(self) -> str:
        """The engine and model in use; empty while there is none."""
        opened = self._ready.result() if self._ready.done() else None
        return "" if opened is None or isinstance(opened, EngineError) else opened.engine.identity

    def open(self, settings: Settings) -> None:
        """Open the checker for these settings; checks wait for it, and the one before is closed."""
        if self._opening:
            self._opening.cancel()
        if self._ready.done():
            if not isinstance(checker := self._ready.result(), EngineError):
                self._outdated.append(checker)
            self._ready = asyncio.get_running_loop().create_future()
        self.degraded = False
        self._opening = asyncio.create_task(self._open(settings))

    async def check(
        self,
        snapshot: DocumentSnapshot,
        focus: Span | None = None,
        known_first: bool = False,
        *,
        settings: Settings | None = None,
    ) -> AsyncGenerator[CheckPart, None]:
        """Check with the newest checker, once it is open; see `Checker.parts`. Nothing is raised."""
        checker = await asyncio.shield(self._ready)
        if isinstance(checker, EngineError):
            yield CheckPart((), (), 0, 0, failure=checker)
            return
        checking = self._parts(checker, snapshot, focus, known_first, settings)
        async with aclosing(self._loop.stream(checking)) as parts:
            async for part in parts:
                yield part

    async def close(self) -> bool:
        """Release everything; false if a check would not stop."""
        if self._opening:
            self._opening.cancel()
        if self._ready.done() and not isinstance(checker := self._ready.result(), EngineError):
            self._outdated.append(checker)
        await self._close_outdated()
        return await asyncio.to_thread(self._loop.close)

    async def _open(self, settings: Settings) -> None:
        with self._loading():
            checker = await self._loop.run(_opened(self._open_checker(settings, self._engine_changed)))
        # What the libraries have made lives as long as the server. To search all of it for garbage, again and
        # again, held up one keystroke in ten by a tenth of a second.
        gc.freeze()
        self._ready.set_result(checker)
        await self._close_outdated()

    async def _parts(
        self,
        checker: Checker,
        snapshot: DocumentSnapshot,
        focus: Span | None,
        known_first: bool,
        settings: Settings | None,
    ) -> AsyncGenerator[CheckPart, None]:
        """Check a document when the check before, which may have been cancelled, has really ended."""
        try:
            async with self._locks.setdefault(snapshot.uri, asyncio.Lock()):
                checking = checker.parts(
                    snapshot, settings=settings, focus=focus or Span(0, 0), known_first=known_first
                )
                async with aclosing(checking) as parts:
                    async for part in parts:
                        yield part
        except Exception as error:
            _log.exception("%s could not be checked", snapshot.uri)
            failure = EngineError(f"{snapshot.uri} could not be checked: {error!r}")
            yield CheckPart((), (), 0, 0, failure=failure)

    def _engine_changed(self, what: str, degraded: bool) -> None:
        """Is called on the loop of the checks."""
        self._main_loop.call_soon_threadsafe(self._changed_engine, what, degraded)

    def _changed_engine(self, what: str, degraded: bool) -> None:
        self.degraded = degraded
        self._tell_engine_changed(what, degraded)

    async def _close_outdated(self) -> None:
        while self._outdated:
            await self._loop.run(self._outdated.pop().close())


async def _opened(opening: Coroutine[Any, Any, Checker]) -> Checker | EngineError:
    try:
        return await opening
    except EngineError as error:
        return error
    except Exception as error:  # a fault of ours is told like any other, and leaves no one waiting
        _log.exception("the model could not be opened")
        return EngineError(f"the model could not be opened: {error!r}")
