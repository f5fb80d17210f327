"""Findings: what is wrong, why, and what would be right."""

from lsp_server.findings.finding import Finding, Suggestion

__all__ = ["Finding", "Suggestion"]
