"""Tokens to forward passes: sorted by length, padded once, on the device and off again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from triton_server.backend.tasks.loading import Loaded

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


def padded(loaded: Loaded, rows: Sequence[Encoded], *, left: bool = False) -> dict[str, Any]:
    """The rows as tensors [rows, longest] on the model's device."""
    import torch

    tokenizer = loaded.tokenizer
    fillers = {
        "input_ids": tokenizer.pad_token_id or 0,
        "token_type_ids": tokenizer.pad_token_type_id,
        "attention_mask": 0,
    }
    longest = max(len(row["input_ids"]) for row in rows)
    tensors = {}
    for name in rows[0]:
        filled = [
            [fillers[name]] * (longest - len(row[name])) + row[name]
            if left
            else row[name] + [fillers[name]] * (longest - len(row[name]))
            for row in rows
        ]
        tensors[name] = torch.tensor(filled, dtype=torch.long, device=loaded.device)
    return tensors


def forward(
    loaded: Loaded, rows: Sequence[Encoded], outputs: Iterable[str], tokens_per_pass: int = TOKENS_PER_PASS
) -> list[Mapping[str, Any]]:
    """Run the rows through the model.

    Returns:
        For each row, in order, the outputs asked for as fp32 tensors on the CPU: [padded length, …] or […].
    """
    import torch

    results: list[Mapping[str, Any]] = [{}] * len(rows)
    with torch.inference_mode():
        for indices in passes([len(row["input_ids"]) for row in rows], tokens_per_pass):
            ran = loaded.model(**padded(loaded, [rows[i] for i in indices]), return_dict=True)
            tensors = {name: ran[name].float().cpu() for name in outputs}
            for place, index in enumerate(indices):
                results[index] = {name: tensor[place] for name, tensor in tensors.items()}
    return results
