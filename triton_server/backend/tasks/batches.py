"""Tokens to forward passes: sorted by length, padded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from triton_server.backend.tasks.loading import Array, Loaded

TOKENS_PER_PASS = 16_384
"""Padding included: 32 rows of 512. More rows than that are run in several passes, to bound the memory."""

Encoded = dict[str, list[int]]
"""A row's model inputs (`input_ids`, …), each a list as long as the row."""


def passes(lengths: Sequence[int], tokens_per_pass: int = TOKENS_PER_PASS) -> list[list[int]]:
    """Which rows go together: all of them, shortest first, unless that is too much.

    Returns:
        Row indices; in each pass the last is the longest.
    """
    found: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if found and (len(found[-1]) + 1) * lengths[index] <= tokens_per_pass:
            found[-1].append(index)
        else:
            found.append([index])
    return found


def encoded_rows(loaded: Loaded, encoding: Any) -> list[Encoded]:
    """The rows of a tokenizer's `BatchEncoding`, as far as the model takes them."""
    names = [name for name in encoding if name in loaded.accepts and name in _PADDING]
    return [{name: encoding[name][i] for name in names} for i in range(len(encoding["input_ids"]))]


_PADDING = {"input_ids", "attention_mask", "token_type_ids"}


def padded(loaded: Loaded, rows: Sequence[Encoded], *, left: bool = False) -> dict[str, Array]:
    """The rows as arrays [rows, longest]."""
    tokenizer = loaded.tokenizer
    fillers = {
        "input_ids": tokenizer.pad_token_id or 0,
        "token_type_ids": tokenizer.pad_token_type_id,
        "attention_mask": 0,
    }
    longest = max(len(row["input_ids"]) for row in rows)
    arrays = {name: np.full((len(rows), longest), fillers[name], dtype=np.int64) for name in rows[0]}
    for name, array in arrays.items():
        for i, row in enumerate(rows):
            length = len(row[name])
            array[i, longest - length if left else 0 :][:length] = row[name]
    return arrays


def ran(
    loaded: Loaded, rows: Sequence[Encoded], tokens_per_pass: int = TOKENS_PER_PASS
) -> Iterator[tuple[list[int], Mapping[str, Array]]]:
    """Run the rows through the model: for each pass its rows' indices, and the outputs [rows, …]."""
    for indices in passes([len(row["input_ids"]) for row in rows], tokens_per_pass):
        yield indices, loaded.run(padded(loaded, [rows[i] for i in indices]))


def forward(
    loaded: Loaded, rows: Sequence[Encoded], tokens_per_pass: int = TOKENS_PER_PASS
) -> list[Mapping[str, Array]]:
    """Run the rows through the model.

    Returns:
        For each row, in order, all outputs as fp32 arrays: [padded length, …] or […].
    """
    results: list[Mapping[str, Array]] = [{}] * len(rows)
    for indices, outputs in ran(loaded, rows, tokens_per_pass):
        for place, index in enumerate(indices):
            results[index] = {name: array[place] for name, array in outputs.items()}
    return results


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Array = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities
