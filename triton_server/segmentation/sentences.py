"""Sentences: a text's words, grouped by a splitter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from triton_server.segmentation.rules import split_by_rule
from triton_server.segmentation.types import Sentence, Word
from triton_server.segmentation.words import words_of

Splitter = Callable[[str, Sequence[Word]], list[int]]
"""Given a text and its words, the indices of the words that begin a sentence, in order; the first
is 0. There is at least one word."""


def split(text: str) -> list[tuple[int, int]]:
    """Cut a text into sentences by rule: spans without blanks at their ends, in order.

    Everything that `words_of` gives a word for lies in exactly one span.
    """
    return [(start, start + len(sentence.text)) for start, sentence in sentences_in(text)]


def sentences_in(text: str, splitter: Splitter | None = None) -> list[tuple[int, Sentence]]:
    """Cut a text into sentences of words, each with its code-point offset in the text.

    Args:
        text: any string.
        splitter: what finds the sentences; None is the rule-based one.
    """
    words = words_of(text)
    if not words:
        return []
    starts = (splitter or split_by_rule)(text, words)
    return [
        _sentence(text, words[first:after])
        for first, after in zip(starts, [*starts[1:], len(words)], strict=True)
    ]


def _sentence(text: str, words: Sequence[Word]) -> tuple[int, Sentence]:
    start, end = words[0].start, words[-1].end
    own = tuple(Word(word.text, word.start - start, word.end - start) for word in words)
    return start, Sentence(text[start:end], own)
