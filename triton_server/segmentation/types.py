"""Sentences and words of a plain text."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_WORD = 1_000
"""Code points of the longest thing without a blank that is read; what is longer is data (base64, minified
code, another script) and stands in the sentence as one word that is left as it is."""
MOST_WORDS = 500
"""Of a sentence: a longer one (a table, a list of names, a log) is cut."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or punctuation mark as the model sees it, and where it stands."""

    text: str
    start: int
    """Code-point offset into the sentence's text."""
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, free of its place in the document: equal sentences get equal edits (a cache key)."""

    text: str
    words: tuple[Word, ...]
    """In order, without whitespace; `word.text == text[word.start:word.end]` but for characters that are not
    fit for a model (lone surrogates)."""
    may_end_open: bool = False
    """True for a heading, list item, cell, greeting or a part of what was too long: it is never given a final
    full stop."""
    untouchable: frozenset[int] = frozenset()
    """Indices of words that are data or stand in for code and the like: no edit may change, delete or merge
    them."""

    def __hash__(self) -> int:
        return hash(self.text)  # the others follow from it, or tell hardly a sentence from another
