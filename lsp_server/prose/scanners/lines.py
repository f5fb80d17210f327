r"""Markup that goes by lines: reStructuredText, AsciiDoc, Org, Typst, MediaWiki, manual pages, subtitles, PO.

The first of a language's rules whose pattern matches at the beginning of a line says what the line is.
A pattern is verbose and sees the line without its end; its group `text` is what is read of the line.
Any other line belongs to a paragraph, which ends at a blank line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.prose.block import BlockKind
from lsp_server.prose.numbered import Numbers
from lsp_server.prose.roles import Cut, Mark, Role, Scan

if TYPE_CHECKING:
    from collections.abc import Iterator


class Does(Enum):
    """What a line does to the block before it, and what it is itself."""

    HEADING = auto()
    """A block of its own."""
    LABEL = auto()
    """A block of its own: a caption, a term, a title."""
    ITEM = auto()
    """Begins a list item."""
    PARAGRAPH = auto()
    """Begins a paragraph."""
    CELLS = auto()
    """Cells of a table, between what the rule's `end` matches."""
    LONE = auto()
    """A label if a paragraph begins with it: a link on a line of its own."""
    DRAWN_CELLS = auto()
    """The same, of a table whose cells end below each other: they cannot be changed."""
    COLUMNS = auto()
    """Rules off a table whose columns stand below its marks, down to such a line before a blank one."""
    UNREAD = auto()
    """Is not read, and ends a block."""
    COMMENT = auto()
    """Is not read, and does not end a block."""
    FENCE = auto()
    """Nothing is read from here to the line that `end` matches (with this line's groups, as `{name}`)."""
    CALL = auto()
    """Code that may go down to the line that `end` matches; what stands in brackets in it is read."""
    INDENTED = auto()
    """Nothing is read of this line and of the lines below it that are indented more deeply."""
    LITERAL = auto()
    """The same, unless it goes on with what stands on the line before."""
    UNDERLINE = auto()
    """Makes a heading of the line before; unread if there is not exactly one."""
    ADDS = auto()
    """Goes on with the block before it."""
    ADDS_LITERAL = auto()
    """The same, with something that is typed as it stands: a stand-in; behind it, there may be a stop."""
    JOINS = auto()
    """Goes on with the block before it, as if there were no line break: a string over several lines."""


class Rule(NamedTuple):
    """What lines of one form are."""

    does: Does
    pattern: str
    end: str = ""


@dataclass(frozen=True)
class LineMarkup:
    """The rules of one language. Call it with a text to get its blocks."""

    rules: tuple[Rule, ...]
    literal_after: str = ""
    """When a paragraph ends like this, what is indented below it is literal."""
    underline: str = ""
    """The characters of which a line makes a title of a single line above it that is about as long."""
    has_terms: bool = False
    """Whether a line above a more deeply indented one is a term."""
    lists_follow_blanks: bool = False
    """Whether a list cannot begin right below a line of a paragraph."""
    items_are_lines: bool = False
    """Whether a list item ends with its line."""
    kind: BlockKind = BlockKind.PARAGRAPH
    """What lines are that no rule matches."""
    plain_is_read: bool = True
    """Whether a line that no rule matches is a paragraph."""

    def __call__(self, text: str, _: str | None = None) -> Scan:
        """The blocks of a shadow, or of a part of it."""
        return _Lines(self, text).scan()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All rules as one pattern; the group that matched last names the rule."""
        rows = []
        for index, rule in enumerate(self.rules):
            own = re.sub(r"\(\?P([<=])(\w+)", rf"(?P\1r{index}_\2", rule.pattern)
            rows.append(f"(?P<rule{index}>{own})")
        return re.compile("|".join(rows), re.VERBOSE)

    @cached_property
    def ends(self) -> tuple[re.Pattern[str], ...]:
        """The rules' `end`s where these are separators of cells."""
        return tuple(re.compile(rule.end if rule.does in _CELLS else "", re.VERBOSE) for rule in self.rules)

    @cached_property
    def literal(self) -> re.Pattern[str]:
        """`literal_after`, for the end of a line."""
        return re.compile(rf"(?:{self.literal_after})\s*\Z")


class _Line(NamedTuple):
    start: int
    """Where the line begins."""
    indent: int
    text_start: int
    text_end: int


_LINE = re.compile(r"[^\n]*\n?")
_ARGUMENT = re.compile(r"(?<![\w\]])\[(?P<text>[^\[\]\n]*[A-Za-z][^\[\]\n]*)\]")
_UNEVEN = 3
"""Characters by which an underline may be longer or shorter than its title."""


class _Lines:
    """The state of going through one text."""

    def __init__(self, markup: LineMarkup, text: str) -> None:
        self.markup, self.text = markup, text
        self.found = Scan(cuts=[Cut(0, "")])
        self.kind = markup.kind
        self.group: list[_Line] = []
        self.dropped: list[int] = []
        """Lines of comments since the last line of the group."""
        self.unread_below: int | None = None
        """Lines that are indented by more than this are not read."""
        self.fence: re.Pattern[str] | None = None
        self.is_call = False
        """Whether what stands in brackets is read down to the end of the fence."""
        self.table: _Table | None = None
        self.numbers = Numbers()
        self.is_after_blank = False

    def scan(self) -> Scan:
        for match in _LINE.finditer(self.text):
            self._line(match.start(), match.end())
        if self.table is not None:
            self.table.end_row()
        self._flush()
        return self.found

    def _line(self, start: int, end: int) -> None:
        line = self.text[start:end].rstrip()
        if self.fence is not None:
            if self.is_call:
                self._arguments(start, end)
            if self.fence.match(line):
                self.fence, self.is_call = None, False
            return
        if self.table is not None:
            if self.table.goes_on(start, line):
                return
            self.table = None
        is_after_blank, self.is_after_blank = self.is_after_blank, not line
        if not line:
            self._flush()
            return
        if is_after_blank and not line[0].isspace():
            self._cut(start)
        if self._is_underline(line):
            self.kind = BlockKind.HEADING
            self._flush()
            return
        indent = len(line) - len(line.lstrip())
        if self.unread_below is not None:
            if indent > self.unread_below:
                return
            self.unread_below = None
        match = self.markup.pattern.match(line) if self.markup.rules else None
        if match is None:
            if self.markup.plain_is_read:
                self._add(start, indent, start + indent, start + len(line))
            else:
                self._flush()
            return
        self._apply(match, start, indent)

    def _cut(self, start: int) -> None:
        """Begin again: what is not indented, behind a blank line, has nothing to do with what precedes."""
        self.found.cuts.append(Cut(start, ""))
        self.unread_below = None
        self.numbers = Numbers()

    def _is_underline(self, line: str) -> bool:
        """Whether a line underlines the one above, where such a line may also begin a block."""
        is_one = len(self.group) == 1 and self.kind is BlockKind.PARAGRAPH and not self.dropped
        if not is_one or line[0] not in self.markup.underline or len(line) < 3 or line.strip(line[0]):
            return False
        return abs(len(line) - (self.group[0].text_end - self.group[0].start)) <= _UNEVEN

    def _apply(self, match: re.Match[str], start: int, indent: int) -> None:
        index = next(i for i in range(len(self.markup.rules)) if match[f"rule{i}"] is not None)
        rule = self.markup.rules[index]
        own = f"r{index}_text"
        text_start, text_end = match.span(own) if own in match.groupdict() else (-1, -1)
        text_start, text_end = start + text_start, start + text_end
        has_text = text_end > text_start >= start
        if rule.does is Does.COMMENT:
            self.dropped.append(start)
            return
        line = match.string
        is_continued = rule.does in (Does.LITERAL, Does.LONE) and bool(self.group)
        if rule.does is Does.ITEM and has_text:
            is_continued = self._goes_on_with(line, indent)
        if is_continued:
            self._add(start, indent, start + indent, start + len(line))
            return
        if rule.does in (Does.ADDS, Does.ADDS_LITERAL):
            is_literal = rule.does is Does.ADDS_LITERAL
            self._add(start, indent, text_start, start + len(line) if is_literal else text_end)
            if is_literal:
                self.found.marks.append(Mark(text_start, text_end, Role.STAND_IN))
            return
        if rule.does is Does.JOINS:
            self._join(start, text_start, text_end)
            return
        if rule.does is Does.UNDERLINE and len(self.group) == 1:
            self.kind = BlockKind.HEADING
        self._flush()
        if rule.does is Does.CALL:
            self._arguments(start, start + len(line))
            if line.count("(") > line.count(")"):
                self.fence, self.is_call = re.compile(rule.end), True
        elif rule.does is Does.FENCE:
            groups = {
                name.split("_", 1)[1]: re.escape(value)
                for name, value in match.groupdict().items()
                if name.startswith(f"r{index}_") and value is not None
            }
            self.fence = re.compile(rule.end.format(**groups))
        elif rule.does is Does.COLUMNS:
            self.table = _Table(self.text, match[0], self.found)
        elif rule.does in (Does.INDENTED, Does.LITERAL):
            self.unread_below = indent
        elif rule.does in _CELLS and has_text:
            for a, b in _between(self.markup.ends[index], self.text, text_start, text_end):
                self.found.blocks.append((BlockKind.TABLE_CELL, a, b))
                if rule.does is Does.DRAWN_CELLS:
                    self.found.fixed.add(a)
        elif rule.does in _KINDS and has_text:
            self.kind = _KINDS[rule.does]
            self._add(start, indent, text_start, text_end)
            if rule.does in (Does.HEADING, Does.LABEL) or (
                rule.does is Does.ITEM and self.markup.items_are_lines
            ):
                self._flush()

    def _goes_on_with(self, line: str, indent: int) -> bool:
        """Whether a line with the marker of an item goes on with the sentence before it all the same."""
        before = self._line_before()
        if not self.numbers.begins_item(line, before):
            return True
        if not self.markup.lists_follow_blanks or not before or before[-1] in ".!?:;":
            return False
        is_plus = line[indent] == "+" != self.text[self.group[0].start + self.group[0].indent]
        return is_plus or (self.kind is BlockKind.PARAGRAPH and indent == self.group[-1].indent)

    def _arguments(self, start: int, end: int) -> None:
        """Labels that stand in brackets in code."""
        for match in _ARGUMENT.finditer(self.text, start, end):
            self.found.blocks.append((BlockKind.LABEL, *match.span("text")))

    def _line_before(self) -> str:
        return self.text[self.group[-1].text_start : self.group[-1].text_end] if self.group else ""

    def _add(self, start: int, indent: int, text_start: int, text_end: int) -> None:
        if self._is_term(indent):
            self.kind = BlockKind.LABEL
            self._flush()
        if self.group:
            first = self.dropped[0] if self.dropped else start
            self.found.prefixes.append((first, text_start))
        self.dropped = []
        self.group.append(_Line(start, indent, text_start, text_end))

    def _join(self, start: int, text_start: int, text_end: int) -> None:
        if self.group:
            self.found.marks.append(Mark(self.group[-1].text_end, text_start, Role.SKIP))
        if text_end > text_start:
            self.group.append(_Line(start, 0, text_start, text_end))

    def _is_term(self, indent: int) -> bool:
        """Whether the group is a term, and what comes next its definition."""
        return (
            self.markup.has_terms
            and len(self.group) == 1
            and self.kind is BlockKind.PARAGRAPH
            and self.group[0].start + self.group[0].indent == self.group[0].text_start
            and indent > self.group[0].indent
        )

    def _flush(self) -> None:
        if self.group:
            first, last = self.group[0], self.group[-1]
            self.found.blocks.append((self.kind, first.text_start, last.text_end))
            line = self.text[last.text_start : last.text_end]
            if self.markup.literal_after and self.markup.literal.search(line):
                is_item = self.kind is BlockKind.LIST_ITEM
                self.unread_below = first.text_start - first.start if is_item else first.indent
        self.group, self.dropped, self.kind = [], [], self.markup.kind


class _Table:
    """A table whose columns stand below marks such as `=====  =====`.

    Only the last column is read: longer words in another would stick out into the next.
    """

    def __init__(self, text: str, ruler: str, found: Scan) -> None:
        self.text, self.found = text, found
        self.first = len(ruler) - len(ruler.lstrip())
        self.last = ruler.rindex(" ") + 1
        self.cell: list[tuple[int, int]] = []
        """The lines of the last cell of a row."""
        self.after_ruler = True
        self.has_rows = False

    def goes_on(self, start: int, line: str) -> bool:
        """Whether a line, without blanks at its end, belongs to the table."""
        is_ruler = bool(line) and not line.strip("= -")
        if not line or is_ruler or line[self.first : self.first + 1].strip():
            self.end_row()
        if not line or is_ruler:
            ends = not line and self.after_ruler and self.has_rows
            self.after_ruler = is_ruler
            return not ends
        self.after_ruler, self.has_rows = False, True
        content = line[self.last :].lstrip()
        if content and not line[self.last - 1].strip():
            self.cell.append((start + len(line) - len(content), start + len(line)))
        return True

    def end_row(self) -> None:
        """The cell as a block."""
        if self.cell:
            self.found.blocks.append((BlockKind.TABLE_CELL, self.cell[0][0], self.cell[-1][1]))
            for begin, _ in self.cell[1:]:
                self.found.prefixes.append((self.text.rfind("\n", 0, begin) + 1, begin))
        self.cell = []


_CELLS = frozenset({Does.CELLS, Does.DRAWN_CELLS})
_KINDS = {
    Does.HEADING: BlockKind.HEADING,
    Does.LABEL: BlockKind.LABEL,
    Does.LONE: BlockKind.LABEL,
    Does.ITEM: BlockKind.LIST_ITEM,
    Does.PARAGRAPH: BlockKind.PARAGRAPH,
}


def _between(separator: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in separator.finditer(text, start, end):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if end > start:
        yield start, end
