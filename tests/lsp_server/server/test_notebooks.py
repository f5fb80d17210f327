"""Notebooks: their Markdown cells are checked, one by one."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp_server.server.editor import capabilities

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTEBOOK = "file:///paper.ipynb"
Kind = types.NotebookCellKind
SEEN = {}


def uri(number):
    return f"vscode-notebook-cell:///paper.ipynb#cell{number}"


def document(number, text, version=1):
    return types.TextDocumentItem(uri(number), "markdown", version, text)


async def published(editor, number, version=1):
    """The diagnostics that come for a cell, in this version; those of others may come before."""
    wanted = (uri(number), version)
    while wanted not in SEEN:
        params = await editor.wait(editor.published.get())
        SEEN[params.uri, params.version] = params.diagnostics
    return SEEN.pop(wanted)


async def open_notebook(editor, *texts):
    cells = [types.NotebookCell(Kind.Markup, uri(number)) for number, _ in enumerate(texts)]
    notebook = types.NotebookDocument(NOTEBOOK, "jupyter-notebook", 1, cells)
    documents = [document(number, text) for number, text in enumerate(texts)]
    editor.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(notebook, documents))


def change(editor, cells):
    identifier = types.VersionedNotebookDocumentIdentifier(version=2, uri=NOTEBOOK)
    event = types.NotebookDocumentChangeEvent(cells=cells)
    editor.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(identifier, event))


async def test_cells_are_checked_when_they_come_and_change(start):
    client = capabilities("visual-studio-code", pull=False)
    client.notebook_document = types.NotebookDocumentClientCapabilities(
        types.NotebookDocumentSyncClientCapabilities()
    )
    editor = await start(client=client, options={"debounce": 0})
    (selector,) = editor.capabilities.notebook_document_sync["notebookSelector"]
    assert [cell["language"] for cell in selector["cells"]] == ["markdown", "plaintext"]
    await open_notebook(editor, "# Title\n\nHe go home.", "Fine words.")
    assert len(await published(editor, 0)) == 1
    assert len(await published(editor, 1)) == 0

    place = types.Range(types.Position(0, 0), types.Position(0, 0))
    edit = types.TextDocumentContentChangePartial(place, "I saw teh dog. ")
    changed = types.NotebookDocumentCellContentChanges(
        types.VersionedTextDocumentIdentifier(version=2, uri=uri(1)), [edit]
    )
    change(editor, types.NotebookDocumentCellChanges(text_content=[changed]))
    assert len(await published(editor, 1, 2)) == 1

    array = types.NotebookCellArrayChange(
        start=2, delete_count=0, cells=[types.NotebookCell(Kind.Markup, uri(2))]
    )
    structure = types.NotebookDocumentCellChangeStructure(
        array, did_open=[document(2, "He go.")], did_close=[types.TextDocumentIdentifier(uri(0))]
    )
    change(editor, types.NotebookDocumentCellChanges(structure=structure))
    assert list(await published(editor, 0, None)) == []
    assert len(await published(editor, 2)) == 1

    editor.client.notebook_document_did_save(
        types.DidSaveNotebookDocumentParams(types.NotebookDocumentIdentifier(NOTEBOOK))
    )
    editor.client.notebook_document_did_close(
        types.DidCloseNotebookDocumentParams(
            types.NotebookDocumentIdentifier(NOTEBOOK), [types.TextDocumentIdentifier(uri(n)) for n in (1, 2)]
        )
    )
    assert list(await published(editor, 2, None)) == []
