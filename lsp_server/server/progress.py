"""Progress of long checks: shown once for a document, never for a keystroke, with a way to stop it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from collections.abc import Callable

    from pygls.lsp.server import LanguageServer

    from lsp_server.server.scheduler import Outcome

PATIENCE = 2.0
"""Seconds that a check may take before there is a word of it."""


class CheckProgress:
    """Follows the checks of a session's documents.

    Args:
        ls: where the client is told.
        stop: stops the check of a document, when the user says so.
    """

    def __init__(self, ls: LanguageServer, stop: Callable[[str], None]) -> None:
        self._ls = ls
        self._stop = stop
        self._shown: dict[str, _Shown] = {}

    def advanced(self, outcome: Outcome) -> None:
        """More is known of a document: show how much, if it goes on for long.

        A check that a keystroke began anew goes on where the one before was: it stays one progress.
        """
        uri = outcome.snapshot.uri
        if outcome.is_complete:
            self.ended(uri)
            return
        if uri not in self._shown:
            self._shown[uri] = _Shown(self._ls, uri, lambda: self._stop(uri))
        self._shown[uri].percentage = 100 * outcome.done // max(outcome.total, 1)
        self._shown[uri].changed.set()

    def ended(self, uri: str) -> None:
        """The check has ended, or nobody wants it any more."""
        if shown := self._shown.pop(uri, None):
            shown.close()


class _Shown:
    """The progress of one check, shown once it has taken long."""

    def __init__(self, ls: LanguageServer, uri: str, stop: Callable[[], None]) -> None:
        self._ls = ls
        self._name = uri.rpartition("/")[2]
        self._stop = stop
        self.percentage = 0
        self.changed = asyncio.Event()
        self._over = asyncio.Event()
        self._task = asyncio.create_task(self._show())

    def close(self) -> None:
        self._over.set()
        self.changed.set()

    async def _show(self) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._over.wait(), PATIENCE)
            return
        token, progress = str(uuid.uuid4()), self._ls.work_done_progress
        with contextlib.suppress(JsonRpcException):  # the client will not
            await progress.create_async(token)
            begin = types.WorkDoneProgressBegin(
                title=f"Grammared: checking {self._name}", cancellable=True, percentage=self.percentage
            )
            progress.begin(token, begin)
            progress.tokens[token].add_done_callback(lambda asked: asked.cancelled() and self._stop())
            while not self._over.is_set():
                self.changed.clear()
                report = types.WorkDoneProgressReport(cancellable=True, percentage=self.percentage)
                progress.report(token, report)
                await self.changed.wait()
            progress.end(token, types.WorkDoneProgressEnd())
