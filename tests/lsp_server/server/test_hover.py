"""What is said of a finding when somebody points at it, and what its diagnostic carries."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from lsprotocol import types

from lsp_server.findings.explanations import explanation_of, kind_with
from tests.lsp_server.server.editor import capabilities

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "# Title\n\nI know *him*. I saw teh 😀 and [a](b) dog. Fine."


async def test_hover_says_what_is_wrong_here_and_why(start):
    editor = await start("visual-studio-code", pull=False)
    editor.open(TEXT)
    (found,) = await editor.diagnostics()
    said = await editor.hover(2, 22)
    assert said.startswith("**")
    assert explanation_of(kind_with(found.code)).why in said
    assert "“the” instead of “teh”" in said
    assert "(90% sure)" in said
    assert "> I saw teh 😀 and \\[a\\](b) dog." in said  # as it stands, not as Markdown
    assert "> → I saw the 😀 and \\[a\\](b) dog." in said
    assert "I know" not in said


@pytest.mark.parametrize("place", [(0, 3), (2, 14), (2, 25), (99, 0)])
async def test_hover_has_nothing_to_say_where_nothing_is_wrong(start, place):
    editor = await start("visual-studio-code", pull=False)
    editor.open(TEXT)
    await editor.diagnostics()
    assert await editor.hover(*place) is None


async def test_hover_for_a_client_that_shows_plain_text(start):
    client = capabilities("visual-studio-code", pull=False)
    client.text_document.hover.content_format = [types.MarkupKind.PlainText]
    editor = await start(client=client)
    editor.open(TEXT)
    await editor.diagnostics()
    said = await editor.hover(2, 22)
    assert "I saw teh 😀 and [a](b) dog.\n→ I saw the 😀 and [a](b) dog." in said
    assert "**" not in said


async def test_the_code_of_a_diagnostic_leads_to_its_page(start):
    editor = await start("visual-studio-code", pull=False)
    editor.open("I saw the the dog.")
    (found,) = await editor.diagnostics()
    page = Path(unquote(urlparse(found.code_description.href).path))
    assert page.name == "repeated-word.md"
    assert page.is_file()  # noqa: ASYNC240


async def test_words_that_can_go_are_tagged(start):
    editor = await start("visual-studio-code", pull=False)
    editor.open("I saw the the dog. He go home.")
    assert [list(found.tags or ()) for found in await editor.diagnostics()] == [
        [types.DiagnosticTag.Unnecessary],
        [],
    ]


async def test_the_data_of_a_diagnostic_survives_the_round_trip(start):
    editor = await start("visual-studio-code", pull=False)
    editor.open("He go home.")
    (found,) = await editor.diagnostics()
    assert found.data["replacements"] == ["goes"]
    assert found.data["confidence"] == 0.9
    fix = (await editor.code_actions(only=["quickfix"], diagnostics=[found]))[0]
    assert fix.diagnostics[0].data == found.data
