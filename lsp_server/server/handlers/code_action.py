"""`textDocument/codeAction`: ways to put right what was found."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server import convert

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer

PATIENCE = 8.0
"""Seconds that a menu may wait for a check that still runs; Emacs gives up after ten."""
PATIENCE_UNASKED = 2.0
"""The same for the light bulb that an editor shows on its own."""


async def code_action(ls: GrammaredServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Fixes for the text as it is now, never for an older one: none if it is not checked in time."""
    uri = params.text_document.uri
    session = ls.session
    if not session.is_checked(uri) or not session.client.code_actions:
        return []
    unasked = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    try:
        outcome = await asyncio.wait_for(
            session.scheduler.outcome(uri), PATIENCE_UNASKED if unasked else PATIENCE
        )
    except asyncio.TimeoutError:
        return []
    return convert.code_actions(outcome, params, session.client, session.settings.severity)
