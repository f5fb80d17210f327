"""A range of a document's text, in the one unit used inside Grammared: code points."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The half-open range `[start, end)` of code points in a document's text."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a code point, or an empty one lies inside or at an edge of the other."""
        if not len(self) or not len(other):
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end

    def of(self, text: str) -> str:
        """The part of `text` that this span covers."""
        return text[self.start : self.end]
