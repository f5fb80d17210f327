"""Documents of a size that nobody writes and somebody opens."""

from __future__ import annotations

import dataclasses

import pytest
from lsprotocol import types

from lsp_server.checker import LARGEST, WINDOW
from lsp_server.settings import Settings

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]


async def test_a_line_of_20_000_characters(start):
    editor = await start(pull=False)
    editor.open("😀 The dog sleeps. " * 1_200 + "He go home.")
    (found,) = await editor.diagnostics(at_least=1)
    assert editor.under(found) == "go"
    editor.replace("He go", "I saw teh dog. He goes")
    (found,) = await editor.diagnostics(at_least=1)
    assert editor.under(found) == "teh"
    (action,) = await editor.code_actions(only=["source.fixAll"])
    editor.apply(action)
    assert editor.text.endswith(" I saw the dog. He goes home.")


async def test_five_megabytes(start):
    """Edits arrive while it is checked, other documents are checked meanwhile, and the end is clean."""
    editor = await start(pull=False, options={"debounce": 0})
    line = "The dog sleeps by the fire, and nobody wakes it before the morning comes at last.\n"
    editor.open(line * (5_000_000 // len(line)))
    large = editor.uri
    for number in range(20):
        place = types.Range(types.Position(number * 1_000, 4), types.Position(number * 1_000, 7))
        editor.send([types.TextDocumentContentChangePartial(place, "cat")])
    editor.open("He go home.")
    assert editor.uri != large
    assert len(await editor.diagnostics()) == 1
    assert await editor.stop() == 0


async def test_more_than_that_is_checked_around_the_place_where_somebody_edits(start):
    editor = await start(pull=False, options={"debounce": 0})
    paragraph = (
        "The dog sleeps by the fire, and nobody wakes it before the morning comes at last. " * 200 + "\n\n"
    )
    paragraphs = [paragraph] * (LARGEST // len(paragraph) + 5)
    middle = len(paragraphs) // 2
    paragraphs[0] = paragraphs[middle] = paragraphs[-1] = "He go home.\n\n"
    editor.open("".join(paragraphs), "plaintext")

    (found,) = await editor.diagnostics(at_least=1)
    assert found.range.start.line == 0
    said = (await editor.wait(editor.shown.get())).message
    assert "too large to be checked whole" in said
    assert "around the place where you edit" in said

    place = types.Range(types.Position(2 * middle, 0), types.Position(2 * middle, 2))
    editor.send([types.TextDocumentContentChangePartial(place, "Yes. He")])
    found = await editor.diagnostics(at_least=1)
    assert [one.range.start.line for one in found] == [2 * middle]
    assert editor.shown.empty(), "it is said once"


async def test_the_setting_tells_the_limits_of_the_checker():
    (setting,) = (one for one in dataclasses.fields(Settings) if one.name == "max_characters")
    assert f"{LARGEST:,}" in str(setting.metadata)
    assert f"{WINDOW:,}" in str(setting.metadata)
