"""What a stretch of a document is to a reader, and what a scanner says of a document."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.prose.block import BlockKind


class Role(Enum):
    """What a stretch of the document is to a reader. The values are the codes `extract.py` paints with."""

    __hash__ = object.__hash__  # that of Enum is written in Python, and blocks are remembered by their roles

    PROSE = b"p"
    """Read as it stands."""
    SKIP = b"s"
    """Not read: markup, a link's target, a comment."""
    STAND_IN = b"x"
    """Read, but not prose: inline code, a URL, a formula. A neutral noun takes its place."""
    CHARACTER = b"c"
    """Read as another character than it is written: `&amp;`."""
    HARD_BREAK = b"h"
    """A line break that is markup: two spaces or a backslash at the end of a line."""
    SOFT_BREAK = b"b"
    """A line break that only wraps the line."""
    SPLIT = b"/"
    """Not read, and what follows is a new block."""
    INERT = b"i"
    """Prose that the inline grammar would misread; hidden from it."""
    PIECE = b"o"
    """Not read where it stands, but a label of its own: the description of an image, a link's title."""


class Mark(NamedTuple):
    """What a query, a literal or a scanner says of a range of a text."""

    start: int
    end: int
    role: Role


class Cut(NamedTuple):
    """A place in a document from which on one can read, without what precedes it."""

    start: int
    state: str
    """What a reader must know of what precedes it: from two cuts with one state, equal texts read alike."""


@dataclass(slots=True)
class Scan:
    """What a hand-written scanner finds in a document, as offsets into it.

    A block may lie in another (a footnote in its sentence), if a mark skips it there.
    """

    blocks: list[tuple[BlockKind, int, int]] = field(default_factory=list)
    prefixes: list[tuple[int, int]] = field(default_factory=list)
    """What precedes the text of a line: indentation, comments between two lines."""
    marks: list[Mark] = field(default_factory=list)
    fixed: set[int] = field(default_factory=set)
    """Where blocks begin whose length may not change: cells of a table that is drawn."""
    cuts: list[Cut] = field(default_factory=list)
    """In order, the first at the beginning; none if it is to be read as a whole."""
    open_at: int | None = None
    """Where the first thing begins that has no end: it might be in what follows, if anything did."""

    def opens(self, at: int) -> None:
        """Note that what begins there has no end."""
        self.open_at = at if self.open_at is None else min(self.open_at, at)


Scanner: TypeAlias = "Callable[[str, str | None], Scan]"
"""Finds the blocks of a document, or of a part of it, without a grammar. It sees ASCII only
(`extract.shadow`), and the state of the cut that the part begins with; None is where a document begins."""
