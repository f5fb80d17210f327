"""How messages come and go: standard input and output, a TCP connection, or a WebSocket. One client each."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

from pygls.io_ import StdoutWriter, run_async, run_websocket

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from lsp_server.server.app import GrammaredServer

Address = tuple[str, int]
"""Host and port."""

_log = logging.getLogger(__name__)


def claim_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for the protocol alone: what anything else prints goes to standard error."""
    protocol_in, protocol_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    sys.stdout.flush()
    os.dup2(2, 1)
    return protocol_in, protocol_out


async def serve_stdio(server: GrammaredServer, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Serve until the client says `exit` or closes its end."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    # A daemon thread: a read that never returns must not keep the process alive.
    threading.Thread(target=_pump, args=(stdin, reader, loop), name="stdin", daemon=True).start()
    server.protocol.set_writer(StdoutWriter(stdout))
    await _serve(server, reader)


async def serve_tcp(server: GrammaredServer, address: Address) -> None:
    """Listen, and serve the first client that connects, until it says `exit` or is gone."""
    connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
        asyncio.get_running_loop().create_future()
    )

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected.done():
            writer.close()
        else:
            connected.set_result((reader, writer))

    listener = await asyncio.start_server(accept, *address)
    announce(listener.sockets[0].getsockname())
    reader, writer = await connected
    listener.close()
    server.protocol.set_writer(writer)  # its `write` is not awaited
    await _serve(server, reader)
    writer.close()


async def serve_ws(server: GrammaredServer, address: Address) -> None:
    """Listen for a WebSocket, and serve the first client that connects, until it says `exit` or is gone."""
    from websockets.asyncio.server import serve

    finished = asyncio.Event()
    clients = 0

    async def accept(connection: ServerConnection) -> None:
        nonlocal clients
        clients += 1
        if clients > 1:
            return
        await run_websocket(connection, server.stopping, server.protocol, _log, server.report_server_error)
        finished.set()

    async with serve(accept, *address, max_size=None) as listener:
        announce(next(iter(listener.sockets)).getsockname())
        await finished.wait()


def announce(address: Address) -> None:
    """Say where we listen, for whoever started us and chose port 0."""
    sys.stderr.write(f"grammared: listening on {address[0]}:{address[1]}\n")
    sys.stderr.flush()


async def _serve(server: GrammaredServer, reader: asyncio.StreamReader) -> None:
    try:
        await run_async(server.stopping, reader, server.protocol, _log, server.report_server_error)
    except (asyncio.IncompleteReadError, ConnectionError):
        _log.info("the client is gone")


def _pump(stdin: BinaryIO, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    """Hand on what arrives, in pieces as large as they come."""
    try:
        while data := stdin.read1(1 << 16):  # type: ignore[attr-defined]
            loop.call_soon_threadsafe(reader.feed_data, data)
        loop.call_soon_threadsafe(reader.feed_eof)
    except (OSError, ValueError, RuntimeError):  # closed under us: the loop is gone already
        pass
