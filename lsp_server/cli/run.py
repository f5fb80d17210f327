"""One run of `grammared lint`: documents in, checked side by side, reports out in their order."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from lsp_server.cli.files import STDIN
from lsp_server.cli.fix import fixed, patch, rewrite
from lsp_server.cli.progress import Progress
from lsp_server.cli.reporters.report import FileReport
from lsp_server.documents import DocumentSnapshot
from lsp_server.errors import EngineUnavailable, InputError
from lsp_server.findings import ErrorKind
from lsp_server.findings.fixes import applied

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from lsp_server.checker import Checker
    from lsp_server.cli.baseline import Baseline
    from lsp_server.cli.changes import Changes
    from lsp_server.cli.interactive import Review
    from lsp_server.findings import Finding
    from lsp_server.results import CheckResult
    from lsp_server.settings import Settings

    Check = Callable[[DocumentSnapshot], Awaitable[CheckResult]]

_Result = TypeVar("_Result")

_AHEAD = 4
"""Documents that are checked at once: while some are read and cut into sentences, the engine has work."""


class Input(NamedTuple):
    """A document that is to be checked."""

    name: str
    """As the user wrote it."""
    document: DocumentSnapshot
    settings: Settings


@dataclass(frozen=True)
class Wanted:
    """What is to be done with what is found."""

    fix: bool = False
    diff: bool = False
    confidence: float = 0.0
    """How sure a finding must be to be put right."""
    most: int | None = None
    """How many findings are shown."""
    baseline: Baseline | None = None
    changes: Changes | None = None
    """Lines on which alone findings are reported."""
    review: Callable[[FileReport], Review] | None = None
    """Asks somebody about each finding."""

    @property
    def is_writing(self) -> bool:
        """Whether files or patches are written while documents are checked: then one after the other."""
        return self.fix or self.diff or self.review is not None

    def narrowed(self, report: FileReport) -> FileReport:
        """A report without what is not wanted."""
        if self.changes:
            report = self.changes.narrowed(report, Path(report.name))
        return self.baseline.narrowed(report) if self.baseline else report

    def is_fixed(self, finding: Finding) -> bool:
        """Whether a finding is put right without a question."""
        return finding.kind is not ErrorKind.DIRECTIVE and finding.confidence >= self.confidence


@dataclass
class Run:
    """What has come out so far, each thing told as it comes."""

    show: Callable[[FileReport], None] | None
    is_verbose: bool = False
    reports: list[FileReport] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)

    @property
    def findings(self) -> int:
        """How many there are."""
        return sum(len(report.result.findings) for report in self.reports)

    @property
    def severities(self) -> Iterator[str]:
        """Of all findings."""
        return (report.severity_of(one) for report in self.reports for one in report.result.findings)

    def add(self, report: FileReport, most: int | None = None) -> None:
        """A file was checked; of all files so far, `most` findings are kept."""
        if most is not None:
            kept = report.result.findings[: max(0, most - self.findings)]
            report = replace(report, result=replace(report.result, findings=kept))
        if self.is_verbose:
            words = f"{report.result.words:,} words"
            self.say(
                f"{report.name}: {report.document.language}, {words}, {report.result.model or 'no prose'}"
            )
        self.reports.append(report)
        self.progress.finish(report.name)
        if self.show:
            if report.result.findings:
                self.progress.hide()
            self.show(report)
        if report.result.failure:
            self.fail(f"{report.name}: not all of it was checked: {report.result.failure}")

    def fail(self, line: str | InputError) -> None:
        """Something could not be checked."""
        self.failures.append(str(line))
        self.say(line)

    def say(self, line: str | InputError) -> None:
        """Tell the user, beside what is printed."""
        self.progress.hide()
        click.echo(f"grammared: {line}", err=True)


async def check(
    rounds: AsyncIterator[Iterable[Input]], of_engine: Settings, run: Run, wanted: Wanted
) -> None:
    """Check the documents of each round, and report them in their order.

    The engine is started with the first document: without one there is none.
    """
    opening: asyncio.Task[Checker] | None = None

    async def report_of(one: Input) -> tuple[FileReport, CheckResult]:
        nonlocal opening
        if opening is None:
            from lsp_server.opening import open_checker

            opening = asyncio.create_task(
                open_checker(of_engine, lambda line, _: run.say(line), is_hurried=False)
            )
        checker = await asyncio.shield(opening)
        show = partial(run.progress.update, one.name)
        return await _checked(one, partial(checker.check, progress=show, settings=one.settings), run, wanted)

    try:
        async for inputs in rounds:
            async with aclosing(_in_order(inputs, report_of, 1 if wanted.is_writing else _AHEAD)) as results:
                async for report, result in results:
                    _count(of_engine, report, result)
                    run.add(wanted.narrowed(report), wanted.most)
                    if isinstance(result.failure, EngineUnavailable):
                        run.say("no further file is checked")
                        return
    finally:
        if opening is not None:
            await _closed(opening)


async def _in_order(
    inputs: Iterable[Input], work: Callable[[Input], Awaitable[_Result]], ahead: int
) -> AsyncGenerator[_Result, None]:
    """What comes of each input, in their order; so many are worked on at once."""
    begun: deque[asyncio.Task[_Result]] = deque()
    try:
        for one in inputs:
            begun.append(asyncio.ensure_future(work(one)))
            if len(begun) == ahead:
                yield await begun.popleft()
        while begun:
            yield await begun.popleft()
    finally:
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)


async def _closed(opening: asyncio.Task[Checker]) -> None:
    """Wait for the checker, unless it could not be opened, and close it."""
    with contextlib.suppress(Exception):
        await (await opening).close()


def _count(of_engine: Settings, report: FileReport, result: CheckResult) -> None:
    """Where versions of the model are compared, keep count of what each found."""
    if result.model:
        from lsp_server.trials import Tally, ledger_of

        if ledger := ledger_of(of_engine):
            ledger.document(result.model, result.words, Tally(found=len(report.result.findings)))


async def _checked(one: Input, check: Check, run: Run, wanted: Wanted) -> tuple[FileReport, CheckResult]:
    """Check one document and do with it what is wanted; the report, and the whole result."""
    document, count = one.document, 0
    if wanted.fix or wanted.diff:
        document, result, count = await _fixed(one, check, run, wanted)
    else:
        result = await check(document)
        if wanted.review:
            document, result, count = await _reviewed(one, result, check, run, wanted)
    return FileReport(one.name, document, result, one.settings, count), result


async def _fixed(
    one: Input, check: Check, run: Run, wanted: Wanted
) -> tuple[DocumentSnapshot, CheckResult, int]:
    """Put right what is sure enough: in the file, or as a patch on standard output.

    What the baseline has is left as it is.
    """
    name, document, baseline = one.name, one.document, wanted.baseline

    async def check_new(document: DocumentSnapshot) -> CheckResult:
        result = await check(document)
        if baseline is None:
            return result
        return replace(result, findings=baseline.new(result.findings, document.text)[0])

    after, result, count = await fixed(document, check_new, wanted.is_fixed)
    if baseline:
        result = await check(after)  # what was met must be used up
    if wanted.diff:
        click.echo(patch(name, document.text, after.text), nl=False)
    elif document.uri == STDIN.absolute().as_uri():  # whatever it is called: that file is not what was read
        click.echo(after.text, nl=False)
    elif not _is_written(name, document.text, after.text, run):
        return document, await check(document), 0
    return after, result, count


async def _reviewed(
    one: Input, result: CheckResult, check: Check, run: Run, wanted: Wanted
) -> tuple[DocumentSnapshot, CheckResult, int]:
    """Let somebody decide about each finding, write what they want, and check once more."""
    assert wanted.review
    report = wanted.narrowed(FileReport(one.name, one.document, result, one.settings))
    review = wanted.review(report)
    document = one.document
    text = applied(document.text, review.taken)
    if not _is_written(one.name, document.text, text, run):
        return document, result, 0
    after = DocumentSnapshot(document.uri, text, document.language)
    return after, await check(after), len(review.taken)


def _is_written(name: str, old: str, new: str, run: Run) -> bool:
    """Whether a file now has the new text; why not is told."""
    if new == old:
        return True
    try:
        rewrite(Path(name), old, new)
    except InputError as error:
        run.fail(f"{name}: {error}")
        return False
    return True
