"""Which documents are checked, and as what: an editor may send us any."""

from __future__ import annotations

from lsp_server.prose.languages import LANGUAGES

_ALIASES = {
    **dict.fromkeys(("text", "txt", "mail", "email"), "plaintext"),
    "gitcommit": "git-commit",
}
"""Identifiers of editors for what has another name with us."""


def prose_language(identifier: str) -> str | None:
    """The language whose prose to look for in a document with this LSP identifier; None: do not check it."""
    language = _ALIASES.get(identifier, identifier)
    return language if language in LANGUAGES else None
