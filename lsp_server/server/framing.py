"""Messages in a stream of bytes: LSP's headers, read as leniently as clients write them."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamReader

LARGEST = 1 << 28
"""Bytes of the longest message that is taken; an announcement of more is no message of an editor's."""

_CONTENT_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d+)[ \t]*\r?\n?$", re.IGNORECASE)
"""Found at the end of a line, not only as one: the rest of a message longer than it said may precede."""


class FramingError(ValueError):
    """The stream cannot be followed any further."""


async def next_message(reader: StreamReader) -> bytes | None:
    """The body of the next message; None at the end of the stream, also in the middle of a message.

    Header names count in upper and lower case and with any blanks; lines that are no header are skipped.

    Raises:
        FramingError: a message is announced that is too long for memory.
    """
    length: int | None = None
    while (line := await _line(reader)) is not None:
        if line.strip():
            if found := _CONTENT_LENGTH.search(line):
                length = int(found[1])
        elif length is not None:
            if length > LARGEST:
                raise FramingError(f"a message of {length} bytes is announced; the most is {LARGEST}")
            try:
                return await reader.readexactly(length)
            except asyncio.IncompleteReadError:
                return None
    return None


def framed(body: bytes) -> bytes:
    """A message with its header."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


async def _line(reader: StreamReader) -> bytes | None:
    """The next line, of one too long for the reader its last part; None at the end of the stream."""
    while True:
        try:
            return await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError as error:  # noqa: PERF203  (each is a piece of 64 kB)
            await reader.readexactly(error.consumed)
        except asyncio.IncompleteReadError:
            return None
