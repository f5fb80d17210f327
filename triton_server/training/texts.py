"""The two file formats of training data: sentences, and pairs of them.

Both are UTF-8 text with one entry a line, packed or not (`.gz`, `.xz`), with a sentence's words and marks
separated by single spaces, as the checker's own tokenizer cuts them:

    sentences    It 's great .
    pairs        Its great .<TAB>It 's great .<TAB>where it is from (may be left out)

A line of a pairs file holds what was written, what it should have been, and where that is from.
"""

from __future__ import annotations

import gzip
import lzma
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Words = tuple[str, ...]
"""A sentence: words and marks, without `$START`."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence as it was written, and as it should have been."""

    source: Words
    target: Words
    origin: str = ""
    """Where it is from: a corpus, or a repository and commit."""


def open_text(path: Path, mode: str = "r") -> IO[str]:
    """Open a text file, packed by its suffix or not.

    Raises:
        GectorError: it cannot be opened.
    """
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    try:
        return cast("IO[str]", opener(path, f"{mode}t", encoding="utf-8"))  # type: ignore[operator]
    except OSError as error:
        raise GectorError(f"Cannot open {path}: {error.strerror or error}.") from error


def read_lines(path: Path) -> Iterator[str]:
    """Lines of a text file without their ends.

    Raises:
        GectorError: it cannot be read, or is not UTF-8.
    """
    with open_text(path) as lines:
        try:
            for line in lines:
                yield line.rstrip("\r\n")
        except (OSError, EOFError, UnicodeDecodeError, lzma.LZMAError) as error:
            raise GectorError(f"Cannot read {path}: {error}.") from error


def read_sentences(paths: Iterable[Path]) -> Iterator[Words]:
    """Sentences of some files, one after the other; empty lines are skipped."""
    for path in paths:
        for line in read_lines(path):
            if words := tuple(line.split()):
                yield words


def read_pairs(paths: Iterable[Path]) -> Iterator[Pair]:
    """Pairs of some files, one after the other.

    Raises:
        GectorError: a file cannot be read, or a line has no tab.
    """
    for path in paths:
        for number, line in enumerate(read_lines(path), 1):
            if not line:
                continue
            source, tab, rest = line.partition("\t")
            if not tab:
                raise GectorError(f"{path}, line {number}: expected two sentences with a tab between them.")
            target, _, origin = rest.partition("\t")
            yield Pair(tuple(source.split()), tuple(target.split()), origin)


def write_sentences(path: Path, sentences: Iterable[Words]) -> int:
    """Write a file of sentences; how many there were."""
    return _write(path, (" ".join(words) for words in sentences))


def write_pairs(path: Path, pairs: Iterable[Pair]) -> int:
    """Write a file of pairs; how many there were."""
    lines = (f"{' '.join(pair.source)}\t{' '.join(pair.target)}\t{pair.origin}" for pair in pairs)
    return _write(path, lines)


def _write(path: Path, lines: Iterable[str]) -> int:
    count = 0
    with open_text(path, "w") as file:
        for line in lines:
            file.write(line.rstrip("\t") + "\n")
            count += 1
    return count
