"""Patterns: errors that a few neighbouring words give away, from a table (`patterns.toml`)."""

from lsp_server.patterns.match import pattern_proposals, proposals_in
from lsp_server.patterns.table import Pattern, load
from lsp_server.patterns.unpaired import NEIGHBOURS, alone_in, unpaired, unpaired_proposals

__all__ = [
    "NEIGHBOURS",
    "Pattern",
    "alone_in",
    "load",
    "pattern_proposals",
    "proposals_in",
    "unpaired",
    "unpaired_proposals",
]
