"""Documents: their text, spans, lines and versions. The only place that converts positions."""

from lsp_server.documents.difference import common_ends
from lsp_server.documents.document import Change, Document
from lsp_server.documents.line_index import LineIndex, Position, PositionEncoding
from lsp_server.documents.snapshot import DocumentSnapshot
from lsp_server.documents.span import Span

__all__ = [
    "Change",
    "Document",
    "DocumentSnapshot",
    "LineIndex",
    "Position",
    "PositionEncoding",
    "Span",
    "common_ends",
]
