"""Sentences of prose blocks, each with its place in the document."""

from lsp_server.sentences.located import LocatedSentence, sentences_of

__all__ = ["LocatedSentence", "sentences_of"]
