"""Files that are not open: checked on command, or for clients that ask."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.md").write_text("He go home.\n\nI saw teh dog.\n")
    (folder / "b.txt").write_text("Fine words.\n")
    (folder / "skipped.md").write_text("He go home.\n")
    (folder / "code.bin").write_bytes(b"\0\1")
    (folder / "grammared.toml").write_text('exclude = ["skipped.md"]\n')
    return folder


async def ask(editor, previous=(), token=None):
    params = types.WorkspaceDiagnosticParams(previous, partial_result_token=token)
    return await editor.wait(editor.client.workspace_diagnostic_async(params))


async def test_the_workspace_is_checked_on_command(start, project, tmp_path):
    editor = await start(pull=True, folders=[project], home=tmp_path)
    assert await editor.execute("grammared.checkWorkspace") == {"files": 2, "findings": 2}
    found = {}
    for _ in range(2):
        params = await editor.wait(editor.published.get())
        found[params.uri.rpartition("/")[2]] = len(params.diagnostics)
    assert found == {"a.md": 2, "b.txt": 0}
    await editor.progress_of("begin", "checking the workspace")
    told = [value["message"] for value in await editor.progress_of("report")]
    assert told[-2:] == ["1 checked", "2 checked"]
    editor.open("He go home.", path=project / "a.md")
    assert not (await editor.wait(editor.published.get())).diagnostics  # or it would show twice
    assert len(await editor.diagnostics()) == 1


async def test_it_is_reported_to_clients_that_ask_and_again_when_something_changes(start, project, tmp_path):
    options = {"workspaceDiagnostics": True}
    editor = await start(pull=True, folders=[project], home=tmp_path, options=options)
    assert editor.capabilities.diagnostic_provider.workspace_diagnostics
    report = await ask(editor)
    assert {one.uri.rpartition("/")[2]: len(one.items) for one in report.items} == {"a.md": 2, "b.txt": 0}
    previous = [types.PreviousResultId(one.uri, one.result_id) for one in report.items]
    waiting = asyncio.ensure_future(ask(editor, previous))
    word = {"word": "teh", "scope": "user"}
    await editor.execute("grammared.addToDictionary", word)
    kinds = {one.uri.rpartition("/")[2]: one.kind for one in (await waiting).items}
    assert kinds == {"a.md": "full", "b.txt": "unchanged"}


async def test_it_is_reported_in_parts(start, project, tmp_path):
    options = {"workspaceDiagnostics": True}
    editor = await start(pull=True, folders=[project], home=tmp_path, options=options)
    report = await ask(editor, token="parts")
    assert list(report.items) == []
    assert len(editor.parts_of("parts")) == 2


async def test_no_client_is_asked_to_check_the_workspace_unless_its_user_says_so(start):
    editor = await start(pull=True)
    assert not editor.capabilities.diagnostic_provider.workspace_diagnostics


async def test_the_progress_of_a_request_is_its_own(start, project, tmp_path):
    options = {"workspaceDiagnostics": True}
    editor = await start(pull=True, folders=[project], home=tmp_path, options=options)
    params = types.WorkspaceDiagnosticParams([], work_done_token="mine")
    report = await editor.wait(editor.client.workspace_diagnostic_async(params))
    assert len(report.items) == 2
    assert editor.token == "mine"
    told = [value["message"] for value in editor.progress if "checked" in value.get("message", "")]
    assert told == ["1 checked", "2 checked"]
    assert editor.progress[-1]["kind"] == "end"
