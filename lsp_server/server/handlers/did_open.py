"""`textDocument/didOpen`: a document to keep an eye on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.documents import Document
from lsp_server.documents.kinds import kind_of_identifier, kind_of_text

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer


def did_open(ls: GrammaredServer, params: types.DidOpenTextDocumentParams) -> None:
    """Check it at once."""
    item = params.text_document
    ls.session.out_of_step.discard(item.uri)
    identifier = ls.session.language_of(item.uri, item.language_id)
    language = kind_of_identifier(identifier) or kind_of_text(item.text)
    if language is None:
        ls.session.notifications.log(
            f"{item.uri} is not checked: its language, {item.language_id}, is not known to us"
        )
        language = item.language_id
    ls.session.touch(Document(item.uri, language, item.version, item.text, ls.session.client.encoding))
    ls.opened(item.uri)
    ls.session.tell_problems()
    ls.status.changed()
