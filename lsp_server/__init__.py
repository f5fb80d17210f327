"""Grammared's language server and command line: from a document to findings, and from findings to an editor."""

__version__ = "0.1.0"
