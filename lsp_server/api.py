"""Grammared for Python programs and notebooks.

    >>> from lsp_server.api import Grammared
    >>> with Grammared() as grammared:
    ...     checked = grammared.check("She go to school every day.")
    >>> checked.corrected()
    'She goes to school every day.'

It is the checker of the editors and the command line, with the same settings. `docs/api.md` is the guide;
what is in `__all__` changes only with the major version.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lsp_server.documents import DocumentSnapshot
from lsp_server.documents.kinds import kind_of_identifier, kind_of_name, known_identifiers
from lsp_server.errors import GrammaredError, InputError, SettingsError
from lsp_server.findings.fixes import SURE, applied, choices
from lsp_server.opening import open_checker
from lsp_server.settings import Settings, nearest, settings_for, settings_from_options, with_user_file

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from types import TracebackType

    from lsp_server.checker import Checker
    from lsp_server.findings import Finding as _Found
    from lsp_server.findings import Suggestion
    from lsp_server.sentences import LocatedSentence
    from triton_server.gector.types import Tagging

__all__ = ["AsyncGrammared", "Checked", "Finding", "Grammared", "GrammaredError", "Tag"]

_T = TypeVar("_T")
_AT_ONCE = 16
"""Texts that are checked side by side."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong in a text."""

    start: int
    """Code-point offset into the text: `text[start:end]` is what to underline."""
    end: int
    kind: str
    """The stable code of the kind of error, such as `spelling`; `grammared kinds` lists them."""
    message: str
    """What is wrong, in plain English."""
    confidence: float
    """How sure it is, in 0..1; `grammared lint --fix` puts right what is at least 0.85."""
    suggestions: tuple[str, ...]
    """What may stand in place of `text[start:end]`, the best first."""
    _best: Suggestion | None = field(default=None, repr=False, compare=False)
    """The first one as the smallest change, so that it goes with others nearby."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a text. In a notebook it shows itself."""

    text: str
    kind: str
    """Of text, such as `markdown`."""
    findings: tuple[Finding, ...]
    """In the order of the text."""
    model: str
    """Name and hash of the model that was asked; empty if the text has no prose."""

    def corrected(self, min_confidence: float = 0.0) -> str:
        """The text with the best suggestion of each finding taken that is at least so sure.

        Of two that overlap, the first counts.
        """
        sure = (one._best for one in self.findings if one.confidence >= min_confidence)
        return applied(self.text, (best for best in sure if best))

    def surely_corrected(self) -> str:
        """The text with what is sure put right, as editors do it on saving."""
        return self.corrected(SURE)

    def _repr_html_(self) -> str:
        """The text with what is wrong marked, for notebooks."""
        parts, done = [], 0
        for finding in self.findings:
            if finding.start < done:
                continue
            title = escape(f"{finding.message} ({', '.join(finding.suggestions)})", quote=True)
            wrong = escape(self.text[finding.start : finding.end])
            parts.append(escape(self.text[done : finding.start]))
            parts.append(f'<mark title="{title}" style="text-decoration: underline wavy">{wrong}</mark>')
            done = finding.end
        parts.append(escape(self.text[done:]))
        return f'<div style="white-space: pre-wrap">{"".join(parts)}</div>'


@dataclass(frozen=True, slots=True)
class Tag:
    """What the model says of one word; of the place before a sentence's first word, `start == end`."""

    start: int
    """Code-point offset into the text."""
    end: int
    label: str
    """Of GECToR's edit space: `$KEEP`, `$DELETE`, `$APPEND_x`, `$REPLACE_x`, `$TRANSFORM_…` (Omelianchuk et
    al. 2020); the likeliest one at the settings' keep confidence, whether it counts as a finding or not."""
    probability: float
    """Of the label, in 0..1."""
    error_probability: float
    """How sure the model is that something is wrong here, in 0..1."""


class AsyncGrammared:
    """A checker for programs with an event loop.

        async with AsyncGrammared(strictness="high") as grammared:
            checked = await grammared.check("# The Titel", kind="markdown")

    Args:
        user_file: whether the user's own settings file and dictionary count, as they do for editors.
        project: a folder whose project file counts as well; None for none.
        settings: any of `docs/settings.md`, with Python's names (`min_confidence`) or those of the file.

    Raises:
        SettingsError: a setting is unknown, or has a wrong value.
    """

    def __init__(
        self, *, user_file: bool = False, project: str | Path | None = None, **settings: Any
    ) -> None:
        base = with_user_file(Settings()).settings if user_file else Settings()
        if project is not None:
            base = settings_for(Path(project) / "untitled", base).settings
        self.settings, problems = settings_from_options(
            {_wire_name(name): value for name, value in settings.items()}, "Grammared", base
        )
        if problems:
            raise SettingsError(problems[0])
        self._checker: Checker | None = None

    async def __aenter__(self) -> AsyncGrammared:
        self._checker = await open_checker(self.settings, lambda *_: None, is_hurried=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._checker:
            await self._checker.close()
        self._checker = None

    async def check(self, text: str, kind: str = "plaintext") -> Checked:
        """Find what is wrong in a text.

        Args:
            text: any length.
            kind: what it is: `plaintext`, `markdown`, `latex`, `python` … (docs/kinds-of-text.md).

        Raises:
            GrammaredError: there is no such kind of text, or the engine failed.
        """
        return await self._checked(DocumentSnapshot("grammared:text", text, _known(kind)), self.settings)

    async def check_file(self, path: str | Path) -> Checked:
        """Find what is wrong in a file, with the settings of the project that it is in on top.

        Args:
            path: its name says what it is; what has an unknown ending is plain text. In UTF-8.

        Raises:
            GrammaredError: the file cannot be read, or the engine failed.
        """
        document = await asyncio.to_thread(_read, Path(path))
        return await self._checked(document, settings_for(document.uri, self.settings).settings)

    async def _checked(self, document: DocumentSnapshot, settings: Settings) -> Checked:
        result = await self._open().check(document, settings=settings)
        if result.failure:
            raise result.failure
        text = document.text
        findings = tuple(_finding(one, text) for one in result.findings)
        return Checked(text, document.language, findings, result.model)

    def _open(self) -> Checker:
        if self._checker is None:
            raise GrammaredError("the checker is not open: use it inside `async with`, or `with`")
        return self._checker

    async def tags(self, text: str, kind: str = "plaintext") -> list[Tag]:
        """What the model says of each word of the sentences in a text, before any of it is corrected.

        Raises:
            GrammaredError: as `check` does.
        """
        document = DocumentSnapshot("grammared:text", text, _known(kind))
        return tags_of(await self._open().taggings(document, settings=self.settings))

    async def check_many(self, texts: Iterable[str], kind: str = "plaintext") -> list[Checked]:
        """Check some texts, several at a time, in their order.

        Raises:
            GrammaredError: as `check` does.
        """
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(text: str) -> Checked:
            async with turn:
                return await self.check(text, kind)

        return list(await asyncio.gather(*map(one, texts)))


class Grammared:
    """A checker for programs without an event loop, and for notebooks.

        with Grammared(dialect="gb", words=["kubectl"]) as grammared:
            for finding in grammared.check(text).findings: ...

    It may be used from several threads at once. The arguments are those of `AsyncGrammared`.
    """

    def __init__(
        self, *, user_file: bool = False, project: str | Path | None = None, **settings: Any
    ) -> None:
        self._own = AsyncGrammared(user_file=user_file, project=project, **settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Grammared:
        # A loop of its own in a thread of its own: in a notebook another one runs already.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=[self._loop], name="grammared", daemon=True)
        self._thread.start()
        try:
            self._wait(self._own.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait(self._own.__aexit__(kind, error, trace))
        self._stop()

    def check(self, text: str, kind: str = "plaintext") -> Checked:
        """As `AsyncGrammared.check`."""
        return self._wait(self._own.check(text, kind))

    def check_file(self, path: str | Path) -> Checked:
        """As `AsyncGrammared.check_file`."""
        return self._wait(self._own.check_file(path))

    def tags(self, text: str, kind: str = "plaintext") -> list[Tag]:
        """As `AsyncGrammared.tags`."""
        return self._wait(self._own.tags(text, kind))

    def check_many(self, texts: Iterable[str], kind: str = "plaintext") -> list[Checked]:
        """As `AsyncGrammared.check_many`."""
        return self._wait(self._own.check_many(texts, kind))

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        if self._loop is None:
            work.close()
            raise GrammaredError("the checker is not open: use it inside `with`")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        if self._loop and self._thread:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop = self._thread = None


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is told to stop, and clear up."""
    loop.run_forever()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def _wire_name(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def tags_of(taggings: Iterable[tuple[LocatedSentence, Tagging]]) -> list[Tag]:
    """The tags of some sentences in the order of their text; words whose place has no text are left out."""
    tags = []
    for place, tagging in taggings:
        # Index 0 is the place before the first word.
        spans = [(0, 0), *((word.start, word.end) for word in place.sentence.words)]
        told = zip(tagging.labels, tagging.probabilities, tagging.error_probabilities, strict=True)
        for (start, end), (label, probability, error) in zip(spans, told, strict=True):
            if span := place.document_span(start, end):
                tags.append(Tag(span.start, span.end, label, probability, error))
    return tags


def _read(path: Path) -> DocumentSnapshot:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise InputError(f"{path}: {error}") from error
    return DocumentSnapshot(path.absolute().as_uri(), text, kind_of_name(path.name) or "plaintext")


def _known(kind: str) -> str:
    """The kind of text that a name stands for.

    Raises:
        GrammaredError: none does.
    """
    known = kind_of_identifier(kind)
    if known is None:
        near = nearest(kind, known_identifiers())
        raise GrammaredError(
            f"no kind of text is called {kind}" + (f"; did you mean {near}?" if near else "")
        )
    return known


def _finding(found: _Found, text: str) -> Finding:
    """A finding that covers whatever one of its suggestions changes."""
    span, replacements = choices(found, text)
    return Finding(
        span.start,
        span.end,
        found.kind.code,
        found.message,
        found.confidence,
        tuple(replacements),
        found.suggestions[0] if found.suggestions else None,
    )
