"""From findings to what an editor's menu offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from lsprotocol.converters import get_converter

from lsp_server.documents import Span
from lsp_server.findings.fixes import combined
from lsp_server.server.convert import range_to_client, span_from_client
from lsp_server.server.diagnostics import diagnostic_of, is_ours
from lsp_server.server.fixes import Scope, findings_in, touch, workspace_edit
from lsp_server.server.silence import offers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding, Suggestion
    from lsp_server.server.capabilities import Client
    from lsp_server.server.scheduler import Outcome
    from lsp_server.settings import Settings

QUICK_FIX = types.CodeActionKind.QuickFix.value
FIX_ALL = "source.fixAll.grammared"
FIX = "grammared.fix"
"""The command that does what a fix says, for clients that know no actions."""

MOST_ALTERNATIVES = 8
"""Suggestions of one finding that a menu offers."""


def code_actions(
    outcome: Outcome,
    params: types.CodeActionParams,
    client: Client,
    settings: Settings,
    *,
    in_project: bool = False,
) -> list[types.CodeAction]:
    """Fixes for the findings at the asked place: each by itself, and together with others.

    Args:
        outcome: Of the very text that the client has now.
        params: Range, kinds, and the diagnostics that the client shows there. A client that asks for no kind
            gets all.
        client: Decides the form of the edits.
        settings: Those of the document, for its diagnostics.
        in_project: Whether the document is in a folder of the workspace.
    """
    snapshot, findings = outcome.snapshot, outcome.result.findings
    asked = span_from_client(params.range, snapshot, client.encoding)
    touched = [finding for finding in findings if touch(finding.span, asked)] or _named(
        findings, params.context, snapshot, client
    )
    actions: list[types.CodeAction] = []
    if _wants(params.context, QUICK_FIX):
        shown = [_as_shown(diagnostic_of(one, snapshot, client, settings), params.context) for one in touched]
        for finding, diagnostic in zip(touched, shown, strict=True):
            actions += _quick_fixes(finding, diagnostic, snapshot, client)
        if any(finding.suggestions for finding in touched):
            actions += _together(touched, shown, outcome, asked, client)
        if touched:
            actions += _silencing(touched[0], shown[0], snapshot, client, in_project=in_project)
    # A menu at a place shows it only beside fixes for that place; a command for the whole document always.
    if _wants(params.context, FIX_ALL) and (touched or params.context.only):
        sure = findings_in(Scope.SURE, findings, snapshot.text, None)
        if sure:
            title = f"Fix {_count(len(sure), 'sure finding')} in the file"
            actions.append(_many(title, FIX_ALL, Scope.SURE, sure, outcome, None, client))
    return actions


def resolved(action: types.CodeAction, outcome: Outcome, client: Client) -> types.CodeAction:
    """An action with its edit, which is made only when the action has been chosen.

    An action for an older text gets none: it would change other words.
    """
    data = action.data
    if isinstance(data, dict) and data.get("version") == outcome.snapshot.version:
        action.edit = edit_of(data, outcome, client)
    return action


def edit_of(data: dict[str, Any], outcome: Outcome, client: Client) -> types.WorkspaceEdit | None:
    """The edit for what an action or command says of itself; None if nothing is to change.

    Args:
        data: `scope`, a value of `Scope`, and of some the `start` and `end` of a place, in code points.
        outcome: Of the document.
        client: Decides the form.

    Raises:
        ValueError: there is no such scope.
    """
    snapshot, findings = outcome.snapshot, outcome.result.findings
    place = Span(data["start"], data["end"]) if "start" in data else None
    suggestions = combined(
        finding.suggestions[0]
        for finding in findings_in(Scope(data["scope"]), findings, snapshot.text, place)
    )
    return workspace_edit(suggestions, snapshot, client) if suggestions else None


def as_commands(actions: Sequence[types.CodeAction], snapshot: DocumentSnapshot) -> list[types.Command]:
    """Actions for a client that knows only commands: ours apply the edit themselves."""
    commands = []
    for action in actions:
        if action.command:
            commands.append(action.command)
        elif action.edit:
            change = {"uri": snapshot.uri, "version": snapshot.version, "edit": _plain(action.edit)}
            commands.append(types.Command(action.title, FIX, arguments=[change]))
    return commands


def not_checked_yet() -> types.CodeAction:
    """An entry of the menu that can only be read."""
    reason = "Grammared has not checked this place yet"
    return types.CodeAction(
        title=reason, kind=types.CodeActionKind.QuickFix, disabled=types.CodeActionDisabled(reason)
    )


def wants_only(context: types.CodeActionContext, kind: str) -> bool:
    """Whether nothing but actions of a kind, or of kinds below it, is asked for."""
    asked = _asked(context)
    return bool(asked) and all(only == kind or only.startswith(f"{kind}.") for only in asked)


def _asked(context: types.CodeActionContext) -> list[str]:
    return [str(getattr(only, "value", only)) for only in context.only or ()]


def _wants(context: types.CodeActionContext, kind: str) -> bool:
    """Whether a kind of action is asked for: kinds are paths, and asking for one asks for all below it."""
    asked = _asked(context)
    return not asked or any(not only or kind == only or kind.startswith(f"{only}.") for only in asked)


def _named(
    findings: Sequence[Finding], context: types.CodeActionContext, snapshot: DocumentSnapshot, client: Client
) -> list[Finding]:
    """The findings whose diagnostics the client names: with its cursor elsewhere on the line, those of it."""
    named = [(one.range, one.code) for one in context.diagnostics if is_ours(one)]
    return [
        finding
        for finding in findings
        if named and (range_to_client(finding.span, snapshot, client.encoding), finding.kind.code) in named
    ]


def _as_shown(ours: types.Diagnostic, context: types.CodeActionContext) -> types.Diagnostic:
    """The client's own copy of a diagnostic if it has one: that is what it matches actions with."""
    key = (ours.range, ours.code, ours.message)
    return next((d for d in context.diagnostics if (d.range, d.code, d.message) == key), ours)


def _quick_fixes(
    finding: Finding, shown: types.Diagnostic, snapshot: DocumentSnapshot, client: Client
) -> list[types.CodeAction]:
    return [
        types.CodeAction(
            title=_title(suggestion, snapshot),
            kind=QUICK_FIX,
            diagnostics=[shown],
            is_preferred=number == 0,
            edit=workspace_edit([suggestion], snapshot, client),
        )
        for number, suggestion in enumerate(finding.suggestions[:MOST_ALTERNATIVES])
    ]


def _together(
    touched: Sequence[Finding],
    shown: Sequence[types.Diagnostic],
    outcome: Outcome,
    asked: Span,
    client: Client,
) -> Iterator[types.CodeAction]:
    """Actions that put several findings right; none that does the same as a smaller one."""
    findings, text = outcome.result.findings, outcome.snapshot.text
    first = next(finding for finding in touched if finding.suggestions)
    best = first.suggestions[0]
    rewrite = f"“{_brief(best.span.of(text))}” with “{_brief(best.replacement)}”"
    offers = [
        (Scope.WORD, first.span, f"Replace {rewrite} everywhere in the file ({{count}})"),
        (Scope.SENTENCE, first.span, "Fix {findings} in the sentence"),
        (Scope.SELECTION, asked, "Fix {findings} in the selection"),
        (Scope.KIND, first.span, f"Fix {{findings}} of the kind “{first.kind.code}” in the file"),
        (Scope.DOCUMENT, None, "Fix {findings} in the file"),
    ]
    seen: set[tuple[Finding, ...]] = set()
    for scope, place, title in offers:
        if scope is Scope.WORD and best.span.start == best.span.end:
            continue
        if scope is Scope.SELECTION and asked.start == asked.end:
            continue
        meant = tuple(findings_in(scope, findings, text, place))
        if len(meant) > 1 and meant not in seen:
            seen.add(meant)
            name = title.format(count=len(meant), findings=_count(len(meant), "finding"))
            linked = [one for finding, one in zip(touched, shown, strict=True) if finding in meant]
            action = _many(name, QUICK_FIX, scope, meant, outcome, place, client)
            action.diagnostics = linked
            yield action


def _silencing(
    finding: Finding,
    shown: types.Diagnostic,
    snapshot: DocumentSnapshot,
    client: Client,
    *,
    in_project: bool,
) -> Iterator[types.CodeAction]:
    """Ways not to hear of a finding any more."""
    for offer in offers(finding, snapshot, in_project=in_project):
        if isinstance(offer, types.Command):
            yield types.CodeAction(offer.title, kind=QUICK_FIX, diagnostics=[shown], command=offer)
        else:
            title, insertion = offer
            edit = workspace_edit([insertion], snapshot, client)
            yield types.CodeAction(title, kind=QUICK_FIX, diagnostics=[shown], edit=edit)


def _many(
    title: str,
    kind: str,
    scope: Scope,
    meant: Sequence[Finding],
    outcome: Outcome,
    place: Span | None,
    client: Client,
) -> types.CodeAction:
    """An action for several findings; its edit comes when it is chosen, if the client can ask for it."""
    snapshot = outcome.snapshot
    if client.resolves_edits and kind != FIX_ALL:  # which is not chosen from a menu but asked for to be made
        data: dict[str, Any] = {"uri": snapshot.uri, "version": snapshot.version, "scope": scope.value}
        if place is not None:
            data |= {"start": place.start, "end": place.end}
        return types.CodeAction(title=title, kind=kind, data=data)
    edit = workspace_edit(combined(finding.suggestions[0] for finding in meant), snapshot, client)
    return types.CodeAction(title=title, kind=kind, edit=edit)


def _plain(edit: types.WorkspaceEdit) -> Any:
    """An edit as JSON, for the arguments of a command."""
    return get_converter().unstructure(edit)


def _title(suggestion: Suggestion, snapshot: DocumentSnapshot) -> str:
    """What the editor's menu says, such as `Replace “go” with “goes”`."""
    old, new = _brief(suggestion.span.of(snapshot.text)), _brief(suggestion.replacement)
    if not new:
        return f"Remove “{old}”"
    return f"Replace “{old}” with “{new}”" if old else f"Insert “{new}”"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("s" if number != 1 else "")


def _brief(text: str) -> str:
    """Text on one line, short enough for a menu."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
