"""From a block of prose to its sentences, as the model gets them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from lsp_server.documents import Span
from lsp_server.sentences.open_ends import may_end_open
from triton_server.segmentation import sentences_in

if TYPE_CHECKING:
    from lsp_server.prose import ProseBlock
    from triton_server.segmentation import Sentence, Splitter

_FEWEST_WORDS = 2
"""A sentence with fewer English words is not worth asking about."""
_ENGLISH = re.compile(r"[A-Z]?[a-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*|[A-Z]+")
"""What may be an English word: Latin letters, no camelCase, no snake_case."""
_DIVIDED = re.compile(r"(?<!\w)\w+[\u2010\u00ad]\n\w+")
"""A word that was divided at the end of a line with a real hyphen, as manual pages do. It is looked for from
its beginning only: from every letter on, the time would be quadratic in the longest run of letters."""

_FEWEST_DENSE = 50
"""Words from which on a sentence may be code."""
_DENSEST = 4
"""Words between two blanks, on average: English has about 1.2, minified code ten."""

_REMEMBERED_BLOCKS = 4096
_LONGEST_REMEMBERED = 10_000
"""Code points of the longest block whose sentences are remembered, so that the memory has a bound."""


@dataclass(frozen=True, slots=True)
class LocatedSentence:
    """A sentence and where it stands."""

    sentence: Sentence
    block: ProseBlock
    offset: int
    """Where it begins in `block.text`."""

    def document_span(self, start: int, end: int, replacement: str | None = None) -> Span | None:
        """The document's span of `sentence.text[start:end]`; see `ProseBlock.document_span`."""
        return self.block.document_span(self.offset + start, self.offset + end, replacement)

    def shown_span(self, start: int, end: int, _: str | None = None) -> Span:
        """Where `sentence.text[start:end]` stands, or what is before an empty range: to be shown only."""
        first = self.offset + (start if start < end else max(start - 1, 0))
        return self.block.extent(first, max(self.offset + end, first + 1))

    @property
    def extent(self) -> Span:
        """Where it stands in the document, with the markup that lies in it."""
        return self.block.extent(self.offset, self.offset + len(self.sentence.text))


def sentences_of(block: ProseBlock, splitter: Splitter | None = None) -> list[LocatedSentence]:
    """The sentences of a block that are worth checking, in order.

    Left out is what has hardly an English word: numbers, paths, stand-ins, text in another script; and
    minified code, which has hardly a blank.

    Args:
        block: what `prose.extract` found.
        splitter: what finds the sentences; None is the rule-based one.
    """
    find = _sentences if len(block.text) <= _LONGEST_REMEMBERED else _sentences.__wrapped__
    cut = (block.begins_within, block.ends_within)
    found = find(block.text, block.stand_ins, block.kind.has_full_sentences, cut, splitter)
    return [LocatedSentence(sentence, block, offset) for offset, sentence in found]


@lru_cache(_REMEMBERED_BLOCKS)
def _sentences(
    text: str, stand_ins: tuple[Span, ...], full: bool, cut: tuple[bool, bool], splitter: Splitter | None
) -> tuple[tuple[int, Sentence], ...]:
    """The sentences with their offsets. Remembered: a keystroke changes one block of a document."""
    found = []
    for offset, sentence in sentences_in(text, splitter):
        untouchable = sentence.untouchable | _untouchable(sentence, offset, stand_ins)
        if _is_worth_checking(sentence, untouchable):
            is_cut = (cut[0] and offset == 0) or (cut[1] and offset + len(sentence.text) == len(text))
            is_open = (
                sentence.may_end_open
                or is_cut
                or not full
                or len(sentence.words) - 1 in untouchable
                or may_end_open([word.text for word in sentence.words])
            )
            found.append((offset, replace(sentence, may_end_open=is_open, untouchable=untouchable)))
    return tuple(found)


def _untouchable(sentence: Sentence, offset: int, stand_ins: tuple[Span, ...]) -> frozenset[int]:
    """The indices of the words that overlap a stand-in, and of halves of a word divided at a line's end."""
    near = [span for span in stand_ins if span.overlaps(Span(offset, offset + len(sentence.text)))]
    near += [Span(offset + place.start(), offset + place.end()) for place in _DIVIDED.finditer(sentence.text)]
    return frozenset(
        index
        for index, word in enumerate(sentence.words)
        if any(span.overlaps(Span(offset + word.start, offset + word.end)) for span in near)
    )


def _is_worth_checking(sentence: Sentence, untouchable: frozenset[int]) -> bool:
    """Whether at least two words, and half of those with letters, look English, with blanks between them."""
    if len(sentence.words) > max(_FEWEST_DENSE, _DENSEST * len(sentence.text.split())):
        return False
    texts = [word.text for index, word in enumerate(sentence.words) if index not in untouchable]
    wordlike = sum(any(map(str.isalpha, text)) for text in texts)
    english = sum(_ENGLISH.fullmatch(text) is not None for text in texts)
    return english >= max(_FEWEST_WORDS, wordlike / 2)
