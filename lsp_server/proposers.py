"""What proposes corrections without a model: spelling and patterns, with what they know of the document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from lsp_server.document_words import WORD, DocumentWords
from lsp_server.findings.join import repaired
from lsp_server.findings.proposal import untouchable_spans
from lsp_server.patterns import (
    NEIGHBOURS,
    alone_in,
    pattern_proposals,
    proposals_in,
    unpaired,
    unpaired_proposals,
)
from lsp_server.prose import BlockKind
from lsp_server.spelling import document_dialect, is_word, spelling_proposals, unknown_words
from lsp_server.spelling.words import frequency, load
from lsp_server.suppress import known_words
from lsp_server.suppress.directives import directives_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings.join import Repaired
    from lsp_server.findings.proposal import Proposal
    from lsp_server.prose import ProseBlock
    from lsp_server.settings import Settings
    from triton_server.gector.types import Edit
    from triton_server.segmentation import Sentence

LEAST = {"low": 0.9, "normal": 0.7, "high": 0.5}
"""The least confidence of what is proposed, for each strictness."""
_MARK = re.compile('[()“”"]')
_WITH_PAIRS = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
"""Where brackets and quotes come in pairs: comments in code, captions and cells are often parts of one."""
_COMMON, _RARE = 7.0, 4.0
"""log10 of the count of a word that is no name although code has it as well ("then"), and of one that is a
name even if it is in no code ("ripgrep")."""
_SHORTEST = 3
"""Letters of a word that is looked up: shorter ones are parts of contractions and names of all kinds."""


@dataclass(slots=True)
class Dependencies:
    """What a result depends on in its document: the questions asked about it, with their answers.

    All that a proposal depends on, beside its sentence, its block and `Proposers.rules`, must be in here.
    """

    known: dict[str, bool] = field(default_factory=dict)
    """Whether these words are right in this document."""
    counts: dict[str, int] = field(default_factory=dict)
    """How often it has these words."""
    neighbours: bool = False
    """Whether other blocks were looked at."""


class Proposers:
    """Proposes corrections for the sentences of one document.

    Args:
        snapshot: the document.
        blocks: its prose.
        settings: its own: strictness, dialect, words and dictionaries.
        words: those of the document, if an earlier text of it has been read.
    """

    def __init__(
        self,
        snapshot: DocumentSnapshot,
        blocks: Sequence[ProseBlock],
        settings: Settings,
        words: DocumentWords | None = None,
    ) -> None:
        self._blocks = blocks
        self._least = LEAST[settings.strictness]
        self._dialect: str = settings.dialect
        if self._dialect == "auto":
            self._dialect = document_dialect(block.text for block in blocks)
        self._words = known_words(settings, directives_of(snapshot))
        self._of_document = words or DocumentWords()
        self._of_document.follow(snapshot.text, blocks)

    @property
    def rules(self) -> tuple[str, float]:
        """What holds for all sentences: the dialect, and how sure a proposal must be."""
        return self._dialect, self._least

    def of(
        self,
        sentence: Sentence,
        block: ProseBlock | None = None,
        offset: int = 0,
        dependencies: Dependencies | None = None,
    ) -> tuple[Proposal, ...]:
        """What is wrong in a sentence: sure enough for the strictness, in order, none overlapping another.

        Of two that overlap, the surer one counts; what the other has to offer comes after.

        Args:
            sentence: one of the document's.
            block: the one of the document's blocks that it stands in; None leaves brackets and quotes alone.
            offset: where it begins in the block's text.
            dependencies: gets what of the document the answer depends on.
        """
        dependencies = dependencies or Dependencies()
        unpaired = self._unpaired(sentence, block, offset, dependencies) if block else []
        if not unpaired and not _has_any(sentence, self._dialect):
            return ()
        is_known, count = partial(self._is_known, dependencies), partial(self._count, dependencies)
        spelling = spelling_proposals(sentence, self._dialect, is_known, count)
        patterns = [*proposals_in(sentence.text, untouchable_spans(sentence)), *unpaired]
        chosen = _apart([*patterns, *spelling], self._least)
        if chosen and spelling:  # "its definately broken": a pattern may know the right word only
            chosen = _apart([*chosen, *_in_repaired(repaired(sentence, chosen))], self._least)
        return chosen

    def holds(self, dependencies: Dependencies) -> bool:
        """Whether the same questions would be answered in the same way."""
        return (
            not dependencies.neighbours
            and all(self._says_known(word) is answer for word, answer in dependencies.known.items())
            and all(self._of_document.count(word) == answer for word, answer in dependencies.counts.items())
        )

    def _unpaired(
        self, sentence: Sentence, block: ProseBlock, offset: int, dependencies: Dependencies
    ) -> list[Proposal]:
        """The brackets and quotes of a sentence that have no partner in their paragraph."""
        if (
            block.kind not in _WITH_PAIRS
            or not _MARK.search(sentence.text)
            or not unpaired(*_paragraph(block))
        ):
            return []
        dependencies.neighbours = True
        at = next((i for i, one in enumerate(self._blocks) if one is block), None)
        if at is None:
            return []
        first = max(at - NEIGHBOURS, 0)
        around = [_paragraph(one) for one in self._blocks[first : at + NEIGHBOURS + 1]]
        return unpaired_proposals(alone_in(around, at - first), offset, offset + len(sentence.text))

    def writes_words(self, edit: Edit, text: str, dependencies: Dependencies | None = None) -> bool:
        """Whether an edit of a sentence's text brings no word that is none: no suggestion makes it worse.

        Nor does it give a capital to a name that is written without one, such as that of a program.
        """
        dependencies = dependencies or Dependencies()
        word = text[edit.start : edit.end]
        is_capital = word[:1].islower() and edit.replacement == word[:1].upper() + word[1:]
        if is_capital and self._is_name(dependencies, word):
            return False
        old = set(WORD.findall(text.lower()))
        return all(
            word.lower() in old
            or len(word) < _SHORTEST
            or self._is_known(dependencies, word)
            or self._is_word(word)
            for word in WORD.findall(edit.replacement)
        )

    def _is_name(self, dependencies: Dependencies, word: str) -> bool:
        """Whether a word in small letters is a name: rare, or in code, and not known with a capital.

        So is what ends with a prime: `a'`.
        """
        if not word[-1].isalpha():
            return True
        if word.capitalize() in load(self._dialect)[1]:
            return False
        common = frequency(word)
        return common < _RARE or (common < _COMMON and self._is_known(dependencies, word))

    def _is_word(self, word: str) -> bool:
        return all(is_word(part, self._dialect) for part in re.split("['’-]", word) if len(part) >= _SHORTEST)

    def _is_known(self, dependencies: Dependencies, word: str) -> bool:
        dependencies.known[word] = answer = self._says_known(word)
        return answer

    def _count(self, dependencies: Dependencies, word: str) -> int:
        dependencies.counts[word] = answer = self._of_document.count(word)
        return answer

    def _says_known(self, word: str) -> bool:
        return word in self._words or self._of_document.introduces(word.lower())


def put_right(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words and marks of a sentence as the model gets them at normal strictness, whatever its document."""
    from lsp_server.documents import DocumentSnapshot
    from lsp_server.settings import Settings
    from triton_server.gector.spacing import spaced
    from triton_server.segmentation import Sentence, words_of

    text = spaced(words)
    sentence = Sentence(text, words_of(text))
    chosen = Proposers(DocumentSnapshot("", text, "plaintext"), (), Settings()).of(sentence)
    return tuple(word.text for word in repaired(sentence, chosen).sentence.words) if chosen else words


def _paragraph(block: ProseBlock) -> tuple[str, tuple[tuple[int, int], ...]]:
    return block.text, tuple((span.start, span.end) for span in block.stand_ins)


def _apart(proposals: Sequence[Proposal], least: float) -> tuple[Proposal, ...]:
    """The surest that do not overlap, in order; a pattern, which sees the neighbours, before a spelling."""
    chosen: list[Proposal] = []
    for one in sorted(proposals, key=lambda one: (one.source == "spelling", -one.confidence)):
        overlaps = any(one.start < other.end and other.start < one.end for other in chosen)
        if one.confidence >= least and not overlaps:
            chosen.append(one)
    return tuple(sorted(chosen, key=lambda proposal: proposal.start))


def _in_repaired(fixed: Repaired) -> Iterator[Proposal]:
    """What patterns find when the spelling is right, placed in the original text."""
    for proposal in pattern_proposals(fixed.sentence):
        place = fixed.original(proposal.start, proposal.end)
        if place:
            yield replace(proposal, start=place[0], end=place[1])


def _has_any(sentence: Sentence, dialect: str) -> bool:
    """Whether anything can be proposed for a sentence, whatever its document: mostly not."""
    spans = untouchable_spans(sentence)
    return bool(proposals_in(sentence.text, spans) or unknown_words(sentence.text, spans, dialect))
