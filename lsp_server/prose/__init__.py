"""Prose: which characters of a document a reader reads."""

from lsp_server.prose.block import BlockKind, ProseBlock, Segment

__all__ = ["BlockKind", "ProseBlock", "Segment"]
