"""`notebookDocument/…`: the cells of a notebook that hold prose are documents like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.handlers.did_change import did_change
from lsp_server.server.handlers.did_close import did_close
from lsp_server.server.handlers.did_open import did_open
from lsp_server.server.handlers.did_save import did_save

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


def notebook_did_open(ls: GrammaredServer, params: types.DidOpenNotebookDocumentParams) -> None:
    """Check its cells."""
    for cell in params.cell_text_documents:
        did_open(ls, types.DidOpenTextDocumentParams(cell))


def notebook_did_change(ls: GrammaredServer, params: types.DidChangeNotebookDocumentParams) -> None:
    """Follow cells that come, go and change."""
    cells = params.change.cells
    if cells is None:
        return
    for closed in (cells.structure and cells.structure.did_close) or ():
        did_close(ls, types.DidCloseTextDocumentParams(closed))
    for opened in (cells.structure and cells.structure.did_open) or ():
        did_open(ls, types.DidOpenTextDocumentParams(opened))
    for changed in cells.text_content or ():
        did_change(ls, types.DidChangeTextDocumentParams(changed.document, changed.changes))


def notebook_did_save(ls: GrammaredServer, params: types.DidSaveNotebookDocumentParams) -> None:
    """A notebook is saved with all its cells."""
    for uri in _cells_of(ls, params.notebook_document.uri):
        did_save(ls, types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))


def notebook_did_close(ls: GrammaredServer, params: types.DidCloseNotebookDocumentParams) -> None:
    """Forget its cells."""
    for cell in params.cell_text_documents:
        did_close(ls, types.DidCloseTextDocumentParams(cell))


def _cells_of(ls: GrammaredServer, notebook: str) -> list[str]:
    """The documents of a notebook's cells: their URIs differ from its own in scheme and fragment."""
    path = notebook.partition(":")[2].partition("#")[0]
    return [uri for uri in ls.session.documents if uri.partition(":")[2].partition("#")[0] == path]
