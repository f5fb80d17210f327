"""From a finished draft to exact edits of the sentence's text.

Only the places that labels have changed are written anew, and as little around them as spacing demands; all
else stays as it was typed. The text falls into *standing* words (what is left of original words) and the
*stretches* between them, where words were inserted or deleted:

    text      He  very  go   school .
    standing  He        goes school .
    stretch     |very |    |to |    |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triton_server.gector.draft import Mark, Piece, words_of
from triton_server.gector.spacing import joined, spaced, styled
from triton_server.gector.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from triton_server.gector.draft import Draft
    from triton_server.segmentation.types import Sentence

_TOKEN = re.compile(r"\s+|[\w'’]+|.", re.DOTALL)


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text with all edits made; they must be in order and not overlap."""
    parts = []
    done = 0
    for edit in edits:
        parts += [text[done : edit.start], edit.replacement]
        done = edit.end
    return "".join([*parts, text[done:]])


def edits_of(sentence: Sentence, draft: Draft) -> tuple[Edit, ...]:
    """The edits that make `draft` of the sentence: minimal and in order.

    None overlaps another, and an insertion touches none: it belongs to the change beside it.
    """
    changes = _settled(_changes(sentence, draft), sentence.text)
    return tuple(
        Edit(
            change.start,
            change.end,
            change.text,
            tuple(mark.label for mark in change.marks),
            min(mark.probability for mark in change.marks),
        )
        for change in changes
    )


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    text: str
    marks: tuple[Mark, ...]
    binds: bool
    """Whether it belongs with a change that it touches, as insertions and deletions do; two words do not."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """A piece with original words that has words still, or an edge of the sentence."""

    piece: Piece
    start: int
    end: int
    old: range
    """Indices of its original words."""
    new: range
    """Indices of its words among all words of the draft."""
    changed: bool


def _changes(sentence: Sentence, draft: Draft) -> Iterator[_Change]:
    text = sentence.text
    old_joined = joined([word.text for word in sentence.words])
    new_joined = joined(words_of(draft))
    left: _Standing | None = None
    between: list[Piece] = []
    position = 0
    for piece in draft:
        new = range(position, position + len(piece.words))
        position = new.stop
        if not piece.origin or not piece.words:
            between.append(piece)
            continue
        right = _standing(sentence, piece, new)
        yield from _Stretch(sentence, left, between, right, old_joined, new_joined).changes()
        if right.changed:
            replacement = spaced([styled(word, text) for word in piece.words])
            yield _Change(right.start, right.end, replacement, piece.marks, binds=False)
        left, between = right, []
    yield from _Stretch(sentence, left, between, None, old_joined, new_joined).changes()


def _standing(sentence: Sentence, piece: Piece, new: range) -> _Standing:
    words = [sentence.words[index] for index in piece.origin]
    changed = piece.words != tuple(word.text for word in words)
    return _Standing(piece, words[0].start, words[-1].end, piece.origin, new, changed)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What lies between two standing words; None stands for an edge of the sentence."""

    sentence: Sentence
    left: _Standing | None
    between: Sequence[Piece]
    right: _Standing | None
    old_joined: Sequence[bool]
    new_joined: Sequence[bool]

    def changes(self) -> Iterator[_Change]:
        """At most one change."""
        words = self.sentence.words
        inserted = [styled(word, self.sentence.text) for piece in self.between for word in piece.words]
        deleted = [words[index] for piece in self.between for index in piece.origin]
        if deleted and inserted:
            change: tuple[int, int, str] | None = self._replaced(deleted[0].start, deleted[-1].end, inserted)
        elif deleted:
            change = self._deleted(deleted[0].start, deleted[-1].end)
        elif inserted:
            change = self._inserted(inserted)
        else:
            change = self._respaced()
        if change:
            marks = [mark for piece in self.between if piece.words or piece.origin for mark in piece.marks]
            if not marks:  # only the spacing changes, for the sake of a neighbour
                marks = [mark for side in (self.left, self.right) if side for mark in side.piece.marks]
            yield _Change(*change, tuple(marks), binds=True)

    def _respaced(self) -> tuple[int, int, str] | None:
        """A gap with nothing in it: another word beside it may want it wider or closed (do not → don't)."""
        left, right, text = self.left, self.right, self.sentence.text
        if left is None or right is None or not (left.changed or right.changed):
            return None
        gap = text[left.end : right.start]
        close = self.new_joined[right.new.start - 1]
        if close == self.old_joined[right.old.start - 1]:
            # "can|not": words that stand close against the rule, and would run together when one changes
            run_together = not gap and not close and _letters_meet(left.piece.words[-1], right.piece.words[0])
            return (left.end, right.start, " ") if run_together else None
        if close == (not gap):
            return None
        return left.end, right.start, "" if close else " "

    def _inserted(self, inserted: list[str]) -> tuple[int, int, str]:
        left, right = self.left, self.right
        written = spaced(inserted)
        close_left = left is None or self.new_joined[left.new.stop - 1]
        close_right = right is None or self.new_joined[right.new.start - 1]
        before, after = "" if close_left else " ", "" if close_right else " "
        if left is None or right is None:
            place = right.start if right else left.end if left else 0
            return place, place, before + written + after
        if left.end == right.start:
            return left.end, left.end, before + written + after
        if close_left and close_right and not self.old_joined[right.old.start - 1]:
            # a hyphen takes the place of the gap
            return left.end, right.start, written
        if close_left or (left.changed and not close_right):
            # the gap stays behind a comma, and behind what belongs to a changed word
            return left.end, left.end, before + written
        return right.start, right.start, written + after

    def _deleted(self, start: int, end: int) -> tuple[int, int, str]:
        left, right, text = self.left, self.right, self.sentence.text
        if left is None or right is None:
            return (left.end if left else start), (right.start if right else end), ""
        before, after = text[left.end : start], text[end : right.start]
        close = self.new_joined[right.new.start - 1]
        if not before and not after:
            return start, end, "" if close else " "
        keep_before, keep_after = (start, right.start, ""), (left.end, end, "")
        if close and before and after and (left.changed or right.changed):
            return left.end, right.start, ""
        if close:  # nothing before a comma, unless the writer put it there
            return keep_before if not before else keep_after
        if not before or not after:
            return keep_before if before else keep_after
        return keep_after if "\n" in after and "\n" not in before else keep_before

    def _replaced(self, start: int, end: int, inserted: list[str]) -> tuple[int, int, str]:
        """The inserted words take the place of the deleted ones; the gaps stay if they suit both."""
        left, right = self.left, self.right
        written = spaced(inserted)
        if left is not None:
            close = self.new_joined[left.new.stop - 1]
            if close != self.old_joined[left.old.stop - 1] and close != (left.end == start):
                start, written = left.end, ("" if close else " ") + written
        if right is not None:
            close = self.new_joined[right.new.start - 1]
            if close != self.old_joined[right.old.start - 1] and close != (right.start == end):
                end, written = right.start, written + ("" if close else " ")
        return start, end, written


def _letters_meet(left: str, right: str) -> bool:
    return left[-1:].isalpha() and right[:1].isalpha()


def _runs_on(text: str, offset: int) -> bool:
    """Whether two words are one to a reader there: "do|nt"."""
    return _letters_meet(text[:offset], text[offset:].lstrip("'’"))


def _settled(changes: Iterator[_Change], text: str) -> list[_Change]:
    """Changes that belong together made one, those without effect dropped, the others cut to what differs."""
    merged: list[_Change] = []
    for change in changes:
        previous = merged[-1] if merged else None
        touches = previous is not None and previous.end == change.start
        if previous and touches and (previous.binds or change.binds or _runs_on(text, change.start)):
            merged[-1] = _both(previous, change)
        else:
            merged.append(change)
    trimmed: list[_Change] = []
    for change in (_trimmed(change, text) for change in merged):
        previous = trimmed[-1] if trimmed else None
        if change.start == change.end and not change.text:
            continue
        if previous and previous.end == change.start and change.start in (previous.start, change.end):
            trimmed[-1] = _both(previous, change)
        else:
            trimmed.append(change)
    return trimmed


def _both(first: _Change, second: _Change) -> _Change:
    marks = tuple(sorted({*first.marks, *second.marks}))
    return _Change(first.start, second.end, first.text + second.text, marks, binds=True)


def _trimmed(change: _Change, text: str) -> _Change:
    """Without the whole words at either end that stay as they are."""
    old, new = _TOKEN.findall(text[change.start : change.end]), _TOKEN.findall(change.text)
    if _is_join(old, change.text):
        # a merge is about what lies between the words
        return _trimmed_by(change, list(text[change.start : change.end]), list(change.text))
    return _trimmed_by(change, old, new)


def _is_join(old: Sequence[str], new: str) -> bool:
    words = [token for token in old if not token.isspace()]
    return len(words) > 1 and new in ("".join(words), "-".join(words))


def _trimmed_by(change: _Change, old: Sequence[str], new: Sequence[str]) -> _Change:
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    tail = next((i for i in range(shortest - head) if old[-1 - i] != new[-1 - i]), shortest - head)
    start = change.start + len("".join(old[:head]))
    end = change.end - len("".join(old[len(old) - tail :]))
    return _Change(start, end, "".join(new[head : len(new) - tail]), change.marks, change.binds)
