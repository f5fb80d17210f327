"""From bytes to text, whatever the encoding; line ends stay as they are, so that offsets are the file's."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING

from lsp_server.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""UTF-32 before UTF-16, whose mark is the beginning of its own."""
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1b")


class BinaryError(InputError):
    """The bytes are no text."""


def read_bytes(path: Path | None) -> bytes:
    """The bytes of a file, or of standard input if `path` is None.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        return path.read_bytes() if path else sys.stdin.buffer.read()
    except OSError as error:
        raise InputError((error.strerror or type(error).__name__).lower()) from error


def decode(data: bytes) -> tuple[str, str | None]:
    """The text, without a byte order mark, and a note when its encoding had to be guessed.

    Raises:
        BinaryError: the bytes are no text.
    """
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, "replace")
            damaged = "\ufffd" in text
            return text, f"not all of it is {encoding.upper()}; the rest was replaced" if damaged else None
    if b"\0" not in data:
        try:
            return data.decode("utf-8"), None
        except UnicodeDecodeError:
            pass
    return _guess(data)


def _guess(data: bytes) -> tuple[str, str]:
    import charset_normalizer

    likely: list[list[str] | None]
    if b"\0" in data:
        # Every other byte of English in UTF-16 is zero.
        likely = [["utf_16_le", "utf_16_be"]] if data.count(0) * 3 > len(data) else []
    elif sum(map(data.count, _CONTROLS)) * 10 > len(data):
        likely = []
    else:
        # English that is not UTF-8 is Windows-1252 more often than all that looks alike.
        likely = [["cp1252"], None]
    for encodings in likely:
        match = charset_normalizer.from_bytes(data, cp_isolation=encodings).best()
        if match is not None:
            return str(match), f"not UTF-8; read as {match.encoding.replace('_', '-')}"
    if b"\0" in data or not likely:
        raise BinaryError("not a text (binary)")
    return data.decode("utf-8", "replace"), "not UTF-8; what could not be read was replaced"
