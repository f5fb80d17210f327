"""Findings for other programs, in the formats that they read; each is one document, written at the end.

| format | who reads it | defined by |
|---|---|---|
| `jsonl` | scripts: one finding a line | `docs/cli.md` |
| `sarif` | GitHub code scanning, editors | SARIF 2.1.0 (OASIS) |
| `github` | GitHub Actions: annotations | its workflow commands |
| `gitlab` | GitLab: code quality | its Code Climate subset |
| `checkstyle` | Jenkins and many more | Checkstyle's XML |
| `junit` | CI servers that know tests | JUnit's XML |
| `rdjson` | reviewdog | its Diagnostic Format |
| `markdown` | a person, as a summary in a pull request | GitHub's Markdown |
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from lsp_server import __version__
from lsp_server.cli.reporters.text import printable
from lsp_server.documents import PositionEncoding
from lsp_server.findings import ErrorKind
from lsp_server.suppress import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from lsp_server.cli.reporters.report import FileReport
    from lsp_server.documents import DocumentSnapshot, Span
    from lsp_server.findings import Finding
    from lsp_server.settings import SeverityName

_HOME = "https://github.com/grammared/grammared"
_SARIF_LEVELS: dict[SeverityName, str] = {
    "error": "error",
    "warning": "warning",
    "information": "note",
    "hint": "note",
}
_GITHUB_LEVELS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}
_GITLAB_LEVELS = {"error": "major", "warning": "minor", "information": "info", "hint": "info"}
_CHECKSTYLE_LEVELS = {"error": "error", "warning": "warning", "information": "info", "hint": "info"}
_RDJSON_LEVELS = {"error": "ERROR", "warning": "WARNING", "information": "INFO", "hint": "INFO"}


class Located(NamedTuple):
    """A finding with what the formats say of its place; lines and columns from 1, in code points."""

    name: str
    """The file, as the user wrote it."""
    document: DocumentSnapshot
    finding: Finding
    severity: SeverityName
    line: int
    column: int
    end_line: int
    end_column: int
    """Right behind the last character."""

    @property
    def message(self) -> str:
        """What is wrong, and what may stand there, in one line."""
        options = [printable(s.replacement) or "(nothing)" for s in self.finding.suggestions]
        message = printable(self.finding.message)
        return f"{message} → {' | '.join(options)}" if options else message


def located(reports: Sequence[FileReport]) -> Iterator[Located]:
    """All findings, in the order of files and texts."""
    for report in reports:
        for finding in report.result.findings:
            severity = report.severity_of(finding)
            yield Located(
                report.name, report.document, finding, severity, *_range(report.document, finding.span)
            )


def report_concise(reports: Sequence[FileReport]) -> str:
    """`file:line:column: message [kind]`, a line each, as compilers write."""
    return "".join(
        f"{printable(one.name)}:{one.line}:{one.column}: {one.message} [{one.finding.kind.code}]\n"
        for one in located(reports)
    )


def report_jsonl(reports: Sequence[FileReport]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(_plain(one)) + "\n" for one in located(reports))


def _plain(one: Located) -> dict[str, Any]:
    return {
        "path": one.name,
        "line": one.line,
        "column": one.column,
        "endLine": one.end_line,
        "endColumn": one.end_column,
        "kind": one.finding.kind.code,
        "severity": one.severity,
        "message": one.finding.message,
        "confidence": round(one.finding.confidence, 4),
        "replacements": [suggestion.replacement for suggestion in one.finding.suggestions],
        "fingerprint": fingerprint_of(one.finding, one.document.text),
    }


def report_sarif(reports: Sequence[FileReport]) -> str:
    """A SARIF 2.1.0 log with rules and fixes."""
    rules = [
        {
            "id": kind.code,
            "name": kind.name.title().replace("_", ""),
            "shortDescription": {"text": kind.code.replace("-", " ").capitalize()},
            "fullDescription": {"text": f"For example: “{kind.wrong}” instead of “{kind.right}”"},
            "helpUri": f"{_HOME}/blob/main/docs/kinds/{kind.code}.md",
            "defaultConfiguration": {"level": "warning"},
        }
        for kind in ErrorKind
    ]
    order = {kind: index for index, kind in enumerate(ErrorKind)}
    run = {
        "tool": {
            "driver": {
                "name": "Grammared",
                "version": __version__,
                "informationUri": _HOME,
                "rules": rules,
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(one, order[one.finding.kind]) for one in located(reports)],
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _sarif_result(one: Located, rule: int) -> dict[str, Any]:
    artifact = {"uri": _uri(one.name)}
    return {
        "ruleId": one.finding.kind.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[one.severity],
        "message": {"text": one.message},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": _sarif_region(one[4:])}}],
        "partialFingerprints": {"grammared/v1": fingerprint_of(one.finding, one.document.text)},
        "rank": round(100 * one.finding.confidence, 1),
        "fixes": [
            {
                "description": {"text": f"Write “{printable(suggestion.replacement)}”"},
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [
                            {
                                "deletedRegion": _sarif_region(_range(one.document, suggestion.span)),
                                "insertedContent": {"text": suggestion.replacement},
                            }
                        ],
                    }
                ],
            }
            for suggestion in one.finding.suggestions
        ],
    }


def _sarif_region(place: Sequence[int]) -> dict[str, int]:
    return dict(zip(("startLine", "startColumn", "endLine", "endColumn"), place, strict=True))


def report_github(reports: Sequence[FileReport]) -> str:
    """Workflow commands, which GitHub shows as annotations."""
    return "".join(
        f"::{_GITHUB_LEVELS[one.severity]} file={_property(one.name)},line={one.line},endLine={one.end_line},"
        f"col={one.column},endColumn={one.end_column},title={_property(one.finding.kind.code)}"
        f"::{_data(one.message)}\n"
        for one in located(reports)
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def report_gitlab(reports: Sequence[FileReport]) -> str:
    """GitLab's code quality report; a finding that stands twice in a file has two fingerprints."""
    seen: Counter[str] = Counter()
    issues = []
    for one in located(reports):
        fingerprint = f"{one.name}:{fingerprint_of(one.finding, one.document.text)}"
        seen[fingerprint] += 1
        issues.append(
            {
                "description": one.message,
                "check_name": one.finding.kind.code,
                "fingerprint": f"{fingerprint}:{seen[fingerprint]}",
                "severity": _GITLAB_LEVELS[one.severity],
                "location": {"path": one.name, "lines": {"begin": one.line, "end": one.end_line}},
            }
        )
    return json.dumps(issues, indent=2) + "\n"


def report_checkstyle(reports: Sequence[FileReport]) -> str:
    """Checkstyle's XML: every file that was checked, with its errors."""
    root = ET.Element("checkstyle", version="10.0")
    for report in reports:
        file = ET.SubElement(root, "file", name=_xml(report.name))
        for one in located([report]):
            ET.SubElement(
                file,
                "error",
                line=str(one.line),
                column=str(one.column),
                severity=_CHECKSTYLE_LEVELS[one.severity],
                message=_xml(one.message),
                source=f"grammared.{one.finding.kind.code}",
            )
    return _document(root)


def report_junit(reports: Sequence[FileReport]) -> str:
    """JUnit's XML: a file is a test, which fails with its findings."""
    failed = sum(bool(report.result.findings) for report in reports)
    totals = {"name": "grammared", "tests": str(len(reports)), "failures": str(failed), "errors": "0"}
    root = ET.Element("testsuites", totals)
    suite = ET.SubElement(root, "testsuite", totals)
    for report in reports:
        case = ET.SubElement(suite, "testcase", name=_xml(report.name), classname="grammared")
        lines = [f"{one.line}:{one.column}: {one.message}" for one in located([report])]
        if lines:
            failure = ET.SubElement(case, "failure", message=f"{len(lines)} findings", type="grammared")
            failure.text = _xml("\n".join(lines))
    return _document(root)


def report_rdjson(reports: Sequence[FileReport]) -> str:
    """Reviewdog's Diagnostic Format; it counts columns in bytes of UTF-8."""
    diagnostics = [
        {
            "message": one.message,
            "location": {"path": one.name, "range": _bytes_range(one.document, one.finding.span)},
            "severity": _RDJSON_LEVELS[one.severity],
            "code": {
                "value": one.finding.kind.code,
                "url": f"{_HOME}/blob/main/docs/kinds/{one.finding.kind.code}.md",
            },
            "suggestions": [
                {"range": _bytes_range(one.document, suggestion.span), "text": suggestion.replacement}
                for suggestion in one.finding.suggestions
            ],
        }
        for one in located(reports)
    ]
    source = {"name": "grammared", "url": _HOME}
    return json.dumps({"source": source, "diagnostics": diagnostics}, indent=2) + "\n"


def _bytes_range(document: DocumentSnapshot, span: Span) -> dict[str, dict[str, int]]:
    start, end = (document.lines.to_client(at, PositionEncoding.UTF8) for at in (span.start, span.end))
    return {
        "start": {"line": start.line + 1, "column": start.character + 1},
        "end": {"line": end.line + 1, "column": end.character + 1},
    }


def report_markdown(reports: Sequence[FileReport]) -> str:
    """A summary: how many of which kind, and a table of all."""
    found = list(located(reports))
    if not found:
        return f"## Grammared\n\nNothing was found in {len(reports)} files.\n"
    kinds = Counter(one.finding.kind.code for one in found)
    summary = ", ".join(f"{count} × {kind}" for kind, count in kinds.most_common())
    rows = [
        f"| `{_cell(one.name)}:{one.line}` | {_cell(one.finding.span.of(one.document.text))} | "
        f"{_cell(one.message)} | {one.finding.kind.code} | {one.finding.confidence:.0%} |"
        for one in found
    ]
    head = "| place | text | what | kind | confidence |\n|---|---|---|---|---|\n"
    return f"## Grammared\n\n{len(found)} findings: {summary}\n\n{head}" + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|")


def _range(document: DocumentSnapshot, span: Span) -> tuple[int, int, int, int]:
    start, end = (document.lines.to_client(at, PositionEncoding.UTF32) for at in (span.start, span.end))
    return start.line + 1, start.character + 1, end.line + 1, end.character + 1


def _uri(name: str) -> str:
    from urllib.parse import quote

    return quote(name.encode("utf-8", "surrogateescape"))


def _xml(text: str) -> str:
    """Without the characters that XML cannot have."""
    return "".join(
        c if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff") else "\ufffd" for c in text
    )


def _document(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


REPORTS: dict[str, Callable[[Sequence[FileReport]], str]] = {
    "concise": report_concise,
    "jsonl": report_jsonl,
    "sarif": report_sarif,
    "github": report_github,
    "gitlab": report_gitlab,
    "checkstyle": report_checkstyle,
    "junit": report_junit,
    "rdjson": report_rdjson,
    "markdown": report_markdown,
}
"""Each format's function; `text` and `json` are in modules of their own."""
