"""A document as it was at one moment: what a check works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from lsp_server.documents.line_index import LineIndex


@dataclass(frozen=True)
class DocumentSnapshot:
    """One text at one version; never changes, so that a check can run while the user types on."""

    uri: str
    text: str
    language: str
    """The LSP language identifier, such as `markdown` or `plaintext`."""
    version: int | None = None
    """The editor's version of the document; None for a file read from disk."""

    @cached_property
    def lines(self) -> LineIndex:
        """Where the lines of `text` begin; converts spans to positions and back."""
        return LineIndex(self.text)
