"""From start to end of one connection."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from pygls.exceptions import JsonRpcException

from lsp_server.errors import InputError
from lsp_server.server.app import GrammaredServer
from lsp_server.server.commands import register
from lsp_server.server.handlers import HANDLERS
from lsp_server.server.transport import claim_stdio, serve_stdio, serve_tcp, serve_ws
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Coroutine

    from lsp_server.checker import Checker
    from lsp_server.documents import PositionEncoding
    from lsp_server.server.model import OpenChecker
    from lsp_server.server.transport import Address
    from lsp_server.server.workspace_check import Texts


def main(
    settings: Settings | None,
    *,
    tcp: Address | None,
    ws: Address | None,
    open_checker: OpenChecker | None,
    texts: Texts | None,
    positions: PositionEncoding | None = None,
) -> int:
    """See `lsp_server.server.run`."""
    _log_to_stderr()
    make_server = partial(
        GrammaredServer,
        settings or Settings(),
        open_checker or _open_checker,
        texts or (lambda _: iter(())),
        positions,
    )
    exit_code, stopped = asyncio.run(_main(make_server, tcp, ws))
    if not stopped:
        os._exit(exit_code)  # a check in a thread that cannot be interrupted must not keep the process alive
    return exit_code


def _log_to_stderr() -> None:
    """Warnings of ours, and faults, a line each; pygls would log every answer that is an error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("grammared: %(levelname)s: %(message)s"))
    handler.addFilter(
        lambda record: not (record.exc_info and isinstance(record.exc_info[1], JsonRpcException))
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("pygls").setLevel(logging.ERROR)


class _Recent(logging.Handler):
    """Keeps the last lines, for who asks in the editor."""

    def __init__(self, lines: deque[str]) -> None:
        super().__init__()
        self._lines = lines
        self.setFormatter(_OneLine("%(asctime)s %(levelname)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._lines.append(self.format(record))


class _OneLine(logging.Formatter):
    """Editors show our standard error line by line, beside that of other servers."""

    def format(self, record: logging.LogRecord) -> str:
        """The message; of an exception its name, its text and where it was raised."""
        return " ".join(super().format(record).split())

    def formatException(self, ei: Any) -> str:  # noqa: N802  (the name is logging's)
        """What was raised, and where."""
        kind, error, traceback = ei
        places = extract_tb(traceback)
        place = f" ({Path(places[-1].filename).name}:{places[-1].lineno})" if places else ""
        return f"{kind.__name__}: {error}{place}"


async def _open_checker(settings: Settings, engine_changed: Callable[[str, bool], None]) -> Checker:
    """As the settings say; what a model needs is imported when one is."""
    from lsp_server.opening import open_checker

    return await open_checker(settings, engine_changed)


async def _main(
    make_server: Callable[[], GrammaredServer], tcp: Address | None, ws: Address | None
) -> tuple[int, bool]:
    """The exit code, and whether all threads have stopped."""
    server = make_server()
    logging.getLogger().addHandler(_Recent(server.log))
    for method, (handler, options) in HANDLERS.items():
        server.feature(method, options)(handler)
    register(server)
    if tcp:
        serving = serve_tcp(server, tcp)
    elif ws:
        serving = serve_ws(server, ws)
    else:
        serving = _until_client_is_gone(server, serve_stdio(server, *claim_stdio()))
    try:
        await serving
    except OSError as error:
        host, port = tcp or ws or ("", 0)
        raise InputError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    finally:
        stopped = await server.session.close() and await asyncio.to_thread(server.close_output)
    return server.exit_code, stopped


async def _until_client_is_gone(server: GrammaredServer, serving: Coroutine[Any, Any, None]) -> None:
    """Serve until the client is done or gone, which need not close our pipe: others may hold its end open."""
    tasks = {asyncio.create_task(serving), asyncio.create_task(server.client_gone.wait())}
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        task.result()
