"""M2 files: sentences with the corrections of one or several annotators, as the shared tasks have them.

    S She go to school .
    A 1 2|||R:VERB:SVA|||goes|||REQUIRED|||-NONE-|||0

The format is that of the CoNLL-2014 shared task's scorer (Dahlmeier and Ng 2012); ERRANT writes the types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from triton_server.gector.types import GectorError
from triton_server.training.texts import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Correction(NamedTuple):
    """One edit of an annotator."""

    start: int
    """First token."""
    end: int
    """The one after the last."""
    type: str
    """Of error, such as `R:VERB:SVA`."""
    replacement: str
    """Tokens with spaces between them; empty if something is taken out."""
    annotator: str

    @property
    def is_empty(self) -> bool:
        """Whether it says that nothing is wrong, or that the annotator did not know what to do."""
        return self.type in ("noop", "UNK")


def read_m2(path: Path) -> Iterator[tuple[list[str], list[Correction]]]:
    """The sentences of an M2 file as tokens, each with all that its annotators say.

    Raises:
        GectorError: it cannot be read, or is no M2 file.
    """
    block: list[str] = []
    for line in (*read_lines(path), ""):
        if line:
            block.append(line)
        elif block:
            try:
                yield _sentence(block[0]), [_correction(line) for line in block[1:]]
            except (IndexError, ValueError) as error:
                raise GectorError(f"{path} is not an M2 file: {block[0][:60]!r} ({error}).") from error
            block = []


def _sentence(line: str) -> list[str]:
    kind, _, source = line.partition(" ")
    if kind != "S":
        raise ValueError("a sentence begins with S")
    return source.split(" ")


def _correction(line: str) -> Correction:
    span, type_, replacement, _, _, annotator = line[2:].split("|||")
    start, end = map(int, span.split())
    return Correction(start, end, type_, "" if replacement == "-NONE-" else replacement, annotator)
