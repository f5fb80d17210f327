"""The live document: an editor's text, kept in step with it change by change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from lsp_server.documents.line_index import Position, PositionEncoding, line_starts
from lsp_server.documents.snapshot import DocumentSnapshot
from lsp_server.documents.span import Span

_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an edit as a client sends it: what is replaced, counted in the text before this step."""

    text: str
    start: Position | None = None
    """None (with `end`): the whole text is replaced."""
    end: Position | None = None


class Document:
    """An open document. It is kept as lines, so that a change costs no more than the lines it touches.

    pygls' own document is not used: it splits lines at form feeds, NEL and U+2028 too, where an editor does
    not, and would put every later edit on the wrong line.
    """

    def __init__(self, uri: str, language: str, version: int, text: str, encoding: PositionEncoding) -> None:
        self.uri = uri
        self.language = language
        self.version = version
        self._encoding = encoding
        self._lines = self._split(text)
        self._snapshot: DocumentSnapshot | None = None
        self._changed: tuple[int, int] | None = None

    @property
    def last_change(self) -> Span | None:
        """The lines that the last change has made; None if it has made the whole text, or there was none."""
        if self._changed is None:
            return None
        first, last = self._changed
        start = sum(map(len, self._lines[:first]))
        return Span(start, start + sum(map(len, self._lines[first:last])))

    def __len__(self) -> int:
        """How many code points the text has."""
        return sum(map(len, self._lines)) if self._snapshot is None else len(self._snapshot.text)

    def offset_of(self, position: Position) -> int:
        """The code-point offset of a position of the client."""
        number, before, _ = self._cut(position)
        return sum(map(len, self._lines[:number])) + len(before)

    def snapshot(self) -> DocumentSnapshot:
        """The document as it is now: the same object until the next change, so `is` tells a stale one."""
        if self._snapshot is None:
            self._snapshot = DocumentSnapshot(self.uri, "".join(self._lines), self.language, self.version)
        return self._snapshot

    def change(self, changes: list[Change], version: int) -> None:
        """Apply the changes of one notification, in their order, each to the result of the one before.

        Args:
            changes: What the editor did. A range that ends before it begins is turned round; positions past
                the end of a line or of the text mean that end.
            version: The editor's number for the result.
        """
        for change in changes:
            if change.start is None or change.end is None:
                self._lines, self._changed = self._split(change.text), None
            else:
                self._replace(min(change.start, change.end), max(change.start, change.end), change.text)
        self.version = version
        self._snapshot = None

    def _replace(self, start: Position, end: Position, text: str) -> None:
        first, before, _ = self._cut(start)
        last, _, after = self._cut(end)
        if not before and first > 0 and self._lines[first - 1].endswith("\r"):
            first -= 1  # a `\n` that comes to stand after this `\r` makes one line end with it
            before = self._lines[first]
        lines = self._split(before + text + after)
        if last + 1 < len(self._lines):
            lines.pop()  # empty: `after` ends with the line's end, and the next line is there already
        self._lines[first : last + 1] = lines
        self._changed = first, first + len(lines)

    def _split(self, text: str) -> list[str]:
        """The lines of `text` with their line ends; the last has none, and may be empty."""
        if self._encoding is PositionEncoding.UTF16:
            text = _SURROGATE_PAIR.sub(_join, text)
        return [text[start:end] for start, end in pairwise([*line_starts(text), len(text)])]

    def _cut(self, position: Position) -> tuple[int, str, str]:
        """The line of a position, and what of it stands before and after; half characters are told apart."""
        if position.line >= len(self._lines):
            return len(self._lines) - 1, self._lines[-1], ""
        number = max(0, position.line)
        line = self._lines[number]
        index, left_over = self._encoding.index(line.rstrip("\r\n"), position.character)
        if left_over and self._encoding is PositionEncoding.UTF16:
            high, low = _surrogates(line[index])
            return number, line[:index] + high, low + line[index + 1 :]
        return number, line[:index], line[index:]


def _surrogates(character: str) -> tuple[str, str]:
    """The two UTF-16 halves of a character beyond U+FFFF."""
    value = ord(character) - 0x10000
    return chr(0xD800 + (value >> 10)), chr(0xDC00 + (value & 0x3FF))


def _join(pair: re.Match[str]) -> str:
    """The character that two UTF-16 halves make, which a client may have typed, or left over, one by one."""
    return pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")
