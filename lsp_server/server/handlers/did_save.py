"""`textDocument/didSave`: a moment to try again what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer


def did_save(ls: GrammaredServer, params: types.DidSaveTextDocumentParams) -> None:
    """The text has not changed, so there is nothing new to check; but a missing model may be there now."""
    if ls.typing.forget(params.text_document.uri):
        ls.show(params.text_document.uri)
    if ls.session.try_again():
        ls.refresh()
