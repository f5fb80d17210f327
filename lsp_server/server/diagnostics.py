"""From findings to the protocol's diagnostics. Pure functions of one outcome."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.findings import ErrorKind
from lsp_server.findings.explanations import page_file
from lsp_server.server.convert import range_to_client
from lsp_server.settings.levels import level_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding
    from lsp_server.server.capabilities import Client
    from lsp_server.settings import Settings

SOURCE = "grammared"

_SEVERITIES: dict[str, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
_SUPERFLUOUS = frozenset({ErrorKind.REPEATED_WORD, ErrorKind.EXTRA_WORD})
"""Kinds whose words can go: editors show them faded."""


def diagnostics_of(
    findings: Iterable[Finding], snapshot: DocumentSnapshot, client: Client, settings: Settings
) -> list[types.Diagnostic]:
    """The findings of a document as diagnostics, in their order."""
    return [diagnostic_of(finding, snapshot, client, settings) for finding in findings]


def diagnostic_of(
    finding: Finding, snapshot: DocumentSnapshot, client: Client, settings: Settings
) -> types.Diagnostic:
    """One finding as the client can show it."""
    data = {
        "replacements": [suggestion.replacement for suggestion in finding.suggestions],
        "confidence": round(finding.confidence, 3),
        "model": finding.model,
    }
    page = page_address(finding.kind) if client.code_descriptions else None
    return types.Diagnostic(
        range=range_to_client(finding.span, snapshot, client.encoding),
        message=finding.message,
        severity=_SEVERITIES.get(level_of(finding.kind.code, settings), types.DiagnosticSeverity.Warning),
        source=SOURCE,
        code=finding.kind.code,
        code_description=types.CodeDescription(page) if page else None,
        tags=_tags(finding, client),
        data=data if client.diagnostic_data else None,
    )


def is_ours(diagnostic: types.Diagnostic) -> bool:
    """Whether we have reported a diagnostic that the client sends."""
    return diagnostic.source == SOURCE


@lru_cache
def page_address(kind: ErrorKind) -> str | None:
    """Where a client finds what a kind is about: the page that was installed with us, without a network."""
    page = page_file(kind)
    return page.resolve().as_uri() if page else None


def _tags(finding: Finding, client: Client) -> Sequence[types.DiagnosticTag] | None:
    is_deletion = bool(finding.suggestions) and not finding.suggestions[0].replacement.strip()
    if finding.kind in _SUPERFLUOUS and is_deletion and client.unnecessary_tag:
        return [types.DiagnosticTag.Unnecessary]
    return None
