"""What a finding is about, for whoever points at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.documents import Span
from lsp_server.findings.explanations import explanation_of
from lsp_server.findings.fixes import combined
from lsp_server.server.convert import range_to_client
from lsp_server.server.diagnostics import page_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding
    from lsp_server.server.capabilities import Client

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LONGEST = 400
"""Code points of a sentence that is shown whole."""


def hover_of(findings: Sequence[Finding], snapshot: DocumentSnapshot, client: Client) -> types.Hover:
    """What is said of the findings at one place: what is wrong, why, and how the sentence reads put right."""
    write = _markdown if client.markdown_hover else _plain
    text = "\n\n---\n\n".join(write(finding, snapshot.text, client) for finding in findings)
    kind = types.MarkupKind.Markdown if client.markdown_hover else types.MarkupKind.PlainText
    place = Span(min(one.span.start for one in findings), max(one.span.end for one in findings))
    return types.Hover(types.MarkupContent(kind, text), range_to_client(place, snapshot, client.encoding))


def _markdown(finding: Finding, text: str, client: Client) -> str:
    title, why, _, unless = explanation_of(finding.kind)
    before, after = _sentence(finding, text)
    parts = [f"**{title}**: {_escaped(finding.message)} ({_confidence(finding)})"]
    if before:
        parts.append(f"> {_escaped(before)}\n>\n> → {_escaped(after)}")
    others = [_escaped(suggestion.replacement.strip()) for suggestion in finding.suggestions[1:]]
    if others:
        parts.append("Or: " + ", ".join(filter(None, others)))
    parts += [part for part in (why, unless) if part]
    if page := page_address(finding.kind) if client.code_descriptions else None:
        parts.append(f"[More on {finding.kind.code}]({page})")
    return "\n\n".join(parts)


def _plain(finding: Finding, text: str, _: Client) -> str:
    title, why, _examples, unless = explanation_of(finding.kind)
    before, after = _sentence(finding, text)
    parts = [f"{title}: {finding.message} ({_confidence(finding)})"]
    if before:
        parts.append(f"{before}\n→ {after}")
    others = [suggestion.replacement.strip() for suggestion in finding.suggestions[1:]]
    if others:
        parts.append("Or: " + ", ".join(filter(None, others)))
    return "\n\n".join([*parts, *(part for part in (why, unless) if part)])


def _confidence(finding: Finding) -> str:
    return f"{finding.confidence:.0%} sure"


def _sentence(finding: Finding, text: str) -> tuple[str, str]:
    """The sentence as it is and as it would be, each on one line; nothing if it cannot be read or changed."""
    place = finding.sentence
    if place is None or len(place) > _LONGEST or not finding.suggestions:
        return "", ""
    (edit,) = combined(finding.suggestions[:1])
    after = (
        text[place.start : edit.span.start] + edit.replacement + text[edit.span.end : place.end]
        if place.start <= edit.span.start and edit.span.end <= place.end
        else place.of(text)
    )
    return " ".join(place.of(text).split()), " ".join(after.split())


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", text)
