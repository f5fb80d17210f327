"""Texts longer than the model reads, in windows that overlap.

    text      the tokens of a text that the model cannot read at once
    window 0  the tokens of a text that
    window 1                  text that the model cannot
    window 2                                model cannot read at once

Windows overlap by `OVERLAP` of their length. A token in two of them is judged where it is farther from an
edge, so that it has context on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from triton_server.backend.requests import BadRequest
from triton_server.backend.tasks.batches import encoded_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.backend.tasks.batches import Encoded
    from triton_server.backend.tasks.loading import Loaded

OVERLAP = 1 / 4


@dataclass(frozen=True, slots=True)
class Window:
    """What the model reads at once of a row's text."""

    row: int
    encoded: Encoded
    first: int
    """The number of its first token among all tokens of the text."""
    positions: list[int]
    """Where in the window the text's tokens are (the rest are special tokens, or the question)."""
    spans: list[tuple[int, int]]
    """Of these tokens: start and end in code points of the text."""
    words: list[int | None]
    """Of these tokens: the number of their word in the text."""


def windows_of(loaded: Loaded, row: int, text: str, question: str | None = None) -> list[Window]:
    """The windows of one text, each with the whole `question` before it if there is one.

    Raises:
        BadRequest: the question leaves no room for the text.
    """
    tokenizer = loaded.tokenizer
    asked = len(tokenizer(question, add_special_tokens=False)["input_ids"]) if question else 0
    special = tokenizer.num_special_tokens_to_add(pair=question is not None)
    room = loaded.longest - special - asked
    if room < 2 or (question and room < loaded.longest // 4):
        raise BadRequest(
            f"the question has {asked} tokens; the model reads {loaded.longest} with the context"
        )
    overlap = min(int(room * OVERLAP), room - 1)
    encoding = tokenizer(
        *([[question], [text]] if question is not None else [[text]]),
        truncation="only_second" if question is not None else True,
        max_length=loaded.longest,
        stride=overlap,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    rows = encoded_rows(loaded, encoding)
    return [
        _window(row, one, encoding, i, i * (room - overlap), int(question is not None), text)
        for i, one in enumerate(rows)
    ]


def _window(
    row: int, encoded: Encoded, encoding: Any, i: int, first: int, sequence: int, text: str
) -> Window:
    positions = [place for place, which in enumerate(encoding.sequence_ids(i)) if which == sequence]
    offsets, words = encoding["offset_mapping"][i], encoding.word_ids(i)
    spans = [_trimmed(text, *offsets[place]) for place in positions]
    return Window(row, encoded, first, positions, spans, [words[place] for place in positions])


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the white space that some tokenizers count to the token after it."""
    stripped = text[start:end].strip()
    if not stripped:
        return start, end
    start += text[start:end].index(stripped)
    return start, start + len(stripped)


def best_places(windows: Sequence[Window]) -> list[tuple[int, int]]:
    """For each token of the text: the window in which it is farthest from an edge, and its index there.

    Args:
        windows: all those of one text, in order.
    """
    chosen: list[tuple[int, int]] = []
    for number, window in enumerate(windows):
        length = len(window.positions)
        for index in range(length):
            token = window.first + index
            if token == len(chosen):
                chosen.append((number, index))
            else:
                other_window, other_index = chosen[token]
                other_length = len(windows[other_window].positions)
                if min(index, length - 1 - index) > min(other_index, other_length - 1 - other_index):
                    chosen[token] = (number, index)
    return chosen
