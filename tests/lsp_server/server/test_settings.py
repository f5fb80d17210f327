"""Settings, from wherever a client sends them."""

from __future__ import annotations

import pytest
from lsprotocol import types

pytestmark = pytest.mark.asyncio(loop_scope="session")

HINT = types.DiagnosticSeverity.Hint


@pytest.mark.parametrize(
    "sent",
    [
        {"options": {"severity": "hint"}},
        {"options": {"grammared": {"severity": "hint"}}},
        {"configuration": {"severity": "hint"}},
        {"options": {"severity": "error"}, "configuration": {"severity": "hint"}},
    ],
    ids=["options", "options in a section", "configuration", "configuration over options"],
)
async def test_settings_arrive(start, sent):
    editor = await start(pull=True, **sent)
    editor.open("He go home.")
    assert [diagnostic.severity for diagnostic in await editor.diagnostics()] == [HINT]


async def test_changed_settings_are_asked_for_and_applied(start):
    editor = await start(pull=False, configuration={"debounce": 0})
    editor.open("He go home.")
    assert len(await editor.diagnostics()) == 1
    editor.configure({"severity": "hint", "debounce": 0})
    assert [diagnostic.severity for diagnostic in await editor.diagnostics()] == [HINT]
    editor.configure({"strictness": "low"})
    assert list(await editor.diagnostics()) == []


async def test_a_client_that_pulls_is_told_to_ask_again(start):
    editor = await start(pull=True, configuration={})
    editor.open("He go home.")
    first = await editor.pull()
    editor.configure({"severity": "hint"})
    await editor.wait(editor.refreshed.get())
    again = await editor.pull(first.result_id)
    assert [diagnostic.severity for diagnostic in again.items] == [HINT]


@pytest.mark.parametrize("sent", [{"grammared": {"severity": "hint"}}, {"severity": "hint"}])
async def test_settings_pushed_by_a_client_that_cannot_be_asked(start, sent):
    editor = await start("neovim@v0.7", pull=False, options={"debounce": 0})
    editor.open("He go home.")
    await editor.diagnostics()
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(sent))
    assert [diagnostic.severity for diagnostic in await editor.diagnostics()] == [HINT]


async def test_bad_settings_are_told_and_the_good_ones_kept(start):
    editor = await start(
        pull=True, configuration={"severity": "hint", "strictness": "extreme", "debonce": 3, "triton": "yes"}
    )
    editor.open("He go home.")
    assert [diagnostic.severity for diagnostic in await editor.diagnostics()] == [HINT]
    told = (await editor.wait(editor.shown.get())).message.removeprefix("Grammared: ").split("\n")
    assert [line.split(" must")[0].split("; ")[0] for line in told] == [
        "workspace/configuration: strictness",
        'workspace/configuration: unknown setting "debonce"',
        "workspace/configuration: triton",
    ]
    assert editor.shown.empty()


@pytest.mark.parametrize("options", ["nonsense", 7, [1, 2], {"grammared": None}, {"severity": None}])
async def test_settings_of_a_wrong_shape_change_nothing(start, options):
    editor = await start(pull=True, options=options)
    editor.open("He go home.")
    assert len(await editor.diagnostics()) == 1


async def test_the_same_problem_is_told_once(start):
    editor = await start(pull=False, configuration={"strictness": "extreme"})
    assert "strictness" in (await editor.wait(editor.shown.get())).message
    editor.configure({"strictness": "extreme", "severity": "hint"})
    editor.open("He go home.")
    await editor.diagnostics()
    assert editor.shown.empty()


async def test_a_language_of_the_editor_has_the_kind_that_the_settings_say(start):
    editor = await start(pull=False, options={"languages": {"my-notes": "rst"}})
    editor.open("``He go home.`` He go home.", "my-notes", scheme="untitled")
    assert [editor.under(diagnostic) for diagnostic in await editor.diagnostics()] == ["go"]
