"""Parts of an e-mail that are text."""

from __future__ import annotations

import binascii
import quopri
import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
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
_WORD = re.compile(r"\s+|\S+")
_MOST_NESTED = 20
_ENCODED = "=" + "".join(map(chr, (*range(0x80, 0x250), *range(0x2010, 0x2060))))
"""What quoted-printable writes in another way, as far as corrections may bring it."""


def parts(text: str) -> Iterator[Embedded]:
    """The subject and the texts of a mail. Of alternatives, the plain one."""
    head = _HEAD.match(text)
    if head and (subject := _SUBJECT.search(text, 0, head.end())):
        if "=?" not in subject["text"]:
            yield Embedded("git-commit", (_piece(text, *subject.span("text")),))
        elif shown := _decoded_subject(subject["text"]):
            encoded = Piece(shown, *subject.span("text"), is_editable=False)
            yield Embedded("git-commit", (encoded,), is_read_only=True)
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
        charset = str(head.get_content_charset() or "utf-8")
        encoding = str(head.get("Content-Transfer-Encoding", "")).strip().lower()
        if encoding == "quoted-printable":
            pieces = tuple(_decoded(text, start, end, charset))
            yield Embedded(_KINDS[kind], pieces, keeps_lines=True, unwritable=_ENCODED)
        elif encoding == "base64":
            yield Embedded(_KINDS[kind], tuple(_from_base64(text, start, end, charset)), is_read_only=True)
        else:
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


def _decoded_subject(written: str) -> str:
    """What a subject with encoded words says; nothing if they cannot be decoded."""
    try:
        return " ".join(str(make_header(decode_header(written))).split())
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return ""


def _from_base64(text: str, start: int, end: int, charset: str) -> Iterator[Piece]:
    """The words of a text in base64, and the blanks between them, each where the letters for it stand.

    Four letters stand for three bytes, so that a word's place may reach into its neighbours'.
    """
    places = [match.start() for match in re.finditer(r"[A-Za-z0-9+/]", text[start:end])]
    letters = "".join(text[start + place] for place in places)
    try:
        raw = binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
        shown = raw.decode(charset)
    except (binascii.Error, LookupError, UnicodeError):
        return
    done = 0
    for match in _WORD.finditer(shown):
        size = len(match[0].encode(charset))
        first, last = (min(at, len(places) - 1) for at in (done * 4 // 3, -(-(done + size) * 4 // 3) - 1))
        yield Piece(match[0], start + places[first], start + places[last] + 1, is_editable=False)
        done += size
