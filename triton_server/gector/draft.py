"""A sentence on its way through the passes, every word of it with its origin.

A sentence of n words has 2n + 1 *slots*: a gap before, between and after the words, and the words themselves.

    slot     0     1     2     3     4
    of      gap   He    gap   go    gap

A *piece* is what now stands in one slot, or in several that a merge has united. Labels change the words of
pieces, never the order of pieces, so where a word came from is always known and never has to be found again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from triton_server.gector.believed import believed
from triton_server.gector.labels import Action, parse_label, rewrite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.segmentation.types import Sentence


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A label that changed something."""

    pass_number: int
    """From 1."""
    position: int
    """The word it was given to in that pass; 0 is `$START`."""
    label: str
    probability: float
    """Before the keep bias."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in the slots `first` to `last`, both included, and the labels that made it so."""

    first: int
    last: int
    words: tuple[str, ...]
    marks: tuple[Mark, ...] = ()

    @property
    def origin(self) -> range:
        """The original words that it stands for, as indices; empty for a gap."""
        return range(self.first // 2, (self.last + 1) // 2)


Draft = tuple[Piece, ...]


def draft_of(sentence: Sentence) -> Draft:
    """The sentence as it was written."""
    slots = range(2 * len(sentence.words) + 1)
    return tuple(_original(slot, sentence) for slot in slots)


def _original(slot: int, sentence: Sentence) -> Piece:
    return Piece(slot, slot, (sentence.words[slot // 2].text,) if slot % 2 else ())


def words_of(draft: Draft) -> tuple[str, ...]:
    """All words of a draft, in order."""
    return tuple(word for piece in draft for word in piece.words)


def relabelled(
    draft: Draft, sentence: Sentence, labels: Sequence[str], probabilities: Sequence[float], pass_number: int
) -> Draft:
    """The draft after one pass.

    Args:
        draft: what was tagged.
        sentence: what it was at first; says what must not be touched.
        labels: one for `$START` and one for each word of the draft, thresholds applied.
        probabilities: of the labels, before the keep bias.
        pass_number: from 1.
    """
    words = words_of(draft)
    locked = [not sentence.untouchable.isdisjoint(piece.origin) for piece in draft for _ in piece.words]
    read = [parse_label(label) for label in labels]
    acting = believed(words, read, locked, may_end_open=sentence.may_end_open)
    result: list[_Open] = []
    glued: int | None = None  # the piece in `result` whose last word waits for the next
    carried: list[tuple[str, Mark]] = []  # an insertion on its way into the next gap
    if acting[0].action is Action.APPEND:
        carried = [(acting[0].argument, Mark(pass_number, 0, labels[0], probabilities[0]))]
    position = 0
    for piece in draft:
        opened = _Open(piece.first, piece.last, [], [*piece.marks])
        if glued is not None and piece.words:
            opened = _united([*result[glued:], opened])
            del result[glued:]
            glued = None
        for word, mark in carried:
            opened.put(word)
            opened.marks.append(mark)
        carried = []
        for index in range(len(piece.words)):
            position += 1
            label, word = acting[position], words[position - 1]
            for rewritten in rewrite(word, label):
                opened.put(rewritten)
            if label.action is Action.KEEP:
                continue
            mark = Mark(pass_number, position, labels[position], probabilities[position])
            if label.action is Action.APPEND and index == len(piece.words) - 1 and piece.last % 2:
                carried = [(label.argument, mark)]
                continue
            opened.marks.append(mark)
            if label.action is Action.APPEND:
                opened.put(label.argument)
            elif label.action is Action.MERGE:
                opened.glue = label.argument
        result.append(opened)
        if opened.glue is not None:
            glued = len(result) - 1
    return tuple(Piece(o.first, o.last, tuple(o.words), tuple(o.marks)) for o in result)


def reverted(draft: Draft, sentence: Sentence, since: int) -> Draft:
    """The draft with everything undone that a pass after pass `since` has touched."""
    result: list[Piece] = []
    for piece in draft:
        if any(mark.pass_number > since for mark in piece.marks):
            result.extend(_original(slot, sentence) for slot in range(piece.first, piece.last + 1))
        else:
            result.append(piece)
    return tuple(result)


@dataclass(slots=True)
class _Open:
    """A piece being made."""

    first: int
    last: int
    words: list[str]
    marks: list[Mark]
    glue: str | None = None
    """What joins the last word to the one that comes; None if it stays a word of its own."""

    def put(self, word: str) -> None:
        if self.glue is None:
            self.words.append(word)
        else:
            self.words[-1] += self.glue + word
            self.glue = None


def _united(pieces: Sequence[_Open]) -> _Open:
    return _Open(
        pieces[0].first,
        pieces[-1].last,
        [word for piece in pieces for word in piece.words],
        [mark for piece in pieces for mark in piece.marks],
        pieces[0].glue,
    )
