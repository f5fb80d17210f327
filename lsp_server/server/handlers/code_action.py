"""`textDocument/codeAction`: ways to put right what was found."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.code_actions import as_commands, code_actions, not_checked_yet, wants_only
from lsp_server.server.convert import span_from_client

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer
    from lsp_server.server.session import Session

PATIENCE = 1.0
"""Seconds that a menu waits until its place has been checked."""
PATIENCE_UNASKED = 0.3
"""The same for the light bulb that an editor shows on its own."""
PATIENCE_FOR_ALL = 8.0
"""The same for what puts the whole document right; Emacs gives up after ten."""


async def code_action(
    ls: GrammaredServer, params: types.CodeActionParams
) -> list[types.CodeAction] | list[types.Command]:
    """Fixes for the text as it is now, never for an older one; or that the place is not checked yet."""
    session = ls.session
    if not session.is_checked(params.text_document.uri):
        return []
    snapshot = session.documents[params.text_document.uri].snapshot()
    actions = await _actions(session, params)
    return actions if session.client.code_actions else as_commands(actions, snapshot)


async def _actions(session: Session, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    snapshot = session.documents[uri].snapshot()
    place = span_from_client(params.range, snapshot, session.client.encoding)
    session.look_at(uri, place)
    in_project = session.project_of(uri) is not None
    needs_all = wants_only(params.context, types.CodeActionKind.Source.value)
    unasked = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    patience = PATIENCE_FOR_ALL if needs_all else PATIENCE_UNASKED if unasked else PATIENCE
    waiting = session.scheduler.outcome(uri) if needs_all else session.scheduler.covering(uri, place)
    try:
        outcome = await asyncio.wait_for(waiting, patience)
    except asyncio.TimeoutError:
        if needs_all:
            return []
        later = [] if unasked or not session.client.disabled_actions else [not_checked_yet()]
        known = session.known(uri)
        return (
            [*code_actions(known, params, session.client, session.settings_of(uri)), *later]
            if known
            else later
        )
    if outcome.snapshot is not session.documents[uri].snapshot():
        return []  # checked when it is saved
    return code_actions(
        session.viewed(outcome), params, session.client, session.settings_of(uri), in_project=in_project
    )
