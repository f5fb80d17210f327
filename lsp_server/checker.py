"""The road from a document to its findings, as a stream; see `Checker.parts`."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from lsp_server.cache import context_of, key_of
from lsp_server.document_memory import BlockResult, DocumentMemory
from lsp_server.documents import Span
from lsp_server.errors import EngineError
from lsp_server.findings import findings_of
from lsp_server.findings.join import Repaired, proposed_findings, repaired
from lsp_server.findings.terse import is_terse_style
from lsp_server.proposers import Dependencies
from lsp_server.prose import Reading, extract
from lsp_server.results import CheckPart, CheckResult
from lsp_server.sentences import sentences_of
from lsp_server.suppress import Suppression
from triton_server.gector.passes import Passes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Iterable, Iterator, Sequence

    from lsp_server.cache import SentenceCache
    from lsp_server.document_words import DocumentWords
    from lsp_server.documents import DocumentSnapshot
    from lsp_server.engines import Engine
    from lsp_server.findings import Finding, ToDocument
    from lsp_server.proposers import Proposers
    from lsp_server.prose import ProseBlock
    from lsp_server.sentences import LocatedSentence
    from lsp_server.settings import Settings
    from triton_server.gector.types import Decoding, Edit, Tagging
    from triton_server.segmentation import Sentence, Splitter

_Result = TypeVar("_Result")

FIRST = 8
"""New sentences in the first part of a document that somebody looks at: few, so that it is there at once.
Each further part has twice as many, up to `MOST`."""
FIRST_CHANGED = 2
"""The same of a document that was checked before and has changed: mostly there are no more."""
MOST = 32
"""New sentences in a part of such a document: a keystroke in another one waits for one part at most."""
BATCH = 128
"""The same where nobody looks: enough for full batches on any engine, few enough that progress shows and that
a cancelled check has kept most of its work in the cache."""
_AT_ONCE = 2
"""Parts that are worked on at once where nobody looks: while one is read, or its tags become findings, the
engine has the other."""
_SLICE = 100_000
"""Code points of prose that are cut into sentences at once: some tens of milliseconds."""
_NEAR = 10_000
"""Code points of prose in which sentences are looked for that are remembered, before others are checked: some
tens of milliseconds. After a keystroke there is less to look at, unless the first check goes on."""

LARGEST = 5_000_000
"""Code points of a document of which somebody who looks at a place of it gets all checked."""
WINDOW = 500_000
"""Code points of prose around that place which are checked in a larger one: minutes of the model's time."""

_TAKEOVERS = 5
"""How often a batch is begun anew because another engine or model took over."""

_DOCUMENTS = 8
"""Documents of which it is remembered what came of each block: those in which somebody has typed last."""

Propose = Callable[["DocumentSnapshot", "Sequence[ProseBlock]", "Settings", "DocumentWords"], "Proposers"]

_Key = tuple[str, bool, frozenset[int], str]


class _Piece(NamedTuple):
    """A sentence with what precedes it in its block, or what follows the last."""

    block: ProseBlock
    start: int
    """Where it begins in `block.text`."""
    end: int
    sentence: LocatedSentence | None
    repaired: Repaired | None = None
    """The sentence as the engine gets it."""
    dependencies: Dependencies | None = None
    """What of the document that depends on."""


class _Found(NamedTuple):
    """What was found in a piece."""

    piece: _Piece
    findings: tuple[Finding, ...]


class _Prepared(NamedTuple):
    """A document that is ready to be checked."""

    known: list[BlockResult]
    """Of blocks that were checked before."""
    pieces: Iterator[_Piece]
    """Of the others, in the order in which they are to be checked."""
    total: int
    """Code points of prose in all."""
    window: Span | None
    proposers: Proposers | None
    under: tuple[str, str, object]
    """What the results of all blocks depend on: the engine, the context, the rules of the proposers."""


class Checker:
    """Checks documents with one engine, and remembers what it said of each sentence.

    Args:
        engine: has been started.
        settings: strictness, thresholds and passes, for documents that have no settings of their own.
        splitter: finds the sentences; None is the rule-based one.
        propose: given a document, makes what proposes corrections without a model; None for no such thing.
        remembered: how many sentences to remember; one takes about a kilobyte.
        cache: remembers more of them, on disk; is closed with the checker.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        splitter: Splitter | None = None,
        propose: Propose | None = None,
        remembered: int = 20_000,
        cache: SentenceCache | None = None,
    ) -> None:
        self.engine = engine
        self._settings = settings
        self._splitter = splitter
        self._propose = propose
        self._remembered = remembered
        self._edits: OrderedDict[_Key, tuple[Edit, ...]] = OrderedDict()
        self._documents: OrderedDict[str, DocumentMemory] = OrderedDict()
        self._cache = cache

    async def close(self) -> None:
        """Close the engine and the cache."""
        await self.engine.close()
        if self._cache:
            await asyncio.to_thread(self._cache.close)

    async def check(
        self,
        snapshot: DocumentSnapshot,
        progress: Callable[[int, int], None] | None = None,
        *,
        settings: Settings | None = None,
    ) -> CheckResult:
        """Find what is wrong in a document, from its beginning to its end.

        Args:
            snapshot: the text; it is not kept.
            progress: called with the code points of prose checked and of all, after each batch.
            settings: the document's own, in place of the checker's.

        Returns:
            The findings. An engine that fails is no exception but part of the result: what was found until
            then counts, and the rest is named as unchecked.
        """
        result = CheckResult(())
        async for part in self.parts(snapshot, settings=settings):
            result = result.joined(part)
            if progress and not part.failure:
                progress(part.done, part.total)
        return result

    async def parts(
        self,
        snapshot: DocumentSnapshot,
        *,
        settings: Settings | None = None,
        focus: Span | None = None,
        known_first: bool = False,
    ) -> AsyncGenerator[CheckPart, None]:
        """Find what is wrong in a document, and hand it on bit by bit.

        A part holds at most `BATCH` sentences that are new to the checker, and any number of those that it
        remembers: of a document that was checked before and has changed in one place, there is one part.

        Args:
            snapshot: the text; it is not kept.
            settings: the document's own, in place of the checker's.
            focus: where somebody looks or has typed: the parts begin there, with few sentences to be quick,
                and go outwards, in a document of more than `LARGEST` code points as far as `WINDOW` says.
                None is from the beginning to the end, in full batches.
            known_first: whether all that is remembered comes with the first part, wherever it stands: blocks,
                and in `_NEAR` code points of other blocks sentences.

        Yields:
            The parts, which together hold all prose, or all in the window, once. One with a `failure` is the
            last.
        """
        settings = settings or self._settings
        suppression = await _to_the_end(asyncio.to_thread(Suppression.of, snapshot, settings))
        any_part = False
        async with aclosing(self._unsilenced(snapshot, suppression.settings, focus, known_first)) as parts:
            async for part in parts:
                any_part = True
                found = (finding for finding in part.findings if suppression.keeps(finding))
                part = replace(part, findings=tuple(found))
                is_last = part.done >= part.total and not part.failure
                yield _with_problems(part, suppression) if is_last else part
        if not any_part and (part := _with_problems(CheckPart((), (), 0, 0), suppression)).findings:
            yield part

    async def _unsilenced(
        self, snapshot: DocumentSnapshot, settings: Settings, focus: Span | None, known_first: bool
    ) -> AsyncGenerator[CheckPart, None]:
        """The parts with all that was found in them."""
        from lsp_server.engines import DOCUMENT  # their libraries take time; whoever made one has them

        memory = self._documents.pop(snapshot.uri, None) if known_first else None
        memory = memory or DocumentMemory()
        begun: deque[tuple[list[_Piece], asyncio.Future[tuple[list[tuple[Edit, ...]], str]]]] = deque()
        try:
            known, pieces, total, window, proposers, under = await _to_the_end(
                asyncio.to_thread(self._prepared, snapshot, settings, focus, known_first, memory)
            )
            size = BATCH if focus is None else FIRST_CHANGED if known_first else FIRST
            most, at_once = (BATCH, _AT_ONCE) if focus is None else (MOST, 1)
            is_read = False
            done = 0
            while done < total:
                while len(begun) < at_once and not is_read:
                    part = await _to_the_end(asyncio.to_thread(self._next, pieces, size, settings))
                    is_read = not part
                    size = min(2 * size, most)
                    if part or not begun:
                        DOCUMENT.set(snapshot.uri)
                        begun.append((part, asyncio.ensure_future(self._correct(part, settings))))
                part, correcting = begun.popleft()
                try:
                    edits, model = await correcting
                    if known and model != under[0]:  # another engine has taken over meanwhile
                        part += _pieces([one.block for one in known], self._splitter, proposers)
                        known = []
                        edits, model = await self._correct(part, settings)
                except EngineError as failure:
                    waiting = chain(part, *(other for other, _ in begun), pieces)
                    unchecked = [piece.sentence.extent for piece in waiting if piece.sentence]
                    unchecked += [one.extent for one in known]
                    yield CheckPart((), tuple(sorted(unchecked)), done, total, failure=failure)
                    return
                found = _found(part, edits, model, proposers)
                if focus is not None and model == under[0]:
                    memory.put(_of_whole_blocks(found), under)
                done += sum(piece.end - piece.start for piece in part)
                done += sum(len(one.block.text) for one in known)
                words = sum(len(piece.repaired.sentence.words) for piece in part if piece.repaired)
                words += sum(one.words for one in known)
                yield CheckPart(
                    _in_order([*(one.findings for one in known), *(one.findings for one in found)]),
                    _extents(part, known),
                    done,
                    total,
                    model if words else "",
                    words,
                    window=window,
                )
                known = []
        finally:
            for _, correcting in begun:
                correcting.cancel()
            await asyncio.gather(*(correcting for _, correcting in begun), return_exceptions=True)
            if focus is not None:
                self._keep(snapshot.uri, memory)

    def _prepared(
        self,
        snapshot: DocumentSnapshot,
        settings: Settings,
        focus: Span | None,
        known_first: bool,
        memory: DocumentMemory,
    ) -> _Prepared:
        """Read a document, and tell what of it is known already."""
        blocks = extract(snapshot.text, snapshot.language, _reading(settings))
        if settings.skip_parts:
            blocks = [block for block in blocks if block.kind.code not in settings.skip_parts]
        proposers = self._propose(snapshot, blocks, settings, memory.words) if self._propose else None
        identity = self.engine.identity
        under = identity, self._context(settings), proposers.rules if proposers else None
        window = None
        if focus is not None and len(snapshot.text) > LARGEST:
            blocks, window = _window(_outwards(blocks, focus))
        total = sum(len(block.text) for block in blocks)
        known: list[BlockResult] = []
        if known_first:
            holds = proposers.holds if proposers else lambda _: True
            known, blocks = memory.known(blocks, under, holds)
        if focus is not None:
            blocks = _outwards(blocks, focus)
        pieces = _pieces(blocks, self._splitter, proposers)
        if known_first:
            pieces = _remembered_first(pieces, self._newness(settings))
        return _Prepared(known, pieces, total, window, proposers, under)

    def _keep(self, uri: str, memory: DocumentMemory) -> None:
        """Remember a document for its next check."""
        self._documents[uri] = memory
        while len(self._documents) > _DOCUMENTS:
            self._documents.popitem(last=False)

    async def taggings(
        self, snapshot: DocumentSnapshot, *, settings: Settings | None = None
    ) -> list[tuple[LocatedSentence, Tagging]]:
        """What the model says of each word, as the text stands: one pass, nothing repaired before.

        Raises:
            EngineError: the engine failed.
        """
        settings = settings or self._settings
        blocks = await _to_the_end(
            asyncio.to_thread(extract, snapshot.text, snapshot.language, _reading(settings))
        )
        places = [place for block in blocks for place in sentences_of(block, self._splitter)]
        words = [[word.text for word in place.sentence.words] for place in places]
        taggings = await self.engine.tag(words, self._decoding(settings).keep_confidence)
        return list(zip(places, taggings, strict=True))

    def _next(self, pieces: Iterator[_Piece], size: int, settings: Settings) -> list[_Piece]:
        """The pieces that come next, with `size` sentences that are not remembered if there are as many."""
        is_new = self._newness(settings)
        part = []
        new = read = 0
        for piece in pieces:
            part.append(piece)
            read += piece.end - piece.start
            new += is_new(piece)
            if new >= size or (new and read >= _SLICE):
                break
        return part

    def _newness(self, settings: Settings) -> Callable[[_Piece], bool]:
        """Tells whether a piece has a sentence that is not remembered."""
        context = self._context(settings)
        return lambda piece: (
            piece.repaired is not None and not self._recalls(_key(piece.repaired.sentence, context))
        )

    def _recalls(self, key: _Key) -> bool:
        """Whether a sentence is remembered; what is only on disk comes into memory."""
        if key not in self._edits and self._cache:
            edits = self._cache.get(key_of(*key))
            if edits is not None:
                self._edits[key] = edits
        return key in self._edits

    async def _correct(
        self, pieces: Sequence[_Piece], settings: Settings
    ) -> tuple[list[tuple[Edit, ...]], str]:
        """The edits of each sentence, and which engine made them; only those not remembered are tagged.

        Raises:
            EngineError: the engine failed, or would not stay with one model.
        """
        sentences = [piece.repaired.sentence for piece in pieces if piece.repaired]
        for _ in range(_TAKEOVERS):
            identity, decoding, context = (
                self.engine.identity,
                self._decoding(settings),
                self._context(settings),
            )
            keys = [_key(sentence, context) for sentence in sentences]
            found = {key: self._edits[key] for key in keys if key in self._edits}
            new = {key: one for key, one in zip(keys, sentences, strict=True) if key not in found}
            passes = Passes(list(new.values()), decoding)
            while batch := passes.pending():
                passes.advance(await self.engine.tag(batch, decoding.keep_confidence))
            if self.engine.identity != identity:
                continue  # another engine took over on the way: its taggings must not mix with the first's
            tagged = dict(zip(new, passes.edits(), strict=True))
            found.update(tagged)
            self._remember(found)
            if self._cache and tagged:
                rows = {key_of(*key): edits for key, edits in tagged.items()}
                await _to_the_end(asyncio.to_thread(self._cache.put_many, rows))
            return [found[key] for key in keys], identity
        raise EngineError(
            "the answers come from ever other models: "
            "let one address serve one version, or name it in triton.version"
        )

    def _context(self, settings: Settings) -> str:
        """What the edits of all sentences depend on now."""
        return context_of(self.engine.identity, self._decoding(settings))

    def _decoding(self, settings: Settings) -> Decoding:
        """The model's thresholds for the chosen strictness, or what the user put in their place."""
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


def _with_problems(part: CheckPart, suppression: Suppression) -> CheckPart:
    """The last part, with what is wrong with the directives of the text."""
    problems = suppression.problems()
    places = [problem.span for problem in problems]
    return replace(
        part,
        findings=tuple(sorted([*part.findings, *problems], key=lambda finding: finding.place)),
        extents=tuple(sorted([*part.extents, *places])),
    )


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


def _reading(settings: Settings) -> Reading:
    """What of a document is read, as the settings say."""
    return Reading(
        settings.front_matter, settings.latex_commands, settings.string_literals, settings.notebook_code
    )


def _outwards(blocks: Sequence[ProseBlock], focus: Span) -> list[ProseBlock]:
    """The blocks in the order of their distance from a place: what follows it, then what precedes it.

    A screen shows more below the cursor than above it as often as not, so the two sides take turns.
    """
    extents = [block.extent(0, len(block.text)) for block in blocks]
    middle = bisect_left(extents, focus.start, key=lambda extent: extent.end)
    distances = [
        2 * (index - middle) if index >= middle else 2 * (middle - index) - 1 for index in range(len(blocks))
    ]
    return [blocks[index] for index in sorted(range(len(blocks)), key=distances.__getitem__)]


def _window(blocks: Sequence[ProseBlock]) -> tuple[list[ProseBlock], Span | None]:
    """The first blocks, as many as are checked of a very large document, and where they are."""
    room = WINDOW
    kept: list[ProseBlock] = []
    for block in blocks:
        if room <= 0:
            break
        kept.append(block)
        room -= len(block.text)
    if len(kept) == len(blocks):
        return kept, None
    extents = [block.extent(0, len(block.text)) for block in kept]
    return kept, Span(min(one.start for one in extents), max(one.end for one in extents))


def _pieces(
    blocks: Iterable[ProseBlock], splitter: Splitter | None, proposers: Proposers | None
) -> Iterator[_Piece]:
    """The blocks, each cut behind its sentences."""
    for block in blocks:
        start = 0
        for place in sentences_of(block, splitter):
            end = place.offset + len(place.sentence.text)
            dependencies = Dependencies()
            proposals = proposers.of(place.sentence, block, place.offset, dependencies) if proposers else ()
            yield _Piece(block, start, end, place, repaired(place.sentence, proposals), dependencies)
            start = end
        if start < len(block.text):
            yield _Piece(block, start, len(block.text), None)


def _remembered_first(pieces: Iterator[_Piece], is_new: Callable[[_Piece], bool]) -> Iterator[_Piece]:
    """The pieces, of the first `_NEAR` code points of them those first that are remembered."""
    near: list[_Piece] = []
    read = 0
    while read < _NEAR and (piece := next(pieces, None)):
        near.append(piece)
        read += piece.end - piece.start
    yield from sorted(near, key=is_new)
    yield from pieces


def _extents(pieces: Iterable[_Piece], known: Iterable[BlockResult]) -> tuple[Span, ...]:
    """Where pieces and known blocks stand: of the pieces a span for each run in one block."""
    runs: list[_Piece] = []
    for piece in pieces:
        if runs and runs[-1].block is piece.block and runs[-1].end == piece.start:
            runs[-1] = runs[-1]._replace(end=piece.end)
        else:
            runs.append(piece)
    extents = [*(run.block.extent(run.start, run.end) for run in runs), *(one.extent for one in known)]
    return tuple(sorted(extents, key=lambda extent: (extent.start, extent.end)))


def _found(
    pieces: Iterable[_Piece], edits: Iterable[tuple[Edit, ...]], model: str, proposers: Proposers | None
) -> list[_Found]:
    """The findings of some pieces."""
    of_sentences = iter(edits)
    found = []
    for piece in pieces:
        findings: tuple[Finding, ...] = ()
        if piece.sentence and piece.repaired and piece.dependencies:
            place, fixed = piece.sentence, piece.repaired
            sound = _sound(next(of_sentences), fixed.sentence.text, proposers, piece.dependencies)
            findings = tuple(
                replace(finding, model=model, sentence=place.extent)
                for finding in _findings_of(place, fixed, sound)
            )
        found.append(_Found(piece, findings))
    return found


def _of_whole_blocks(found: Iterable[_Found]) -> Iterator[BlockResult]:
    """What was found in those blocks of which all is there."""
    of_blocks: dict[int, list[_Found]] = {}
    for one in found:
        of_blocks.setdefault(id(one.piece.block), []).append(one)
    for those in of_blocks.values():
        block = those[0].piece.block
        if sum(one.piece.end - one.piece.start for one in those) == len(block.text):
            yield BlockResult(
                block,
                block.extent(0, len(block.text)),
                _in_order(one.findings for one in those),
                sum(len(one.piece.repaired.sentence.words) for one in those if one.piece.repaired),
                tuple(
                    dependencies
                    for one in those
                    if (dependencies := one.piece.dependencies)
                    and (dependencies.known or dependencies.counts or dependencies.neighbours)
                ),
            )


def _in_order(findings: Iterable[Iterable[Finding]]) -> tuple[Finding, ...]:
    """All of them, as they stand in the document."""
    return tuple(sorted(chain.from_iterable(findings), key=lambda finding: finding.place))


def _sound(
    edits: Iterable[Edit], text: str, proposers: Proposers | None, dependencies: Dependencies
) -> list[Edit]:
    """The edits that write English."""
    return [edit for edit in edits if proposers is None or proposers.writes_words(edit, text, dependencies)]


def _findings_of(place: LocatedSentence, fixed: Repaired, edits: Iterable[Edit]) -> Iterator[Finding]:
    """What was repaired in a sentence, and what the engine says of the repaired one."""
    edits = [edit for edit in edits if not is_terse_style(place, fixed.sentence, edit)]
    if place.block.is_read_only:
        for finding in _placed(place.shown_span, place, fixed, edits):
            yield replace(finding, suggestions=())
    else:
        yield from _placed(place.document_span, place, fixed, edits)


def _placed(
    span_of: ToDocument, place: LocatedSentence, fixed: Repaired, edits: Iterable[Edit]
) -> Iterator[Finding]:
    if not fixed.proposals:
        yield from findings_of(place.sentence, edits, span_of)
        return

    def to_document(start: int, end: int, replacement: str | None = None) -> Span | None:
        original = fixed.original(start, end, widen=replacement is None)
        return span_of(*original, replacement) if original else None

    yield from proposed_findings(fixed.proposals, span_of)
    yield from findings_of(fixed.sentence, edits, to_document)


def _key(sentence: Sentence, context: str) -> _Key:
    """All that the edits of a sentence depend on; its words follow from its text."""
    return sentence.text, sentence.may_end_open, sentence.untouchable, context
