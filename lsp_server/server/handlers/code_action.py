"""`textDocument/codeAction`: ways to put right what was found."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server import convert

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer

PATIENCE = 1.0
"""Seconds that a menu waits until its place has been checked."""
PATIENCE_UNASKED = 0.3
"""The same for the light bulb that an editor shows on its own."""
PATIENCE_FOR_ALL = 8.0
"""The same for what puts the whole document right; Emacs gives up after ten."""


async def code_action(ls: GrammaredServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Fixes for the text as it is now, never for an older one; or that the place is not checked yet."""
    uri = params.text_document.uri
    session = ls.session
    if not session.is_checked(uri) or not session.client.code_actions:
        return []
    snapshot = session.documents[uri].snapshot()
    place = convert.span_from_client(params.range, snapshot, session.client.encoding)
    needs_all = convert.wants_only(params.context, types.CodeActionKind.Source.value)
    unasked = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    patience = PATIENCE_FOR_ALL if needs_all else PATIENCE_UNASKED if unasked else PATIENCE
    waiting = session.scheduler.outcome(uri) if needs_all else session.scheduler.covering(uri, place)
    try:
        outcome = await asyncio.wait_for(waiting, patience)
    except asyncio.TimeoutError:
        if needs_all:
            return []
        known = session.scheduler.known(uri)
        later = [] if unasked or not session.client.disabled_actions else [convert.not_checked_yet()]
        if known is None or known.snapshot is not session.documents[uri].snapshot():
            return later
        return [*convert.code_actions(known, params, session.client, session.settings.severity), *later]
    return convert.code_actions(outcome, params, session.client, session.settings.severity)
