"""Findings for programs: one JSON document, its form described in `docs/cli.md`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lsp_server.documents import PositionEncoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.cli.reporters.report import FileReport
    from lsp_server.documents import DocumentSnapshot, Span
    from lsp_server.findings import Finding

VERSION = 1
"""Of the document's form; grows when a field goes away or changes its meaning, not when one is added."""


def report_json(reports: Sequence[FileReport], failures: Sequence[str]) -> str:
    """The whole report. It is ASCII, so that no text can make it invalid or unwritable."""
    document = {
        "version": VERSION,
        "files": [_file(report) for report in reports],
        "failures": list(failures),
    }
    return json.dumps(document, indent=2)


def _file(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.name,
        "language": report.document.language,
        "findings": [_finding(report.document, finding) for finding in report.result.findings],
        "unchecked": [_span(report.document, span) for span in report.result.unchecked],
    }


def _finding(document: DocumentSnapshot, finding: Finding) -> dict[str, Any]:
    return {
        "span": _span(document, finding.span),
        "text": finding.span.of(document.text),
        "kind": finding.kind.value,
        "message": finding.message,
        "confidence": round(finding.confidence, 4),
        "model": finding.model,
        "suggestions": [
            {"span": _span(document, suggestion.span), "replacement": suggestion.replacement}
            for suggestion in finding.suggestions
        ],
    }


def _span(document: DocumentSnapshot, span: Span) -> dict[str, Any]:
    return {"start": _place(document, span.start), "end": _place(document, span.end)}


def _place(document: DocumentSnapshot, offset: int) -> dict[str, int]:
    """Line and column from 1, offset from 0, columns and offsets in code points."""
    position = document.lines.to_client(offset, PositionEncoding.UTF32)
    return {"line": position.line + 1, "column": position.character + 1, "offset": offset}
