"""`initialize`: what the client can do decides what we offer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.capabilities import resolve
from lsp_server.server.diagnostics import SOURCE
from lsp_server.server.handlers.diagnostic import diagnostic
from lsp_server.server.handlers.workspace_diagnostic import workspace_diagnostic

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


def initialize(ls: GrammaredServer, params: types.InitializeParams) -> None:
    """Take note of the client; the model is not loaded before `initialized`."""
    folders = params.workspace_folders
    if folders is None and params.root_uri:
        folders = [types.WorkspaceFolder(params.root_uri, "")]
    ls.session.folders = {folder.uri: folder.name for folder in folders or ()}
    client = resolve(params.capabilities)
    if ls.positions:
        client = replace(client, encoding=ls.positions)
    ls.session.initialize(client, params.initialization_options)
    ls.watch(params.process_id)
    if ls.session.client.pulls:
        options = types.DiagnosticOptions(
            identifier=SOURCE,
            inter_file_dependencies=False,
            workspace_diagnostics=ls.session.settings.workspace_diagnostics,
        )
        ls.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)(diagnostic)
        if options.workspace_diagnostics:
            ls.feature(types.WORKSPACE_DIAGNOSTIC)(workspace_diagnostic)
