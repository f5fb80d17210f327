"""The scheduler alone, with checks that end when the test says so."""

from __future__ import annotations

import asyncio

import pytest

from lsp_server.checker import CheckResult
from lsp_server.documents import Change, Document, PositionEncoding
from lsp_server.server.scheduler import Scheduler

NOTHING = CheckResult(())


class Checks:
    """A scheduler's checks: which began, and a way to end them."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.finished: list[str] = []
        self.cancelled: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.scheduler = Scheduler(self._check, lambda outcome: self.finished.append(outcome.snapshot.text))

    async def _check(self, snapshot) -> CheckResult:
        self.begun.put_nowait(snapshot.text)
        try:
            await self.ends.setdefault(snapshot.text, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.cancelled.append(snapshot.text)
            raise
        return NOTHING

    def end(self, text: str) -> None:
        self.ends.setdefault(text, asyncio.Event()).set()


def document(text: str) -> Document:
    return Document(f"file:///{text}", "plaintext", 1, text, PositionEncoding.UTF8)


async def test_who_waits_gets_the_newest_outcome():
    checks = Checks()
    one = document("old")
    checks.scheduler.schedule(one)
    waiting = asyncio.create_task(checks.scheduler.outcome(one.uri))
    assert await checks.begun.get() == "old"
    one.change([Change("new")], 2)
    checks.scheduler.schedule(one)
    assert await checks.begun.get() == "new"
    checks.end("old")
    checks.end("new")
    assert (await waiting).snapshot.text == "new"
    assert (checks.finished, checks.cancelled) == (["new"], ["old"])


async def test_a_change_during_the_delay_starts_it_anew():
    checks = Checks()
    one = document("old")
    checks.scheduler.schedule(one, delay=3600)
    one.change([Change("new")], 2)
    checks.scheduler.schedule(one)
    assert await checks.begun.get() == "new"
    checks.end("new")
    assert (await checks.scheduler.outcome(one.uri)).snapshot.text == "new"
    assert checks.begun.empty()


async def test_a_waiter_that_gives_up_stops_nothing():
    checks = Checks()
    one = document("one")
    checks.scheduler.schedule(one)
    waiting = asyncio.create_task(checks.scheduler.outcome(one.uri))
    await checks.begun.get()
    waiting.cancel()
    checks.end("one")
    assert (await checks.scheduler.outcome(one.uri)).result is NOTHING


async def test_a_closed_document_is_forgotten():
    checks = Checks()
    one = document("one")
    checks.scheduler.schedule(one)
    waiting = asyncio.create_task(checks.scheduler.outcome(one.uri))
    await checks.begun.get()
    checks.scheduler.forget(one.uri)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(KeyError):
        await checks.scheduler.outcome(one.uri)
    assert (checks.finished, checks.cancelled) == ([], ["one"])


async def test_background_checks_run_one_by_one_and_hold_up_no_other():
    checks = Checks()
    for text in ("first", "second"):
        checks.scheduler.schedule(document(text), background=True)
    assert await checks.begun.get() == "first"
    checks.scheduler.schedule(document("edited"))
    assert await checks.begun.get() == "edited"
    assert checks.begun.empty()
    checks.end("first")
    assert await checks.begun.get() == "second"
    checks.scheduler.close()
