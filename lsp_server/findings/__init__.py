"""Findings: what is wrong, why, and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lsp_server.findings.explain import Explanation, explain
from lsp_server.findings.finding import Finding, Suggestion
from lsp_server.findings.kinds import ErrorKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsp_server.documents import Span
    from triton_server.gector.types import Edit
    from triton_server.segmentation.types import Sentence

__all__ = ["ErrorKind", "Explanation", "Finding", "Suggestion", "explain", "findings_of"]


class ToDocument(Protocol):
    """Where in the document a range of a sentence's text stands."""

    def __call__(self, start: int, end: int, replacement: str | None = None, /) -> Span | None:
        """The document's span for `text[start:end]`; None if no edit, or not this one, can be made there."""
        ...


def findings_of(sentence: Sentence, edits: Iterable[Edit], to_document: ToDocument) -> list[Finding]:
    """What a person is told of a sentence: a finding for each edit that can be made in the document.

    Args:
        sentence: what was checked.
        edits: of its text.
        to_document: the way back to the document.

    Returns:
        In document order. An edit that the document cannot take exactly (one across markup) gives none.
    """
    found = [finding for edit in edits if (finding := _finding(sentence, edit, to_document))]
    return sorted(found, key=lambda finding: finding.place)


def _finding(sentence: Sentence, edit: Edit, to_document: ToDocument) -> Finding | None:
    place = to_document(edit.start, edit.end, edit.replacement)
    if place is None:
        return None
    explanation = explain(sentence, edit)
    # whole words are underlined, or what of them can be
    underlined = to_document(explanation.start, explanation.end) or place
    if not len(underlined):
        return None
    return Finding(
        underlined,
        explanation.kind,
        explanation.message,
        (Suggestion(place, edit.replacement),),
        edit.confidence,
        edit.labels,
    )
