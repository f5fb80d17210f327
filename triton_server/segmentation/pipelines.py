"""Sentence boundaries by an installed spaCy pipeline."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING

from triton_server.segmentation.rules import breaks, split_by_rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.language import Language

    from triton_server.segmentation.sentences import Splitter
    from triton_server.segmentation.types import Word

_WINDOW = 1000
"""Words that a spaCy pipeline reads at a time: a parser's memory grows with them."""
_SHARED_LAYERS = ("tok2vec", "transformer", "curated_transformer")
"""Component factories that others listen to."""


class SegmentationError(Exception):
    """A spaCy pipeline that cannot split sentences; the text is one line for a person."""


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
    lock = threading.Lock()  # spaCy's caches are not made for two threads at once

    def split_by_pipeline(text: str, words: Sequence[Word]) -> list[int]:
        with lock:
            return [start for first, end in _parts(text, words) for start in _starts(nlp, words, first, end)]

    return split_by_pipeline


def _load(pipeline: str) -> Language:
    import spacy

    try:
        nlp = spacy.load(pipeline)
    except OSError as error:
        raise SegmentationError(
            f"spaCy pipeline {pipeline!r} is neither an installed package nor a folder with a whole pipeline"
        ) from error
    except Exception as error:  # whatever a foreign package does when it is imported
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SegmentationError(f"spaCy pipeline {pipeline!r} cannot be loaded: {reason}") from error
    finder = next((name for name in ("senter", "parser") if name in nlp.component_names), None)
    if finder is None:
        raise SegmentationError(
            f"spaCy pipeline {pipeline!r} has no senter and no parser to find sentences by"
        )
    shared = [name for name in nlp.component_names if nlp.get_pipe_meta(name).factory in _SHARED_LAYERS]
    nlp.select_pipes(enable=[*shared, finder])
    return nlp


def _parts(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """The index ranges of words between which no blank line lies."""
    cuts = [i for i in range(1, len(words)) if breaks(text, words[i - 1].end, words[i].start)]
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
