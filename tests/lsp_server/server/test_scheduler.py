"""The scheduler alone, with checks that end when the test says so."""

from __future__ import annotations

import asyncio

import pytest

from lsp_server.documents import Change, Document, PositionEncoding, Span
from lsp_server.results import CheckPart
from lsp_server.server import scheduler as scheduler_module
from lsp_server.server.scheduler import Scheduler


def part(done: int, total: int) -> CheckPart:
    return CheckPart((), (Span(done - 1, done),), done, total)


class Checks:
    """A scheduler's checks: which began, and a way to take them on, part by part."""

    def __init__(self, parts: int = 1) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.known_first: list[bool] = []
        self.focus: list[Span | None] = []
        self.advanced: list[tuple[str, int]] = []
        self.cancelled: list[str] = []
        self.steps: dict[str, asyncio.Semaphore] = {}
        self.parts = parts
        self.scheduler = Scheduler(
            self._check, lambda outcome: self.advanced.append((outcome.snapshot.text, outcome.done))
        )

    async def _check(self, snapshot, focus, known_first):
        self.begun.put_nowait(snapshot.text)
        self.known_first.append(known_first)
        self.focus.append(focus)
        try:
            for number in range(1, self.parts + 1):
                await self.steps.setdefault(snapshot.text, asyncio.Semaphore(0)).acquire()
                yield part(number, self.parts)
        except asyncio.CancelledError:
            self.cancelled.append(snapshot.text)
            raise

    def step(self, text: str) -> None:
        """Let the next part of a check come."""
        self.steps.setdefault(text, asyncio.Semaphore(0)).release()


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
    checks.step("old")
    checks.step("new")
    assert (await waiting).snapshot.text == "new"
    assert (checks.advanced, checks.cancelled) == ([("new", 1)], ["old"])


async def test_a_change_during_the_delay_starts_it_anew():
    checks = Checks()
    one = document("old")
    checks.scheduler.schedule(one, delay=3600)
    one.change([Change("new")], 2)
    checks.scheduler.schedule(one)
    assert await checks.begun.get() == "new"
    checks.step("new")
    assert (await checks.scheduler.outcome(one.uri)).snapshot.text == "new"
    assert checks.begun.empty()


async def test_a_waiter_that_gives_up_stops_nothing():
    checks = Checks()
    one = document("one")
    checks.scheduler.schedule(one)
    waiting = asyncio.create_task(checks.scheduler.outcome(one.uri))
    await checks.begun.get()
    waiting.cancel()
    checks.step("one")
    assert (await checks.scheduler.outcome(one.uri)).is_complete


async def test_a_closed_document_is_forgotten():
    checks = Checks()
    one = document("one")
    checks.scheduler.schedule(one)
    waiting = asyncio.create_task(checks.scheduler.outcome(one.uri))
    covering = asyncio.create_task(checks.scheduler.covering(one.uri))
    await checks.begun.get()
    checks.scheduler.forget(one.uri)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(KeyError):
        await covering
    with pytest.raises(KeyError):
        await checks.scheduler.outcome(one.uri)
    assert (checks.advanced, checks.cancelled) == ([], ["one"])


async def test_background_checks_run_one_by_one_and_hold_up_no_other():
    checks = Checks()
    for text in ("first", "second"):
        checks.scheduler.schedule(document(text), background=True)
    assert await checks.begun.get() == "first"
    checks.scheduler.schedule(document("edited"))
    assert await checks.begun.get() == "edited"
    assert checks.begun.empty()
    checks.step("first")
    assert await checks.begun.get() == "second"
    checks.scheduler.close()


async def test_what_is_known_so_far_is_there_before_the_end():
    checks = Checks(parts=3)
    one = document("one")
    checks.scheduler.schedule(one, focus=Span(0, 1))
    assert checks.scheduler.known(one.uri) is None
    checks.step("one")
    first = await checks.scheduler.covering(one.uri)
    assert (first.done, first.is_complete) == (1, False)
    place = asyncio.create_task(checks.scheduler.covering(one.uri, Span(1, 2)))
    checks.step("one")
    assert (await place).done == 2
    checks.step("one")
    assert (await checks.scheduler.outcome(one.uri)).done == 3
    assert checks.advanced == [("one", 1), ("one", 2), ("one", 3)]
    assert checks.focus == [Span(0, 1)]


async def test_a_change_forgets_what_was_known():
    checks = Checks(parts=2)
    one = document("old")
    checks.scheduler.schedule(one)
    checks.step("old")
    await checks.scheduler.covering(one.uri)
    one.change([Change("new")], 2)
    checks.scheduler.schedule(one)
    assert checks.scheduler.known(one.uri) is None
    checks.step("new")
    assert (await checks.scheduler.covering(one.uri)).snapshot.text == "new"
    assert checks.known_first == [False, True]  # what is remembered is shown with the first part
    checks.scheduler.close()


async def test_a_stopped_check_leaves_what_it_has_found():
    checks = Checks(parts=2)
    one = document("one")
    checks.scheduler.schedule(one)
    checks.step("one")
    await checks.scheduler.covering(one.uri)
    checks.scheduler.stop(one.uri)
    outcome = await checks.scheduler.outcome(one.uri)
    assert (outcome.done, outcome.is_complete) == (1, True)
    await asyncio.sleep(0)
    assert checks.cancelled == ["one"]


async def test_a_steady_typist_does_not_wait_for_ever(monkeypatch):
    """Every change comes before the delay is over; the check runs all the same, and no change cancels it."""
    monkeypatch.setattr(scheduler_module, "LONGEST_WAIT", 0.05)
    checks = Checks(parts=2)
    one = document("0")
    for number in range(1, 100):
        checks.scheduler.schedule(one, delay=3600)
        await asyncio.sleep(0.005)
        if not checks.begun.empty():
            break
        one.change([Change(str(number))], number + 1)
    old = await checks.begun.get()
    one.change([Change("newest")], 1000)
    checks.scheduler.schedule(one, delay=3600)
    checks.step(old)
    checks.step(old)
    assert await checks.begun.get() == "newest"
    checks.step("newest")
    checks.step("newest")
    assert (await checks.scheduler.outcome(one.uri)).snapshot.text == "newest"
    assert not checks.cancelled
    assert {text for text, _ in checks.advanced} == {"newest"}
