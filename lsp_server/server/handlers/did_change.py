"""`textDocument/didChange`: the user types."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.documents import Change
from lsp_server.server.convert import position_from_client

if TYPE_CHECKING:
    from lsp_server.documents import Document
    from lsp_server.server.app import GrammaredServer

_log = logging.getLogger(__name__)


def did_change(ls: GrammaredServer, params: types.DidChangeTextDocumentParams) -> None:
    """Follow the edit now, check after a pause."""
    identifier = params.text_document
    document = ls.session.documents.get(identifier.uri)
    if document is None:
        _log.warning("a change to %s, which is not open", identifier.uri)
        return
    changes = [_change(change) for change in params.content_changes]
    if identifier.uri in ls.session.out_of_step:
        if all(change.start for change in changes):
            return
        ls.session.out_of_step.discard(identifier.uri)  # one of them is the whole text
    trial = ls.session.trial
    before = document.snapshot().text if trial else ""
    document.change(changes, identifier.version)
    if trial:
        trial.changed(identifier.uri, before, document.snapshot().text)
    ls.typing.changed(document.snapshot(), params.content_changes, _caret(document, changes))
    settings = ls.session.settings_of(identifier.uri)
    if settings.check == "change":
        ls.session.touch(document, delay=settings.debounce / 1000, focus=document.last_change)
    ls.status.changed()


def _caret(document: Document, changes: list[Change]) -> int | None:
    """Where the cursor of somebody stands who has made a change."""
    if len(changes) != 1 or changes[0].start is None:
        return None
    return document.offset_of(changes[0].start) + len(changes[0].text)


def _change(change: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return Change(change.text)
    start, end = position_from_client(change.range.start), position_from_client(change.range.end)
    return Change(change.text, start, end)
