"""Which document is checked when: after a pause in typing, its newest text, and what is known of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lsp_server.results import CheckResult

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from lsp_server.documents import Document, DocumentSnapshot, Span
    from lsp_server.results import CheckPart

    Check = Callable[[DocumentSnapshot, Span | None, bool], AsyncGenerator[CheckPart, None]]

LONGEST_WAIT = 1.0
"""Seconds that somebody who types without a pause waits for findings."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of checking one version of a document, so far."""

    snapshot: DocumentSnapshot
    result: CheckResult
    checked: tuple[Span, ...] = ()
    """Where the document has been checked, in no order."""
    done: int = 0
    """Code points of prose checked."""
    total: int = 0
    """Code points of prose in all."""
    parts: int = 1
    """In how many parts it has come."""
    is_complete: bool = True
    """Whether nothing more will come."""

    def joined(self, part: CheckPart) -> Outcome:
        """This and what one more part says."""
        return replace(
            self,
            result=self.result.joined(part),
            checked=self.checked + part.extents,
            done=part.done,
            total=part.total,
            parts=self.parts + 1,
            is_complete=part.failure is not None or part.done == part.total,
        )

    def covers(self, place: Span) -> bool:
        """Whether all prose of a place has been checked, as far as can be told before everything is."""
        window = self.result.window
        if self.is_complete and window is None:
            return True
        done = [window] if self.is_complete and window else self.checked
        return any(span.start <= place.start and place.end <= span.end for span in done)


@dataclass(slots=True)
class _Watch:
    """One document and the work for it."""

    complete: asyncio.Future[Outcome]
    """Of its newest text."""
    snapshot: DocumentSnapshot
    """Its newest text."""
    latest: Outcome | None = None
    """What is known of the newest text."""
    advanced: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced, whenever `latest` has changed."""
    task: asyncio.Task[None] | None = None
    waiting_since: float | None = None
    """When the first change was made of which nothing is known yet."""
    was_checked: bool = False
    """Whether sentences of it are remembered, that were in an older text."""
    is_overdue: bool = False
    """Whether the running check began because somebody does not stop typing: no keystroke cancels it."""
    then: asyncio.Task[None] | None = None
    """The check that follows an overdue one."""


class Scheduler:
    """At most one check a document. A change cancels the running one; whoever waits gets the newest outcome.

    Args:
        check: checks a snapshot, from a place on if one is given, with what is remembered in the first part
            if so told; must not raise.
        advanced: called with what is known of a document's newest text, whenever that is more than before.
    """

    def __init__(self, check: Check, advanced: Callable[[Outcome], None]) -> None:
        self._check = check
        self._advanced = advanced
        self._watches: dict[str, _Watch] = {}
        self._background = asyncio.Lock()

    def schedule(
        self, document: Document, delay: float = 0.0, *, focus: Span | None = None, background: bool = False
    ) -> None:
        """Check the document's present text after `delay` seconds; forget an older check of it.

        Args:
            document: the open document.
            delay: seconds without a further call for this document until the check begins, but at most
                `LONGEST_WAIT` after the first of them.
            focus: where to begin: what was edited, or is looked at.
            background: check one such document after the other, so that the one being edited is not held up.
        """
        loop = asyncio.get_running_loop()
        snapshot = document.snapshot()
        watch = self._watches.get(document.uri)
        if watch is None:
            watch = self._watches[document.uri] = _Watch(loop.create_future(), snapshot)
        elif watch.complete.done():
            watch.complete = loop.create_future()
        watch.snapshot, watch.latest = snapshot, None
        if watch.waiting_since is None:
            watch.waiting_since = loop.time()
        wait = max(0.0, min(delay, watch.waiting_since + LONGEST_WAIT - loop.time()))
        if watch.then:
            watch.then.cancel()
        if watch.task and watch.is_overdue and not watch.task.done():
            watch.then = asyncio.create_task(self._after(watch, watch.task, focus))
            return
        if watch.task:
            watch.task.cancel()
        watch.task = asyncio.create_task(self._run(watch, wait, focus, background=background))

    async def outcome(self, uri: str) -> Outcome:
        """The outcome for the newest text of a document, when all of it has been checked.

        Raises:
            KeyError: the document was never scheduled, or is forgotten.
            asyncio.CancelledError: it was forgotten meanwhile.
        """
        return await asyncio.shield(self._watches[uri].complete)

    async def covering(self, uri: str, place: Span | None = None) -> Outcome:
        """What is known of the newest text, when that includes a place; of any place, if there is none.

        Raises:
            KeyError: the document was never scheduled, or is forgotten.
        """
        while True:
            watch = self._watches[uri]
            if watch.latest and (place is None or watch.latest.covers(place)):
                return watch.latest
            await watch.advanced.wait()

    def known(self, uri: str) -> Outcome | None:
        """What is known of the newest text of a document."""
        watch = self._watches.get(uri)
        return watch.latest if watch else None

    def stop(self, uri: str) -> None:
        """Stop the check of a document, and let what is known of it be all, until it is scheduled again."""
        watch = self._watches.get(uri)
        if watch is None or watch.complete.done():
            return
        self._cancel(watch)
        known = watch.latest or Outcome(watch.snapshot, CheckResult(()))
        self._advance(watch, replace(known, is_complete=True))

    def forget(self, uri: str) -> None:
        """Stop checking a document; who still waits for its outcome is cancelled."""
        if watch := self._watches.pop(uri, None):
            self._cancel(watch)
            watch.complete.cancel()
            watch.advanced.set()

    def close(self) -> None:
        """Stop all checks."""
        for uri in list(self._watches):
            self.forget(uri)

    def _cancel(self, watch: _Watch) -> None:
        for task in (watch.task, watch.then):
            if task:
                task.cancel()

    async def _run(self, watch: _Watch, delay: float, focus: Span | None, *, background: bool) -> None:
        await asyncio.sleep(delay)
        waited = asyncio.get_running_loop().time() - (watch.waiting_since or float("inf"))
        watch.is_overdue = waited >= LONGEST_WAIT and not background
        try:
            if background:
                async with self._background:
                    await self._checked(watch, focus)
            else:
                await self._checked(watch, focus)
        finally:
            watch.is_overdue = False

    async def _after(self, watch: _Watch, running: asyncio.Task[None], focus: Span | None) -> None:
        """Check the newest text when an overdue check, whose sentences are remembered, has ended."""
        await asyncio.wait([running])
        watch.task, watch.then = watch.then, None
        await self._run(watch, 0.0, focus, background=False)

    async def _checked(self, watch: _Watch, focus: Span | None) -> None:
        snapshot, known_first = watch.snapshot, watch.was_checked
        outcome = Outcome(snapshot, CheckResult(()), parts=0, is_complete=False)
        async with aclosing(self._check(snapshot, focus, known_first)) as parts:
            async for part in parts:
                outcome = outcome.joined(part)
                # A change that arrived meanwhile has cancelled this task, unless it is overdue.
                if watch.snapshot is snapshot:
                    self._advance(watch, outcome)
                else:
                    return  # something new is remembered for the check that follows
        if watch.snapshot is snapshot and not outcome.is_complete:
            self._advance(watch, replace(outcome, is_complete=True))

    def _advance(self, watch: _Watch, outcome: Outcome) -> None:
        watch.latest, watch.waiting_since, watch.was_checked = outcome, None, True
        watch.advanced.set()
        watch.advanced = asyncio.Event()
        if outcome.is_complete and not watch.complete.done():
            watch.complete.set_result(outcome)
        self._advanced(outcome)
