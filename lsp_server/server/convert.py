"""Positions and ranges between the protocol and `documents`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.documents import Position, Span

if TYPE_CHECKING:
    from lsp_server.documents import DocumentSnapshot, PositionEncoding


def position_from_client(position: types.Position) -> Position:
    """The client's position as `documents` reads it; the units stay the client's."""
    return Position(position.line, position.character)


def span_from_client(span: types.Range, snapshot: DocumentSnapshot, encoding: PositionEncoding) -> Span:
    """The client's range as a span; one that ends before it begins is turned round."""
    start, end = (
        snapshot.lines.from_client(position_from_client(place), encoding) for place in (span.start, span.end)
    )
    return Span(min(start, end), max(start, end))


def range_to_client(span: Span, snapshot: DocumentSnapshot, encoding: PositionEncoding) -> types.Range:
    """A span as the client's range."""
    start, end = (snapshot.lines.to_client(offset, encoding) for offset in (span.start, span.end))
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))
