"""Findings for people: where, what, the line with the span underlined, and what to write instead.

notes.md:3:5: Wrong verb form [verb form] (confidence 91%)
She go to school every day.
^^
go → goes
"""

from __future__ import annotations

import io
import re
import sys
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from lsp_server.documents import PositionEncoding, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lsp_server.cli.reporters.report import FileReport
    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding, Suggestion

_INDENT = "    "
_MIN_WIDTH = 40
_WIDTH_WITHOUT_TERMINAL = 100
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those that turn the direction of writing, and halves of surrogate pairs."""


def stdout_console(color: str) -> Console:
    """Standard output as the user wants it; `color` is auto, always or never.

    On auto, colours are for a terminal, unless the variable NO_COLOR is set.
    """
    terminal = sys.stdout.isatty()
    return Console(
        color_system={"auto": "auto", "always": "standard", "never": None}[color],
        force_terminal={"auto": None, "always": True, "never": False}[color],
        no_color=False if color == "always" else None,
        width=None if terminal else _WIDTH_WITHOUT_TERMINAL,
        highlight=False,
        emoji=False,
        markup=False,
    )


def plain_text(reports: Iterable[FileReport]) -> str:
    """The findings of all files, without colours."""
    console = Console(file=io.StringIO(), width=_WIDTH_WITHOUT_TERMINAL, color_system=None, highlight=False)
    for report in reports:
        report_text(report, console)
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def report_text(report: FileReport, console: Console) -> None:
    """Print the findings of one file, in the order of its text."""
    for finding in report.result.findings:
        for line in finding_lines(report.name, report.document, finding, console.width):
            console.print(line, soft_wrap=True)


def finding_lines(name: str, document: DocumentSnapshot, finding: Finding, width: int) -> Iterator[Text]:
    """The lines that show one finding, cut to about `width` cells around what is underlined."""
    start = document.lines.to_client(finding.span.start, PositionEncoding.UTF32)
    line = document.lines.line_span(start.line)
    yield Text.assemble(
        (f"{printable(name)}:{start.line + 1}:{start.character + 1}:", "bold"),
        f" {printable(finding.message)} ",
        (f"[{finding.kind.value}]", "cyan"),
        (f" (confidence {finding.confidence:.0%})", "dim"),
    )
    yield from _underlined(
        printable(document.text[line.start : finding.span.start]),
        printable(document.text[finding.span.start : min(finding.span.end, line.end)]),
        printable(document.text[min(finding.span.end, line.end) : line.end]),
        max(width - len(_INDENT), _MIN_WIDTH),
    )
    for suggestion in finding.suggestions:
        wrong, right = _before_and_after(document, finding.span, suggestion)
        yield Text.assemble(
            _INDENT, (wrong, "red"), " → ", (right, "green") if right else ("(nothing)", "dim")
        )


def printable(text: str) -> str:
    """The text with nothing in it that moves a terminal's cursor or fails to be written."""
    return _UNPRINTABLE.sub("\ufffd", text.replace("\t", _INDENT).replace("\n", " "))


def _underlined(before: str, wrong: str, after: str, width: int) -> Iterator[Text]:
    """The line and its underline; of a long line only what surrounds the wrong part."""
    wrong = _cut_right(wrong, width)
    room = width - cell_len(wrong)
    before = _cut_left(before, max(room - cell_len(after), room // 2))
    after = _cut_right(after, max(room - cell_len(before), 0))
    yield Text.assemble(_INDENT, before, (wrong, "bold red"), after)
    yield Text.assemble(_INDENT, " " * cell_len(before), ("^" * max(cell_len(wrong), 1), "red"))


def _cut_right(text: str, width: int) -> str:
    """The beginning of the text, `width` cells at most, with an ellipsis if something is missing."""
    if cell_len(text) <= width:
        return text
    kept = text[: max(width - 1, 0)]
    while kept and cell_len(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…" if width else ""


def _cut_left(text: str, width: int) -> str:
    """The end of the text, `width` cells at most, with an ellipsis if something is missing."""
    if cell_len(text) <= width:
        return text
    kept = text[len(text) - max(width - 1, 0) :]
    while kept and cell_len(kept) > width - 1:
        kept = kept[1:]
    return f"…{kept}" if width else ""


def _before_and_after(document: DocumentSnapshot, shown: Span, suggestion: Suggestion) -> tuple[str, str]:
    """The underlined text and what becomes of it, so that an insertion too is seen beside a word."""
    whole = Span(min(shown.start, suggestion.span.start), max(shown.end, suggestion.span.end))
    before = Span(whole.start, suggestion.span.start).of(document.text)
    after = Span(suggestion.span.end, whole.end).of(document.text)
    right = before + suggestion.replacement + after
    return printable(whole.of(document.text)).strip(), printable(right).strip()
