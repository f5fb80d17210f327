"""From findings to the protocol's diagnostics and code actions. Pure functions of one outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.documents import Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lsp_server.documents import DocumentSnapshot, PositionEncoding
    from lsp_server.findings import Finding, Suggestion
    from lsp_server.server.capabilities import Client
    from lsp_server.server.scheduler import Outcome
    from lsp_server.settings import SeverityName

SOURCE = "grammared"
FIX_ALL = "source.fixAll.grammared"
_SEVERITIES: dict[SeverityName, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


def position_from_client(position: types.Position) -> Position:
    """The client's position as `documents` reads it; the units stay the client's."""
    return Position(position.line, position.character)


def span_from_client(span: types.Range, snapshot: DocumentSnapshot, encoding: PositionEncoding) -> Span:
    """The client's range as a span; one that ends before it begins is turned round."""
    start, end = (
        snapshot.lines.from_client(position_from_client(place), encoding) for place in (span.start, span.end)
    )
    return Span(min(start, end), max(start, end))


def range_to_client(span: Span, snapshot: DocumentSnapshot, encoding: PositionEncoding) -> types.Range:
    """A span as the client's range."""
    start, end = (snapshot.lines.to_client(offset, encoding) for offset in (span.start, span.end))
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def diagnostics(outcome: Outcome, client: Client, severity: SeverityName) -> list[types.Diagnostic]:
    """The findings of a check as diagnostics, in document order."""
    return [_diagnostic(finding, outcome.snapshot, client, severity) for finding in outcome.result.findings]


def code_actions(
    outcome: Outcome, params: types.CodeActionParams, client: Client, severity: SeverityName
) -> list[types.CodeAction]:
    """A quick fix for each suggestion of the findings that the asked range touches, and one that fixes all.

    Args:
        outcome: Of the very text that the client has now.
        params: Range and kinds; a client that asks for no kind gets all.
        client: Decides the form of the edits.
        severity: That of the diagnostics, which the fixes name.
    """
    snapshot, findings = outcome.snapshot, outcome.result.findings
    asked = span_from_client(params.range, snapshot, client.encoding)
    touched = [finding for finding in findings if _touch(finding.span, asked)]
    actions: list[types.CodeAction] = []
    if _wants(params.context, types.CodeActionKind.QuickFix.value):
        for finding in touched:
            shown = _as_shown(_diagnostic(finding, snapshot, client, severity), params.context)
            actions += _quick_fixes(finding, shown, snapshot, client)
    # A menu at a place shows it only beside fixes for that place; a command for the whole document always.
    if _wants(params.context, FIX_ALL) and (touched or params.context.only):
        actions += _fix_all(findings, snapshot, client)
    return actions


def not_checked_yet() -> types.CodeAction:
    """An entry of the menu that can only be read."""
    reason = "Grammared has not checked this place yet"
    return types.CodeAction(
        title=reason, kind=types.CodeActionKind.QuickFix, disabled=types.CodeActionDisabled(reason)
    )


def wants_only(context: types.CodeActionContext, kind: str) -> bool:
    """Whether nothing but actions of a kind, or of kinds below it, is asked for."""
    asked = [str(getattr(only, "value", only)) for only in context.only or ()]
    return bool(asked) and all(only == kind or only.startswith(f"{kind}.") for only in asked)


def _touch(a: Span, b: Span) -> bool:
    """Whether two spans share a place, edges included: a cursor right behind a word is at the word."""
    return a.start <= b.end and b.start <= a.end


def _wants(context: types.CodeActionContext, kind: str) -> bool:
    """Whether a kind of action is asked for: kinds are paths, and asking for one asks for all below it."""
    if not context.only:
        return True
    asked = [getattr(only, "value", only) for only in context.only]
    return any(not only or kind == only or kind.startswith(f"{only}.") for only in asked)


def _as_shown(ours: types.Diagnostic, context: types.CodeActionContext) -> types.Diagnostic:
    """The client's own copy of a diagnostic if it has one: that is what it matches actions with."""
    key = (ours.range, ours.code, ours.message)
    return next((d for d in context.diagnostics if (d.range, d.code, d.message) == key), ours)


def _diagnostic(
    finding: Finding, snapshot: DocumentSnapshot, client: Client, severity: SeverityName
) -> types.Diagnostic:
    data = {
        "replacements": [suggestion.replacement for suggestion in finding.suggestions],
        "confidence": round(finding.confidence, 3),
        "model": finding.model,
    }
    return types.Diagnostic(
        range=range_to_client(finding.span, snapshot, client.encoding),
        message=finding.message,
        severity=_SEVERITIES[severity],
        source=SOURCE,
        code=finding.kind.code,
        data=data if client.diagnostic_data else None,
    )


def _quick_fixes(
    finding: Finding, shown: types.Diagnostic, snapshot: DocumentSnapshot, client: Client
) -> list[types.CodeAction]:
    return [
        types.CodeAction(
            title=_title(suggestion, snapshot),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[shown],
            is_preferred=number == 0,
            edit=_workspace_edit([suggestion], snapshot, client),
        )
        for number, suggestion in enumerate(finding.suggestions)
    ]


def _fix_all(
    findings: Iterable[Finding], snapshot: DocumentSnapshot, client: Client
) -> list[types.CodeAction]:
    """One code action that applies the best suggestion of every finding; none if there is nothing to fix."""
    suggestions = _apart(finding.suggestions[0] for finding in findings)
    if not suggestions:
        return []
    edit = _workspace_edit(suggestions, snapshot, client)
    return [types.CodeAction(title="Fix all grammar findings", kind=FIX_ALL, edit=edit)]


def _apart(suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Those that can be applied together: of two that touch the same text, the first."""
    kept: list[Suggestion] = []
    for suggestion in sorted(suggestions, key=lambda suggestion: suggestion.span):
        if not kept or not kept[-1].span.overlaps(suggestion.span):
            kept.append(suggestion)
    return kept


def _workspace_edit(
    suggestions: Sequence[Suggestion], snapshot: DocumentSnapshot, client: Client
) -> types.WorkspaceEdit:
    edits = [
        types.TextEdit(range_to_client(suggestion.span, snapshot, client.encoding), suggestion.replacement)
        for suggestion in suggestions
    ]
    if not client.document_changes:
        return types.WorkspaceEdit(changes={snapshot.uri: edits})
    document = types.OptionalVersionedTextDocumentIdentifier(uri=snapshot.uri, version=snapshot.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, edits)])


def _title(suggestion: Suggestion, snapshot: DocumentSnapshot) -> str:
    """What the editor's menu says, such as `Replace “go” with “goes”`."""
    old, new = _brief(suggestion.span.of(snapshot.text)), _brief(suggestion.replacement)
    if not new:
        return f"Remove “{old}”"
    return f"Replace “{old}” with “{new}”" if old else f"Insert “{new}”"


def _brief(text: str) -> str:
    """Text on one line, short enough for a menu."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
