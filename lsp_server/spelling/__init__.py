"""Spelling: which words of a sentence are in no dictionary, and what was meant."""

from lsp_server.spelling.check import Unknown, spelling_proposals, unknown_words
from lsp_server.spelling.dialects import document_dialect
from lsp_server.spelling.words import is_word, load

__all__ = ["Unknown", "document_dialect", "is_word", "load", "spelling_proposals", "unknown_words"]
