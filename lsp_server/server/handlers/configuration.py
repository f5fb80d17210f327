"""`workspace/configuration`: ask the client for its settings."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.server.app import GrammaredServer

SECTION = "grammared"
PATIENCE = 3.0
"""Seconds that a client may take to answer before we go on with what we know."""

_log = logging.getLogger(__name__)


async def pull_configuration(ls: GrammaredServer, late: Callable[[Any], None]) -> Any:
    """The client's settings for us; None if it has none or does not answer in time.

    Args:
        ls: Asks.
        late: Called with the settings if they come after all.
    """
    params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    asked = asyncio.ensure_future(ls.workspace_configuration_async(params))
    await asyncio.wait([asked], timeout=PATIENCE)
    if not asked.done():
        _log.warning("the client has not told its settings yet")
        asked.add_done_callback(lambda answer: late(_settings(answer)))
        return None
    return _settings(asked)


def _settings(answered: asyncio.Future[Any]) -> Any:
    """What an answer holds for us; a client that has no settings may say so in many ways."""
    if answered.cancelled():
        return None
    if error := answered.exception():
        _log.warning("the client did not tell its settings: %s", error)
        return None
    answer = answered.result()
    return answer[0] if isinstance(answer, (list, tuple)) and answer else None
