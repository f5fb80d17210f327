"""`workspace/executeCommand`: what clients may have done by name. docs/language-server.md documents them.

A command takes one argument, an object, or none. What is wrong with it is an error of its sender.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp_server.server import silence
from lsp_server.server.arguments import Arguments
from lsp_server.server.code_actions import FIX
from lsp_server.server.status import status_of
from lsp_server.server.workspace_check import check_workspace as find_in_workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lsp_server.server.app import GrammaredServer

    Command = Callable[[GrammaredServer, Arguments], Awaitable[Any]]


async def fix(ls: GrammaredServer, arguments: Arguments) -> bool:
    """Make the edit of an action that the client knows as a command; whether it was made.

    Arguments: `uri`, `version` and `edit`, as the action was offered.
    """
    uri = arguments.text("uri")
    document = ls.session.documents.get(uri)
    if document is None or document.version != arguments.value("version"):
        ls.session.notifications.show(
            "Grammared: the text has changed since this fix was offered.", types.MessageType.Info
        )
        return False
    edit = ls.protocol.read(arguments.value("edit"), types.WorkspaceEdit)
    label = "Grammared: fix"
    answer = await ls.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label=label))
    return answer.applied


async def check_document(ls: GrammaredServer, arguments: Arguments) -> int:
    """Check a document now, from its beginning; how many findings there are. Arguments: `uri`."""
    uri = arguments.text("uri")
    if not ls.session.is_checked(uri):
        raise JsonRpcInvalidParams(f"{uri} is not open, or not checked")
    ls.session.scheduler.schedule(ls.session.documents[uri])
    outcome = await ls.session.scheduler.outcome(uri)
    return len(ls.session.visible(outcome))


async def check_workspace(ls: GrammaredServer, _: Arguments) -> dict[str, int]:
    """Check the files of the workspace that are not open, and show what is found; how many of each."""
    files = findings = 0
    async with ls.session.notifications.progress(
        "checking the workspace", ls.session.client.progress
    ) as tell:
        async for uri, diagnostics in find_in_workspace(ls):
            files += 1
            findings += len(diagnostics)
            ls.publish_file(uri, diagnostics)
            tell(f"{files} checked")
    return {"files": files, "findings": findings}


async def pause(ls: GrammaredServer, arguments: Arguments) -> None:
    """Check no more and show no findings. Arguments: `uri`, for one document only."""
    ls.session.pause(arguments.optional_text("uri"))
    ls.show_all()
    ls.status.changed()


async def resume(ls: GrammaredServer, arguments: Arguments) -> None:
    """Check again what was paused. Arguments: `uri`, for one document only."""
    ls.session.resume(arguments.optional_text("uri"))
    ls.refresh()
    ls.status.changed()


async def restart(ls: GrammaredServer, _: Arguments) -> None:
    """Load the model anew, and check all documents."""
    ls.session.restart()
    ls.status.changed()


async def status(ls: GrammaredServer, _: Arguments) -> dict[str, Any]:
    """What `grammared/status` says, now."""
    return status_of(ls)


async def show_log(ls: GrammaredServer, _: Arguments) -> list[str]:
    """The last lines of the log, which are written to the editor's log of the server too."""
    lines = list(ls.log)
    ls.session.notifications.log("\n".join(lines) or "Grammared: the log is empty")
    return lines


COMMANDS: dict[str, Command] = {
    FIX: fix,
    silence.ADD_WORD: silence.add_to_dictionary,
    silence.IGNORE: silence.ignore,
    silence.SET_KIND: silence.set_kind,
    silence.UNDO: silence.undo,
    "grammared.checkDocument": check_document,
    "grammared.checkWorkspace": check_workspace,
    "grammared.pause": pause,
    "grammared.resume": resume,
    "grammared.restart": restart,
    "grammared.status": status,
    "grammared.showLog": show_log,
}
"""All that are advertised, and what they do."""


def register(ls: GrammaredServer) -> None:
    """Make the commands known to the server, which advertises them."""
    for name, command in COMMANDS.items():
        ls.command(name)(_handler(ls, command))


def _handler(server: GrammaredServer, command: Command) -> Callable[..., Awaitable[Any]]:
    async def handler(*given: Any) -> Any:
        return await command(server, Arguments(given))

    return handler
