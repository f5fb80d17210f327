"""Parts of an e-mail that are text."""

from __future__ import annotations

import quopri
import re
from email.parser import HeaderParser
from itertools import chain
from typing import TYPE_CHECKING

from lsp_server.prose.embedded import Embedded, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

_HEAD = re.compile(r"(?:From [^\n]*\n)?(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+(?:\r?\n|\Z)")
_SUBJECT = re.compile(
    r"^Subject:[ \t]*(?P<text>[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)", re.MULTILINE | re.IGNORECASE
)
_QUOTED = re.compile(r"(?:=[0-9A-Fa-f]{2})+|=[ \t]*\r?\n|[^=]+|=")
_KINDS = {"text/plain": "letter", "text/html": "html", "text/markdown": "markdown"}
_MOST_NESTED = 20


def parts(text: str) -> Iterator[Embedded]:
    """The subject and the texts of a mail. Of alternatives, the plain one; what is in base64 is not read."""
    head = _HEAD.match(text)
    if head and (subject := _SUBJECT.search(text, 0, head.end())) and "=?" not in subject["text"]:
        yield Embedded("git-commit", (_piece(text, *subject.span("text")),))
    yield from _body(text, 0, len(text), 0)


def _body(text: str, start: int, end: int, depth: int) -> Iterator[Embedded]:
    """What follows the head that begins at a place; without one, all of it is the text."""
    match = _HEAD.match(text, start, end)
    head: Message = HeaderParser().parsestr(match[0] if match else "")
    start = match.end() if match else start
    kind = head.get_content_type()
    boundary = head.get_boundary()
    if head.get_content_maintype() == "multipart" and boundary:
        if depth < _MOST_NESTED:
            found = [list(_body(text, *part, depth + 1)) for part in _between(text, start, end, boundary)]
            yield from _first(found) if kind == "multipart/alternative" else chain.from_iterable(found)
    elif kind in _KINDS and head.get_content_disposition() != "attachment":
        encoding = str(head.get("Content-Transfer-Encoding", "")).strip().lower()
        if encoding == "quoted-printable":
            charset = str(head.get_content_charset() or "utf-8")
            yield Embedded(_KINDS[kind], tuple(_decoded(text, start, end, charset)), keeps_lines=True)
        elif encoding != "base64":
            yield Embedded(_KINDS[kind], (_piece(text, start, end),))


def _first(alternatives: list[list[Embedded]]) -> list[Embedded]:
    return next((one for one in alternatives if one), [])


def _between(text: str, start: int, end: int, boundary: str) -> Iterator[tuple[int, int]]:
    """The parts between the lines of a boundary."""
    before = None
    for match in re.compile(rf"^--{re.escape(boundary)}(--)?[ \t\r]*$\n?", re.MULTILINE).finditer(
        text, start, end
    ):
        if before is not None:
            yield before, match.start()
        before = None if match[1] else match.end()
    if before is not None:
        yield before, end


def _piece(text: str, start: int, end: int) -> Piece:
    return Piece(text[start:end], start, end)


def _decoded(text: str, start: int, end: int, charset: str) -> Iterator[Piece]:
    """Quoted-printable text: what is written as it reads may be changed, what is encoded may not."""
    for match in _QUOTED.finditer(text, start, end):
        if match[0][0] != "=" or match[0] == "=":
            yield Piece(match[0], *match.span())
        elif match[0][-1] != "\n":
            try:
                shown = quopri.decodestring(match[0].encode("ascii")).decode(charset, "replace")
            except LookupError:
                shown = "\ufffd"
            yield Piece(shown, *match.span(), is_editable=False)
