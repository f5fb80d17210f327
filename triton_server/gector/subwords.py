"""Words to sub-words, and long sentences to windows.

What the model sees of a sentence, here "He  go home" with a zero-width space for a second word:

    words              $START   He   <zwsp>   go   home
    input_ids   [CLS]  $START   He            go   ho   ##me  [SEP]
    starts             1        2    -1       3    4              first sub-word of each word, or -1

A sentence with more sub-words than the model takes is cut into windows. Each has words of its own, from which
labels are taken, and some of its neighbours' as context, so that a cut looks to the model neither like a
sentence's beginning nor like its end:

    words       0 1 2 3 4 5 6 7 8 9 …
    window 1    [ o w n     ] . .
    window 2            . . [ o w n   ] . .
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, cast

from tokenizers import Tokenizer

from triton_server.gector.types import START, GectorError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NO_SUBWORD = -1
"""The start of a word that has no sub-words: white space, zero-width and control characters."""

_CLAUSE_ENDS = frozenset([",", ";", ":", ".", "!", "?", "…", "–", "—", "--", ")", "”"])
_CONJUNCTIONS = frozenset(
    ("and", "or", "but", "nor", "so", "yet", "because", "although", "though", "while", "whereas", "if")
)


@dataclass(frozen=True, slots=True)
class Window:
    """A sentence, or a part of one that is too long, ready for the model."""

    sentence: int
    """Index of the sentence among those that were given."""
    first: int
    """Index of the first word whose label counts; a window with `first == 0` also answers for `$START`."""
    input_ids: list[int]
    starts: list[int]
    """For `$START`, then for each word that counts: its first sub-word in `input_ids`, or `NO_SUBWORD`."""


class Subwords:
    """A model's tokenizer, as the model was trained to use it."""

    def __init__(self, path: Path, *, special_tokens: bool, max_subwords: int) -> None:
        """Read the tokenizer.

        Args:
            path: a tokenizer.json.
            special_tokens: whether its first and last token ([CLS], [SEP]) go round each sentence.
            max_subwords: the longest input, special tokens and `$START` included.

        Raises:
            GectorError: the file is missing or no tokenizer, or does not know `$START`.
        """
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise GectorError(f"Cannot read {path}: {error}; copy or download the model again.") from error
        if self._tokenizer.token_to_id(START) is None:
            raise GectorError(f"{path} does not know {START}: it is not the tokenizer of a GECToR model.")
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        frame = self._tokenizer.encode([START], is_pretokenized=True, add_special_tokens=special_tokens)
        self._start = frame.word_ids.index(0)
        self._before = frame.ids[: self._start + 1]
        self._after = frame.ids[self._start + 1 :]
        # From here on "$START" or "[SEP]" in a document is text like any other.
        self._tokenizer.add_special_tokens([START])
        self._tokenizer.encode_special_tokens = True
        self.padding_id: int = next(
            (i for token in ("[PAD]", "<pad>") if (i := self._tokenizer.token_to_id(token)) is not None), 0
        )
        self._capacity = max_subwords - len(frame.ids)
        if self._capacity < 8:
            raise GectorError(
                f"A limit of {max_subwords} sub-words is too small for a GECToR model; check max_length."
            )

    def windows(self, sentences: Sequence[Sequence[str]]) -> list[Window]:
        """Encode sentences (words without `$START`); at least one window for each, in order."""
        encodings = self._tokenizer.encode_batch(
            [[_encodable(word) for word in words] for words in sentences],
            is_pretokenized=True,
            add_special_tokens=False,
        )
        return [
            window
            for sentence, (words, encoding) in enumerate(zip(sentences, encodings, strict=True))
            for window in self._cut(sentence, words, encoding.ids, cast("list[int]", encoding.word_ids))
        ]

    def _cut(self, sentence: int, words: Sequence[str], ids: list[int], word_ids: list[int]) -> list[Window]:
        if len(ids) > self._capacity:
            # No word may fill a window: what is longer than any real word is known by its beginning.
            ids, word_ids = _shorten_words(ids, word_ids, self._capacity // 4)
        starts = _starts(len(words), word_ids)
        if len(ids) <= self._capacity:
            return [self._window(sentence, 0, len(words), (0, len(ids)), ids, starts)]
        counts = [0] * len(words)
        for word in word_ids:
            counts[word] += 1
        ends = [0, *accumulate(counts)]
        context = self._capacity // 8
        windows = []
        for first, last in _clauses(words, ends, self._capacity - 2 * context):
            left = bisect_left(ends, ends[first] - context)
            right = bisect_right(ends, ends[last] + context) - 1
            windows.append(self._window(sentence, first, last, (ends[left], ends[right]), ids, starts))
        return windows

    def _window(
        self, sentence: int, first: int, last: int, span: tuple[int, int], ids: list[int], starts: list[int]
    ) -> Window:
        shift = len(self._before) - span[0]
        return Window(
            sentence=sentence,
            first=first,
            input_ids=[*self._before, *ids[span[0] : span[1]], *self._after],
            starts=[self._start]
            + [NO_SUBWORD if start == NO_SUBWORD else start + shift for start in starts[first:last]],
        )


def _encodable(word: str) -> str:
    """The word with lone surrogates, which are not Unicode text, replaced."""
    return word if word.isascii() else word.encode("utf-8", "replace").decode("utf-8")


def _starts(words: int, word_ids: list[int]) -> list[int]:
    starts = [NO_SUBWORD] * words
    for position in range(len(word_ids) - 1, -1, -1):
        starts[word_ids[position]] = position
    return starts


def _shorten_words(ids: list[int], word_ids: list[int], limit: int) -> tuple[list[int], list[int]]:
    starts: dict[int, int] = {}
    kept = [i for i, word in enumerate(word_ids) if i - starts.setdefault(word, i) < limit]
    return [ids[i] for i in kept], [word_ids[i] for i in kept]


def _clauses(words: Sequence[str], ends: list[int], limit: int) -> list[tuple[int, int]]:
    """Cut words into stretches of at most `limit` sub-words, of like length, at clause boundaries if it can.

    Args:
        words: the sentence.
        ends: sub-words before each word, and in all; no word has more than `limit`.
        limit: sub-words in a stretch.

    Returns:
        First word and the one after the last, of each stretch.
    """
    stretches = []
    first = 0
    while ends[-1] - ends[first] > limit:
        goal = ends[first] + min(limit, (ends[-1] - ends[first]) // 2)
        least = max(first + 1, bisect_left(ends, ends[first] + limit // 2))
        possible = range(least, min(len(words), bisect_right(ends, ends[first] + limit)))
        clauses = [i for i in possible if words[i - 1] in _CLAUSE_ENDS and words[i] not in _CLAUSE_ENDS]
        conjunctions = [i for i in possible if words[i].lower() in _CONJUNCTIONS]
        cut = min(clauses or conjunctions or possible, key=lambda i: abs(ends[i] - goal))
        stretches.append((first, cut))
        first = cut
    stretches.append((first, len(words)))
    return stretches
