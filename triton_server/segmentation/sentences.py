"""Sentences: a rule-based splitter over spaCy's words, and spaCy pipelines that do the same by a model.

The rules, in short. Only `.`, `!`, `?` and ellipses end a sentence, with the quotes, brackets and emoticons that
close after them, and only before whitespace. Whether a full stop does is a question of the word before it (an
abbreviation, an initial, a list marker?) and of the word after it (a capital, a word that often begins a
sentence?). A blank line always ends a sentence; a soft line break never does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from triton_server.segmentation import abbreviations
from triton_server.segmentation.types import Sentence, Word
from triton_server.segmentation.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

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
_DOTS = re.compile(r"\.{2,}|…")
_CLOSER = re.compile(r"""["'”’»›)\]}*_`]+""")
_OPENING = "\"'“‘„«‹([{*_`¿¡"
_QUOTE = re.compile("[\"'”’»]")
_EMOTICON = re.compile(
    r"[:;=][-^o']?[()\[\]DPpoO/\\|*3]+|[xX]D+|\^[_.]?\^|<3+|[\u2600-\u27bf\U0001f000-\U0001faff].*"
)
_ACRONYM = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,3}")
_REFERENT = re.compile(r"[#\d].*|[ivxlcIVXLC]+|[A-Z]")
_LONGEST_STEM = 6
"""Words that are looked at, at most, for what a full stop belongs to."""
_MARKER = re.compile(r"\d{1,3}|[A-Za-z]|[ivxIVX]{1,5}")

_WINDOW = 1000
"""Words that a spaCy pipeline reads at a time: a parser's memory grows with them."""
_SHARED_LAYERS = ("tok2vec", "transformer", "curated_transformer")
"""Component factories that others listen to."""


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
        if before.text.endswith(_STOP_MARKS) or _EMOTICON.fullmatch(before.text):
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
    if _STOP.fullmatch(word.text) or _EMOTICON.fullmatch(word.text) or _is_footnote(words, i):
        return True
    return words[i - 1].end == word.start and bool(_CLOSER.fullmatch(word.text))


def _is_footnote(words: Sequence[Word], i: int) -> bool:
    """Whether word `i` belongs to a reference such as [12]."""
    return any(
        [word.text for word in words[k : k + 3 : 2]] == ["[", "]"] and words[k + 1].text.isdigit()
        for k in range(max(0, i - 2), i + 1)
    )


def _ends(words: Sequence[Word], first: int, stop: int, after: int) -> bool:
    """Whether the sentence that begins with word `first` ends with `stop`, where word `after` comes next."""
    if words[after - 1].end == words[after].start:
        return False
    following = _first_word(words, after)
    lower = following[0].islower()
    quoted = any(_QUOTE.search(word.text) for word in words[stop + 1 : after])
    mark = words[stop].text
    if following[0] in ",;:":
        return False
    if not mark.endswith(_STOP_MARKS):  # an emoticon
        return following.istitle() and following != "I"
    if _DOTS.search(mark):
        return not lower and (mark == ".." or following != "I")
    if lower and quoted:  # "Stop!" he said.
        return False
    if not mark.endswith("."):
        return True
    stem = _stem(words, first, stop)
    key = stem.lower()
    if words[first].start == words[stop].end - 1 - len(stem) and _MARKER.fullmatch(stem):
        return False
    if key in abbreviations.NEVER_LAST:
        return False
    if key in abbreviations.NOT_BEFORE_LOWER:
        return not lower
    if key in abbreviations.BEFORE_NUMBER:
        return not lower and not _REFERENT.fullmatch(following)
    if key in abbreviations.MAYBE_LAST or _ACRONYM.fullmatch(stem) or (len(stem) == 1 and stem.isalpha()):
        return following.istitle() and following.lower() in abbreviations.STARTERS
    return True


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


def load_splitter(pipeline: str | None = None) -> Splitter:
    """The splitter of a spaCy pipeline: its `senter` or else its `parser`, run on our words.

    Args:
        pipeline: an installed package or a folder; None is the rule-based splitter.

    Raises:
        SegmentationError: the pipeline cannot be loaded or has neither component.
    """
    if pipeline is None:
        return split_by_rule
    nlp = _load(pipeline)

    def split_by_pipeline(text: str, words: Sequence[Word]) -> list[int]:
        return [start for first, end in _parts(text, words) for start in _starts(nlp, words, first, end)]

    return split_by_pipeline


def _load(pipeline: str) -> Language:
    import spacy

    try:
        nlp = spacy.load(pipeline)
    except OSError as error:
        hint = "give the name of an installed package or the path of a folder"
        raise SegmentationError(
            f"spaCy pipeline {pipeline!r} was not found or is incomplete: {hint}"
        ) from error
    except Exception as error:  # whatever a foreign package does when it is imported
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SegmentationError(f"spaCy pipeline {pipeline!r} cannot be loaded: {reason}") from error
    finder = next((name for name in ("senter", "parser") if name in nlp.component_names), None)
    if finder is None:
        raise SegmentationError(
            f"spaCy pipeline {pipeline!r} has neither a senter nor a parser to find sentences"
        )
    shared = [name for name in nlp.component_names if nlp.get_pipe_meta(name).factory in _SHARED_LAYERS]
    nlp.select_pipes(enable=[*shared, finder])
    return nlp


def _parts(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """The index ranges of words between which no blank line lies."""
    cuts = [i for i in range(1, len(words)) if _breaks(text, words[i - 1].end, words[i].start)]
    edges = [0, *cuts, len(words)]
    yield from ((first, end) for first, end in pairwise(edges) if first < end)


def _starts(nlp: Language, words: Sequence[Word], first: int, end: int) -> Iterator[int]:
    """The sentence beginnings among `words[first:end]`.

    A long part is read in windows; the last sentence of a window, which may be cut, begins the next one.
    """
    from spacy.tokens import Doc

    while first < end:
        after = min(first + _WINDOW, end)
        window = words[first:after]
        blanks = [left.end < right.start for left, right in pairwise(window)]
        doc = Doc(nlp.vocab, words=[word.text for word in window], spaces=[*blanks, False])
        for _, component in nlp.pipeline:
            doc = component(doc)
        starts = [first + sentence.start for sentence in doc.sents]
        if after < end and len(starts) > 1:
            after = starts.pop()
        yield from starts
        first = after
