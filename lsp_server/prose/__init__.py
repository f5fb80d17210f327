"""Prose: which characters of a document a reader reads."""

from lsp_server.prose.block import BlockKind, ProseBlock, Segment
from lsp_server.prose.extract import extract

__all__ = ["BlockKind", "ProseBlock", "Segment", "extract"]
