"""Diagnostics, pushed to clients that wait for them and pulled by those that ask."""

from __future__ import annotations

import asyncio

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROFILES = [
    pytest.param("visual-studio-code", False, id="push utf-16"),
    pytest.param("visual-studio-code", True, id="pull utf-16"),
    pytest.param("neovim@v0.11", False, id="push utf-8"),
    pytest.param("neovim@v0.11", True, id="pull utf-8"),
    pytest.param("emacs", False, id="push utf-32"),
    pytest.param("emacs", True, id="pull utf-32"),
]
LETTER = "# A letter\n\nHe go home. 😀 I saw teh dog.\r\n\fHe go e\u0301 away\u2028with teh 漢字.\n"


@pytest.mark.parametrize(("profile", "pull"), PROFILES)
async def test_every_client_sees_what_is_wrong(start, profile, pull):
    editor = await start(profile, pull=pull)
    editor.open(LETTER)
    found = await editor.diagnostics()
    assert [editor.under(diagnostic) for diagnostic in found] == ["go", "teh", "go", "teh"]
    assert {diagnostic.source for diagnostic in found} == {"grammared"}
    assert {diagnostic.severity for diagnostic in found} == {types.DiagnosticSeverity.Warning}
    assert all(diagnostic.code and diagnostic.message for diagnostic in found)


@pytest.mark.parametrize(("profile", "pull"), PROFILES)
async def test_edits_move_and_remove_findings(start, profile, pull):
    editor = await start(profile, pull=pull)
    editor.open(LETTER)
    assert len(await editor.diagnostics()) == 4
    editor.replace("# A", "# 😀😀 A very long\n\n")
    editor.replace("He go home", "He goes home")
    found = await editor.diagnostics()
    assert [editor.under(diagnostic) for diagnostic in found] == ["teh", "go", "teh"]
    editor.rewrite("All is well.\n")
    assert list(await editor.diagnostics()) == []


async def test_only_the_newest_version_is_published(start):
    editor = await start(pull=False)
    editor.open("He go home.")
    assert len(await editor.diagnostics()) == 1
    for number in range(40):
        editor.edit(((0, 0), (0, 0), f"I saw teh dog {number}. "))
    counts = []
    while 41 not in counts:
        last = await editor.wait(editor.published.get())
        assert last.version == 41
        counts.append(len(last.diagnostics))
    assert counts == sorted(counts)  # in steps, and nothing is taken back


async def test_a_check_that_never_ends_gives_way_to_the_next(start):
    editor = await start(pull=False)
    editor.open("This is endless.")
    editor.rewrite("He go home.")
    assert len(await editor.diagnostics()) == 1


async def test_what_was_pushed_is_taken_back_on_close(start):
    editor = await start(pull=False)
    editor.open("He go home.")
    await editor.diagnostics()
    uri = editor.uri
    editor.close()
    closed = await editor.wait(editor.published.get())
    assert (closed.uri, list(closed.diagnostics)) == (uri, [])


async def test_nothing_is_pushed_to_a_client_that_pulls(start):
    editor = await start(pull=True)
    editor.open("He go home.")
    assert len(await editor.diagnostics()) == 1
    editor.replace("go", "goes")
    assert len(await editor.diagnostics()) == 0
    editor.close()
    editor.open("The answer to this comes after all that the server may have to say.")
    await editor.diagnostics()
    assert editor.published.empty()


async def test_unchanged_diagnostics_are_not_sent_again(start):
    editor = await start(pull=True)
    editor.open("He go home.")
    first = await editor.pull()
    assert first.kind == "full"
    assert (await editor.pull(first.result_id)).kind == "unchanged"
    editor.edit(((0, 11), (0, 11), "\n\nAll is well."))  # another text with the same diagnostics
    assert (await editor.pull(first.result_id)).kind == "unchanged"
    editor.edit(((0, 0), (0, 0), "\n"))
    moved = await editor.pull(first.result_id)
    assert (moved.kind, moved.items[0].range.start.line) == ("full", 1)


async def test_a_pull_that_is_cancelled_is_answered(start):
    editor = await start(pull=True)
    editor.open("This is endless.")
    params = types.DocumentDiagnosticParams(editor.document)
    protocol = editor.client.protocol
    answer = protocol.send_request(types.TEXT_DOCUMENT_DIAGNOSTIC, params, msg_id="slow")
    protocol.notify(types.CANCEL_REQUEST, types.CancelParams("slow"))
    with pytest.raises(JsonRpcRequestCancelled):
        await editor.wait(asyncio.wrap_future(answer))


async def test_data_goes_to_clients_that_keep_it(start):
    for profile, data in (
        ("visual-studio-code", {"replacements": ["goes"], "confidence": 0.9, "model": "tiny:1"}),
        ("emacs", None),
    ):
        editor = await start(profile, pull=False)
        editor.open("He go home.")
        (diagnostic,) = await editor.diagnostics()
        assert diagnostic.data == data


@pytest.mark.parametrize("language", ["markdown", "plaintext", "text", "gitcommit", "git-commit", "mail"])
async def test_prose_is_checked(start, language):
    editor = await start(pull=False)
    editor.open("He go home.", language)
    assert len(await editor.diagnostics()) == 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vim", '" He go home.\nlet x = "He go home."\n'),
        ("typescriptreact", "const x = 'He go home.'; // He go home.\n"),
        ("hgcommit", "He go home.\nHG: He go home.\n"),
        ("diff", "+++ b/a.md\n@@ -1 +1,2 @@\n All is well.\n-He go home.\n+He go home.\n"),
        ("notes-of-mine", ".. vim: ft=rst\n\n``He go home.`` He go home.\n"),
    ],
)
async def test_the_kind_follows_from_the_identifier_or_the_text(start, language, text):
    editor = await start(pull=False)
    editor.open(text, language)
    assert [editor.under(diagnostic) for diagnostic in await editor.diagnostics()] == ["go"]


async def test_other_languages_are_left_alone(start):
    editor = await start(pull=True)
    editor.open("He go home.", "python")
    assert list(await editor.diagnostics()) == []
    editor.replace("go", "went")
    assert list(await editor.code_actions()) == []
