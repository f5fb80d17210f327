"""Which text edits put findings right, one by one or many together."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.findings.fixes import SURE
from lsp_server.server.convert import range_to_client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.documents import DocumentSnapshot, Span
    from lsp_server.findings import Finding, Suggestion
    from lsp_server.server.capabilities import Client


class Scope(Enum):
    """Which findings of a document are put right together."""

    SURE = "sure"
    """Those of at least the confidence `SURE`."""
    DOCUMENT = "document"
    SENTENCE = "sentence"
    """Those of the sentence at a place."""
    SELECTION = "selection"
    """Those in a range."""
    KIND = "kind"
    """Those of the same kind as the one at a place."""
    WORD = "word"
    """Those that change the same text in the same way as the one at a place."""


def findings_in(scope: Scope, findings: Sequence[Finding], text: str, place: Span | None) -> list[Finding]:
    """The findings that a scope means, of those that can be put right.

    Args:
        scope: How much.
        findings: All of the document.
        text: The document's.
        place: The selection, or where the finding is that the scope starts from.
    """
    findings = [finding for finding in findings if finding.suggestions]
    if scope is Scope.DOCUMENT:
        return findings
    if scope is Scope.SURE:
        return [finding for finding in findings if finding.confidence >= SURE]
    if place is None:
        return []
    if scope is Scope.SELECTION:
        return [finding for finding in findings if touch(finding.span, place)]
    first = next((finding for finding in findings if touch(finding.span, place)), None)
    if first is None:
        return []
    if scope is Scope.SENTENCE:
        return [finding for finding in findings if finding.sentence == first.sentence]
    if scope is Scope.KIND:
        return [finding for finding in findings if finding.kind is first.kind]
    return [finding for finding in findings if _rewrite(finding, text) == _rewrite(first, text)]


def touch(a: Span, b: Span) -> bool:
    """Whether two spans share a place, edges included: a cursor right behind a word is at the word."""
    return a.start <= b.end and b.start <= a.end


def workspace_edit(
    suggestions: Sequence[Suggestion], snapshot: DocumentSnapshot, client: Client
) -> types.WorkspaceEdit:
    """The edit that applies suggestions, for the version of the document that they were made for."""
    edits = [
        types.TextEdit(range_to_client(suggestion.span, snapshot, client.encoding), suggestion.replacement)
        for suggestion in suggestions
    ]
    if not client.document_changes:
        return types.WorkspaceEdit(changes={snapshot.uri: edits})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=snapshot.uri, version=snapshot.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, edits)])


def _rewrite(finding: Finding, text: str) -> tuple[str, str]:
    best = finding.suggestions[0]
    return best.span.of(text), best.replacement
