"""How messages come and go: standard input and output, a TCP connection, or a WebSocket. One client each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import sys
import threading
from typing import TYPE_CHECKING

from lsp_server.server.framing import LARGEST, FramingError, next_message
from lsp_server.server.writer import MOST_WAITING, PipeWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import RawIOBase

    from websockets.asyncio.server import ServerConnection
    from websockets.typing import Origin

    from lsp_server.server.app import GrammaredServer

Address = tuple[str, int]
"""Host and port."""

_log = logging.getLogger(__name__)


_LOCAL_PAGE = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
"""The origin of a web page that may connect: one that comes from this machine."""


def claim_stdio() -> tuple[RawIOBase, RawIOBase]:
    """Standard input and output for the protocol alone: what anything else prints goes to standard error."""
    protocol_in, protocol_out = (os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb", 0))
    sys.stdout.flush()
    os.dup2(2, 1)
    return protocol_in, protocol_out


async def serve_stdio(server: GrammaredServer, stdin: RawIOBase, stdout: RawIOBase) -> None:
    """Serve until the client says `exit` or closes one of its ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    # A daemon thread: a read that never returns must not keep the process alive.
    threading.Thread(target=_pump, args=(stdin, reader, loop), name="stdin", daemon=True).start()
    writer = PipeWriter(stdout, lambda: _call(loop, server.client_gone.set))
    server.close_output = writer.drain
    server.protocol.set_writer(writer)
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
    server.protocol.set_writer(_SocketWriter(writer))
    await _serve(server, reader)
    writer.close()


class _SocketWriter:
    """A connection whose `write` is not awaited, and that ends when the client lets too much wait."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def write(self, data: bytes) -> None:
        """Send `data` after what waits already."""
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > MOST_WAITING:
            self._writer.transport.abort()

    def close(self) -> None:
        """Close the connection when all is sent."""
        self._writer.close()


async def serve_ws(server: GrammaredServer, address: Address) -> None:
    """Listen for a WebSocket, and serve the first client that connects, until it says `exit` or is gone.

    A browser lets any page connect to this machine, so a page from elsewhere is refused by its origin.
    """
    from websockets.asyncio.server import serve

    finished = asyncio.Event()
    clients = 0

    async def accept(connection: ServerConnection) -> None:
        nonlocal clients
        clients += 1
        if clients > 1:
            return
        try:
            await _serve_connection(server, connection)
        finally:
            finished.set()

    origins: list[Origin | re.Pattern[str] | None] = [None, _LOCAL_PAGE]
    async with serve(accept, *address, max_size=LARGEST, origins=origins) as listener:
        announce(next(iter(listener.sockets)).getsockname())
        await finished.wait()


def announce(address: Address) -> None:
    """Say where we listen, for whoever started us and chose port 0."""
    sys.stderr.write(f"grammared: listening on {address[0]}:{address[1]}\n")
    sys.stderr.flush()


async def _serve(server: GrammaredServer, reader: asyncio.StreamReader) -> None:
    try:
        while not server.stopping.is_set() and (body := await next_message(reader)) is not None:
            server.protocol.receive(body)
            await asyncio.sleep(0)  # a flood of messages holds up nothing else
    except FramingError as error:
        _log.error("%s", error)
    except ConnectionError:
        _log.info("the client is gone")


async def _serve_connection(server: GrammaredServer, connection: ServerConnection) -> None:
    """A message a frame, of text or bytes; ours are text, as browsers expect it."""
    from websockets.exceptions import ConnectionClosed

    outgoing: asyncio.Queue[str] = asyncio.Queue()

    async def send() -> None:
        while True:
            await connection.send(await outgoing.get())
            outgoing.task_done()

    sending = asyncio.create_task(send())
    server.protocol.set_writer(_FrameWriter(outgoing), include_headers=False)
    try:
        while not server.stopping.is_set():
            server.protocol.receive(await connection.recv())
            await asyncio.sleep(0)
        await asyncio.wait({asyncio.create_task(outgoing.join()), sending}, timeout=2.0)
    except ConnectionClosed:
        _log.info("the client is gone")
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await connection.close()


class _FrameWriter:
    """Messages that wait to be sent, in their order."""

    def __init__(self, outgoing: asyncio.Queue[str]) -> None:
        self._outgoing = outgoing

    def write(self, data: bytes) -> None:
        """Have a message sent after those that wait already."""
        self._outgoing.put_nowait(data.decode())

    def close(self) -> None:
        """Is done with the connection."""


def _pump(stdin: RawIOBase, reader: asyncio.StreamReader, loop: asyncio.AbstractEventLoop) -> None:
    """Hand on what arrives, in pieces as large as they come."""
    try:
        while data := stdin.read(1 << 16):
            loop.call_soon_threadsafe(reader.feed_data, data)
        loop.call_soon_threadsafe(reader.feed_eof)
    except (OSError, ValueError, RuntimeError):  # closed under us: the loop is gone already
        pass


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    """Call a function on the loop, from any thread, unless it has ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(function)
