"""Patterns: errors that a few neighbouring words give away, from a table (`patterns.toml`)."""

from lsp_server.patterns.match import pattern_proposals
from lsp_server.patterns.table import Pattern, load

__all__ = ["Pattern", "load", "pattern_proposals"]
