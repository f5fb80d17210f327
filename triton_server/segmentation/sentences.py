"""Sentences: a text's words, grouped by a splitter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from triton_server.segmentation.rules import split_by_rule
from triton_server.segmentation.types import LONGEST_WORD, MOST_WORDS, Sentence, Word
from triton_server.segmentation.words import words_of

Splitter = Callable[[str, Sequence[Word]], list[int]]
"""Given a text and its words, the indices of the words that begin a sentence, in order; the first
is 0. There is at least one word."""

_PAUSES = frozenset([",", ";", ":"])
_LINE_END = re.compile(r"[\r\n]")


def split(text: str) -> list[tuple[int, int]]:
    """Cut a text into sentences by rule: spans without blanks at their ends, in order.

    Everything that `words_of` gives a word for lies in exactly one span.
    """
    return [(start, start + len(sentence.text)) for start, sentence in sentences_in(text)]


def sentences_in(text: str, splitter: Splitter | None = None) -> list[tuple[int, Sentence]]:
    """Cut a text into sentences of words, each with its code-point offset in the text.

    What is longer than any sentence comes in parts: whoever checks it can stop between them.

    Args:
        text: any string.
        splitter: what finds the sentences; None is the rule-based one.
    """
    words = words_of(text)
    if not words:
        return []
    starts = (splitter or split_by_rule)(text, words)
    return [
        _sentence(text, words[first:after], is_part=(first, after) != whole)
        for whole in pairwise([*starts, len(words)])
        for first, after in _parts(text, words, *whole)
    ]


def _parts(text: str, words: Sequence[Word], first: int, after: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most `MOST_WORDS`, cut at a line's end, else after a comma or the like, else there."""
    while after - first > MOST_WORDS:
        possible = range(first + MOST_WORDS, first + MOST_WORDS // 2, -1)
        lines = (i for i in possible if _LINE_END.search(text, words[i - 1].end, words[i].start))
        pauses = (i for i in possible if words[i - 1].text in _PAUSES)
        cut = next(lines, None) or next(pauses, possible[0])
        yield first, cut
        first = cut
    yield first, after


def _sentence(text: str, words: Sequence[Word], *, is_part: bool) -> tuple[int, Sentence]:
    start, end = words[0].start, words[-1].end
    own = tuple(Word(word.text, word.start - start, word.end - start) for word in words)
    data = frozenset(i for i, word in enumerate(own) if len(word.text) > LONGEST_WORD)
    return start, Sentence(text[start:end], own, may_end_open=is_part, untouchable=data)
