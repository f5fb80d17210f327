"""A finding: one thing that is wrong at one place, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.documents import Span
    from lsp_server.findings.kinds import ErrorKind


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to put a finding right: exact text for an exact place."""

    span: Span
    """What is replaced, in the document; empty for an insertion."""
    replacement: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One error: where it is, what it is, how sure the model is, and what to put there."""

    span: Span
    """What to underline in the document; never empty."""
    kind: ErrorKind
    message: str
    suggestions: tuple[Suggestion, ...]
    """The best first; none where nothing can be edited: the message says what would be right."""
    confidence: float
    """In 0..1, before any keep bias."""
    labels: tuple[str, ...]
    """The model's labels behind it, for debugging and statistics."""
    model: str = ""
    """The identity of the engine that made it."""
    sentence: Span | None = None
    """Where the sentence stands in the document that it was found in."""

    @property
    def place(self) -> tuple[Span, Span]:
        """What findings are sorted by: what is underlined, then what would be changed."""
        return self.span, self.suggestions[0].span if self.suggestions else self.span
