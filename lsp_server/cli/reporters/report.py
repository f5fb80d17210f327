"""What the reporters report: one file, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.checker import CheckResult
    from lsp_server.documents import DocumentSnapshot


@dataclass(frozen=True, slots=True)
class FileReport:
    """One checked file."""

    name: str
    """The path as the user wrote it; may hold undecodable bytes as lone surrogates."""
    document: DocumentSnapshot
    result: CheckResult
