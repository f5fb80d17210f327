"""Tagging again and again until nothing changes, without a model in sight.

    passes = Passes(sentences, decoding)
    while batch := passes.pending():
        passes.advance(tag(batch))
    edits = passes.edits()

Whoever tags (a function, a coroutine, a server) is the caller's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from triton_server.gector.draft import Draft, draft_of, relabelled, reverted, words_of
from triton_server.gector.edits import edits_of
from triton_server.gector.groups import group_of
from triton_server.gector.types import KEEP, START
from triton_server.segmentation.types import LONGEST_WORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.gector.types import Decoding, Edit, Tag, Tagging
    from triton_server.segmentation.types import Sentence


class Passes:
    """The passes over some sentences: hands out what is to be tagged, takes the tags, ends with edits.

    A sentence is done when a pass changes nothing, when `decoding.max_passes` are used up, or when it comes
    back to what it was before (then the places that go round in circles are left as they were written, so
    that no suggestion is followed by its opposite).
    """

    def __init__(self, sentences: Sequence[Sentence], decoding: Decoding) -> None:
        self._decoding = decoding
        self._tracks = [_Track(sentence, draft_of(sentence)) for sentence in sentences]

    def pending(self) -> list[tuple[str, ...]]:
        """The words (without `$START`) of each sentence still to be tagged; empty when all is done.

        Of a word that is no word but data, the beginning: no request to a model is as long as the data.
        """
        return [tuple(word[:LONGEST_WORD] for word in words_of(track.draft)) for track in self._pending()]

    def advance(self, taggings: Sequence[Tagging]) -> None:
        """Apply one pass: one tagging for each sentence of `pending()`, in its order."""
        for track, tagging in zip(self._pending(), taggings, strict=True):
            track.advance(tagging, self._decoding)

    def edits(self) -> list[tuple[Edit, ...]]:
        """For each sentence the edits so far: in order, none overlapping another."""
        return [edits_of(track.sentence, track.draft) for track in self._tracks]

    def used(self) -> list[int]:
        """How many times each sentence was tagged."""
        return [track.passes for track in self._tracks]

    def _pending(self) -> list[_Track]:
        return [
            track for track in self._tracks if not track.done and track.passes < self._decoding.max_passes
        ]


@dataclass(slots=True)
class _Track:
    """One sentence on its way."""

    sentence: Sentence
    draft: Draft
    passes: int = 0
    done: bool = field(init=False)
    seen: dict[tuple[str, ...], int] = field(init=False)
    """What the words were after each pass; 0 is how they were written."""

    def __post_init__(self) -> None:
        words = words_of(self.draft)
        self.done = not words
        self.seen = {words: 0}

    def advance(self, tagging: Tagging, decoding: Decoding) -> None:
        self.passes += 1
        labels = thresholded(tagging, decoding, words_of(self.draft))
        draft = relabelled(self.draft, self.sentence, labels, tagging.probabilities, self.passes)
        before, words = words_of(self.draft), words_of(draft)
        self.done = not words or words in self.seen
        if words in self.seen and words != before:
            self.draft = reverted(draft, self.sentence, since=self.seen[words])
        elif words and words != before:
            self.draft = draft
            self.seen[words] = self.passes


def thresholded(tagging: Tagging, decoding: Decoding, words: Sequence[str] = ()) -> tuple[str, ...]:
    """The labels of one sentence, with `$KEEP` for those that are not sure enough.

    As in the reference implementation: if no word (`$START` among them) has an error probability of
    `min_error_prob`, nothing counts; else each label counts that has this probability itself, and that of its
    group if `words` (without `$START`) are given.
    """
    minimum = decoding.min_error_prob
    if max(tagging.error_probabilities) < minimum:
        return (KEEP,) * len(tagging.labels)
    labels = tuple(
        label if probability >= minimum else KEEP
        for label, probability in zip(tagging.labels, tagging.probabilities, strict=True)
    )
    if not decoding.group_thresholds or not words:
        return labels
    least = dict(decoding.group_thresholds)
    return tuple(
        label if label == KEEP or probability >= least.get(group_of(label, word.lower()), 0.0) else KEEP
        for label, probability, word in zip(labels, tagging.probabilities, (START, *words), strict=True)
    )


def correct(sentences: Sequence[Sentence], tag: Tag, decoding: Decoding) -> list[tuple[Edit, ...]]:
    """The edits of each sentence, by a tagger that answers at once."""
    passes = Passes(sentences, decoding)
    while batch := passes.pending():
        passes.advance(tag(batch, [decoding.keep_confidence] * len(batch)))
    return passes.edits()
