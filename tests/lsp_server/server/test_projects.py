"""Folders and their settings; and that nothing which comes with a workspace is trusted."""

from __future__ import annotations

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "I saw teh dog.\n\nHe go home.\n\nI saw the the dog.\n"


@pytest.fixture
def roots(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    return folders


async def words(editor):
    return [editor.under(found) for found in await editor.diagnostics()]


async def switched(editor):
    """Wait for diagnostics that are new, if the client has to ask for them."""
    if editor.pulls:
        await editor.wait(editor.refreshed.get())
    return await words(editor)


async def test_each_root_keeps_its_project_file(start, roots, tmp_path):
    (roots[0] / "grammared.toml").write_text('words = ["teh"]\n[kinds]\nrepeated-word = "hint"\n')
    (roots[1] / "pyproject.toml").write_text('[tool.grammared.kinds]\nrepeated-word = "off"\n')
    editor = await start(pull=False, folders=roots, home=tmp_path)
    editor.open(TEXT, path=roots[0] / "a.md")
    found = await editor.diagnostics()
    assert [(editor.under(one), one.severity) for one in found] == [
        ("go", types.DiagnosticSeverity.Warning),
        ("the", types.DiagnosticSeverity.Hint),
    ]
    editor.close()
    editor.open(TEXT, path=roots[1] / "a.md")
    assert await words(editor) == ["teh", "go"]


@pytest.mark.parametrize("pull", [True, False])
async def test_a_project_file_that_changes_counts_at_once(start, roots, tmp_path, pull):
    editor = await start(pull=pull, folders=roots, home=tmp_path, options={"debounce": 0})
    editor.open(TEXT, path=roots[0] / "a.md")
    assert await words(editor) == ["teh", "go", "the"]
    (roots[0] / "grammared.toml").write_text('words = ["teh"]\n')
    uri = (roots[0] / "grammared.toml").as_uri()
    changed = types.DidChangeWatchedFilesParams([types.FileEvent(uri, types.FileChangeType.Created)])
    editor.client.workspace_did_change_watched_files(changed)
    assert await switched(editor) == ["go", "the"]


@pytest.mark.parametrize("scope", ["project", "user"])
async def test_a_kind_is_switched_off_from_the_menu(start, roots, tmp_path, scope):
    editor = await start(pull=False, folders=roots, home=tmp_path / "home", options={"debounce": 0})
    editor.open(TEXT, path=roots[0] / "a.md")
    await editor.diagnostics()
    where = "in the project" if scope == "project" else "everywhere"
    await editor.choose(f"Switch off “repeated-word” {where}", 4, 11)
    assert await words(editor) == ["teh", "go"]
    file = roots[0] if scope == "project" else tmp_path / "home" / "config"
    assert 'repeated-word = "off"' in (file / "grammared.toml").read_text()
    await editor.execute("grammared.undo")
    assert await words(editor) == ["teh", "go", "the"]


async def test_folders_have_settings_of_their_own_in_the_editor(start, roots, tmp_path):
    def configuration(params):
        of = {None: {}, roots[0].as_uri(): {"severity": "hint"}, roots[1].as_uri(): {"severity": "error"}}
        return [of[item.scope_uri] for item in params.items]

    editor = await start(pull=False, folders=roots, home=tmp_path, configure=configuration)
    for folder, severity in zip(roots, ("Hint", "Error"), strict=True):
        editor.open("He go home.", path=folder / "a.md")
        assert [one.severity.name for one in await editor.diagnostics()] == [severity]
        editor.close()
    editor.open("He go home.")
    assert [one.severity.name for one in await editor.diagnostics()] == ["Warning"]


async def test_settings_of_a_folder_count_when_they_change(start, roots, tmp_path):
    severity, asked = "hint", []

    def configuration(params):
        asked.append(len(params.items))
        return [
            {"severity": severity} if item.scope_uri == roots[0].as_uri() else {} for item in params.items
        ]

    editor = await start(pull=False, folders=roots, home=tmp_path, configure=configuration)
    editor.open("He go home.", path=roots[0] / "a.md")
    assert [one.severity.name for one in await editor.diagnostics()] == ["Hint"]
    severity = "error"
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    assert [one.severity.name for one in await editor.diagnostics()] == ["Error"]
    editor.rewrite("He go there.")
    assert [one.severity.name for one in await editor.diagnostics()] == ["Error"]
    assert asked == [3, 3], "typing asks for nothing"


async def test_a_folder_that_is_added_brings_its_settings(start, roots, tmp_path):
    (roots[1] / ".grammared").mkdir()
    (roots[1] / ".grammared" / "dictionary.txt").write_text("teh\n")
    editor = await start(pull=False, folders=roots[:1], home=tmp_path, options={"debounce": 0})
    folder = types.WorkspaceFolder(roots[1].as_uri(), "two")
    event = types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    editor.open(TEXT, path=roots[1] / "a.md")
    assert await words(editor) == ["go", "the"]


@pytest.mark.parametrize("line", ["strictness = 5\nseverty = 'hint'", "kinds = 5\nnonsense ="])
async def test_what_is_wrong_in_a_project_file_is_told_in_one_message(start, roots, tmp_path, line):
    (roots[0] / "grammared.toml").write_text(line)
    editor = await start(pull=False, folders=roots, home=tmp_path)
    editor.open(TEXT, path=roots[0] / "a.md")
    assert "grammared.toml" in (await editor.wait(editor.shown.get())).message
    assert await words(editor) == ["teh", "go", "the"]
    assert editor.shown.empty()


async def test_checked_only_when_saved(start, roots, tmp_path):
    (roots[0] / "grammared.toml").write_text('check = "save"\n')
    editor = await start(pull=False, folders=roots, home=tmp_path, options={"debounce": 0})
    editor.open("He goes home.", path=roots[0] / "a.md")
    assert await words(editor) == []
    editor.replace("goes", "go")
    assert list(await editor.code_actions()) == []
    assert editor.published.empty()
    editor.save()
    assert await words(editor) == ["go"]


async def test_what_is_excluded_is_not_checked(start, roots, tmp_path):
    (roots[0] / "grammared.toml").write_text('exclude = ["drafts/"]\n')
    editor = await start(pull=True, folders=roots, home=tmp_path)
    editor.open(TEXT, path=roots[0] / "drafts" / "a.md")
    assert await words(editor) == []


async def test_of_very_many_findings_the_first_are_shown(start):
    editor = await start(pull=False, options={"maxFindings": 2})
    editor.open("I saw teh dog. " * 10)
    assert await words(editor) == ["teh", "teh"]


async def test_a_document_that_is_too_long_is_not_checked(start):
    editor = await start(pull=True, options={"maxCharacters": 1000})
    editor.open("I saw teh dog. " * 100)
    assert await words(editor) == []


@pytest.mark.parametrize("pull", [True, False])
async def test_files_that_no_client_watches_count_when_they_change(start, roots, tmp_path, pull):
    """The user's dictionary and settings, and a dictionary that a project names, written by somebody else."""
    (roots[0] / "grammared.toml").write_text('dictionaries = ["terms.md"]\n')
    home = tmp_path / "home"
    editor = await start(pull=pull, folders=roots, home=home, options={"debounce": 0})
    editor.open("I recieve it.\n\nI saw teh dog.\n\nI saw the the dog.\n", path=roots[0] / "a.md")
    assert await words(editor) == ["recieve", "teh", "the"]
    (home / "config").mkdir(parents=True)
    (home / "config" / "dictionary.txt").write_text("teh\n")
    assert await switched(editor) == ["recieve", "the"]
    (home / "config" / "grammared.toml").write_text('[kinds]\nrepeated-word = "off"\n')
    assert await switched(editor) == ["recieve"]
    (roots[0] / "terms.md").write_text("recieve\n")
    assert await switched(editor) == []


async def test_parts_that_are_skipped_are_not_checked(start, roots, tmp_path):
    (roots[0] / "grammared.toml").write_text(
        '[[overrides]]\npaths = ["a.md"]\nskipParts = ["heading", "list-item"]\n'
    )
    editor = await start(pull=False, folders=roots, home=tmp_path, options={"debounce": 0})
    text = "# The teh\n\n- teh item\n\nI saw teh dog.\n"
    editor.open(text, path=roots[0] / "a.md")
    assert [one.range.start.line for one in await editor.diagnostics()] == [4]
    editor.close()
    editor.open(text, path=roots[0] / "b.md")
    assert [one.range.start.line for one in await editor.diagnostics()] == [0, 2, 4]


# --- Trust: nothing of a workspace chooses where text is sent, nor what is loaded, run or read -------


@pytest.mark.parametrize(
    "line",
    [
        'engine = "triton"',
        '[triton]\nurl = "evil.example:8001"',
        '[triton]\ntoken = "stolen"',
        'model = "./model"',
        'sentencePipeline = "./pipeline"',
        "fallback = false",
    ],
)
@pytest.mark.parametrize("name", ["grammared.toml", "pyproject.toml"])
async def test_a_project_chooses_no_engine_and_no_model(start, roots, tmp_path, line, name):
    if name == "pyproject.toml":
        line = line.replace("[triton]", "[tool.grammared.triton]")
        line = line if line.startswith("[") else f"[tool.grammared]\n{line}"
    (roots[0] / name).write_text(f"{line}\n")
    editor = await start(pull=False, folders=roots, home=tmp_path)
    editor.open(TEXT, path=roots[0] / "a.md")
    assert "cannot set" in (await editor.wait(editor.shown.get())).message
    assert await words(editor) == ["teh", "go", "the"]
    status = await editor.execute("grammared.status")
    assert (status["engine"], status["model"]) == ("local", "tiny:1")


@pytest.mark.parametrize(
    "path", ["../secret.txt", "{outside}/secret.txt", "docs/../../secret.txt", "~/secret.txt", "link.txt"]
)
async def test_a_project_reads_no_file_outside(start, roots, tmp_path, path):
    (tmp_path / "secret.txt").write_text("teh\n")
    (roots[0] / "link.txt").symlink_to(tmp_path / "secret.txt")
    place = path.format(outside=tmp_path)
    (roots[0] / "grammared.toml").write_text(f'dictionaries = ["{place}"]\n')
    editor = await start(pull=False, folders=roots, home=tmp_path / "home")
    editor.open(TEXT, path=roots[0] / "a.md")
    assert "leads out of the project" in (await editor.wait(editor.shown.get())).message
    assert await words(editor) == ["teh", "go", "the"]


@pytest.mark.parametrize("linked", ["folder", "file"])
async def test_nothing_is_written_outside_through_a_link(start, roots, tmp_path, linked):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "dictionary.txt").write_text("mine\n")
    if linked == "folder":
        (roots[0] / ".grammared").symlink_to(outside)
    else:
        (roots[0] / ".grammared").mkdir()
        (roots[0] / ".grammared" / "dictionary.txt").symlink_to(outside / "dictionary.txt")
    editor = await start(pull=False, folders=roots, home=tmp_path / "home")
    editor.open(TEXT, path=roots[0] / "a.md")
    await editor.diagnostics()
    word = {"word": "teh", "scope": "project", "uri": editor.uri}
    with pytest.raises(Exception, match="out of the project"):
        await editor.execute("grammared.addToDictionary", word)
    assert (outside / "dictionary.txt").read_text() == "mine\n"


async def test_client_settings_of_a_folder_choose_no_engine(start, roots, tmp_path):
    def configuration(params):
        return [{"engine": "triton"} if item.scope_uri else {} for item in params.items]

    editor = await start(pull=False, folders=roots, home=tmp_path, configure=configuration)
    editor.open(TEXT, path=roots[0] / "a.md")
    await editor.diagnostics()
    assert (await editor.execute("grammared.status"))["engine"] == "local"
