"""`initialize`: what the client can do decides what we offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.capabilities import resolve
from lsp_server.server.diagnostics import SOURCE
from lsp_server.server.handlers.diagnostic import diagnostic

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


def initialize(ls: GrammaredServer, params: types.InitializeParams) -> None:
    """Take note of the client; the model is not loaded before `initialized`."""
    ls.session.initialize(resolve(params.capabilities), params.initialization_options)
    ls.watch(params.process_id)
    if ls.session.client.pulls:
        options = types.DiagnosticOptions(
            identifier=SOURCE, inter_file_dependencies=False, workspace_diagnostics=False
        )
        ls.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)(diagnostic)
