"""What was found in the text before the last keystroke, so that only what is near an edit is read anew.

A document is cut where its outermost blocks begin: there, no container is open, and what follows reads as it
would in a text of its own, or all that one must know of what precedes it is written down. After an edit, the
text is read from two of these cuts before it, to the first one behind it at which the same two blocks begin
as before. If there is none, as when a fence was opened, more is read, up to the end.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.documents import common_ends
from lsp_server.prose.roles import Cut

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp_server.prose.block import ProseBlock

_BEFORE = 3
"""Blocks before the one that is edited that are read with it: it may become one of them. The first of them
is what it was, and only leads to the others: what precedes a block decides whose its indentation is.
"""
_BEHIND = 3
"""Blocks behind it that are read at first; then, four times as many."""
_LIKE_FRONT_MATTER = re.compile(r"---|\+\+\+|\ufeff")
"""What means something else at the beginning of a text."""


class Known(NamedTuple):
    """A text and what was found in it."""

    text: str
    cuts: list[Cut]
    """In order; none if the text cannot be read in parts."""
    blocks: list[ProseBlock]
    open_at: int | None = None
    """From where on what follows the text, if anything did, might change what was found."""


class Change(NamedTuple):
    """What a text has become, and which of its blocks are new."""

    known: Known
    first: int
    """Index of the first block that was read anew."""
    last: int
    """Index of the first one behind them, which has only moved."""


def changed(old: Known, text: str, read: Callable[[str, str | None], Known]) -> Change | None:
    """What is in a text that was edited; None if all of it must be read.

    Args:
        old: the text before, and what was in it.
        text: the text now.
        read: reads a part of the text, of which it gets the state of the cut that it begins with, None for
            the beginning; what it gives is without cuts if the text cannot be read in parts.
    """
    if not old.cuts:
        return None
    same, same_end = common_ends(old.text, text)
    shift = len(text) - len(old.text)
    edit_end = len(old.text) - same_end
    if old.open_at is not None and old.open_at <= max(edit_end, same):
        return None
    first = max(bisect_right(old.cuts, same, key=_start) - 1 - _BEFORE, 0)
    while first > 0 and _LIKE_FRONT_MATTER.match(text, old.cuts[first].start):
        first -= 1
    start, state = old.cuts[first] if first else (0, None)
    if not first and _LIKE_FRONT_MATTER.match(text) and not old.cuts[0].state.endswith("metadata"):
        return None
    behind = bisect_right(old.cuts, max(edit_end, same), key=_start)
    reach = _BEHIND
    while True:
        end = behind + reach
        is_rest = end >= len(old.cuts)
        part = read(text[start:] if is_rest else text[start : old.cuts[end].start + shift], state)
        if not part.cuts or (not first and part.cuts[0].state != old.cuts[0].state):
            return None
        cuts = [Cut(cut.start + start, cut.state) for cut in part.cuts]
        met = len(old.cuts) if is_rest else _meeting(old.cuts, cuts, behind, shift)
        if met is not None and (is_rest or part.open_at is None):
            break
        reach *= 4
    if first:
        if len(cuts) < 2 or cuts[1] != old.cuts[first + 1]:
            return None
        first, cuts = first + 1, cuts[1:]
    change = _joined(old, text, first, start, met, cuts, part.blocks, shift)
    open_at = start if part.open_at is not None else None
    if met < len(old.cuts) and old.open_at is not None:
        open_at = old.open_at + shift
    return change._replace(known=change.known._replace(open_at=open_at))


def _meeting(old: list[Cut], new: list[Cut], behind: int, shift: int) -> int | None:
    """The first of the cuts behind an edit from which on all is as it was: two of them are there again."""
    found = {cut: index for index, cut in enumerate(new)}
    for index in range(behind, len(old) - 1):
        moved, following = (Cut(cut.start + shift, cut.state) for cut in old[index : index + 2])
        if moved.start >= new[-1].start:
            return None
        at = found.get(moved)
        if at is not None and at + 2 < len(new) and new[at + 1] == following:
            return index
    return None


def _joined(
    old: Known,
    text: str,
    first: int,
    start: int,
    met: int,
    cuts: list[Cut],
    blocks: list[ProseBlock],
    shift: int,
) -> Change:
    """The old text up to the cut `first`, what was read anew, and the old text from the cut `met` on."""
    stop = old.cuts[met].start if met < len(old.cuts) else len(old.text) + 1
    again = cuts[0].start if first else 0
    before = bisect_left(old.blocks, again, key=_at)
    rest = bisect_left(old.blocks, stop, key=_at)
    new = [block.moved(start) for block in blocks if again <= block.at + start < stop + shift]
    behind = old.blocks[rest:]
    if shift:
        behind = [block.moved(shift) for block in behind]
    kept = [cut for cut in cuts if cut.start < stop + shift]
    behind_cuts = old.cuts[met:]
    if shift:
        behind_cuts = [Cut(at + shift, state) for at, state in behind_cuts]
    known = Known(
        text,
        [*old.cuts[:first], *kept, *behind_cuts],
        [*old.blocks[:before], *new, *behind],
    )
    return Change(known, before, before + len(new))


def _start(cut: Cut) -> int:
    return cut.start


def _at(block: ProseBlock) -> int:
    return block.at
