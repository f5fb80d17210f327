"""Which documents are checked: an editor may send us any."""

from __future__ import annotations

_SHOWN_ONLY = frozenset(
    (
        *("git", "gitlens", "gitlens-git", "git-graph", "gitfs", "github", "pr", "review", "gitlab"),
        *("hg", "svn", "fugitive", "diffview", "gitsigns", "octo", "conflictResolution"),
        *("output", "debug", "search-editor", "walkThrough", "vscode-local-history", "help", "man"),
        *("jar", "zipfile", "tarfile", "oil", "term", "chat-editing-text-model"),
    )
)
"""Schemes of documents that an editor shows beside the file itself, or that nobody can change."""


def is_editable(uri: str) -> bool:
    """Whether a document is one that its user may put right, rather than an older version or a copy of it."""
    return uri.partition(":")[0] not in _SHOWN_ONLY
