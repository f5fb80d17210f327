"""`grammared/status`: what we are doing, for the status bars of editors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer

STATUS = "grammared/status"
_TOGETHER = 0.1
"""Seconds in which changes make one notification."""


def status_of(ls: GrammaredServer) -> dict[str, Any]:
    """What `grammared/status` says, and `grammared.status` answers. docs/language-server.md documents it."""
    session = ls.session
    checked = [uri for uri in session.documents if session.is_checked(uri)]
    outcomes = {uri: session.scheduler.known(uri) for uri in checked}
    waiting = [uri for uri, outcome in outcomes.items() if outcome is None or not outcome.is_complete]
    return {
        "state": _state(ls, bool(waiting)),
        "engine": session.settings.engine,
        "model": session.model.identity,
        "degraded": session.model.degraded,
        "busy": bool(waiting) and session.model.identity != "",
        "queue": len(waiting),
        "paused": {"all": session.paused_everywhere, "documents": sorted(session.paused)},
        "findings": [
            {"uri": uri, "count": len(session.visible(one))} for uri, one in outcomes.items() if one
        ],
        "failure": session.model.failure,
    }


def _state(ls: GrammaredServer, is_waiting: bool) -> str:
    session = ls.session
    if session.paused_everywhere:
        return "paused"
    if session.model.failure:
        return "failed"
    if not session.model.identity:
        return "loading"
    return "checking" if is_waiting else "ready"


class StatusReporter:
    """Sends the status when it has changed, a few times a second at most."""

    def __init__(self, ls: GrammaredServer) -> None:
        self._ls = ls
        self._last: dict[str, Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        """Something may have changed."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_TOGETHER, self._send)

    def _send(self) -> None:
        self._timer = None
        status = status_of(self._ls)
        if status != self._last:
            self._last = status
            self._ls.protocol.notify(STATUS, status)
