"""From start to end of one connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from lsp_server.server.app import GrammaredServer
from lsp_server.server.transport import claim_stdio, serve_stdio, serve_tcp, serve_ws
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from lsp_server.checker import Checker
    from lsp_server.server.model import OpenChecker
    from lsp_server.server.transport import Address

_PARENT_WATCH = 3.0
"""Seconds between looks whether the client's process is still there."""


def main(
    settings: Settings | None, *, tcp: Address | None, ws: Address | None, open_checker: OpenChecker | None
) -> int:
    """See `lsp_server.server.run`."""
    _log_to_stderr()
    exit_code, stopped = asyncio.run(_main(settings or Settings(), tcp, ws, open_checker or _open_checker))
    if not stopped:
        os._exit(exit_code)  # a check in a thread that cannot be interrupted must not keep the process alive
    return exit_code


def _log_to_stderr() -> None:
    """Warnings of ours, and faults; pygls would log every answer that is an error, with a traceback."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(
        lambda record: not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))
    )
    logging.basicConfig(
        handlers=[handler], level=logging.WARNING, format="grammared: %(levelname)s: %(message)s"
    )
    logging.getLogger("pygls").setLevel(logging.ERROR)


async def _open_checker(settings: Settings, engine_changed: Callable[[str, bool], None]) -> Checker:
    """As the settings say; what a model needs is imported when one is."""
    from lsp_server.opening import open_checker

    return await open_checker(settings, engine_changed)


async def _main(
    settings: Settings, tcp: Address | None, ws: Address | None, open_checker: OpenChecker
) -> tuple[int, bool]:
    """The exit code, and whether all threads have stopped."""
    server = GrammaredServer(settings, open_checker)
    if tcp:
        serving = serve_tcp(server, tcp)
    elif ws:
        serving = serve_ws(server, ws)
    else:
        serving = _until_parent_dies(server, serve_stdio(server, *claim_stdio()))
    try:
        await serving
    finally:
        stopped = await server.session.close()
    return server.exit_code, stopped


async def _until_parent_dies(server: GrammaredServer, serving: Coroutine[Any, Any, None]) -> None:
    """Serve until the client is done or its process is gone: another may hold its end of our pipe open."""
    task = asyncio.create_task(serving)
    seen = False
    while not (await asyncio.wait([task], timeout=_PARENT_WATCH))[0]:
        alive = _is_alive(server.process_id)
        if seen and not alive:
            task.cancel()
            break
        seen = alive  # a process that we never saw is one of another container or machine
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _is_alive(process_id: int | None) -> bool:
    """Whether the process exists; false where that cannot be told. On Windows a pipe ends with its client."""
    if process_id is None or process_id <= 0 or sys.platform == "win32":
        return False
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
