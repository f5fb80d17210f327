r"""Positions: between code-point offsets (inside) and lines with columns (editors and people).

LSP counts columns in UTF-8, UTF-16 or UTF-32 code units, as client and server agree, and knows three line
ends: `\n`, `\r\n` and `\r`. Python's `str.splitlines` knows more (form feed, NEL, U+2028 …), so it is never
used here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

from lsp_server.documents.span import Span

_LINE_END = re.compile(r"\r\n|\n|\r")


class PositionEncoding(Enum):
    """The code unit in which a client counts columns."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"

    def units(self, text: str) -> int:
        """How many code units `text` takes; a lone surrogate counts one in UTF-16, three in UTF-8."""
        if self is PositionEncoding.UTF32 or text.isascii():
            return len(text)
        if self is PositionEncoding.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def index(self, text: str, units: int) -> tuple[int, int]:
        """Where in `text` a count of code units leads: a code-point index, and the units left over.

        Units are left over only if the count ends inside a character of several units; the index is then that
        character's. A count past the end leads to the end, a negative one to the beginning.

        >>> PositionEncoding.UTF16.index("a😀b", 3)
        (2, 0)
        >>> PositionEncoding.UTF16.index("a😀b", 2)
        (1, 1)
        """
        if self is PositionEncoding.UTF32 or text.isascii():
            return max(0, min(units, len(text))), 0
        left = max(0, units)
        for index, character in enumerate(text):
            width = self._width(ord(character))
            if left < width:
                return index, left
            left -= width
        return len(text), 0

    def _width(self, code_point: int) -> int:
        if self is PositionEncoding.UTF16:
            return 1 if code_point < 0x10000 else 2
        return 1 if code_point < 0x80 else 2 if code_point < 0x800 else 3 if code_point < 0x10000 else 4


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place as a client writes it: zero-based line, and column in the client's code units."""

    line: int
    character: int


def line_starts(text: str) -> list[int]:
    """The offset at which each line of `text` begins; an empty text has one line."""
    return [0, *(m.end() for m in _LINE_END.finditer(text))]


class LineIndex:
    """Where the lines of one text begin, and the conversions that follow from it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = line_starts(text)

    def __len__(self) -> int:
        """How many lines the text has; an empty text has one."""
        return len(self._starts)

    def line_span(self, line: int) -> Span:
        """The span of a zero-based line, without its line end."""
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def line_of(self, offset: int) -> int:
        """The zero-based line that holds the code point at `offset`."""
        return bisect_right(self._starts, offset) - 1

    def to_client(self, offset: int, encoding: PositionEncoding) -> Position:
        r"""The client's position of a code-point offset.

        An offset inside a `\r\n` gives the end of its line: no position lies between the two.
        """
        line = self.line_of(offset)
        span = self.line_span(line)
        return Position(line, encoding.units(self._text[span.start : min(offset, span.end)]))

    def from_client(self, position: Position, encoding: PositionEncoding) -> int:
        """The code-point offset of a client's position.

        As LSP demands, a column past the end of its line means the line's end. A line past the last means the
        end of the text. A column inside a character of several units means the start of that character.
        """
        if position.line >= len(self._starts):
            return len(self._text)
        span = self.line_span(max(0, position.line))
        index, _ = encoding.index(span.of(self._text), position.character)
        return span.start + index
