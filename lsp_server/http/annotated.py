"""LanguageTool's `data`: a text whose markup its client knows, with the way back to the original.

    {"annotation": [{"text": "A "}, {"markup": "<b>"}, {"text": "test"}, {"markup": "</b>"}]}

What is `text` is read; `markup` is not, or as its `interpretAs`. Positions in the answer are those of the
original, text and markup together, in UTF-16 code units as JavaScript counts.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, NamedTuple

from lsp_server.documents import PositionEncoding
from lsp_server.errors import InputError


class _Run(NamedTuple):
    """A run of the text that is read."""

    start: int
    """Where it begins in what is read."""
    original: int
    """Where that is in the original."""
    is_text: bool
    """Whether both have the same characters; else it is read in place of markup."""


@dataclass(frozen=True)
class Annotated:
    """A text as it is read, and where each of its characters comes from; offsets are code points."""

    text: str
    """What is read."""
    original: str
    """Text and markup together."""
    runs: tuple[_Run, ...]

    def place(self, start: int, end: int) -> tuple[int, int] | None:
        """The place in the original of `text[start:end]`; None if no text of the original is in it."""
        first, last = self._run(start), self._run(max(start, end - 1))
        if not first.is_text or not last.is_text:
            return None
        return first.original + start - first.start, last.original + end - last.start

    def units(self, start: int, end: int) -> tuple[int, int]:
        """An offset into the original, and a length, in UTF-16 code units."""
        count = PositionEncoding.UTF16.units
        return count(self.original[:start]), count(self.original[start:end])

    def _run(self, offset: int) -> _Run:
        return self.runs[max(bisect_right(self.runs, offset, key=lambda run: run.start) - 1, 0)]


def plain(text: str) -> Annotated:
    """A text without markup."""
    return Annotated(text, text, (_Run(0, 0, is_text=True),))


def read(data: str) -> Annotated:
    """What the parameter `data` holds.

    Raises:
        InputError: it is not what LanguageTool takes there.
    """
    try:
        annotations: Any = json.loads(data)["annotation"]
        parts = [_part(one) for one in annotations]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError(
            "the parameter data must be JSON: a list, annotation, of objects with text, or with markup"
        ) from None
    read_so_far, written, runs = "", "", []
    for text, original, is_text in parts:
        runs.append(_Run(len(read_so_far), len(written), is_text))
        read_so_far += text
        written += original
    try:
        f"{read_so_far}{written}".encode()
    except UnicodeEncodeError:
        raise InputError("the parameter data holds half a surrogate pair, which is no character") from None
    return Annotated(read_so_far, written, tuple(runs) or (_Run(0, 0, is_text=True),))


def _part(one: Any) -> tuple[str, str, bool]:
    """What is read of an annotation, what stands in the original, and whether these are the same."""
    if "text" in one:
        text = str.__str__(one["text"])
        return text, text, True
    return str.__str__(one.get("interpretAs", "")), str.__str__(one["markup"]), False
