"""Documents within a document: cells of a notebook, parts of a mail, what a patch adds.

What is embedded may be written in another way than it reads (JSON's escapes, quoted-printable), and in pieces
that do not touch. It is put together, read as the kind of text that it is, and its blocks are moved to where
they stand.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.documents import Span
from lsp_server.prose.block import ProseBlock, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator


class Piece(NamedTuple):
    """A run of an embedded document, and where it stands in the document around it."""

    text: str
    start: int
    end: int
    is_editable: bool = True
    """Whether it is written as it reads, and may be changed."""

    def place(self, offset: int) -> int:
        """Where an offset into the text stands; that of an escape stands at one of its ends."""
        if self.end - self.start == len(self.text):
            return self.start + offset
        return self.start if offset <= 0 else self.end


class Embedded(NamedTuple):
    """A document within another."""

    kind: str
    """The kind of text that it is."""
    pieces: tuple[Piece, ...]
    keeps_lines: bool = False
    """Whether its line breaks may not be changed."""
    unwritable: str = ""
    """Characters that would have to be encoded."""
    is_read_only: bool = False
    """Whether it is encoded as a whole."""
    at: int = 0
    """Where in the document around it the places of its pieces are counted from."""

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(piece.text for piece in self.pieces)


def moved(blocks: list[ProseBlock], embedded: Embedded) -> Iterator[ProseBlock]:
    """The blocks of an embedded document as those of the one around it, if anybody may edit them.

    Their places are counted from what those of the pieces are counted from.
    """
    starts = [0, *accumulate(len(piece.text) for piece in embedded.pieces)]
    for block in blocks:
        ends = [*(segment.start for segment in block.segments[1:]), len(block.text)]
        segments: list[Segment] = []
        fixed = set(block.stand_ins)
        for segment, end in zip(block.segments, ends, strict=True):
            if segment.verbatim:
                segments += _parts(segment, embedded.pieces, starts)
            else:
                segments.append(replace(segment, document=_span(segment.document, embedded.pieces, starts)))
                if embedded.keeps_lines:
                    fixed.add(Span(segment.start, end))
        ends = [*(segment.start for segment in segments[1:]), len(block.text)]
        shown = [
            (segment, block.text[segment.start : end], end)
            for segment, end in zip(segments, ends, strict=True)
        ]
        if embedded.is_read_only:
            yield replace(block, relative=tuple(segments), is_read_only=True, at=0)
        elif any(segment.verbatim and any(map(str.isalpha, text)) for segment, text, _ in shown):
            fixed |= {Span(one.start, end) for one, text, end in shown if not one.verbatim and text != "\n"}
            stand_ins = sorted(fixed, key=lambda span: span.start)
            yield replace(
                block,
                relative=tuple(segments),
                stand_ins=tuple(stand_ins),
                unwritable=block.unwritable + embedded.unwritable,
                at=0,
            )


def _parts(segment: Segment, pieces: tuple[Piece, ...], starts: list[int]) -> Iterator[Segment]:
    """A segment that reads as it is written in the embedded document, cut where pieces meet."""
    inner = segment.document
    index = bisect_right(starts, inner.start) - 1
    while index < len(pieces) and starts[index] < inner.end:
        start, end = max(starts[index], inner.start), min(starts[index + 1], inner.end)
        if start < end:
            piece, offset = pieces[index], starts[index]
            place = Span(piece.place(start - offset), piece.place(end - offset))
            yield Segment(segment.start + start - inner.start, place, piece.is_editable)
        index += 1


def _span(inner: Span, pieces: tuple[Piece, ...], starts: list[int]) -> Span:
    """From where the first character of a span stands to the end of where its last one does."""
    first, last = bisect_right(starts, inner.start) - 1, bisect_right(starts, inner.end - 1) - 1
    start = pieces[first].place(inner.start - starts[first])
    return Span(start, pieces[last].place(inner.end - starts[last]))
