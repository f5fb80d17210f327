"""Text and corrections from elsewhere as training data: sentences and pairs, cut as the checker cuts them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from triton_server.gector.types import GectorError
from triton_server.segmentation.sentences import sentences_in
from triton_server.segmentation.words import words_of
from triton_server.training.m2 import read_m2
from triton_server.training.texts import Pair, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from triton_server.gector.types import Tag
    from triton_server.training.texts import Words

_LEAST_LETTERS = 0.75
"""Letters and blanks among a sentence's characters: with fewer it is a list of figures, or code."""
_SHORTEST, _LONGEST = 4, 60
"""Words of a sentence."""
_LEAST_RELIEF = 0.05
"""How much likelier an error must be in the sentence as it was written than in the corrected one."""
_AT_ONCE = 512
"""Pairs tagged in one go."""


def tokenised(text: str) -> Words:
    """The words and marks of a sentence."""
    return tuple(word.text for word in words_of(text) if not any(map(str.isspace, word.text)))


def sentences_of(path: Path) -> Iterator[Words]:
    """Sentences of a text file, none twice: paragraphs end with an empty line.

    Raises:
        GectorError: it cannot be read.
    """
    seen: set[str] = set()
    for paragraph in _paragraphs(read_lines(path)):
        for _, sentence in sentences_in(paragraph):
            words = tokenised(sentence.text)
            if _is_prose(sentence.text) and _SHORTEST <= len(words) <= _LONGEST and sentence.text not in seen:
                seen.add(sentence.text)
                yield words


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in lines:
        if line.strip():
            paragraph.append(line.strip())
        elif paragraph:
            yield " ".join(paragraph)
            paragraph = []
    if paragraph:
        yield " ".join(paragraph)


def _is_prose(text: str) -> bool:
    letters = sum(character.isalpha() or character == " " for character in text)
    return text[:1].isalnum() and letters >= _LEAST_LETTERS * len(text)


def pairs_of_m2(path: Path, annotator: str | None = None) -> Iterator[Pair]:
    """Pairs of an M2 file, tokenised anew.

    Args:
        path: the file, in the format of the CoNLL and BEA shared tasks.
        annotator: whose corrections count; by default each sentence's first.

    Raises:
        GectorError: it cannot be read, or is no M2 file.
    """
    for words, corrections in read_m2(path):
        first = min((one.annotator for one in corrections), default="0")
        whose = first if annotator is None else annotator
        own = [one for one in corrections if one.annotator == whose and not one.is_empty]
        target = list(words)
        for one in sorted(own, key=lambda one: one.start, reverse=True):
            target[one.start : one.end] = one.replacement.split()
        yield Pair(tokenised(" ".join(words)), tokenised(" ".join(target)), path.stem)


def pairs_of_parallel(sources: Path, targets: Path) -> Iterator[Pair]:
    """Pairs of two files with a sentence a line.

    Raises:
        GectorError: one cannot be read, or they have not as many lines.
    """
    olds, news = list(read_lines(sources)), list(read_lines(targets))
    if len(olds) != len(news):
        raise GectorError(
            f"{sources} has {len(olds)} lines and {targets} has {len(news)}: each line needs its own."
        )
    for old, new in zip(olds, news, strict=True):
        yield Pair(tokenised(old), tokenised(new), sources.stem)


def improving(pairs: Iterable[Pair], tag: Tag, relief: float = _LEAST_RELIEF) -> Iterator[Pair]:
    """Those pairs in whose second sentence a tagger sees less fault than in the first.

    Args:
        pairs: any number; some are tagged at a time.
        tag: the critic.
        relief: by how much the highest error probability must fall.
    """
    left = iter(pairs)
    while some := list(islice(left, _AT_ONCE)):
        taggings = tag(
            [words for pair in some for words in (pair.source, pair.target)], [0.0] * (2 * len(some))
        )
        worst = [max(tagging.error_probabilities, default=0.0) for tagging in taggings]
        for pair, before, after in zip(some, worst[::2], worst[1::2], strict=True):
            if before - after >= relief:
                yield pair
