"""What the reporters report: one file, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from lsp_server.settings import Settings
from lsp_server.settings.levels import level_of

if TYPE_CHECKING:
    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding
    from lsp_server.results import CheckResult
    from lsp_server.settings import SeverityName


@dataclass(frozen=True, slots=True)
class FileReport:
    """One checked file."""

    name: str
    """The path as the user wrote it; may hold undecodable bytes as lone surrogates."""
    document: DocumentSnapshot
    result: CheckResult
    settings: Settings = field(default_factory=Settings)
    """Those of the file."""
    fixed: int = 0
    """How many findings were put right."""

    def severity_of(self, finding: Finding) -> SeverityName:
        """How grave the file's settings say that findings of this kind are."""
        return cast("SeverityName", level_of(finding.kind.code, self.settings))
