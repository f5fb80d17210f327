"""Findings in steps: the place that matters first, progress for what takes long, answers before the end."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALM = "The dog sleeps by the fire {}.\n\n"


def long_text(*, wrong_at: int, slow_from: int | None = None, paragraphs: int = 60) -> str:
    """Paragraphs, one with a mistake, and from one on such that the engine takes long for each."""
    lines = [CALM.format(number) for number in range(paragraphs)]
    lines[wrong_at] = "He go home.\n\n"
    if slow_from is not None:
        lines[slow_from:] = [line.replace("dog", "sluggish dog") for line in lines[slow_from:]]
    return "".join(lines)


async def test_what_is_found_first_is_shown_before_the_end(start):
    editor = await start(pull=False)
    editor.open(long_text(wrong_at=0, slow_from=9) + "Nobody waits for the endless end of it.")
    (found,) = await editor.diagnostics(at_least=1)
    assert editor.under(found) == "go"


async def test_a_changed_sentence_comes_before_the_rest_of_a_first_check(start):
    editor = await start(pull=False)
    editor.open(long_text(wrong_at=0, slow_from=9, paragraphs=200) + "The endless end.")
    await editor.diagnostics(at_least=1)
    editor.replace("fire 190.", "fire 190. I saw teh cat.")
    assert [editor.under(found) for found in await editor.diagnostics(at_least=2)] == ["go", "teh"]


async def test_a_client_that_pulls_is_answered_before_the_end_and_told_of_more(start):
    editor = await start(pull=True)
    editor.open(long_text(wrong_at=50))
    first = await editor.pull()
    assert first.items == ()
    await editor.wait(editor.refreshed.get())
    while not (report := await editor.pull()).items:
        await editor.wait(editor.refreshed.get())
    assert [editor.under(found) for found in report.items] == ["go"]


async def test_the_menu_answers_from_what_is_known(start):
    editor = await start(pull=False, options={})
    editor.open(long_text(wrong_at=0) + "The endless end.")
    await editor.diagnostics(at_least=1)
    first_line = types.Range(types.Position(0, 0), types.Position(0, 9))
    (fix,) = [one for one in await editor.code_actions(first_line, only=["quickfix"]) if one.is_preferred]
    assert fix.title == "Replace “go” with “goes”"
    last_line = types.Range(types.Position(120, 0), types.Position(120, 3))
    (nothing,) = await editor.code_actions(last_line)
    assert nothing.disabled.reason == "Grammared has not checked this place yet"
    unasked = types.CodeActionTriggerKind.Automatic
    assert list(await editor.code_actions(last_line, trigger=unasked)) == []


@pytest.mark.slow
async def test_progress_of_a_long_check_is_shown_once_and_stops_it(start):
    editor = await start(pull=False, options={})
    editor.open(long_text(wrong_at=0, slow_from=9) + "The endless end.")
    await editor.diagnostics(at_least=1)
    editor.replace("fire 3.", "fire 3. I saw teh cat.")  # goes on as the same progress
    await editor.diagnostics(at_least=2)
    await editor.progress_of("begin", "checking")
    editor.progress_ended.clear()  # that of the model
    editor.cancel_progress()
    await editor.wait(editor.progress_ended.wait())
    (begun,) = await editor.progress_of("begin", "checking")
    assert begun["cancellable"]
    editor.replace("fire 5.", "fire 5. I saw teh rat.")  # the next keystroke checks again
    assert len(await editor.diagnostics(at_least=3)) == 3


@pytest.mark.slow
async def test_a_keystroke_shows_no_progress(start):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open(long_text(wrong_at=0))
    await editor.diagnostics(at_least=1)
    for number in range(30):
        editor.replace("He go home", f"He go home {number}, He go home")
        await editor.diagnostics(at_least=number + 2)
        await asyncio.sleep(0.1)
    assert not [value for value in editor.progress if "checking" in value.get("title", "")]


async def test_somebody_who_does_not_stop_typing_sees_findings(start):
    editor = await start(pull=False, options={"debounce": 600})
    editor.open("He go home. ")
    await editor.diagnostics(at_least=1)
    for number in range(60):
        await asyncio.sleep(0.05)
        editor.edit(((0, 0), (0, 0), "teh " if number == 5 else "a "))
        while not editor.published.empty():
            if len(editor.published.get_nowait().diagnostics) == 2:
                return
    raise AssertionError("nothing was published in three seconds of typing")
