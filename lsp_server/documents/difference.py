"""Where a text was edited: what two texts have in common."""

from __future__ import annotations


def common_ends(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts have in common at their beginnings, and behind those at their ends."""
    first = _common_length(one, other)
    rest = min(len(one), len(other)) - first
    return first, _common_length(one[len(one) - rest :][::-1], other[len(other) - rest :][::-1])


def _common_length(one: str, other: str) -> int:
    """How many characters both begin with: in steps, since comparing slices is quick, then by halves."""
    low, high = 0, min(len(one), len(other))
    step = 4096
    while low < high and one[low : low + step] == other[low : low + step]:
        low += step
    high = min(high, low + step)
    low = min(low, high)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
