"""Spelling: which words of a sentence are in no dictionary, and what was meant."""

from lsp_server.spelling.check import Unknown, spelling_proposals, unknown_words
from lsp_server.spelling.words import is_word, load

__all__ = ["Unknown", "is_word", "load", "spelling_proposals", "unknown_words"]
