"""Which words stand close to their neighbours, and how quotes and apostrophes are written."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLOSERS = frozenset({*",.;:!?)]}%", "...", "…", "''", "”", "’", "'"})
_OPENERS = frozenset({*"([{$£€#“‘", "``", "`"})
_LINKS = frozenset("-/_‐‑")
"""Close to both neighbours: well-known, and/or."""
CLITICS = frozenset({"n't", "'s", "'m", "'re", "'ve", "'ll", "'d", "'t"})
"""Contracted words, as the tokenizer writes them: don't is "do", "n't"."""


def joined(words: Sequence[str]) -> list[bool]:
    """For each word but the last, whether usual spacing puts no space between it and the next."""
    result = []
    open_quote = False
    for word, following in pairwise(words):
        if word == '"':
            open_quote = not open_quote
        opens = word in _OPENERS or word in _LINKS or (word == '"' and open_quote)
        closes = (
            following in _CLOSERS
            or following in _LINKS
            or following.replace("’", "'").lower() in CLITICS
            or (following == '"' and open_quote)
        )
        result.append(opens or closes)
    return result


def spaced(words: Sequence[str]) -> str:
    """The words as one text with usual spacing."""
    if not words:
        return ""
    gaps = ["" if close else " " for close in joined(words)]
    return words[0] + "".join(gap + word for gap, word in zip(gaps, words[1:], strict=True))


def styled(word: str, text: str) -> str:
    """`word`, as labels write it, with the quotes and apostrophes that `text` uses."""
    curly = "“" in text or "”" in text
    if word == "``":
        return "“" if curly else '"'
    if word == "''":
        return "”" if curly else '"'
    if word == '"' and curly:
        return "“" if text.count("“") <= text.count("”") else "”"
    return word.replace("'", "’") if "’" in text and "'" not in text else word
