"""Cells of Jupyter notebooks, in their JSON."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

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


class _Value(NamedTuple):
    """A string of the JSON: the keys that lead to it, the cell it is in, and where its text stands."""

    key: str
    cell: int
    start: int
    end: int


def cells(text: str, with_code: bool = False) -> Iterator[Embedded]:
    """The Markdown cells of a notebook and, if they are wanted, its code cells."""
    kinds: dict[int, str] = {}
    sources: dict[int, tuple[int, int]] = {}
    for value in _strings(text):
        if value.key == "cell_type":
            kinds[value.cell] = text[value.start : value.end]
        elif value.key == "source":
            start, end = sources.get(value.cell, (value.start, value.start))
            is_next = text[end + 1 : value.start - 1].strip() == ","
            sources[value.cell] = start if is_next else value.start, value.end
    for cell, (start, end) in sources.items():
        kind = _KINDS.get(kinds.get(cell, ""))
        if kind and (with_code or kind == "markdown"):
            yield Embedded(kind, _pieces(text[start - 1 : end + 1]), at=start - 1)


def _strings(text: str) -> Iterator[_Value]:
    """The strings directly in a cell, or in a list that is. A cell is an object in the list `cells`."""
    opened: list[str] = []
    """For each object or list around a place, the key that it is the value of."""
    cell = depth = 0
    key, is_value, last = "", False, ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "{[":
            if token == "{" and opened and opened[-1] == "[cells":
                cell, depth = match.start(), len(opened) + 1
            opened.append(token + key)
            key = ""
        elif token in "}]":
            if opened:
                opened.pop()
        elif token == ":":
            key, is_value = last, True
            continue
        elif token[0] == '"':
            if not match["close"]:
                return
            last = token[1:-1]
            in_list = len(opened) == depth + 1 and opened[-1][0] == "["
            if depth and (in_list or (is_value and len(opened) == depth)):
                yield _Value(opened[-1][1:] if in_list else key, cell, match.start() + 1, match.end() - 1)
        if token == "," or is_value:
            key = key if token in "{[" else ""
        is_value = False


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
