"""Grammared's language server and command line: from documents to findings to editors."""

__version__ = "0.1.0"
