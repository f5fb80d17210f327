"""Which documents are checked, and as what: an editor may send us any."""

from __future__ import annotations

from lsp_server.prose.languages import LANGUAGES

_PLAIN = {"text", "txt", "gitcommit", "git-commit", "mail", "email"}
"""Identifiers of editors for what is plain text to us."""


def prose_language(identifier: str) -> str | None:
    """The language whose prose to look for in a document with this LSP identifier; None: do not check it."""
    if identifier in _PLAIN:
        return "plaintext"
    return identifier if identifier in LANGUAGES else None
