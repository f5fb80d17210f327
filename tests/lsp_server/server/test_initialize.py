"""What the server offers, by what the client can do."""

from __future__ import annotations

import sys

import pytest
from lsprotocol import types

from lsp_server.documents import PositionEncoding
from lsp_server.server.capabilities import Client, resolve
from tests.lsp_server.server.editor import Editor, capabilities

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, PositionEncoding.UTF16),
        ([], PositionEncoding.UTF16),
        (["utf-8", "utf-16"], PositionEncoding.UTF8),
        (["utf-16", "utf-8"], PositionEncoding.UTF16),
        (["utf-32", "utf-8", "utf-16"], PositionEncoding.UTF32),
        (["utf-7", "utf-32"], PositionEncoding.UTF32),
        (["utf-7"], PositionEncoding.UTF16),
    ],
)
async def test_the_first_encoding_of_the_client_that_we_know_is_chosen(offered, chosen):
    general = types.GeneralClientCapabilities(position_encodings=offered)
    assert resolve(types.ClientCapabilities(general=general)).encoding is chosen


async def test_a_client_that_says_nothing_can_do_nothing():
    assert resolve(types.ClientCapabilities()) == Client()


async def test_a_real_client():
    client = resolve(capabilities("visual-studio-code", pull=True))
    assert client == Client(
        PositionEncoding.UTF16,
        pulls=True,
        diagnostic_data=True,
        code_descriptions=True,
        unnecessary_tag=True,
        markdown_hover=True,
        resolves_edits=True,
        code_actions=True,
        disabled_actions=True,
        document_changes=True,
        configuration=True,
        registers_configuration=True,
        watches_files=True,
        progress=True,
    )


async def test_what_is_offered(start):
    offered = (await start(pull=True)).capabilities
    assert offered.text_document_sync.open_close
    assert offered.text_document_sync.change is types.TextDocumentSyncKind.Incremental
    assert list(offered.code_action_provider.code_action_kinds) == ["quickfix", "source.fixAll.grammared"]
    assert offered.diagnostic_provider.identifier == "grammared"
    assert not offered.diagnostic_provider.workspace_diagnostics


async def test_pull_is_offered_only_to_clients_that_know_it(start):
    assert (await start(pull=False)).capabilities.diagnostic_provider is None


async def test_loading_the_model_holds_up_nothing():
    """The model of this test is never there; the handshake and a document's edits must not wait for it."""
    editor = Editor()
    await editor.start(capabilities("visual-studio-code", pull=False), options={"model": "endless"})
    editor.open("He go home.")
    editor.replace("go", "goes")
    (action,) = await editor.code_actions()
    assert action.disabled.reason == "Grammared has not checked this place yet"
    assert await editor.stop() == 0


async def test_loading_shows_progress_and_says_what_was_loaded(start):
    editor = await start(pull=True, options={"debounce": 0})
    editor.open("He go home.")
    await editor.diagnostics()
    await editor.wait(editor.progress_ended.wait())
    assert [value["kind"] for value in editor.progress] == ["begin", "end"]


async def test_columns_are_counted_as_the_flag_says(start):
    """Some editors count otherwise than they say: ALE in bytes."""
    command = (sys.executable, "-m", "lsp_server.cli", "serve", "--positions", "utf-8")
    editor = await start(pull=False, command=command)
    editor.open("😀 He go home.")
    [found] = await editor.diagnostics()
    assert (found.range.start.character, found.range.end.character) == (8, 10)
