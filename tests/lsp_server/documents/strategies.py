"""Texts that break position code: every line end, every width, and what only looks like either."""

from __future__ import annotations

from hypothesis import strategies as st

from lsp_server.documents import PositionEncoding

ENCODINGS = list(PositionEncoding)

ATOMS = [
    *("a", "b", " ", "\t", "\n", "\r", "\r\n", "é", "e\u0301", "ß", "漢", "😀", "👩\u200d👩\u200d👧", "🇨🇭"),
    *("\f", "\v", "\x85", "\u2028", "\u2029", "\x1c", "\ufeff", "\0", "\ud800", "\udfff", "\U0010ffff"),
]
"""What texts are put together from; the surrogates never as a pair that would be a character."""


def _no_pair(text: str) -> bool:
    return "\ud800\udfff" not in text


texts = st.lists(st.sampled_from(ATOMS), max_size=14).map("".join).filter(_no_pair)
