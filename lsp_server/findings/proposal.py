"""What a proposer that needs no model (spelling, patterns) has to say of a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.findings.kinds import ErrorKind
    from triton_server.segmentation.types import Sentence


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that is wrong in a sentence's text, and what may stand there instead."""

    start: int
    """Code-point offset into the sentence's text."""
    end: int
    kind: ErrorKind
    message: str
    replacements: tuple[str, ...]
    """For `text[start:end]`, the best first; at least one."""
    confidence: float
    """How likely it is that this is wrong and the first replacement right; in 0..1."""
    source: str
    """Which part says so, such as `spelling` or the id of a pattern."""


def untouchable_spans(sentence: Sentence) -> tuple[tuple[int, int], ...]:
    """Where in a sentence's text stands what nobody may touch: stand-ins for code and the like."""
    return tuple((sentence.words[i].start, sentence.words[i].end) for i in sorted(sentence.untouchable))
