"""`textDocument/didSave`: a moment to try again what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer


def did_save(ls: GrammaredServer, params: types.DidSaveTextDocumentParams) -> None:
    """Check what waits for it. Else there is nothing new, but that a missing model may be there now."""
    if ls.typing.forget(params.text_document.uri):
        ls.show(params.text_document.uri)
    document = ls.session.documents.get(params.text_document.uri)
    if document and ls.session.settings_of(document.uri).check == "save":
        ls.session.touch(document)
        ls.refresh()
    if ls.session.try_again():
        ls.refresh()
