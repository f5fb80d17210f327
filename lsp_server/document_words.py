"""Which words a document has, how often, and which it introduces; kept in step while somebody types in it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from lsp_server.prose import BlockKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lsp_server.prose import ProseBlock, Segment

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MARKED = re.compile(r"\*\*[^*\n]{1,80}\*\*")
_NAMED = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+\b")

_Part = TypeVar("_Part")


class DocumentWords:
    """The words of one document.

    What is read of a document comes in parts: its lines, its blocks, what lies between them. Only parts that
    differ from those before are read.
    """

    def __init__(self) -> None:
        self._all = _Counted[str](WORD.findall)
        self._of_lines = _Counted[str](_of_line)
        self._of_titles = _Counted[str](_of_title)
        self._outside = _Counted[_Stretch](_outside_prose)
        self._text = ""
        self._blocks: Sequence[ProseBlock] = ()
        self._is_counted = self._is_introduced = True

    def follow(self, text: str, blocks: Sequence[ProseBlock]) -> None:
        """The document is now this; nothing is read before somebody asks.

        Args:
            text: all of it.
            blocks: its prose.
        """
        self._text, self._blocks = text, blocks
        self._is_counted = self._is_introduced = False

    def count(self, word: str) -> int:
        """How often the document's prose has a word."""
        if not self._is_counted:
            self._all.follow([block.text for block in self._blocks])
            self._is_counted = True
        return self._all.counts[word]

    def introduces(self, word: str) -> bool:
        """Whether a word, in small letters, is in code or bold, or has a capital in a title or sentence."""
        if not self._is_introduced:
            self._of_lines.follow(self._text.split("\n"))
            self._of_titles.follow([one.text for one in self._blocks if one.kind is BlockKind.HEADING])
            self._outside.follow(_stretches(self._text, self._blocks))
            self._is_introduced = True
        return any(word in one.counts for one in (self._of_lines, self._of_titles, self._outside))


class _Counted(Generic[_Part]):
    """How often each word is in a list of parts."""

    def __init__(self, words_of: Callable[[_Part], Iterable[str]]) -> None:
        self._words_of = words_of
        self._parts: list[_Part] = []
        self.counts: Counter[str] = Counter()
        """None of them is zero."""

    def follow(self, parts: list[_Part]) -> None:
        """Count what is new in the parts, and take off what has gone."""
        old, self._parts = self._parts, parts
        first = _alike(old, parts)
        last = _alike(old[first:][::-1], parts[first:][::-1])
        self.counts.update(self._words(parts[first : len(parts) - last]))
        gone = Counter(self._words(old[first : len(old) - last]))
        for word, count in gone.items():
            if self.counts[word] == count:
                del self.counts[word]
            else:
                self.counts[word] -= count

    def _words(self, parts: list[_Part]) -> Iterator[str]:
        return chain.from_iterable(map(self._words_of, parts))


def _alike(old: Sequence[object], new: Sequence[object]) -> int:
    """With how many equal parts two lists begin."""
    return next(
        (index for index, (one, other) in enumerate(zip(old, new, strict=False)) if one != other),
        min(len(old), len(new)),
    )


def _of_line(line: str) -> list[str]:
    """The words of a line that are in bold, or have a capital inside a sentence."""
    found = (*_MARKED.findall(line), *_NAMED.findall(line))
    return [word.lower() for part in found for word in WORD.findall(part)]


def _of_title(title: str) -> list[str]:
    return [word.lower() for word in WORD.findall(title)[1:] if word[:1].isupper()]


class _Stretch(NamedTuple):
    """A run of a document."""

    text: str
    prose: tuple[tuple[int, tuple[Segment, ...]], ...]
    """What of it is read as prose: segments, and where their places are counted from."""


def _stretches(text: str, blocks: Sequence[ProseBlock]) -> list[_Stretch]:
    """A document as runs with prose, of which no block reaches into another, and what lies between."""
    runs: list[tuple[int, int, list[ProseBlock]]] = []
    for block in blocks:
        first_read = next((one.document for one in block.relative if one.verbatim), None)
        last_read = next((one.document for one in reversed(block.relative) if one.verbatim), None)
        if first_read is None or last_read is None:
            continue
        start, end = block.at + first_read.start, block.at + last_read.end
        if not runs or start >= runs[-1][1]:
            runs.append((start, end, [block]))
        elif start >= runs[-1][0]:
            first, last, together = runs[-1]
            runs[-1] = first, max(last, end), [*together, block]
        else:  # in no order
            return [_Stretch(text, tuple((block.at, block.relative) for block in blocks))]
    found = []
    done = 0
    for start, end, together in runs:
        found.append(_Stretch(text[done:start], ()))
        found.append(_Stretch(text[start:end], tuple((one.at - start, one.relative) for one in together)))
        done = end
    return [*found, _Stretch(text[done:], ())]


def _outside_prose(stretch: _Stretch) -> Iterator[str]:
    """The words that nobody reads as prose: code, identifiers, addresses."""
    read = sorted(
        (at + segment.document.start, at + segment.document.end)
        for at, segments in stretch.prose
        for segment in segments
        if segment.verbatim
    )
    done = 0
    for start, end in (*read, (len(stretch.text), 0)):
        if start > done:
            yield from (word.lower() for word in WORD.findall(stretch.text[done:start]))
        done = max(done, end)
