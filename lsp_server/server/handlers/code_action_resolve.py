"""`codeAction/resolve`: the edit of an action that has been chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsp_server.server.code_actions import resolved

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer


def code_action_resolve(ls: GrammaredServer, action: types.CodeAction) -> types.CodeAction:
    """Add the edit, unless the text has changed since the action was offered."""
    uri = action.data.get("uri") if isinstance(action.data, dict) else None
    outcome = ls.session.known(uri) if isinstance(uri, str) else None
    return resolved(action, outcome, ls.session.client) if outcome else action
