"""The road from a document to its findings, as one readable function; see `Checker.check`."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from lsp_server.errors import EngineError
from lsp_server.findings import findings_of
from lsp_server.prose import extract
from lsp_server.sentences import sentences_of
from triton_server.gector.passes import Passes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from lsp_server.documents import DocumentSnapshot, Span
    from lsp_server.engines import Engine
    from lsp_server.findings import Finding
    from lsp_server.sentences import LocatedSentence
    from lsp_server.settings import Settings
    from triton_server.gector.types import Decoding, Edit
    from triton_server.segmentation import Sentence, Splitter

_Result = TypeVar("_Result")

BATCH = 128
"""Sentences that go through all passes together: enough for full batches on any engine, few enough that
progress shows and that a cancelled check has kept most of its work in the cache."""

_TAKEOVERS = 5
"""How often a batch is begun anew because another engine or model took over."""

_Key = tuple[str, bool, frozenset[int], str, "Decoding"]


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


class Checker:
    """Checks documents with one engine, and remembers what it said of each sentence.

    Args:
        engine: has been started.
        settings: strictness, thresholds and passes.
        splitter: finds the sentences; None is the rule-based one.
        remembered: how many sentences to remember; one takes about a kilobyte.
    """

    def __init__(
        self, engine: Engine, settings: Settings, splitter: Splitter | None = None, remembered: int = 20_000
    ) -> None:
        self.engine = engine
        self._settings = settings
        self._splitter = splitter
        self._remembered = remembered
        self._edits: OrderedDict[_Key, tuple[Edit, ...]] = OrderedDict()

    async def check(
        self, snapshot: DocumentSnapshot, progress: Callable[[int, int], None] | None = None
    ) -> CheckResult:
        """Find what is wrong in a document.

        Args:
            snapshot: the text; it is not kept.
            progress: called with the number of sentences checked and of all, after each batch.

        Returns:
            The findings. An engine that fails is no exception but part of the result: what was found until
            then counts, and the rest is named as unchecked.
        """
        located = await _to_the_end(asyncio.to_thread(_sentences, snapshot, self._splitter))
        from lsp_server.engines import DOCUMENT  # their libraries take time; whoever made one has them

        DOCUMENT.set(snapshot.uri)
        findings: list[Finding] = []
        model, words = "", 0
        for start in range(0, len(located), BATCH):
            batch = located[start : start + BATCH]
            try:
                edits, model = await self._correct([place.sentence for place in batch])
            except EngineError as failure:
                unchecked = tuple(place.extent for place in located[start:])
                return CheckResult(tuple(findings), unchecked, failure, model, words)
            for place, found in zip(batch, edits, strict=True):
                made = findings_of(place.sentence, found, place.document_span)
                findings += [replace(finding, model=model) for finding in made]
                words += len(place.sentence.words)
            if progress:
                progress(start + len(batch), len(located))
        return CheckResult(tuple(findings), model=model, words=words)

    async def _correct(self, sentences: Sequence[Sentence]) -> tuple[list[tuple[Edit, ...]], str]:
        """The edits of each sentence, and which engine made them; only those not remembered are tagged.

        Raises:
            EngineError: the engine failed, or would not stay with one model.
        """
        for _ in range(_TAKEOVERS):
            identity, decoding = self.engine.identity, self._decoding()
            keys = [_key(sentence, identity, decoding) for sentence in sentences]
            found = {key: self._edits[key] for key in keys if key in self._edits}
            new = {key: one for key, one in zip(keys, sentences, strict=True) if key not in found}
            passes = Passes(list(new.values()), decoding)
            while batch := passes.pending():
                passes.advance(await self.engine.tag(batch, decoding.keep_confidence))
            if self.engine.identity != identity:
                continue  # another engine took over on the way: its taggings must not mix with the first's
            found.update(zip(new, passes.edits(), strict=True))
            self._remember(found)
            return [found[key] for key in keys], identity
        raise EngineError(
            "the answers come from ever other models: "
            "let one address serve one version, or name it in triton.version"
        )

    def _decoding(self) -> Decoding:
        """The model's thresholds for the chosen strictness, or what the user put in their place."""
        settings = self._settings
        decoding = replace(self.engine.decoding(settings.strictness), max_passes=settings.max_passes)
        if settings.keep_confidence is not None:
            decoding = replace(decoding, keep_confidence=settings.keep_confidence)
        if settings.min_error_prob is not None:
            decoding = replace(decoding, min_error_prob=settings.min_error_prob)
        return decoding

    def _remember(self, found: dict[_Key, tuple[Edit, ...]]) -> None:
        """Put these last in line to be forgotten."""
        for key, edits in found.items():
            self._edits[key] = edits
            self._edits.move_to_end(key)
        while len(self._edits) > self._remembered:
            self._edits.popitem(last=False)


async def _to_the_end(work: Awaitable[_Result]) -> _Result:
    """The result of work in a thread, which nothing can stop: a cancellation waits for its end.

    Otherwise the checks that keystrokes cancel would pile up in threads that nobody sees.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _sentences(snapshot: DocumentSnapshot, splitter: Splitter | None) -> list[LocatedSentence]:
    """The sentences of a document's prose, in order."""
    blocks = extract(snapshot.text, snapshot.language)
    return [sentence for block in blocks for sentence in sentences_of(block, splitter)]


def _key(sentence: Sentence, identity: str, decoding: Decoding) -> _Key:
    """All that the edits of a sentence depend on; its words follow from its text."""
    return sentence.text, sentence.may_end_open, sentence.untouchable, identity, decoding
