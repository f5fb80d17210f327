"""`workspace/didChangeConfiguration`: settings have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.handlers.configuration import SECTION, pull_configuration

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


async def did_change_configuration(ls: GrammaredServer, params: types.DidChangeConfigurationParams) -> None:
    """Take them from the client if it can be asked, else from the notification."""
    if ls.session.client.configuration:
        (options, of_folders), source = await pull_configuration(ls), types.WORKSPACE_CONFIGURATION
    else:
        options, of_folders, source = params.settings, {}, types.WORKSPACE_DID_CHANGE_CONFIGURATION
        if isinstance(options, Mapping) and SECTION in options:
            options = options[SECTION]
    if ls.session.configure(options, of_folders, source):
        ls.refresh()
