"""A client's own idea of positions, written apart from the code under test: text as a list of code units."""

from __future__ import annotations

CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def to_units(text: str, encoding: str) -> list[int]:
    codec, width = CODECS[encoding]
    data = text.encode(codec, "surrogatepass")
    return [int.from_bytes(data[i : i + width], "little") for i in range(0, len(data), width)]


def to_text(units: list[int], encoding: str) -> str:
    codec, width = CODECS[encoding]
    return b"".join(unit.to_bytes(width, "little") for unit in units).decode(codec, "surrogatepass")


def lines(units: list[int]) -> list[tuple[int, int]]:
    """Start and end, line end left out, of each line."""
    found, start, i = [], 0, 0
    while i < len(units):
        if units[i] in (10, 13):
            found.append((start, i))
            i += 2 if units[i : i + 2] == [13, 10] else 1
            start = i
        else:
            i += 1
    return [*found, (start, len(units))]


def offset(units: list[int], line: int, character: int, encoding: str) -> int:
    """The index of a position among the units, clamped as LSP says."""
    spans = lines(units)
    if line >= len(spans):
        return len(units)
    start, end = spans[line]
    at = min(start + character, end)
    while encoding == "utf-8" and at < end and 0x80 <= units[at] < 0xC0:
        at -= 1
    return at


def edit(text: str, start: tuple[int, int], end: tuple[int, int], new: str, encoding: str) -> str:
    """`text` with the range replaced, as a client does it that keeps its text in this encoding."""
    units = to_units(text, encoding)
    a, b = offset(units, *start, encoding), offset(units, *end, encoding)
    return to_text(units[:a] + to_units(new, encoding) + units[b:], encoding)
