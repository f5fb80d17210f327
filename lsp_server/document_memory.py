"""What was found in the blocks of a document, so that a keystroke costs no more than the block it is in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsp_server.document_words import DocumentWords
from lsp_server.documents import Span
from lsp_server.findings import Finding, Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from lsp_server.proposers import Dependencies
    from lsp_server.prose import ProseBlock


@dataclass(frozen=True, slots=True)
class BlockResult:
    """What came of checking all sentences of a block."""

    block: ProseBlock
    """As it stood then."""
    extent: Span
    """Where it stood."""
    findings: tuple[Finding, ...]
    """All that were found there, before any is silenced."""
    words: int
    """How many were checked."""
    dependencies: tuple[Dependencies, ...]
    """What of the rest of the document that depends on."""

    def at(self, block: ProseBlock) -> BlockResult:
        """The same of an equal block that may stand elsewhere."""
        by = block.at - self.block.at
        if not by:
            return self
        return BlockResult(
            block,
            _moved(self.extent, by),
            tuple(_moved_finding(one, by) for one in self.findings),
            self.words,
            self.dependencies,
        )


@dataclass(slots=True)
class DocumentMemory:
    """What is known of a document from one check to the next, which must not be at the same time."""

    words: DocumentWords = field(default_factory=DocumentWords)
    _under: Hashable = None
    _results: dict[tuple[str, int], BlockResult] = field(default_factory=dict)

    def known(
        self, blocks: Iterable[ProseBlock], under: Hashable, holds: Callable[[Dependencies], bool]
    ) -> tuple[list[BlockResult], list[ProseBlock]]:
        """The results of those blocks that are as they were, and the other blocks.

        What is no longer in the document is forgotten.

        Args:
            blocks: all of the document's.
            under: what the results of all blocks depend on.
            holds: whether what a result depends on is as it was.
        """
        before = self._results if under == self._under else {}
        self._under, self._results = under, {}
        known: list[BlockResult] = []
        others: list[ProseBlock] = []
        for block in blocks:
            result = before.get(_key(block))
            if result and _is_same(result.block, block) and all(map(holds, result.dependencies)):
                known.append(result.at(block))
                self._results[_key(block)] = known[-1]
            else:
                others.append(block)
        return known, others

    def put(self, results: Iterable[BlockResult], under: Hashable) -> None:
        """Remember what came of some blocks."""
        if under != self._under:
            self._under, self._results = under, {}
        self._results.update((_key(result.block), result) for result in results)


def _key(block: ProseBlock) -> tuple[str, int]:
    """What tells a block from most others. The segments of equal text are mostly the same object."""
    return block.text, id(block.relative)


def _is_same(one: ProseBlock, other: ProseBlock) -> bool:
    """Whether two blocks differ in nothing but their place."""
    return one is other or one == (other if one.at == other.at else other.moved(one.at - other.at))


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _moved_finding(finding: Finding, by: int) -> Finding:
    return Finding(  # `replace` takes three times as long, and there may be many
        _moved(finding.span, by),
        finding.kind,
        finding.message,
        tuple(Suggestion(_moved(one.span, by), one.replacement) for one in finding.suggestions),
        finding.confidence,
        finding.labels,
        finding.model,
        finding.sentence and _moved(finding.sentence, by),
    )
