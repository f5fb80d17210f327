"""`workspace/configuration`: ask the client for its settings."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer

SECTION = "grammared"
PATIENCE = 3.0
"""Seconds that a client may take to answer before we go on with what we know."""

_log = logging.getLogger(__name__)


async def pull_configuration(ls: GrammaredServer) -> tuple[Any, dict[str, Any]]:
    """The client's settings for us, and for each folder of the workspace; none if it does not answer in time.

    What comes later is taken over then.
    """
    folders = list(ls.session.folders)
    items = [
        types.ConfigurationItem(section=SECTION),
        *(types.ConfigurationItem(scope_uri=folder, section=SECTION) for folder in folders),
    ]
    asked = asyncio.ensure_future(ls.workspace_configuration_async(types.ConfigurationParams(items)))
    await asyncio.wait([asked], timeout=PATIENCE)
    if not asked.done():
        _log.warning("the client has not told its settings yet")
        asked.add_done_callback(lambda answer: ls.apply_configuration(*_settings(answer, folders)))
        return None, {}
    return _settings(asked, folders)


def _settings(answered: asyncio.Future[Any], folders: list[str]) -> tuple[Any, dict[str, Any]]:
    """What an answer holds for us; a client that has no settings may say so in many ways."""
    if answered.cancelled():
        return None, {}
    if error := answered.exception():
        _log.warning("the client did not tell its settings: %s", error)
        return None, {}
    answer = answered.result()
    if not isinstance(answer, (list, tuple)) or not answer:
        return None, {}
    return answer[0], dict(zip(folders, answer[1:], strict=False))
