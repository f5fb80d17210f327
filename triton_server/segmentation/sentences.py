"""Sentences: a rule-based splitter over spaCy's words, and spaCy pipelines that do the same by a model.

The rules, in short. Only `.`, `!`, `?` and ellipses end a sentence, with the quotes, brackets and emoticons that
close after them, and only before whitespace. Whether a full stop does is a question of the word before it (an
abbreviation, an initial, a list marker?) and of the word after it (a capital, a word that often begins a
sentence?). A blank line always ends a sentence; a soft line break never does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from triton_server.segmentation import abbreviations
from triton_server.segmentation.types import Sentence, Word
from triton_server.segmentation.words import words_of

if TYPE_CHECKING:
    from spacy.language import Language


class SegmentationError(Exception):
    """A spaCy pipeline that cannot split sentences; the text is one line for a person."""


Splitter = Callable[[str, Sequence[Word]], list[int]]
"""Given a text and its words, the indices of the words that begin a sentence, in order; the first is 0."""

_BLANK_LINE = re.compile(r"(?:\r\n|\n|\r)[^\S\r\n]*(?:\r\n|\n|\r)|\u2029")
"""Two line ends with nothing but blanks between, or a paragraph separator."""
_LINE_END = re.compile(r"[\r\n]")
_ITEM = re.compile(r"(?:[-*+•‣◦]|\(?\d{1,2}[.)]|\(?[A-Za-z]\))[^\S\r\n]")
"""What begins an item of its own where a line begins with it."""

_STOP_MARKS = (".", "!", "?", "…", "‽", "⁇", "⁈", "⁉")
_STOP = re.compile(r"[.!?…‽⁇⁈⁉]+")
_ELLIPSIS = re.compile(r"\.{2,}|…")
_CLOSER = re.compile(r"""["'”’»›)\]}*_`]+""")
_OPENING = "\"'“‘„«‹([{*_`¿¡"
_SMILEY = re.compile(r"[:;=][-^o']?[()\[\]DPpoO/\\|*3]+|[xX]D+|\^[_.]?\^|<3+")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f000-\U0001faff]")
_ACRONYM = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,3}")
_REFERENT = re.compile(r"[#\d].*|[ivxlcIVXLC]+|[A-Z]")
_LONGEST_STEM = 6
"""Words that are looked at, at most, for what a full stop belongs to."""
_MARKER = re.compile(r"\d{1,3}|[A-Za-z]|[ivxIVX]{1,5}")


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
    starts = (splitter or split_by_rule)(text, words)
    return [
        _sentence(text, words[first:after])
        for first, after in zip(starts, [*starts[1:], len(words)], strict=True)
    ]


def _sentence(text: str, words: Sequence[Word]) -> tuple[int, Sentence]:
    start, end = words[0].start, words[-1].end
    own = tuple(Word(word.text, word.start - start, word.end - start) for word in words)
    return start, Sentence(text[start:end], own)


def split_by_rule(text: str, words: Sequence[Word]) -> list[int]:
    """The rule-based `Splitter`."""
    starts = [0] if words else []
    stop = None  # the last stop that only closing marks have followed so far
    for i in range(1, len(words)):
        before = words[i - 1]
        if before.text.endswith(_STOP_MARKS):
            stop = i - 1
        elif stop is not None and not _closes(words, i - 1):
            stop = None
        if _breaks(text, before.end, words[i].start) or (
            stop is not None and not _closes(words, i) and _ends(words, starts[-1], stop, i)
        ):
            starts.append(i)
            stop = None
    return starts


def _breaks(text: str, end: int, start: int) -> bool:
    """Whether what lies between two words ends a sentence: a blank line, or a line end before a list item."""
    if start == end or not _LINE_END.search(text, end, start):
        return False
    return bool(_BLANK_LINE.search(text, end, start) or _ITEM.match(text, start))


def _closes(words: Sequence[Word], i: int) -> bool:
    """Whether a word after a stop still belongs before it: a closing mark without a blank, or an emoticon."""
    word = words[i]
    if words[i - 1].end == word.start:
        return bool(_CLOSER.fullmatch(word.text) or _STOP.fullmatch(word.text))
    return bool(_SMILEY.fullmatch(word.text) or _EMOJI.match(word.text))


def _ends(words: Sequence[Word], first: int, stop: int, after: int) -> bool:
    """Whether the sentence that begins with word `first` ends with `stop`, where word `after` comes next."""
    if words[after - 1].end == words[after].start:
        return False
    following = _first_word(words, after)
    capital = not following[0].islower()
    mark = words[stop].text
    if mark[-1] != "." or _ELLIPSIS.search(mark):
        return capital
    stem = _stem(words, first, stop)
    key = stem.lower()
    if words[first].start == words[stop].end - 1 - len(stem) and _MARKER.fullmatch(stem):
        return False
    if key in abbreviations.NEVER_LAST:
        return False
    if key in abbreviations.BEFORE_NUMBER:
        return capital and not _REFERENT.fullmatch(following)
    if key in abbreviations.MAYBE_LAST or _ACRONYM.fullmatch(stem) or (len(stem) == 1 and stem.isupper()):
        return following.istitle() and following.lower() in abbreviations.STARTERS
    return capital


def _first_word(words: Sequence[Word], i: int) -> str:
    """The text of word `i`, or of the next one if that only opens a quotation or bracket."""
    if i + 1 < len(words) and not words[i].text.strip(_OPENING):
        return words[i + 1].text
    return words[i].text


def _stem(words: Sequence[Word], first: int, stop: int) -> str:
    """What stands before a full stop without a blank: "Dr", "e.g", "p"."""
    begin = stop
    while begin > first and words[begin - 1].end == words[begin].start and stop - begin < _LONGEST_STEM:
        begin -= 1
    chunk = "".join(word.text for word in words[begin : stop + 1])
    return chunk.removesuffix(".").lstrip(_OPENING)
