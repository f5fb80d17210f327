"""Cells of Jupyter notebooks, in their JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.prose.embedded import Embedded, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?P<close>")?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_PART = re.compile(
    r"[^\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL
)
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
    sources: dict[int, list[Piece]] = {}
    for value in _strings(text):
        if value.key == "cell_type":
            kinds[value.cell] = text[value.start : value.end]
        elif value.key == "source":
            sources.setdefault(value.cell, []).extend(_pieces(text, value.start, value.end))
    for cell, pieces in sources.items():
        kind = _KINDS.get(kinds.get(cell, ""))
        if kind and (with_code or kind == "markdown"):
            yield Embedded(kind, tuple(pieces))


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


def _pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    for match in _PART.finditer(text, start, end):
        is_plain = match[0][0] != "\\"
        try:
            shown = match[0] if is_plain else json.loads(f'"{match[0]}"')
        except ValueError:  # JSON knows no such escape
            shown = "\ufffd"
        yield Piece(shown, match.start(), match.end(), is_plain)
