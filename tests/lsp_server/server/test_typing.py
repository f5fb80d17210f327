"""What is shown while somebody types, and of which documents."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")


def type_at_end(editor, text):
    for letter in text:
        place = editor.position(len(editor.text))
        editor.edit((place, place, letter))


@pytest.mark.parametrize("pull", [True, False])
async def test_a_word_that_is_being_typed_is_left_alone_until_a_pause(start, pull):
    editor = await start(pull=pull, options={"debounce": 0})
    editor.open("I saw teh cat and t")
    await editor.diagnostics()
    type_at_end(editor, "eh")
    assert [editor.under(found) for found in await editor.diagnostics()] == ["teh"]  # the first
    if pull:
        await editor.wait(editor.refreshed.get())
    assert [editor.under(found) for found in await editor.diagnostics()] == ["teh", "teh"]


async def test_a_word_is_written_when_another_key_follows(start):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open("I saw te")
    await editor.diagnostics()
    type_at_end(editor, "h")
    assert list(await editor.diagnostics()) == []
    type_at_end(editor, " ")
    assert [editor.under(found) for found in await editor.diagnostics()] == ["teh"]


async def test_saving_ends_the_wait(start):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open("I saw te")
    await editor.diagnostics()
    type_at_end(editor, "h")
    assert list(await editor.diagnostics()) == []
    editor.save()
    assert [editor.under(found) for found in await editor.diagnostics()] == ["teh"]


async def test_what_is_pasted_does_not_wait(start):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open("I saw ")
    await editor.diagnostics()
    editor.edit(((0, 6), (0, 6), "teh"))
    assert [editor.under(found) for found in await editor.diagnostics()] == ["teh"]


@pytest.mark.parametrize("scheme", ["git", "gitlens", "output", "fugitive"])
async def test_older_versions_and_copies_of_a_file_are_not_checked(start, scheme):
    editor = await start(pull=True)
    editor.open("He go home.", scheme=scheme)
    assert list(await editor.diagnostics()) == []
    assert list(await editor.code_actions()) == []


@pytest.mark.parametrize("scheme", ["untitled", "vscode-notebook-cell", "vscode-vfs"])
async def test_documents_that_are_no_files_are_checked_if_they_can_be_edited(start, scheme):
    editor = await start(pull=True)
    editor.open("He go home.", scheme=scheme)
    assert len(await editor.diagnostics()) == 1


async def test_a_client_that_cannot_be_told_to_ask_again_gets_them_pushed(start):
    """Neovim 0.11 asks for diagnostics after a keystroke only."""
    editor = await start("neovim@v0.11", configuration={"debounce": 0})
    assert editor.capabilities.diagnostic_provider is None
    editor.open("He go home.")
    assert len(await editor.diagnostics()) == 1
    editor.configure({"strictness": "low", "debounce": 0})
    assert list(await editor.diagnostics()) == []
