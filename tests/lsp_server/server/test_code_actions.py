"""Quick fixes, applied by an editor that edits its own text in its own way."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp_server.server.test_diagnostics import LETTER, PROFILES

pytestmark = pytest.mark.asyncio(loop_scope="session")

RIGHT = "# A letter\n\nHe goes home. 😀 I saw the dog.\r\n\fHe goes e\u0301 away\u2028with the 漢字.\n"


def preferred(actions):
    """The fixes that are each the best for one finding."""
    return [action for action in actions if action.is_preferred]


@pytest.mark.parametrize(("profile", "pull"), PROFILES)
async def test_each_fix_changes_its_words_and_nothing_else(start, profile, pull):
    editor = await start(profile, pull=pull)
    editor.open(LETTER)
    await editor.diagnostics()
    fixes = preferred(await editor.code_actions(only=["quickfix"]))
    assert [fix.title for fix in fixes] == ["Replace “go” with “goes”", "Replace “teh” with “the”"] * 2
    for fix in reversed(fixes):  # from the end, so that the edits of the others stay right
        editor.apply(fix)
    assert editor.text == RIGHT


@pytest.mark.parametrize(("profile", "pull"), PROFILES)
async def test_fix_all(start, profile, pull):
    editor = await start(profile, pull=pull)
    editor.open(LETTER)
    await editor.diagnostics()
    (action,) = [await editor.resolve(one) for one in await editor.code_actions(only=["source.fixAll"])]
    assert action.kind == "source.fixAll.grammared"
    editor.apply(action)
    assert editor.text == RIGHT


@pytest.mark.parametrize(("profile", "versioned"), [("visual-studio-code", True), ("neovim@v0.11", False)])
async def test_an_edit_names_its_version_for_clients_that_check_it(start, profile, versioned):
    editor = await start(profile, pull=False)
    editor.open("He go home.")
    editor.replace("home", "away")
    (fix,) = preferred(await editor.code_actions(only=["quickfix"]))
    assert (fix.edit.changes is None) == versioned
    if versioned:
        assert fix.edit.document_changes[0].text_document.version == 2


async def test_a_fix_names_the_diagnostic_that_the_editor_shows(start):
    editor = await start(pull=False)
    editor.open("He go home. I saw teh dog.")
    shown = await editor.diagnostics()
    fixes = preferred(await editor.code_actions(only=["quickfix"], diagnostics=shown))
    assert [list(fix.diagnostics) for fix in fixes] == [[diagnostic] for diagnostic in shown]


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
    fixes = preferred(await editor.code_actions(place, only=["quickfix"]))
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
    assert list(dict.fromkeys(one.kind for one in await editor.code_actions(only=only))) == kinds


async def test_fixes_are_for_the_text_as_it_is_now(start):
    """Asked for before anything is known of the new text, they wait for its check."""
    editor = await start(pull=False)
    editor.open("He go home.")
    await editor.diagnostics()
    editor.edit(((0, 0), (0, 0), "I saw teh dog. 😀 "))
    (action,) = [await editor.resolve(one) for one in await editor.code_actions(only=["source.fixAll"])]
    editor.apply(action)
    assert editor.text == "I saw the dog. 😀 He goes home."


async def test_no_fixes_are_offered_for_a_text_that_is_not_checked_in_time(start):
    editor = await start(pull=False)
    editor.open("He go home.")
    await editor.diagnostics()
    editor.replace("home", "endless")
    assert list(await editor.code_actions(trigger=types.CodeActionTriggerKind.Automatic)) == []


async def test_clients_that_know_no_code_actions_get_commands(start):
    editor = await start("emacs", pull=False, actions=False)
    editor.open("He go home.")
    await editor.diagnostics()
    commands = await editor.code_actions()
    assert [command.title for command in commands][:1] == ["Replace “go” with “goes”"]
    await editor.execute(commands[0].command, *commands[0].arguments)
    assert editor.text == "He goes home."


MANY = "I saw teh cat. He go home with teh dog. I is perhaps tired. He go to recieve teh prize."
"""Eight findings, that of “perhaps” an unsure one."""


@pytest.mark.parametrize("profile", ["visual-studio-code", "emacs"])
@pytest.mark.parametrize(
    ("title", "right"),
    [
        (
            "Replace “teh” with “the” everywhere in the file (3)",
            "I saw the cat. He go home with the dog. I is perhaps tired. He go to recieve the prize.",
        ),
        (
            "Fix 2 findings in the sentence",
            "I saw teh cat. He goes home with the dog. I is perhaps tired. He go to recieve teh prize.",
        ),
        (
            "Fix 8 findings in the file",
            "I saw the cat. He goes home with the dog. I am maybe tired. He goes to receive the prize.",
        ),
    ],
)
async def test_many_findings_are_put_right_together(start, profile, title, right):
    editor = await start(profile, pull=False)
    editor.open(MANY)
    await editor.diagnostics()
    here = types.Range(types.Position(0, 32), types.Position(0, 32))
    actions = await editor.code_actions(here)
    (action,) = [action for action in actions if action.title == title]
    editor.apply(await editor.resolve(action))
    assert editor.text == right


async def test_a_selection_is_put_right(start):
    editor = await start(pull=False)
    editor.open(MANY)
    await editor.diagnostics()
    selection = types.Range(types.Position(0, 0), types.Position(0, 20))
    actions = await editor.code_actions(selection)
    (action,) = [action for action in actions if action.title == "Fix 2 findings in the selection"]
    editor.apply(await editor.resolve(action))
    assert editor.text.startswith("I saw the cat. He goes home with teh dog.")


async def test_fixing_on_save_leaves_alone_what_is_unsure(start):
    editor = await start(pull=False)
    editor.open(MANY)
    await editor.diagnostics()
    (action,) = await editor.code_actions(only=["source.fixAll"])
    assert action.title == "Fix 7 sure findings in the file"
    editor.apply(await editor.resolve(action))
    assert "perhaps" in editor.text
    assert "teh" not in editor.text


async def test_no_edit_for_a_text_that_has_changed_since(start):
    editor = await start(pull=False)
    editor.open(MANY)
    await editor.diagnostics()
    here = types.Range(types.Position(0, 32), types.Position(0, 32))
    actions = await editor.code_actions(here, only=["quickfix"])
    (action,) = [one for one in actions if one.title == "Fix 8 findings in the file"]
    assert action.edit is None
    editor.edit(((0, 0), (0, 0), "So "))
    await editor.diagnostics()
    assert (await editor.resolve(action)).edit is None


async def test_with_the_cursor_elsewhere_on_the_line_its_diagnostics_count(start):
    editor = await start(pull=False)
    editor.open("He go home. I saw teh dog.")
    shown = await editor.diagnostics()
    here = types.Range(types.Position(0, 9), types.Position(0, 9))
    assert not await editor.code_actions(here)
    fixes = preferred(await editor.code_actions(here, diagnostics=[shown[1]]))
    assert [fix.title for fix in fixes] == ["Replace “teh” with “the”"]
    foreign = types.Diagnostic(shown[0].range, "other", source="other", code=shown[0].code)
    assert not await editor.code_actions(here, diagnostics=[foreign])
