"""What status bars are told, and the commands that pause, restart and look."""

from __future__ import annotations

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.server.commands import COMMANDS

pytestmark = pytest.mark.asyncio(loop_scope="session")


def plain(value):
    """A JSON value, from what the client makes of one that it does not know."""
    if hasattr(value, "_asdict"):
        return {name: plain(inner) for name, inner in value._asdict().items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


async def status_with(editor, **expected):
    """Wait for a status that says so."""
    while True:
        status = plain(await editor.wait(editor.statuses.get()))
        if all(status[name] == value for name, value in expected.items()):
            return status


async def test_status_follows_what_happens(start, tmp_path):
    model = tmp_path / "model"
    editor = await start(pull=False, options={"model": str(model), "debounce": 0})
    status = await status_with(editor, state="failed")
    assert "no such model" in status["failure"]
    model.touch()
    await editor.execute("grammared.restart")
    status = await status_with(editor, state="ready")
    shown = [status[name] for name in ("model", "engine", "degraded", "failure")]
    assert shown == ["tiny:1", "local", False, None]
    editor.open("This is endless.")
    status = await status_with(editor, state="checking")
    assert (status["busy"], status["queue"]) == (True, 1)
    editor.rewrite("He go home.")
    status = await status_with(editor, state="ready")
    assert status["findings"] == [{"uri": editor.uri, "count": 1}]


async def test_the_command_says_what_the_notification_says(start):
    editor = await start(pull=False)
    editor.open("He go home.")
    await editor.diagnostics()
    status = await editor.execute("grammared.status")
    assert (status["state"], status["queue"]) == ("ready", 0)


async def test_another_engine_shows_in_the_status(start):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open("This is a failover.")
    await status_with(editor, degraded=True)


@pytest.mark.parametrize("pull", [True, False])
@pytest.mark.parametrize("only_this", [True, False])
async def test_pause_and_resume(start, pull, only_this):
    editor = await start(pull=pull, options={"debounce": 0})
    editor.open("He go home.")
    assert len(await editor.diagnostics()) == 1
    arguments = [{"uri": editor.uri}] if only_this else []
    await editor.execute("grammared.pause", *arguments)
    if pull:
        await editor.wait(editor.refreshed.get())
        assert not await editor.diagnostics()
    else:
        assert not (await editor.wait(editor.published.get())).diagnostics
    status = await editor.execute("grammared.status")
    assert status["paused"]["all"] is not only_this
    assert list(status["paused"]["documents"]) == ([editor.uri] if only_this else [])
    editor.replace("home", "away")
    assert not await editor.code_actions()
    await editor.execute("grammared.resume", *arguments)
    assert len(await editor.diagnostics()) == 1


async def test_check_document(start):
    editor = await start(pull=False)
    editor.open("He go home.")
    assert await editor.execute("grammared.checkDocument", {"uri": editor.uri}) == 1


async def test_the_log_can_be_read(start):
    editor = await start(pull=False, options={"debounce": 0})
    editor.open("He go home.")
    editor.send_raw("textDocument/didOpen", {"textDocument": 5})
    await editor.diagnostics()
    (line,) = [line for line in await editor.execute("grammared.showLog") if "didOpen" in line]
    assert "WARNING: textDocument/didOpen cannot be understood" in line


async def test_the_advertised_commands_are_those_there_are(start):
    editor = await start(pull=False)
    assert sorted(editor.capabilities.execute_command_provider.commands) == sorted(COMMANDS)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("grammared.nonsense", []),
        ("grammared.checkDocument", []),
        ("grammared.checkDocument", ["file:///a.md"]),
        ("grammared.checkDocument", [{"uri": 5}]),
        ("grammared.checkDocument", [{"uri": "file:///nowhere.md"}]),
        ("grammared.checkDocument", [{}, {}]),
        ("grammared.fix", [{"uri": "file:///nowhere.md", "edit": 7}]),
    ],
)
async def test_commands_with_wrong_arguments(start, command, arguments):
    editor = await start(pull=False)
    editor.open("He go home.")
    if command == "grammared.fix":
        assert await editor.execute(command, *arguments) is False
        return
    with pytest.raises(JsonRpcException) as failure:
        await editor.execute(command, *arguments)
    assert failure.value.code == types.ErrorCodes.InvalidParams.value


async def test_a_fix_for_an_older_text_is_not_made(start):
    editor = await start("emacs", pull=False, actions=False)
    editor.open("He go home.")
    await editor.diagnostics()
    fix = (await editor.code_actions())[0]
    editor.replace("home", "away")
    assert await editor.execute(fix.command, *fix.arguments) is False
    assert editor.text == "He go away."
    assert "changed since" in (await editor.wait(editor.shown.get())).message
