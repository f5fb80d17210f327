"""Prose: which characters of a document a reader reads."""

from lsp_server.prose.block import BlockKind, ProseBlock, Segment
from lsp_server.prose.extract import extract
from lsp_server.prose.reading import Reading

__all__ = ["BlockKind", "ProseBlock", "Reading", "Segment", "extract"]
