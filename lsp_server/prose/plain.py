"""Blocks of plain text: notes, e-mails, commit messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.prose.block import BlockKind
from lsp_server.prose.numbered import Numbers
from lsp_server.prose.roles import Cut

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(
    r"""
    (?P<indent> [ \t\f\v\ufeff]* )
    (?P<quote> (?: >[ \t]* )* )
    (?P<marker>
        (?: [-*+\u2022\u2023\u25e6\u2013\u2014] | \d{1,3}(?:\.\d{1,3})*[.)] | [a-zA-Z]\) | \(\w{1,3}\) )
        [ \t]+
    )?
    (?P<text> [^\r\n]* )
    (?P<end> \r\n | \n | \r | \Z )
    """,
    re.VERBOSE,
)

_FIELD = re.compile(r"[A-Z][\w-]*:(?:\s|$)")
"""A line of a form, an e-mail's head or a commit's end: "Subject: ..."."""
_CODE = re.compile(r"(?:>>>|\$|%)\s|[\w.]+(?:\[[^\]]*\])?\s[-+*/|:]?=\s|```|~~~")
"""How a line of code begins: with a prompt, as an assignment, as a fence."""
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,:/-]\d+)*(?![\w.])")
_WORD = re.compile(r"[^\W\d_]{2,}")
_WRAPPED_AT = 55
"""A line of this many columns may have been wrapped."""
_RAGGED = 0.7
"""The shortest line of a wrapped paragraph, but for its last, in lengths of the longest."""


class PlainBlock(NamedTuple):
    """Lines that belong together."""

    kind: BlockKind
    start: int
    end: int
    prefixes: tuple[tuple[int, int], ...]
    """Indentation and `> ` of the lines after the first, relative to `start`."""


class _Line(NamedTuple):
    start: int
    text_start: int
    text_end: int
    indent: int
    quotes: int
    has_marker: bool
    text: str
    is_free: bool
    """Whether it has nothing to do with what precedes it: nothing is read there, and it is not indented."""


def plain_blocks(text: str, cuts: list[Cut]) -> Iterator[PlainBlock]:
    """The paragraphs and list items of a plain text.

    A block ends before a blank line or one without letters and digits (a ruler) or with code, before the
    marker of a list item or a field ("Subject: ..."), where the depth of a quotation or the indentation
    changes, and where a line was ended on purpose.

    Args:
        text: any text.
        cuts: gets the places from which on one can read.
    """
    group: list[_Line] = []
    before: _Line | None = None
    """The last line of the group before."""
    for line in _lines(text):
        if group and (not line.text or _begins_block(group, line)):
            yield from _blocks_of(group, before)
            before, group = group[-1], []
        if line.text:
            if line.is_free:
                cuts.append(Cut(line.start, ""))
            group.append(line)
    if group:
        yield from _blocks_of(group, before)


def _lines(text: str) -> Iterator[_Line]:
    numbers = Numbers()
    before = ""
    for match in _LINE.finditer(text):
        indent, quote, marker, content, _ = match.groups()
        line = match.start()
        is_free = line > 0 and not before and not indent and not quote
        if is_free:
            numbers = Numbers()
        start = line + len(indent) + len(quote)
        has_marker = marker is not None and numbers.begins_item(marker, before)
        if has_marker:
            start += len(marker)
        elif marker is not None:
            content = marker + content
        content = content.rstrip()
        before = content if _is_read(content) else ""
        quotes = quote.count(">") if quote else 0
        yield _Line(line, start, start + len(content), start - line, quotes, has_marker, before, is_free)


def _is_read(line: str) -> bool:
    """Whether a line says something: is no ruler, no code, no row of measurements."""
    if not any(map(str.isalnum, line)) or _CODE.match(line):
        return False
    if not _DIGIT.search(line):
        return True
    numbers = len(_NUMBER.findall(line))
    return numbers < 3 or 4 * numbers < 3 * len(_WORD.findall(line))


def _begins_block(group: list[_Line], line: _Line) -> bool:
    first, last = group[0], group[-1]
    if line.has_marker or line.quotes != last.quotes or _FIELD.match(line.text):
        return True
    if first.has_marker:  # what goes on with an item stands under its text, or at least under its marker
        return line.indent < 1 + line.quotes and not (line.text[0].islower() and last.text[-1] not in ".!?:;")
    return line.indent >= last.indent + 2 and not _goes_on(last)


def _goes_on(last: _Line) -> bool:
    """Whether a line is full and ends within a sentence: what is indented under it goes on with it."""
    return last.indent + len(last.text) >= _WRAPPED_AT and last.text[-1] not in ".!?:;"


def _blocks_of(group: list[_Line], before: _Line | None) -> Iterator[PlainBlock]:
    """The block of a group of lines, or several if some of its lines were ended on purpose."""
    kind = BlockKind.LIST_ITEM if group[0].has_marker else BlockKind.PARAGRAPH
    if kind is BlockKind.PARAGRAPH and before and _is_shown(before, group[0]):
        kind = BlockKind.LABEL
    width = max(len(line.text) for line in group)
    lines = group[:1]
    for line in group[1:]:
        if kind is BlockKind.PARAGRAPH and _ended_on_purpose(lines[-1].text, line.text, width):
            yield _block(kind, lines)
            lines = []
        lines.append(line)
    yield _block(kind, lines)


def _ended_on_purpose(line: str, following: str, width: int) -> bool:
    """Whether a line was not just wrapped: the next begins like a sentence, and its first word had room.

    People wrap their lines unevenly, so one that is not short must end with a mark as well.
    """
    if not following[0].isupper():
        return False
    word = following.split(maxsplit=1)[0]
    if len(line) + 1 + len(word) > width:
        return False
    return not line[-1].isalnum() or width < _WRAPPED_AT or len(line) < _RAGGED * width


def _is_shown(before: _Line, first: _Line) -> bool:
    """Whether a colon leads to what stands indented under it: output, an example, a quotation."""
    is_same_quote = first.quotes == before.quotes
    return before.text[-1] == ":" and first.indent >= before.indent + 2 and is_same_quote


def _block(kind: BlockKind, lines: list[_Line]) -> PlainBlock:
    start = lines[0].text_start
    prefixes = tuple((line.start - start, line.text_start - start) for line in lines[1:])
    return PlainBlock(kind, start, lines[-1].text_end, prefixes)
