"""A block of prose: what a reader reads, with a map back to the document."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lsp_server.documents import Span


class BlockKind(Enum):
    """What a block is in its document; decides whether it must be a whole sentence."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list item"
    TABLE_CELL = "table cell"

    @property
    def has_full_sentences(self) -> bool:
        """Whether the block should end like a sentence: only then may a full stop be put after it."""
        return self is BlockKind.PARAGRAPH


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of a block's text that comes from one run of the document.

    A *verbatim* segment has the same characters in both. Any other stands in for something that the reader sees
    but that no edit may touch (inline code, a formula), or for a line break with the next line's prefix.
    """

    start: int
    """Where it begins in the block's text; it ends where the next begins."""
    document: Span
    """What it stands for in the document."""
    verbatim: bool


@dataclass(frozen=True, slots=True)
class ProseBlock:
    """One heading, paragraph, list item or cell: its readable text, and where each character comes from."""

    kind: BlockKind
    text: str
    """Readable text: markup left out, a soft line break as one `\\n`, a stand-in for each piece of inline code."""
    segments: tuple[Segment, ...]
    """In the order of both text and document; the first begins at 0."""
    stand_ins: tuple[Span, ...] = ()
    """Spans of `text` that are stand-ins: no edit may touch them."""
