"""Silencing what is found from the menu, in files that the server writes."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "I saw teh dog.\n\nHe go home.\n\nAnd teh dog.\n"


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


async def words(editor):
    return [editor.under(found) for found in await editor.diagnostics()]


@pytest.mark.parametrize("pull", [True, False])
async def test_a_word_is_added_to_the_users_dictionary(start, home, pull):
    editor = await start(pull=pull, home=home, options={"debounce": 0})
    editor.open(TEXT)
    assert await words(editor) == ["teh", "go", "teh"]
    await editor.choose("Add “teh” to your dictionary", 0, 7)
    if pull:
        await editor.wait(editor.refreshed.get())
    assert await words(editor) == ["go"]
    assert (home / "config" / "dictionary.txt").read_text() == "teh\n"
    await editor.execute("grammared.undo")
    if pull:
        await editor.wait(editor.refreshed.get())
    assert await words(editor) == ["teh", "go", "teh"]
    assert not (home / "config" / "dictionary.txt").exists()
    assert await editor.execute("grammared.undo") is None


async def test_a_word_is_added_to_the_dictionary_of_the_project_it_is_in(start, home, tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    editor = await start(pull=False, home=home, folders=folders, options={"debounce": 0})
    editor.open(TEXT, path=folders[0] / "letter.md")
    await editor.diagnostics()
    await editor.choose("Add “teh” to the project's dictionary", 0, 7)
    assert await words(editor) == ["go"]
    assert (folders[0] / ".grammared" / "dictionary.txt").read_text() == "teh\n"
    editor.close()
    editor.open(TEXT, path=folders[1] / "letter.md")
    assert await words(editor) == ["teh", "go", "teh"]


@pytest.mark.parametrize(
    ("title", "file"),
    [
        ("Ignore “go” here and wherever it stands like this", "home/config/ignored.txt"),
        ("Ignore “go” everywhere in the project", "project/.grammared/ignored.txt"),
    ],
)
async def test_a_finding_is_ignored_and_stays_so_when_the_text_moves(
    start, home, project, tmp_path, title, file
):
    editor = await start(pull=False, home=home, folders=[project], options={"debounce": 0})
    editor.open(TEXT, path=project / "letter.md")
    await editor.diagnostics()
    await editor.choose(title, 2, 4)
    assert await words(editor) == ["teh", "teh"]
    assert "[go]" in (tmp_path / file).read_text()
    editor.edit(((0, 0), (0, 0), "# A title\n\n"))
    assert await words(editor) == ["teh", "teh"]
    editor.replace("home", "away")  # another sentence, so another finding
    assert await words(editor) == ["teh", "go", "teh"]


@pytest.mark.parametrize(
    ("title", "left"),
    [("Switch off “{}” on this line", ["go", "teh"]), ("Switch off “{}” in this file", ["go"])],
)
async def test_a_kind_is_switched_off_by_a_comment(start, title, left):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open(TEXT)
    (kind, *_) = [found.code for found in await editor.diagnostics()]
    await editor.choose(title.format(kind), 0, 7)
    assert "<!-- grammared: off-" in editor.text
    assert await words(editor) == left


async def test_what_is_silenced_before_stays_silent_in_the_next_session(start, home):
    editor = await start(pull=False, home=home, options={"debounce": 0})
    editor.open(TEXT)
    await editor.diagnostics()
    await editor.execute("grammared.addToDictionary", {"word": "teh", "scope": "user"})
    again = await start(pull=False, home=home, options={"debounce": 0})
    again.open(TEXT)
    assert await words(again) == ["go"]


async def test_outside_a_folder_there_is_no_project(start, home):
    editor = await start(pull=False, home=home)
    editor.open(TEXT)
    await editor.diagnostics()
    here = types.Range(types.Position(0, 7), types.Position(0, 7))
    assert not [action for action in await editor.code_actions(here) if "project" in action.title]
    with pytest.raises(JsonRpcException, match="in no folder"):
        await editor.execute(
            "grammared.addToDictionary", {"word": "teh", "scope": "project", "uri": editor.uri}
        )


@pytest.mark.parametrize(
    ("command", "argument"),
    [
        ("grammared.addToDictionary", {"word": "teh", "scope": "world"}),
        ("grammared.addToDictionary", {"scope": "user"}),
        ("grammared.addToDictionary", {"word": "two\nlines # and a comment", "scope": "user"}),
        ("grammared.ignore", {"uri": "file:///nowhere", "start": 0, "end": 1, "kind": "x", "scope": "user"}),
        ("grammared.ignore", {"uri": "file:///nowhere", "start": -1, "end": 1}),
        ("grammared.setKind", {"kind": "nonsense", "level": "off", "scope": "user"}),
        ("grammared.setKind", {"kind": "article", "level": "loud", "scope": "user"}),
    ],
)
async def test_commands_that_cannot_be_done_say_so_and_write_nothing(start, home, command, argument):
    editor = await start(pull=False, home=home)
    editor.open(TEXT)
    await editor.diagnostics()
    with pytest.raises(JsonRpcException) as failure:
        await editor.execute(command, argument)
    assert failure.value.code == types.ErrorCodes.InvalidParams.value
    assert not home.exists()


async def test_a_file_that_cannot_be_written_is_told(start, home):
    home.write_text("a file where the folder should be")
    editor = await start(pull=False, home=home)
    editor.open(TEXT)
    await editor.diagnostics()
    with pytest.raises(JsonRpcException, match="cannot be written"):
        await editor.execute("grammared.addToDictionary", {"word": "teh", "scope": "user"})
    assert "cannot be written" in (await editor.wait(editor.shown.get())).message
