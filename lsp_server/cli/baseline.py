"""Baselines: the findings that were there before, and are to be lived with; only new ones are reported.

A baseline is a text file to be committed: a line for each finding, with how often it is there if more than
once, sorted, so that it merges. A finding is known by its words and its neighbours (`suppress.fingerprint`):
it survives edits elsewhere, and may move to another file.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lsp_server.errors import InputError
from lsp_server.suppress.entries import locked, read_text, write_text
from lsp_server.suppress.fingerprint import VERSION, excerpt, fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lsp_server.cli.reporters.report import FileReport
    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding

_HEADER = "# Findings that were there before. Made by: grammared lint --write-baseline\n"
_END = "# The end: without this line the file was cut off."
_LINE = re.compile(r"(?P<print>\d+:[0-9a-f]{16})(?: x(?P<times>[1-9]\d*))?(?:  [a-z-]+  .*)?")


@dataclass
class Baseline:
    """The findings that were there before, and how many of each have not been met yet."""

    path: Path
    left: Counter[str] = field(default_factory=Counter)

    def new(self, findings: Iterable[Finding], text: str) -> tuple[tuple[Finding, ...], Counter[str]]:
        """The findings of a text that the baseline does not have, and how often it has which others."""
        met: Counter[str] = Counter()
        kept = []
        for finding in findings:
            one = fingerprint_of(finding, text)
            if met[one] < self.left[one]:
                met[one] += 1
            else:
                kept.append(finding)
        return tuple(kept), met

    def narrowed(self, report: FileReport) -> FileReport:
        """A report with new findings only; those that were met are used up."""
        kept, met = self.new(report.result.findings, report.document.text)
        self.left -= met
        return replace(report, result=replace(report.result, findings=kept))


def read_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        InputError: there is none, or it is damaged: nothing of it counts then.
    """
    text = read_text(path)
    if text is None:
        raise InputError(f"{path}: there is no such baseline; make one with --write-baseline {path}")
    left: Counter[str] = Counter()
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or match["print"].partition(":")[0] != VERSION:
            raise InputError(
                f"{path}, line {number}: not a line of a baseline; make it anew with --write-baseline {path}"
            )
        left[match["print"]] += int(match["times"] or 1)
    if _END not in lines:
        raise InputError(f"{path}: its end is missing; make it anew with --write-baseline {path}")
    return Baseline(path, left)


def write_baseline(path: Path, reports: Iterable[FileReport]) -> int:
    """Write the findings of some reports as a baseline; how many there are.

    Raises:
        InputError: it cannot be written.
    """
    times: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for report in reports:
        document: DocumentSnapshot = report.document
        for finding in report.result.findings:
            one = fingerprint_of(finding, document.text)
            times[one] += 1
            shown.setdefault(one, f"{finding.kind.code}  {excerpt(finding, document.text)}")
    lines = [f"{one}{f' x{times[one]}' if times[one] > 1 else ''}  {shown[one]}\n" for one in sorted(shown)]
    with locked(path):
        write_text(path, "".join([_HEADER, *lines, f"{_END}\n"]))
    return sum(times.values())
