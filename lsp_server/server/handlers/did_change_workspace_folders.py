"""`workspace/didChangeWorkspaceFolders`: folders come and go, each with settings of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.server.handlers.configuration import pull_configuration

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer


async def did_change_workspace_folders(
    ls: GrammaredServer, params: types.DidChangeWorkspaceFoldersParams
) -> None:
    """Ask for the settings of the new ones, and check the documents again."""
    for folder in params.event.removed:
        ls.session.folders.pop(folder.uri, None)
    for folder in params.event.added:
        ls.session.folders[folder.uri] = folder.name
    if ls.session.client.configuration:
        ls.session.configure(*await pull_configuration(ls))
    ls.files_changed()
