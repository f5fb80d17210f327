"""What goes wrong is told once, in one line, and the editor goes on working."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_missing_model_is_told_and_used_once_it_is_there(start, tmp_path):
    model = tmp_path / "model"
    editor = await start(pull=False, options={"model": str(model)})
    editor.open("He go home.")
    told = await editor.wait(editor.shown.get())
    assert (told.type, told.message) == (
        types.MessageType.Error,
        f"Grammared cannot check: {model}: no such model",
    )
    editor.replace("home", "away")
    editor.replace("away", "out")
    assert list(await editor.code_actions()) == []  # which comes after the check has failed again
    assert editor.shown.empty()  # not once more for each keystroke
    assert editor.published.empty()  # an empty list would say that all is well
    model.touch()
    editor.save()
    assert len(await editor.diagnostics()) == 1
    assert (await editor.wait(editor.shown.get())).message == "Grammared checks again."


async def test_a_pull_that_cannot_be_answered_is_an_error_and_not_an_empty_list(start, tmp_path):
    model = tmp_path / "model"
    editor = await start(pull=True, options={"model": str(model)})
    editor.open("He go home.")
    with pytest.raises(JsonRpcException) as failure:
        await editor.pull()
    assert failure.value.code == types.LSPErrorCodes.ServerCancelled
    assert failure.value.data == {"retriggerRequest": False}
    model.touch()
    editor.save()
    await editor.wait(editor.refreshed.get())
    assert len(await editor.diagnostics()) == 1


@pytest.mark.parametrize(
    ("word", "reason"), [("unreachable", "cannot be reached"), ("divide", "a fault in the")]
)
async def test_an_engine_that_fails_leaves_what_was_shown(start, word, reason):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open("He go home.")
    assert len(await editor.diagnostics()) == 1
    editor.replace("home", word)
    told = await editor.wait(editor.shown.get())
    assert told.message.startswith("Grammared cannot check: ")
    assert reason in told.message
    assert "\n" not in told.message
    assert editor.published.empty()
    editor.replace(word, "home")
    assert len(await editor.diagnostics()) == 1
    assert (await editor.wait(editor.shown.get())).message == "Grammared checks again."


async def test_a_fault_while_loading_is_told(start):
    editor = await start(pull=False, options={"model": "faulty"})
    editor.open("He go home.")
    assert "a fault while loading" in (await editor.wait(editor.shown.get())).message


async def test_another_engine_taking_over_is_told(start):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open("This is a failover.")
    told = await editor.wait(editor.shown.get())
    assert (told.type, told.message) == (
        types.MessageType.Warning,
        "Grammared: the other engine takes over",
    )


async def test_documents_that_are_not_open(start):
    editor = await start(pull=True)
    editor.open("He go home.")
    uri, editor.uri = editor.uri, "file:///nowhere.md"
    editor.rewrite("He go home.")
    editor.save()
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document))
    assert list(await editor.code_actions()) == []
    with pytest.raises(JsonRpcException, match="not open"):
        await editor.pull()
    editor.uri = uri
    assert len(await editor.diagnostics()) == 1


@pytest.mark.parametrize(("profile", "pull"), [("visual-studio-code", True), ("emacs", False)])
async def test_lone_surrogates(start, profile, pull):
    editor = await start(profile, pull=pull)
    editor.open("\ud800 He go home \udfff. I saw teh \ud83d dog.")
    assert {editor.under(diagnostic) for diagnostic in await editor.diagnostics()} >= {"go", "teh"}
    editor.edit(((0, 0), (0, 1), "\udc00😀 "), ((0, 1), (0, 1), "\ud800"))
    assert {editor.under(diagnostic) for diagnostic in await editor.diagnostics()} >= {"go", "teh"}
    (action,) = await editor.code_actions(only=["source.fixAll"])
    before = editor.text
    editor.apply(action)
    assert editor.text == before.replace("go", "goes").replace("teh", "the")


async def test_positions_past_the_ends(start):
    editor = await start(pull=True)
    editor.open("He go home.\nI saw teh dog.")
    editor.edit(
        ((0, 999), (0, 999), " I saw teh cat."), ((99, 99), (99, 99), "\nHe go."), ((1, 900), (2, 0), "\n")
    )
    assert [editor.under(found) for found in await editor.diagnostics()] == ["go", "teh", "teh", "go"]


async def test_unknown_methods_are_refused(start):
    editor = await start(pull=True)
    editor.open("He go home.")
    with pytest.raises(JsonRpcException):
        await editor.wait(editor.client.protocol.send_request_async("textDocument/magic", {}))
    assert len(await editor.diagnostics()) == 1
