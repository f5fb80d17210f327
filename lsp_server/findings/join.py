"""One finding for each thing that is wrong, whoever found it.

What is sure without a model is put right first, and the model sees the sentence as it should be:

    text       We dont know wich one are right .
    proposals     ~~~~      ~~~~
    repaired   We don't know which one are right .     the model's edits: are → is
    findings      dont      wich      are              each at its place in the text as it was written

So the two never speak of the same words, the model is not led astray by words that it cannot read, and an
edit of it that reaches into what was repaired is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.findings.finding import Finding, Suggestion
from triton_server.segmentation import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.findings import ToDocument
    from lsp_server.findings.proposal import Proposal
    from triton_server.segmentation import Sentence


class _Change(NamedTuple):
    """One place that was repaired."""

    start: int
    """In the original text."""
    end: int
    new_start: int
    """In the repaired one."""
    new_end: int


@dataclass(frozen=True, slots=True)
class Repaired:
    """A sentence with its proposals carried out, and the way back."""

    sentence: Sentence
    """What the model gets."""
    proposals: tuple[Proposal, ...] = ()
    """What was put right, in order, none overlapping another; places are those of the original text."""

    def original(self, start: int, end: int, *, widen: bool = False) -> tuple[int, int] | None:
        """Where in the original text a range of the repaired one stands.

        Args:
            start: of the range.
            end: of the range.
            widen: whether a range that reaches into what was repaired takes all of that; otherwise it has no
                original, and None is returned.
        """
        reached = [
            change
            for change in self._changes()
            if (start < change.new_end and change.new_start < end)
            or change.new_start < start == end < change.new_end
        ]
        if reached and not widen:
            return None
        first = self._at(start, is_end=False)
        last = self._at(end, is_end=end > start)
        return min([first, *(change.start for change in reached)]), max([last, *(c.end for c in reached)])

    def _at(self, offset: int, *, is_end: bool) -> int:
        """Where an offset of the repaired text stands in the original, on the near side of a deletion."""
        shift = 0
        for change in self._changes():
            if change.new_start < offset < change.new_end:
                return change.end if is_end else change.start
            is_deletion_here = change.new_start == change.new_end == offset
            if change.new_end > offset or (is_deletion_here and is_end):
                break
            shift = change.end - change.new_end
        return offset + shift

    def _changes(self) -> Iterator[_Change]:
        shift = 0
        for proposal in self.proposals:
            start = proposal.start - shift
            end = start + len(proposal.replacements[0])
            yield _Change(proposal.start, proposal.end, start, end)
            shift = proposal.end - end


def repaired(sentence: Sentence, proposals: tuple[Proposal, ...]) -> Repaired:
    """Carry out the first suggestion of each proposal.

    Args:
        sentence: as it was written.
        proposals: in order, none overlapping another.
    """
    return _carried_out(sentence, proposals) if proposals else Repaired(sentence)


@lru_cache(4096)
def _carried_out(sentence: Sentence, proposals: tuple[Proposal, ...]) -> Repaired:
    """Remembered, since each keystroke asks for all sentences of a document."""
    text, done, parts = sentence.text, 0, []
    for proposal in proposals:
        parts += [text[done : proposal.start], proposal.replacements[0]]
        done = proposal.end
    new = "".join([*parts, text[done:]])
    result = Repaired(replace(sentence, text=new, words=words_of(new)), proposals)
    return replace(result, sentence=replace(result.sentence, untouchable=_untouchable(sentence, result)))


def _untouchable(sentence: Sentence, result: Repaired) -> frozenset[int]:
    """The words of the repaired sentence that were untouchable in the original, or have been put right."""
    spans = [(sentence.words[i].start, sentence.words[i].end) for i in sentence.untouchable]
    found = set()
    for index, word in enumerate(result.sentence.words):
        place = result.original(word.start, word.end)
        if place is None or any(start < place[1] and place[0] < end for start, end in spans):
            found.add(index)
    return frozenset(found)


def proposed_findings(proposals: Sequence[Proposal], to_document: ToDocument) -> list[Finding]:
    """The proposals as findings; one whose first suggestion the document cannot take gives none."""
    return [finding for one in proposals if (finding := _finding(one, to_document))]


def _finding(proposal: Proposal, to_document: ToDocument) -> Finding | None:
    suggestions = [
        Suggestion(place, new)
        for new in proposal.replacements
        if (place := to_document(proposal.start, proposal.end, new)) is not None
    ]
    underlined = to_document(proposal.start, proposal.end)
    if not suggestions or underlined is None or not len(underlined):
        return None
    return Finding(
        underlined,
        proposal.kind,
        proposal.message,
        tuple(suggestions),
        proposal.confidence,
        (proposal.source,),
    )
