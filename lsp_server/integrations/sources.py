"""Files that a build or test program hands over, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.api import Grammared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lsp_server.api import Finding


def findings_in(paths: Iterable[Path], root: Path) -> Iterator[tuple[Path, Finding, int]]:
    """Check some files with the settings that apply to each.

    Args:
        paths: Markdown, reStructuredText and the like, in UTF-8.
        root: of the documentation; what applies there decides about the engine.

    Yields:
        File, finding, and the line from 1.

    Raises:
        GrammaredError: the engine cannot be used, or a file cannot be read.
    """
    with Grammared(user_file=True, project=root) as grammared:
        for path in paths:
            for finding, line in findings_of(grammared, path):
                yield path, finding, line


def findings_of(grammared: Grammared, path: Path) -> Iterator[tuple[Finding, int]]:
    """Check one file: each finding with its line from 1.

    Raises:
        GrammaredError: as `findings_in`.
    """
    checked = grammared.check_file(path)
    for finding in checked.findings:
        yield finding, checked.text.count("\n", 0, finding.start) + 1


def described(finding: Finding) -> str:
    """A finding in a line: what is wrong, and what to write instead."""
    return f"{finding.message} → {' | '.join(finding.suggestions) or '(nothing)'}"
