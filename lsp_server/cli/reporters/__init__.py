"""Reporters: what was found, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lsp_server.cli.reporters.report import FileReport

_MACHINE = ("concise", "jsonl", "sarif", "github", "gitlab", "checkstyle", "junit", "rdjson", "markdown")


def _lazily(form: str) -> Callable[[Sequence[FileReport]], str]:
    def report(reports: Sequence[FileReport]) -> str:
        from lsp_server.cli.reporters import machine

        return machine.REPORTS[form](reports)

    return report


def _html(reports: Sequence[FileReport]) -> str:
    from lsp_server.cli.reporters.html import report_html

    return report_html(reports)


REPORTS = {**{form: _lazily(form) for form in _MACHINE}, "html": _html}
"""Each format's function, whose module is imported when it is called."""
