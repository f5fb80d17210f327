"""What comes of a check, bit by bit and in all; apart from the checker, whose import takes its time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.documents import Span
    from lsp_server.errors import EngineError
    from lsp_server.findings import Finding


@dataclass(frozen=True, slots=True)
class CheckPart:
    """A part of a document, checked: nothing that is found later changes them."""

    findings: tuple[Finding, ...]
    """In document order."""
    extents: tuple[Span, ...]
    """Where that is, in document order, whether something was found there or not."""
    done: int
    """Code points of prose checked so far, this part included."""
    total: int
    """Code points of prose in all."""
    model: str = ""
    """The identity of the engine that answered; empty when there was no sentence."""
    words: int = 0
    """How many were checked."""
    failure: EngineError | None = None
    """Why the sentences at `extents` then could not be checked."""
    window: Span | None = None
    """Of a document that is too large to be checked whole, what of it is checked."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check. No findings and not checked are different things."""

    findings: tuple[Finding, ...]
    """In document order."""
    unchecked: tuple[Span, ...] = ()
    """Where the sentences stand that could not be checked, because of `failure`."""
    failure: EngineError | None = None
    model: str = ""
    """The identity of the engine that answered last; empty when there was no sentence."""
    words: int = 0
    """How many were checked."""
    window: Span | None = None
    """Of a document that is too large to be checked whole, what of it is checked."""

    def joined(self, part: CheckPart) -> CheckResult:
        """This and what one more part says."""
        if part.failure:
            return replace(self, unchecked=part.extents, failure=part.failure)
        findings = (
            sorted([*self.findings, *part.findings], key=lambda finding: finding.place)
            if part.findings
            else self.findings
        )
        return replace(
            self,
            findings=tuple(findings),
            model=part.model or self.model,
            words=self.words + part.words,
            window=part.window,
        )
