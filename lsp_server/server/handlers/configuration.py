"""`workspace/configuration`: ask the client for its settings."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer

SECTION = "grammared"
PATIENCE = 3.0
"""Seconds that a client may take to answer before we go on with what we know."""

_log = logging.getLogger(__name__)


async def pull_configuration(ls: GrammaredServer) -> Any:
    """The client's settings for us; None if it has none or does not answer."""
    params = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    asked = asyncio.ensure_future(ls.workspace_configuration_async(params))
    try:
        answer = await asyncio.wait_for(asyncio.shield(asked), PATIENCE)
    except (JsonRpcException, asyncio.TimeoutError) as error:
        _log.warning("the client did not tell its settings: %r", error)
        return None
    return answer[0] if answer else None
