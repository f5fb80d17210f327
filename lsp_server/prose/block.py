"""A block of prose: what a reader reads, with a map back to the document."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

from lsp_server.documents import Span


class BlockKind(Enum):
    """What a block is in its document; decides whether it must be a whole sentence."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list item"
    TABLE_CELL = "table cell"
    LABEL = "label"
    """A caption, a term, a title, the description of an image."""

    @property
    def code(self) -> str:
        """Its name in settings, such as `table-cell`."""
        return self.value.replace(" ", "-")

    @property
    def has_full_sentences(self) -> bool:
        """Whether the block should end like a sentence: only then may a full stop be put after it."""
        return self is BlockKind.PARAGRAPH

    @property
    def is_terse(self) -> bool:
        """Whether articles, subjects and auxiliary verbs may be left out, as in labels and comments."""
        return self in (BlockKind.LABEL, BlockKind.HEADING, BlockKind.TABLE_CELL)


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of a block's text that comes from one run of the document.

    A *verbatim* segment has the same characters in both. Any other stands for something that the reader
    sees but that no edit may touch (inline code, a formula, an entity), or for a line break with the white
    space and the prefix (`> `, indentation) of the next line. Between two segments whose document spans do
    not meet lies markup that the reader does not see.
    """

    start: int
    """Where it begins in the block's text; it ends where the next begins."""
    document: Span
    """What it stands for in the document."""
    verbatim: bool


@dataclass(frozen=True, slots=True)
class ProseBlock:
    """One heading, paragraph, list item or cell: its readable text, and where each character comes from.

    | document | `Use ` | `**` | `bold` | `**` | ` and ` | inline code | `.` |
    | text     | `Use ` |      | `bold` |      | ` and ` | a stand-in  | `.` |
    """

    kind: BlockKind
    text: str
    """Readable text: markup left out, a line break as one `\\n`, a stand-in for each piece of inline code."""
    relative: tuple[Segment, ...]
    """Its segments, in the order of both text and document; what they stand for is counted from `at`."""
    stand_ins: tuple[Span, ...] = ()
    """Spans of `text` that no edit may touch: stand-ins, entities, and hard line breaks."""
    begins_within: bool = False
    """Whether it goes on with a sentence that code, a formula or a figure has interrupted."""
    ends_within: bool = False
    """Whether its last sentence has no stop and leads to such an interruption."""
    unwritable: str = ""
    """Characters that no edit may write here, since they would have to be written in another way."""
    is_read_only: bool = False
    """Whether no edit can be made at all: it is encoded, or part of a drawing."""
    at: int = 0
    """Where in the document the places of its segments are counted from: all that moving it changes."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """In the order of both text and document; the first begins at 0."""
        at = self.at
        return tuple(
            Segment(one.start, Span(one.document.start + at, one.document.end + at), one.verbatim)
            for one in self.relative
        )

    def moved(self, by: int) -> ProseBlock:
        """The same block so many code points further on."""
        return ProseBlock(
            self.kind,
            self.text,
            self.relative,
            self.stand_ins,
            self.begins_within,
            self.ends_within,
            self.unwritable,
            self.is_read_only,
            self.at + by,
        )

    def document_span(self, start: int, end: int, replacement: str | None = None) -> Span | None:
        """The span of the document that `text[start:end]` stands for, if an edit can be made there.

        An empty span is a place to insert at. Where markup was left out at that place, the insertion goes
        right after what precedes it: *after* the last letter inside `**bold**`, *before* an opening `**`.

        Args:
            start: Code-point offset into `text`.
            end: Code-point offset into `text`; at least `start`.
            replacement: What shall take the place of the span, if known: then an edit that would leave
                emphasis or a link empty, or white space at its inner edge, is refused as well.

        Returns:
            The span such that putting the new text there changes exactly `text[start:end]`; None if the span
            touches a stand-in, or if markup lies in it, or the replacement cannot be written there.
        """
        if self.is_read_only:
            return None
        if replacement and self.unwritable and any(one in self.unwritable for one in replacement):
            return None
        if not self.relative or not 0 <= start <= end <= len(self.text):
            return None
        first = self._segment_before(start) if start == end else self._segment_at(start)
        last = first if start == end else self._segment_at(end - 1)
        for index in range(first, last + 1):
            if self._is_untouchable(index) and (
                start < end or self.relative[index].start < start < self._end_of(index)
            ):
                return None
            if index < last and self._has_gap_after(index):
                return None
        span = Span(self._offset(first, start), self._offset(last, end))
        if replacement is not None and not self._keeps_markup(first, last, start, end, replacement):
            return None
        return span

    def extent(self, start: int, end: int) -> Span:
        """The document from where `text[start:end]` begins to where it ends, markup between included.

        Of a stand-in or an encoded word, all counts.
        """
        first, last = self._segment_at(start), self._segment_at(end - 1)
        segments = self.relative
        return Span(
            self._offset(first, start if segments[first].verbatim else segments[first].start),
            self._offset(last, end if segments[last].verbatim else self._end_of(last)),
        )

    def _segment_at(self, offset: int) -> int:
        return bisect_right(self.relative, offset, key=lambda segment: segment.start) - 1

    def _segment_before(self, offset: int) -> int:
        """The segment that an insertion at `offset` goes into: the one that ends there, if any."""
        return max(self._segment_at(offset - 1), 0)

    def _end_of(self, index: int) -> int:
        return self.relative[index + 1].start if index + 1 < len(self.relative) else len(self.text)

    def _is_untouchable(self, index: int) -> bool:
        segment = self.relative[index]
        return not segment.verbatim and Span(segment.start, self._end_of(index)) in self.stand_ins

    def _has_gap_after(self, index: int) -> bool:
        return self.relative[index].document.end < self.relative[index + 1].document.start

    def _offset(self, index: int, offset: int) -> int:
        """The document offset of a text offset that lies in, or at an edge of, a segment."""
        segment = self.relative[index]
        if offset == segment.start:
            return self.at + segment.document.start
        if offset == self._end_of(index):
            return self.at + segment.document.end
        return self.at + segment.document.start + offset - segment.start

    def _keeps_markup(self, first: int, last: int, start: int, end: int, replacement: str) -> bool:
        """Whether the run of text between two pieces of markup still begins and ends as visibly as before."""
        while first > 0 and not self._has_gap_after(first - 1):
            first -= 1
        while last + 1 < len(self.relative) and not self._has_gap_after(last):
            last += 1
        before = self.text[self.relative[first].start : self._end_of(last)]
        offset = self.relative[first].start
        after = before[: start - offset] + replacement + before[end - offset :]
        if not after:
            return False
        return not any(
            now.isspace() and not was.isspace()
            for was, now in ((before[0], after[0]), (before[-1], after[-1]))
        )
