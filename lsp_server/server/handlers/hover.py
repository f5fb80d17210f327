"""`textDocument/hover`: what is wrong at a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.documents import Span
from lsp_server.server.convert import position_from_client
from lsp_server.server.fixes import touch
from lsp_server.server.hover import hover_of

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer


def hover(ls: GrammaredServer, params: types.HoverParams) -> types.Hover | None:
    """What is known of the text as it is now; nothing where nothing is wrong, or known yet."""
    session = ls.session
    outcome = session.known(params.text_document.uri)
    if outcome is None:
        return None
    offset = outcome.snapshot.lines.from_client(
        position_from_client(params.position), session.client.encoding
    )
    session.look_at(params.text_document.uri, Span(offset, offset))
    there = [one for one in outcome.result.findings if touch(one.span, Span(offset, offset))]
    return hover_of(there, outcome.snapshot, session.client) if there else None
