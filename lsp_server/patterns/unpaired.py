"""Brackets and quotes that have no partner in their paragraph.

What looks alone and is not: enumerations (`a)`), smileys, half-open intervals (`[0, 1)`), inches, and
speech that goes on in the next paragraph, which opens with a quote of its own. Where it is not clear which
mark is the one too many, where there are several, and in a paragraph with signs of code, nothing is said.
Square brackets do not count: those without a partner were what some markup had left behind in nearly all
texts that were looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.findings.kinds import ErrorKind
from lsp_server.findings.proposal import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_OPENING = {"(": ")", "“": "”"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}
_BLANK = "\ufffc"
"""In place of characters that do not count."""
_NOT_MARKS = re.compile(
    r"(?:^|(?<=[\s.!?,…]))(?:[:;=8xX][’'^o-]*[()\[\]]+|[()\[\]]+[’'^o-]*[:;=])(?=$|[\s.,!?)])"  # smileys
    r"|[\[(][^()\[\]\s,;]{1,16}[,;]\s*[^()\[\]\s,;]{1,16}[\])]"  # intervals, pairs, lists of two
    r"|(?<=[\"'`“”‘’])[()\[\]“”\"]+(?=[\"'`“”‘’])"  # a mark that is spoken of
    r"|\\[()\[\]]"
)
_CODE = re.compile(r"[{}\\=<>|$#]|;$|::|->|\(\)|\(\(|&&|\s//\s", re.MULTILINE)
_SMILEY = re.compile(r"[:;=][’'^o-]?[()\[\]]|[()\[\]][’'^o-]?[:;=]")
_NUMBER = re.compile(r"(?:^|[\s(–—-])[(\[]?(?:[A-Za-z]|[ivxIVX]{1,5}|\d{1,3}(?:[.-]\d{1,3})*[a-z]?|[*†‡#])$")
"""What stands before a closing bracket that ends the number of an item."""
_FOREIGN_QUOTES = "„‚»«"
"""Of languages and styles whose closing quote may be our opening one."""
_BEFORE_OPENING = "([—–-/:“‘'\""
_AFTER_CLOSING = ")]}>—–-/.,;:!?”’'…"
_LONGEST = 10_000
"""Code points of the longest paragraph that is looked at."""
_CONFIDENCE = 0.8
"""Not sure enough to be put right unseen: often the missing partner is what should be added."""
_QUOTES = "“\"‘'"
"""With one of these speech goes on in the next paragraph."""
NEIGHBOURS = 20
"""Paragraphs and items within which a bracket may find its partner: "(" before a list, ")" after it."""

_TALE = 3
"""Paragraphs back to which it is looked whether a tale is told: each opens with a quote and closes none."""

Paragraph = tuple[str, tuple[tuple[int, int], ...]]
"""Its text, and the spans of what stands in for code and the like."""


class Mark(NamedTuple):
    """A mark without a partner."""

    at: int
    """In the paragraph's text."""
    text: str
    is_opening: bool


@lru_cache(8192)
def unpaired(text: str, stand_ins: tuple[tuple[int, int], ...] = ()) -> tuple[Mark, ...]:
    """The brackets and quotes of a paragraph that have no partner in it, in order.

    Args:
        text: the paragraph's.
        stand_ins: spans of what stands in for code and the like.
    """
    if len(text) > _LONGEST or _CODE.search(text):
        return ()
    plain = text
    for start, end in stand_ins:
        plain = plain[:start] + _BLANK * (end - start) + plain[end:]
    as_written = {*_brackets(plain), *_straight_quotes(plain)}
    if not as_written:
        return ()
    without = _NOT_MARKS.sub(lambda match: _BLANK * len(match[0]), plain)
    return tuple(sorted(as_written & {*_brackets(without), *_straight_quotes(without)}))


def _brackets(text: str) -> Iterator[Mark]:
    """Those whose two forms differ."""
    skipped = "“”" if any(quote in text for quote in _FOREIGN_QUOTES) else ""
    open_ones: list[Mark] = []
    alone: list[Mark] = []
    for match in re.finditer(r"[()“”]", text):
        mark, at = match[0], match.start()
        if mark in skipped:
            continue
        if mark in _OPENING:
            open_ones.append(Mark(at, mark, is_opening=True))
            continue
        partner = _partner(open_ones, mark)
        if partner is None:
            alone.append(Mark(at, mark, is_opening=False))
        else:
            alone += open_ones[partner + 1 :]
            del open_ones[partner:]
    alone += open_ones
    if len({mark.text in "“”" for mark in alone}) < len(alone):
        return  # two brackets or two quotes: crossed, or no prose
    yield from (mark for mark in alone if not _is_excused(mark, text))


def _partner(open_ones: Sequence[Mark], closing: str) -> int | None:
    """Which of the open marks a closing one closes."""
    wanted = _CLOSING[closing]
    return next((i for i in range(len(open_ones) - 1, -1, -1) if open_ones[i].text == wanted), None)


def _is_excused(mark: Mark, text: str) -> bool:
    """Whether a mark without a partner is right as it is."""
    before, after = text[: mark.at], text[mark.at + 1 :]
    if mark.text in "“”":
        is_inch = mark.text == "”" and before[-1:].isdigit()
        return is_inch or '"' in text
    if _SMILEY.search(before[-2:] + mark.text + after[:2]) or (mark.is_opening and _SMILEY.search(after)):
        return True
    if not mark.is_opening:
        return _NUMBER.search(before) is not None
    is_call = before[-1:] not in _BEFORE_OPENING and not before[-1:].isspace()
    return is_call or not after.strip()  # a line that leads to what stands below


def _straight_quotes(text: str) -> Iterator[Mark]:
    """The one that is alone, where the shape of all others leaves no doubt."""
    places = [match.start() for match in re.finditer('"', text)]
    if len(places) % 2 == 0 or any(one in text for one in ('""', *"“”", *_FOREIGN_QUOTES)):
        return
    if any(text[at - 1 : at].isdigit() or text[at - 1 : at] == "\\" for at in places if at):
        return  # inches, seconds, escapes
    open_one: int | None = None
    alone: list[Mark] = []
    for at in places:
        shape = _shape(text, at)
        if shape is None:
            return
        if shape and open_one is not None:
            alone.append(Mark(open_one, '"', is_opening=True))
        elif not shape and open_one is None:
            alone.append(Mark(at, '"', is_opening=False))
        open_one = at if shape else None
    if open_one is not None:
        alone.append(Mark(open_one, '"', is_opening=True))
    if len(alone) == 1:
        yield alone[0]


def _shape(text: str, at: int) -> bool | None:
    """Whether a straight quote opens (True) or closes (False); None if either may be."""
    before, after = text[at - 1 : at] if at else " ", text[at + 1 : at + 2] or " "
    may_open = (before.isspace() or before in _BEFORE_OPENING) and not (after.isspace() or after in ",;:!?)")
    may_close = (after.isspace() or after in _AFTER_CLOSING) and not before.isspace()
    return None if may_open == may_close else may_open


def alone_in(paragraphs: Sequence[Paragraph], at: int) -> list[Mark]:
    """The marks of one of several paragraphs that have no partner there nor in its neighbours.

    Args:
        paragraphs: in the order of the document.
        at: which of them.
    """
    marks = unpaired(*paragraphs[at])
    before, after = paragraphs[max(at - NEIGHBOURS, 0) : at], paragraphs[at + 1 : at + 1 + NEIGHBOURS]
    return [
        mark
        for mark in marks
        if not _is_paired_in(after if mark.is_opening else before, mark) and not _tells_on(before, mark)
    ]


def _tells_on(before: Sequence[Paragraph], mark: Mark) -> bool:
    """Whether somebody goes on speaking, whose other paragraphs were opened and not closed either."""
    return mark.at == 0 and any(mark in unpaired(*text) for text in before[-_TALE:])


def _is_paired_in(neighbours: Sequence[Paragraph], mark: Mark) -> bool:
    goes_on = mark.is_opening and mark.text in _QUOTES and neighbours[:1]
    if goes_on and neighbours[0][0].startswith(tuple(_QUOTES)):
        return True
    return any(_may_pair(mark, other) for text in neighbours for other in unpaired(*text))


def _may_pair(mark: Mark, other: Mark) -> bool:
    first, second = (mark, other) if mark.is_opening else (other, mark)
    return first.is_opening != second.is_opening and (
        _OPENING.get(first.text) == second.text or first.text == second.text == '"'
    )


def unpaired_proposals(marks: Iterable[Mark], start: int, end: int) -> list[Proposal]:
    """What is alone between two places of its paragraph, placed from the first of them."""
    return [_proposal(mark, mark.at - start) for mark in marks if start <= mark.at < end]


def _proposal(mark: Mark, at: int) -> Proposal:
    """To take the mark away, which is right more often than any place for its partner."""
    what = (
        "is opened and not closed in this paragraph"
        if mark.is_opening
        else "closes nothing that was opened in this paragraph"
    )
    message = f"“{mark.text}” {what}"
    return Proposal(at, at + 1, ErrorKind.PUNCTUATION, message, ("",), _CONFIDENCE, "unpaired")
