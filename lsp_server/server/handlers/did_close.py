"""`textDocument/didClose`: nothing more to say about a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


def did_close(ls: GrammaredServer, params: types.DidCloseTextDocumentParams) -> None:
    """Forget it; what was pushed is taken back."""
    uri = params.text_document.uri
    ls.forget(uri)
    if not ls.session.client.pulls:
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
