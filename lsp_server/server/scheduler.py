"""Which document is checked when: after a pause in typing, its newest text, with one outcome for all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lsp_server.checker import CheckResult
    from lsp_server.documents import Document, DocumentSnapshot


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of checking one version of a document."""

    snapshot: DocumentSnapshot
    result: CheckResult


class Scheduler:
    """At most one check a document. A change cancels the running one; whoever waits gets the newest outcome.

    Args:
        check: checks a snapshot; must not raise.
        finished: called with each outcome that is still that of the newest text.
    """

    def __init__(
        self,
        check: Callable[[DocumentSnapshot], Awaitable[CheckResult]],
        finished: Callable[[Outcome], None],
    ) -> None:
        self._check = check
        self._finished = finished
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._outcomes: dict[str, asyncio.Future[Outcome]] = {}
        self._background = asyncio.Lock()

    def schedule(self, document: Document, delay: float = 0.0, *, background: bool = False) -> None:
        """Check the document's present text after `delay` seconds; forget an older check of it.

        Args:
            document: The open document.
            delay: Seconds without a further call for this document until the check begins.
            background: Check one such document after the other, so that the one being edited is not held up.
        """
        uri = document.uri
        if uri in self._tasks:
            self._tasks[uri].cancel()
        if uri not in self._outcomes or self._outcomes[uri].done():
            self._outcomes[uri] = asyncio.get_running_loop().create_future()
        self._tasks[uri] = asyncio.create_task(self._run(document.snapshot(), delay, background=background))

    async def outcome(self, uri: str) -> Outcome:
        """The outcome for the newest text of a document, when there is one.

        Raises:
            KeyError: the document was never scheduled, or is forgotten.
            asyncio.CancelledError: it was forgotten meanwhile.
        """
        return await asyncio.shield(self._outcomes[uri])

    def forget(self, uri: str) -> None:
        """Stop checking a document; who still waits for its outcome is cancelled."""
        if task := self._tasks.pop(uri, None):
            task.cancel()
        if outcome := self._outcomes.pop(uri, None):
            outcome.cancel()

    def close(self) -> None:
        """Stop all checks."""
        for uri in list(self._tasks):
            self.forget(uri)

    async def _run(self, snapshot: DocumentSnapshot, delay: float, *, background: bool) -> None:
        await asyncio.sleep(delay)
        if background:
            async with self._background:
                result = await self._check(snapshot)
        else:
            result = await self._check(snapshot)
        # No `await` from here on: a change that arrived meanwhile has cancelled this task before this line.
        outcome = Outcome(snapshot, result)
        self._outcomes[snapshot.uri].set_result(outcome)
        self._finished(outcome)
