"""`workspace/executeCommand`: what clients may have done by name. docs/language-server.md documents them.

A command takes one argument, an object, or none. What is wrong with it is an error of its sender.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp_server.server.code_actions import FIX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lsp_server.server.app import GrammaredServer

    Command = Callable[[GrammaredServer, "Arguments"], Awaitable[Any]]


class Arguments:
    """The object that a command was given."""

    def __init__(self, given: tuple[Any, ...]) -> None:
        if len(given) > 1 or (given and not isinstance(given[0], dict)):
            raise JsonRpcInvalidParams("a command takes one object, or nothing")
        self._values: dict[str, Any] = given[0] if given else {}

    def text(self, name: str, choices: tuple[str, ...] = ()) -> str:
        """A string that must be there.

        Raises:
            JsonRpcInvalidParams: it is not, or is none of `choices`.
        """
        value = self._values.get(name)
        if not isinstance(value, str) or (choices and value not in choices):
            expected = "one of " + ", ".join(choices) if choices else "a string"
            raise JsonRpcInvalidParams(f"{name} must be {expected}")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, if it is there."""
        return self.text(name) if self._values.get(name) is not None else None

    def value(self, name: str) -> Any:
        """Anything; None if it is not there."""
        return self._values.get(name)


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


COMMANDS: dict[str, Command] = {
    FIX: fix,
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
