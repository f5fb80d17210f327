"""Suggestions carried out together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.documents import Span
from lsp_server.findings.finding import Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsp_server.findings.finding import Finding

SURE = 0.85
"""The confidence from which findings are put right unseen: by editors on saving, by `lint --fix`."""


def combined(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Suggestions as edits that can be applied together.

    Those that merely touch become one, so that no client has to know which of two edits at one place comes
    first. Of two that change the same text, or insert at the same place, the first counts.
    """
    kept: list[Suggestion] = []
    for suggestion in sorted(suggestions, key=lambda suggestion: suggestion.span):
        before = kept[-1] if kept else None
        if before is None or suggestion.span.start > before.span.end:
            kept.append(suggestion)
        elif suggestion.span.start == before.span.end and suggestion.span != before.span:
            whole = Span(before.span.start, suggestion.span.end)
            kept[-1] = Suggestion(whole, before.replacement + suggestion.replacement)
    return kept


def choices(finding: Finding, text: str) -> tuple[Span, list[str]]:
    """What to underline so that any suggestion can take its place, and what each puts there.

    For clients to which a finding is one span with replacements for it, while each of our suggestions has
    its own.
    """
    spans = [finding.span, *(suggestion.span for suggestion in finding.suggestions)]
    whole = Span(min(span.start for span in spans), max(span.end for span in spans))
    return whole, [
        text[whole.start : one.span.start] + one.replacement + text[one.span.end : whole.end]
        for one in finding.suggestions
    ]


def applied(text: str, suggestions: Iterable[Suggestion]) -> str:
    """The text with the suggestions carried out, which were made for it."""
    parts, done = [], 0
    for suggestion in combined(suggestions):
        parts += [text[done : suggestion.span.start], suggestion.replacement]
        done = suggestion.span.end
    return "".join([*parts, text[done:]])
