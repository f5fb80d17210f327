"""The client's process: a server whose client has died has nothing left to do."""

from __future__ import annotations

import asyncio
import os
import sys

_PAUSE = 2.0
"""Seconds between looks."""


def is_alive(process_id: int | None) -> bool:
    """Whether a process exists; false where that cannot be told. On Windows a pipe ends with its client."""
    if process_id is None or process_id <= 0 or sys.platform == "win32":
        return False
    try:
        os.kill(process_id, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


async def gone(process_id: int) -> None:
    """Return when the process is gone."""
    while is_alive(process_id):  # noqa: ASYNC110  (only a child's end comes as an event)
        await asyncio.sleep(_PAUSE)
