"""Quick fixes, applied by an editor that edits its own text in its own way."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp_server.server.test_diagnostics import LETTER, PROFILES

pytestmark = pytest.mark.asyncio(loop_scope="session")

RIGHT = "# A letter\n\nHe goes home. 😀 I saw the dog.\r\n\fHe goes e\u0301 away\u2028with the 漢字.\n"


@pytest.mark.parametrize(("profile", "pull"), PROFILES)
async def test_each_fix_changes_its_words_and_nothing_else(start, profile, pull):
    editor = await start(profile, pull=pull)
    editor.open(LETTER)
    await editor.diagnostics()
    fixes = await editor.code_actions(only=["quickfix"])
    assert [fix.title for fix in fixes] == ["Replace “go” with “goes”", "Replace “teh” with “the”"] * 2
    for fix in reversed(fixes):  # from the end, so that the edits of the others stay right
        editor.apply(fix)
    assert editor.text == RIGHT


@pytest.mark.parametrize(("profile", "pull"), PROFILES)
async def test_fix_all(start, profile, pull):
    editor = await start(profile, pull=pull)
    editor.open(LETTER)
    await editor.diagnostics()
    (action,) = await editor.code_actions(only=["source.fixAll"])
    assert action.kind == "source.fixAll.grammared"
    editor.apply(action)
    assert editor.text == RIGHT


@pytest.mark.parametrize(("profile", "versioned"), [("visual-studio-code", True), ("neovim@v0.11", False)])
async def test_an_edit_names_its_version_for_clients_that_check_it(start, profile, versioned):
    editor = await start(profile, pull=False)
    editor.open("He go home.")
    editor.replace("home", "away")
    (fix,) = await editor.code_actions(only=["quickfix"])
    assert (fix.edit.changes is None) == versioned
    if versioned:
        assert fix.edit.document_changes[0].text_document.version == 2


async def test_a_fix_names_the_diagnostic_that_the_editor_shows(start):
    editor = await start(pull=False)
    editor.open("He go home. I saw teh dog.")
    shown = await editor.diagnostics()
    fixes = await editor.code_actions(only=["quickfix"], diagnostics=shown)
    assert [list(fix.diagnostics) for fix in fixes] == [[diagnostic] for diagnostic in shown]
    assert all(fix.is_preferred for fix in fixes)


@pytest.mark.parametrize(
    ("start_at", "end_at", "words"),
    [
        ((0, 4), (0, 4), ["go"]),
        ((0, 5), (0, 5), ["go"]),  # a cursor right behind the word
        ((0, 2), (0, 2), []),
        ((0, 0), (0, 18), ["go", "teh"]),
        ((0, 18), (0, 4), ["go", "teh"]),  # the wrong way round
        ((5, 0), (9, 9), []),
    ],
)
async def test_only_fixes_for_the_range_are_offered(start, start_at, end_at, words):
    editor = await start(pull=False)
    editor.open("He go home. I saw teh dog.")
    await editor.diagnostics()
    place = types.Range(types.Position(*start_at), types.Position(*end_at))
    fixes = await editor.code_actions(place, only=["quickfix"])
    assert [editor.under(fix.diagnostics[0]) for fix in fixes] == words


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (None, ["quickfix", "source.fixAll.grammared"]),
        (["quickfix"], ["quickfix"]),
        (["source"], ["source.fixAll.grammared"]),
        (["source.fixAll.grammared"], ["source.fixAll.grammared"]),
        (["source.fixAll.other"], []),
        (["refactor"], []),
        (["source", "quickfix"], ["quickfix", "source.fixAll.grammared"]),
    ],
)
async def test_only_the_kinds_asked_for_are_offered(start, only, kinds):
    editor = await start(pull=False)
    editor.open("He go home.")
    await editor.diagnostics()
    assert [action.kind for action in await editor.code_actions(only=only)] == kinds


async def test_fixes_are_for_the_text_as_it_is_now(start):
    """Asked for before anything is known of the new text, they wait for its check."""
    editor = await start(pull=False)
    editor.open("He go home.")
    await editor.diagnostics()
    editor.edit(((0, 0), (0, 0), "I saw teh dog. 😀 "))
    (action,) = await editor.code_actions(only=["source.fixAll"])
    editor.apply(action)
    assert editor.text == "I saw the dog. 😀 He goes home."


async def test_no_fixes_are_offered_for_a_text_that_is_not_checked_in_time(start):
    editor = await start(pull=False)
    editor.open("He go home.")
    await editor.diagnostics()
    editor.replace("home", "endless")
    assert list(await editor.code_actions(trigger=types.CodeActionTriggerKind.Automatic)) == []


async def test_clients_that_know_no_code_actions_get_none(start):
    editor = await start("emacs", pull=False, actions=False)
    editor.open("He go home.")
    assert list(await editor.code_actions()) == []
