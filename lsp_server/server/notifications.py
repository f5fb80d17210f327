"""What the user is told: a message when something changes, a line in the log, progress while loading."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from pygls.lsp.server import LanguageServer

    from lsp_server.errors import EngineError


class Notifications:
    """Tells each thing once: no message is repeated while nothing has changed."""

    def __init__(self, ls: LanguageServer) -> None:
        self._ls = ls
        self._failing = False
        self._problems: set[str] = set()
        self._too_large: set[str] = set()
        self._progress: asyncio.Task[None] | None = None

    def log(self, text: str) -> None:
        """Write a line to the log that the editor keeps for us."""
        self._ls.window_log_message(types.LogMessageParams(types.MessageType.Info, text))

    def show(self, text: str, kind: types.MessageType) -> None:
        """Show a message."""
        self._ls.window_show_message(types.ShowMessageParams(kind, text))

    def problems(self, problems: Iterable[str]) -> None:
        """Tell what is wrong with the settings, in one message, as far as it has not been told."""
        now = dict.fromkeys(problems)
        if new := [problem for problem in now if problem not in self._problems]:
            self.show("Grammared: " + "\n".join(new), types.MessageType.Warning)
        self._problems = set(now)

    def checked(self, failure: EngineError | None) -> None:
        """Tell when checks begin to fail, and when they work again."""
        if failure is not None and not self._failing:
            self.show(f"Grammared cannot check: {failure}", types.MessageType.Error)
        if failure is None and self._failing:
            self.show("Grammared checks again.", types.MessageType.Info)
        self._failing = failure is not None

    def too_large(self, uri: str) -> None:
        """Tell, once, that a document is not checked whole."""
        if uri not in self._too_large:
            self._too_large.add(uri)
            name = uri.rpartition("/")[2]
            self.show(
                f"Grammared: {name} is too large to be checked whole; it is checked around the place where "
                "you edit or ask for fixes. `grammared lint` checks all of it.",
                types.MessageType.Info,
            )

    def lost_step(self, uri: str) -> None:
        """Tell that a document cannot be followed any more."""
        text = (
            f"Grammared could not read a change to {uri}; it checks the document again once it is reopened."
        )
        self.show(text, types.MessageType.Warning)

    def engine_changed(self, what: str, degraded: bool) -> None:
        """Tell that another engine has taken over."""
        self.show(f"Grammared: {what}", types.MessageType.Warning if degraded else types.MessageType.Info)

    @contextlib.contextmanager
    def loading(self, can_show: Callable[[], bool]) -> Iterator[None]:
        """Show progress while the model is loaded, if the client can; it is never waited for."""
        done = asyncio.Event()
        if can_show():
            self._progress = asyncio.create_task(self._show_progress(done))
        try:
            yield
        finally:
            done.set()

    @contextlib.asynccontextmanager
    async def progress(self, what: str, can_show: bool) -> AsyncIterator[Callable[[str], None]]:
        """Show that something goes on, if the client can; gives what is called with how far it has come."""
        token, progress = str(uuid.uuid4()), self._ls.work_done_progress
        is_shown = False
        if can_show:
            with contextlib.suppress(JsonRpcException):  # the client will not
                await progress.create_async(token)
                progress.begin(token, types.WorkDoneProgressBegin(title=f"Grammared: {what}"))
                is_shown = True

        def tell(text: str) -> None:
            if is_shown:
                progress.report(token, types.WorkDoneProgressReport(message=text))

        try:
            yield tell
        finally:
            if is_shown:
                progress.end(token, types.WorkDoneProgressEnd())

    async def _show_progress(self, done: asyncio.Event) -> None:
        token, progress = str(uuid.uuid4()), self._ls.work_done_progress
        with contextlib.suppress(JsonRpcException):  # the client will not
            await progress.create_async(token)
            begin = types.WorkDoneProgressBegin(title="Grammared", message="loading the model")
            progress.begin(token, begin)
            await done.wait()
            progress.end(token, types.WorkDoneProgressEnd())
