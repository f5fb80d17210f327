"""What diffs and patches add, and the messages that patches come with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.documents.kinds import kind_of_name
from lsp_server.prose.embedded import Embedded, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

_MESSAGE = re.compile(
    r"^From [0-9a-f]{7,40} [^\n]*\n(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?"
    r"Subject:[ ](?P<subject>[^\n]*(?:\n[ \t][^\n]*)*)\n(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*"
    r"(?P<body>\n(?:(?!---$|diff )[^\n]*\n)*)",
    re.MULTILINE,
)
_NEW_FILE = re.compile(r"\+\+\+ (?:b/|[iwco]/)?(?P<name>[^\t\n]+)")
_LINE = re.compile(r"[^\n]+\n?|\n")
_HUNK = re.compile(r"@@ -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@")


def added(text: str) -> Iterator[Embedded]:
    """The messages and the hunks of a patch. What a hunk does not add is read for its sense, not changed."""
    for match in _MESSAGE.finditer(text):
        subject, body = match.span("subject"), match.span("body")
        between = Piece("\n\n", subject[1], body[0] + 1, is_editable=False)
        message = Piece(match["body"][1:], body[0] + 1, body[1])
        yield Embedded(
            "git-commit",
            (Piece(match["subject"], *subject), between, message),
        )
    kind: str | None = None
    old = new = 0
    """Lines of a hunk that are still to come."""
    hunk: list[Piece] = []
    for found in _LINE.finditer(text):
        line, start, at = found[0], found.start(), found.end()
        if old > 0 or new > 0:
            mark = line[0] if line[0] not in "\r\n" else " "  # mailers drop the blank of an empty line
            old -= mark in " -"
            new -= mark in " +"
            if kind and mark in " +":
                begin = start + (1 if line[0] == mark else 0)
                hunk.append(Piece(text[begin:at], begin, at, is_editable=mark == "+"))
        elif head := _HUNK.match(line):
            yield from _read(kind, hunk)
            hunk, old, new = [], int(head["old"] or 1), int(head["new"] or 1)
        elif file := _NEW_FILE.match(line):
            yield from _read(kind, hunk)
            hunk, kind = [], kind_of_name(file["name"].strip().strip('"'))
    yield from _read(kind, hunk)


def _read(kind: str | None, hunk: list[Piece]) -> Iterator[Embedded]:
    if kind and any(piece.is_editable for piece in hunk):
        yield Embedded(kind, tuple(hunk), keeps_lines=True)
