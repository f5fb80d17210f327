"""Sentences and words of a plain text."""

from __future__ import annotations

from dataclasses import dataclass


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
    """True for a heading, list item, cell or greeting: it is never given a final full stop."""
    untouchable: frozenset[int] = frozenset()
    """Indices of words that stand in for code and the like: no edit may change, delete or merge them."""
