"""Cells of Jupyter notebooks, in their JSON."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.documents import common_ends
from lsp_server.prose.embedded import Embedded, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?P<close>")?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_PART = re.compile(
    r"[^\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)
_STRING = re.compile(r'"(?P<inner>(?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\\\": "\\"}
_KINDS = {"markdown": "markdown", "code": "python"}


class _Cell(NamedTuple):
    """An object in the list `cells` of the JSON."""

    start: int
    opened: tuple[str, ...]
    """The objects and lists that it is in, each as its bracket and the key that it is the value of."""
    kind: str
    source: tuple[int, int] | None
    """Where the text of its source begins and ends, counted from `start`: behind a quote and before one."""


_read_last: tuple[str, list[_Cell]] = "", []
"""The text that was read last, and its cells."""


def cells(text: str, with_code: bool = False) -> Iterator[Embedded]:
    """The Markdown cells of a notebook and, if they are wanted, its code cells."""
    for cell in _after_the_last(text):
        kind = _KINDS.get(cell.kind)
        if kind and cell.source and (with_code or kind == "markdown"):
            start, end = cell.start + cell.source[0] - 1, cell.start + cell.source[1] + 1
            yield Embedded(kind, _pieces(text[start:end]), at=start)


def _after_the_last(text: str) -> list[_Cell]:
    """The cells of a text.

    From the last text, those are known that end before the two differ, and those from the first one on that
    begins behind the difference, in the same lists and objects as it did.
    """
    global _read_last
    old, known = _read_last
    same, same_end = common_ends(old, text)
    shift = len(text) - len(old)
    behind = len(text) - same_end
    found = known[: max(bisect_left(known, same, key=_start) - 1, 0)]
    first = known[len(found)] if found else None
    rest = bisect_left(known, behind - shift, key=_start)
    old_starts = {cell.start + shift: index for index, cell in enumerate(known[rest:], rest)}
    for cell in _cells(text, first):
        index = old_starts.get(cell.start)
        if index is not None and known[index].opened == cell.opened:
            found += [known[at]._replace(start=known[at].start + shift) for at in range(index, len(known))]
            break
        found.append(cell)
    _read_last = text, found
    return found


def _start(cell: _Cell) -> int:
    return cell.start


def _cells(text: str, first: _Cell | None) -> Iterator[_Cell]:
    """The cells of a text, or those from one on that begins where it did."""
    opened = list(first.opened) if first else []
    cell: _Cell | None = None
    key, is_value, last = "", False, ""
    for match in _TOKEN.finditer(text, first.start if first else 0):
        token = match[0]
        if token in "{[":
            if token == "{" and opened and opened[-1] == "[cells":
                cell = _Cell(match.start(), tuple(opened), "", None)
            opened.append(token + key)
            key = last = ""
        elif token in "}]":
            if opened:
                opened.pop()
            if cell and len(opened) == len(cell.opened):
                yield cell
                cell = None
        elif token == ":":
            key, is_value = last, True
            continue
        elif token[0] == '"':
            if not match["close"]:
                break
            last = token[1:-1]
            depth = len(opened) - len(cell.opened) if cell else 0
            in_list = depth == 2 and opened[-1][0] == "["
            if cell and (in_list or (is_value and depth == 1)):
                inner = match.start() + 1 - cell.start, match.end() - 1 - cell.start
                cell = _with_value(cell, opened[-1][1:] if in_list else key, inner, text)
        if token == "," or is_value:
            key = key if token in "{[" else ""
        is_value = False
    if cell:
        yield cell


def _with_value(cell: _Cell, key: str, inner: tuple[int, int], text: str) -> _Cell:
    """A cell of which one more string is known: the value of a key, or one of the list that is."""
    start, end = inner
    if key == "cell_type":
        return cell._replace(kind=text[cell.start + start : cell.start + end])
    if key != "source":
        return cell
    before = cell.source
    is_next = before is not None and text[cell.start + before[1] + 1 : cell.start + start - 1].strip() == ","
    return cell._replace(source=(before[0] if before and is_next else start, end))


@lru_cache(maxsize=1024)
def _pieces(strings: str) -> tuple[Piece, ...]:
    """What the strings of a list say together; nothing but commas and blanks stands between them."""
    return tuple(
        Piece(_shown(match[0]), match.start(), match.end(), match[0][0] != "\\")
        for string in _STRING.finditer(strings)
        for match in _PART.finditer(strings, *string.span("inner"))
    )


def _shown(part: str) -> str:
    """What a run of characters or an escape says."""
    if part[0] != "\\":
        return part
    try:
        return _ESCAPES.get(part) or str(json.loads(f'"{part}"'))
    except ValueError:  # JSON knows no such escape
        return "\ufffd"
