"""Many sentences as several calls of a tagger, none of which keeps others waiting for long."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_Answer = TypeVar("_Answer")

_MOST_WORDS = 1_000
"""In a call with several sentences: on a processor a second or less, and some 50 ordinary sentences."""


def chunks_of(sentences: Sequence[Sequence[str]], size: int) -> list[list[int]]:
    """The indices of the sentences in chunks of at most `size`, neighbours in length together.

    Long sentences come in smaller chunks, at least one in each.
    """
    chunks: list[list[int]] = []
    words = 0
    for index in sorted(range(len(sentences)), key=lambda i: len(sentences[i])):
        words += len(sentences[index])
        if not chunks or len(chunks[-1]) == size or words > _MOST_WORDS:
            chunks.append([])
            words = len(sentences[index])
        chunks[-1].append(index)
    return chunks


def in_order(chunks: Iterable[Sequence[int]], answers: Iterable[Sequence[_Answer]]) -> list[_Answer]:
    """The answers to all chunks, one for each sentence, in the sentences' order."""
    numbered = [
        pair
        for chunk, answer in zip(chunks, answers, strict=True)
        for pair in zip(chunk, answer, strict=True)
    ]
    return [answer for _, answer in sorted(numbered, key=lambda pair: pair[0])]
