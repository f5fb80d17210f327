"""`grammared lint`: check files, folders and standard input, and report what was found."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lsp_server.cli.baseline import read_baseline
from lsp_server.cli.baseline import write_baseline as write_baseline_to
from lsp_server.cli.changes import changes_since, staged_changes
from lsp_server.cli.files import STDIN, EmptyFolderError, text_files
from lsp_server.cli.fix import encoded_like, fixed, patch, replace_file
from lsp_server.cli.flags import flag_options, settings_flags
from lsp_server.cli.progress import Progress
from lsp_server.cli.project import FileSettings
from lsp_server.cli.reporters import REPORTS
from lsp_server.cli.reporters.report import FileReport
from lsp_server.cli.tables import aligned
from lsp_server.cli.texts import BinaryError, decode, read_bytes
from lsp_server.documents import DocumentSnapshot
from lsp_server.documents.kinds import kind_of_identifier, kind_of_text, known_identifiers
from lsp_server.errors import EngineUnavailable, InputError
from lsp_server.findings import ErrorKind
from lsp_server.findings.fixes import SURE
from lsp_server.settings import nearest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from lsp_server.checker import CheckResult
    from lsp_server.cli.baseline import Baseline
    from lsp_server.cli.changes import Changes
    from lsp_server.findings import Finding
    from lsp_server.settings import Settings

CLEAN, FOUND, FAILED = 0, 1, 2
FORMATS = ("text", "json", *REPORTS)
_LEVELS = ("hint", "information", "warning", "error")
_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class _Wanted:
    """What is to be done with what is found."""

    fix: bool
    diff: bool
    confidence: float
    most: int | None
    """How many findings are shown."""
    baseline: Baseline | None = None
    changes: Changes | None = None
    """Lines on which alone findings are reported."""

    def narrowed(self, report: FileReport) -> FileReport:
        """A report without what is not wanted."""
        if self.changes:
            report = self.changes.narrowed(report, Path(report.name))
        return self.baseline.narrowed(report) if self.baseline else report

    def is_fixed(self, finding: Finding) -> bool:
        return finding.kind is not ErrorKind.DIRECTIVE and finding.confidence >= self.confidence


def _language(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
    """The kind of text that a name stands for."""
    if name is None or (kind := kind_of_identifier(name)):
        return kind if name else None
    guess = nearest(name, known_identifiers())
    raise click.BadParameter(
        f"no kind of text is called {name}" + (f"; did you mean {guess}?" if guess else "")
    )


def _kind(_: click.Context, __: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of kinds, separated by commas or given again and again."""
    codes = [kind.code for kind in ErrorKind]
    given = [name.strip() for value in names for name in value.split(",")]
    for name in given:
        if name not in codes:
            guess = nearest(name, codes)
            hint = f'; did you mean "{guess}"?' if guess else "; `grammared kinds` lists them"
            raise click.BadParameter(f'there is no kind "{name}"{hint}')
    return tuple(given)


def _output(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, Path], ...]:
    """Pairs of a format and a file."""
    pairs = []
    for value in values:
        form, colon, file = value.partition(":")
        if form not in FORMATS or not colon or not file:
            raise click.BadParameter(f"{value} is not FORMAT:FILE, with one of {', '.join(FORMATS)}")
        pairs.append((form, Path(file)))
    return tuple(pairs)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="For people (text, concise, markdown), or for programs.",
)
@click.option(
    "--output",
    "outputs",
    metavar="FORMAT:FILE",
    multiple=True,
    callback=_output,
    help="Write a report to a file as well; may be given again.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Whether text has colours; auto: on a terminal.",
)
@click.option("--fix", is_flag=True, help="Put right in the files what is sure enough.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, as a patch, and change nothing.")
@click.option(
    "--fix-confidence",
    type=click.FloatRange(0, 1),
    default=SURE,
    show_default=True,
    help="How sure a finding must be to be put right.",
)
@click.option("--staged", is_flag=True, help="Check what is staged in Git, and report on its lines only.")
@click.option(
    "--diff-from", metavar="REV", help="Report on lines only that have changed since a Git revision."
)
@click.option("--baseline", type=_FILE, help="Report only what this file does not have.")
@click.option("--write-baseline", type=_FILE, help="Write what is found to a file that --baseline takes.")
@click.option("--select", metavar="KIND", multiple=True, callback=_kind, help="Report these kinds only.")
@click.option("--ignore", metavar="KIND", multiple=True, callback=_kind, help="Do not report these kinds.")
@click.option("--max-findings", type=click.IntRange(1), metavar="N", help="Show so many findings at most.")
@click.option("--statistics", is_flag=True, help="Count the findings by kind.")
@click.option("--quiet", is_flag=True, help="Print no summary.")
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    default="hint",
    show_default=True,
    help="The least severity that counts as found, for the exit code.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 though something was found.")
@click.option(
    "--include",
    metavar="PATTERN",
    multiple=True,
    help="In folders, check only what matches; as in .gitignore.",
)
@click.option("--exclude", metavar="PATTERN", multiple=True, help="Leave out, in folders; as in .gitignore.")
@click.option(
    "--language",
    metavar="KIND",
    callback=_language,
    help="What the texts are, such as markdown, whatever their names say.",
)
@click.option("--stdin-filename", metavar="NAME", default="<stdin>", help="What to call standard input.")
@settings_flags
def lint(
    paths: tuple[Path, ...],
    form: str,
    outputs: tuple[tuple[str, Path], ...],
    color: str,
    fix: bool,
    diff: bool,
    fix_confidence: float,
    staged: bool,
    diff_from: str | None,
    baseline: Path | None,
    write_baseline: Path | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    max_findings: int | None,
    statistics: bool,
    quiet: bool,
    fail_on: str,
    exit_zero: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    language: str | None,
    stdin_filename: str,
    **flags: Any,
) -> int:
    """Check files, the texts in folders, or standard input (-).

    With --staged and --diff-from the present folder is checked if no PATH is given.

    Exit code 0: nothing found; 1: something found; 2: something could not be checked.
    """
    if fix and diff:
        raise click.UsageError("only one of --fix and --diff can be used")
    if (staged or diff_from is not None) and (fix or diff or STDIN in paths):
        raise click.UsageError("--staged and --diff-from go with neither --fix, --diff nor standard input")
    if staged and diff_from is not None:
        raise click.UsageError("only one of --staged and --diff-from can be used")
    if not paths and not staged and diff_from is None:
        raise click.UsageError("name files or folders to check, or - for standard input")
    changes = staged_changes() if staged else changes_since(diff_from) if diff_from is not None else None
    known = read_baseline(baseline) if baseline else None
    wanted = _Wanted(fix, diff, fix_confidence, max_findings, known, changes)
    gives_text = diff or (fix and STDIN in paths)
    run = _Run(_text_printer(color) if form == "text" and not gives_text else None)
    options = flag_options(**flags)
    if kinds := _levels(select, ignore):
        options["kinds"] = {**options.get("kinds", {}), **kinds}
    if include:
        options["include"] = list(include)
    settings = FileSettings(options, run.say)
    # Before the event loop: it would keep an interrupt waiting for the end of the input.
    stdin = read_bytes(None) if STDIN in paths else b""
    ours = {path.resolve() for path in (baseline, write_baseline) if path}
    if changes:
        files = _changed_files(paths or (Path(),), exclude, settings, changes)
    else:
        files = text_files(paths, exclude, lambda path: settings.wants(path) and path.resolve() not in ours)
    read = changes.read if changes and changes.staged else read_bytes
    documents = _documents(files, set(paths), language, stdin, stdin_filename, settings, run, read)
    try:
        asyncio.run(_check(documents, settings.of_engine, run, wanted))
    finally:
        run.progress.hide()
    if write_baseline:
        count = write_baseline_to(write_baseline, run.reports)
        click.echo(f"{count} {'finding' if count == 1 else 'findings'} written to {write_baseline}", err=True)
    for name, file in outputs:
        _write(file, _report(name, run), run)
    if form != "text" and not gives_text:
        click.echo(_report(form, run), nl=False)
    if form != "json" and not quiet:
        click.echo(_summary(run), err=True)
        is_whole = all(path.is_dir() for path in paths) and not (changes or select or ignore or max_findings)
        if known and known.left and is_whole and not run.failures:
            gone = sum(known.left.values())
            what = "finding of the baseline is" if gone == 1 else "findings of the baseline are"
            click.echo(f"{gone} {what} not in what was checked", err=True)
    if statistics:
        click.echo(_statistics(run), err=True)
    found = any(_LEVELS.index(severity) >= _LEVELS.index(fail_on) for severity in run.severities)
    return FAILED if run.failures else FOUND if found and not exit_zero else CLEAN


def _levels(select: tuple[str, ...], ignore: tuple[str, ...]) -> dict[str, str]:
    """What kinds are switched off, as the setting `kinds` has it."""
    off = [kind.code for kind in ErrorKind if select and kind.code not in select]
    return dict.fromkeys([*off, *ignore], "off")


def _report(form: str, run: _Run) -> str:
    """The whole report in a format."""
    if form == "text":
        from lsp_server.cli.reporters.text import plain_text

        return plain_text(run.reports)
    if form == "json":
        from lsp_server.cli.reporters.json import report_json

        return report_json(run.reports, run.failures) + "\n"
    return REPORTS[form](run.reports)


def _write(file: Path, text: str, run: _Run) -> None:
    try:
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        run.fail(f"{file}: {(error.strerror or type(error).__name__).lower()}")


def _statistics(run: _Run) -> str:
    """The kinds that were found, the commonest first."""
    kinds = Counter(finding.kind.code for report in run.reports for finding in report.result.findings)
    return "\n".join(aligned([(str(count), code) for code, count in kinds.most_common()] or [("0", "-")]))


@dataclass
class _Run:
    """What has come out so far, each thing told as it comes."""

    show: Callable[[FileReport], None] | None
    reports: list[FileReport] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    progress: Progress = field(default_factory=Progress)

    @property
    def findings(self) -> int:
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
        self.reports.append(report)
        self.progress.hide()
        if self.show:
            self.show(report)
        if report.result.failure:
            self.fail(f"{report.name}: not all of it was checked: {report.result.failure}")

    def fail(self, line: str | InputError) -> None:
        self.failures.append(str(line))
        self.say(line)

    def say(self, line: str | InputError) -> None:
        self.progress.hide()
        click.echo(f"grammared: {line}", err=True)


async def _check(
    documents: Iterable[tuple[str, DocumentSnapshot, Settings]],
    of_engine: Settings,
    run: _Run,
    wanted: _Wanted,
) -> None:
    """Check one document after the other; with no document at all, no engine is started."""
    checker = ledger = None
    try:
        for name, document, settings in documents:
            if checker is None:
                from lsp_server.opening import open_checker
                from lsp_server.trials import ledger_of

                ledger = ledger_of(of_engine)
                checker = await open_checker(of_engine, lambda line, _: run.say(line), is_hurried=False)
            show = partial(run.progress.update, name)
            check = partial(checker.check, progress=show, settings=settings)
            if wanted.fix or wanted.diff:
                document, result, count = await _fixed(name, document, check, run, wanted)
            else:
                result, count = await check(document), 0
            if ledger and result.model:
                from lsp_server.trials import Tally

                ledger.document(result.model, result.words, Tally(found=len(result.findings)))
            run.add(wanted.narrowed(FileReport(name, document, result, settings, count)), wanted.most)
            if isinstance(result.failure, EngineUnavailable):
                run.say("no further file is checked")
                break
    finally:
        if checker is not None:
            await checker.close()


async def _fixed(
    name: str,
    document: DocumentSnapshot,
    check: Callable[[DocumentSnapshot], Awaitable[CheckResult]],
    run: _Run,
    wanted: _Wanted,
) -> tuple[DocumentSnapshot, CheckResult, int]:
    """Put right what is sure enough: in the file, or as a patch on standard output.

    What the baseline has is left as it is.
    """
    baseline = wanted.baseline

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
    elif after.text != document.text:
        path = Path(name)
        try:
            data = read_bytes(path)
            if decode(data)[0] != document.text:
                raise InputError("not changed, since somebody else has changed it meanwhile")
            replace_file(path, encoded_like(data, document.text, after.text))
        except InputError as error:
            run.fail(f"{name}: {error}")
            return document, await check(document), 0
    return after, result, count


def _documents(
    paths: Iterable[Path | InputError],
    named: set[Path],
    language: str | None,
    stdin: bytes,
    stdin_name: str,
    settings: FileSettings,
    run: _Run,
    read: Callable[[Path], bytes] = read_bytes,
) -> Iterator[tuple[str, DocumentSnapshot, Settings]]:
    """Read each file, under the name to report it by, with its settings; what cannot be read is a failure."""
    for path in paths:
        if isinstance(path, InputError):
            run.fail(path)
            continue
        name = stdin_name if path == STDIN else str(path)
        try:
            text, note = decode(stdin if path == STDIN else read(path))
        except BinaryError as error:
            # A folder may hold anything; a file that was named is meant.
            (run.fail if path in named else run.say)(f"{name}: {error}")
        except InputError as error:
            run.fail(f"{name}: {error}")
        else:
            if note:
                run.say(f"{name}: {note}")
            place = path if path != STDIN or stdin_name.startswith("<") else Path(stdin_name)
            known_language = language or _kind_of(place, text, settings)
            if known_language is None:
                run.fail(f"{name}: not checked, since its kind of text is not known; name it with --language")
                continue
            document = DocumentSnapshot(path.absolute().as_uri(), text, known_language)
            yield name, document, settings.of(place).settings


def _changed_files(
    paths: tuple[Path, ...], exclude: tuple[str, ...], settings: FileSettings, changes: Changes
) -> Iterator[Path | InputError]:
    """The files named, and those in the folders named, of which something has changed."""
    for found in text_files(paths, exclude, lambda path: changes.has(path) and settings.wants(path)):
        if isinstance(found, Path):
            if changes.has(found):
                yield found
        elif not isinstance(found, EmptyFolderError):
            yield found


def _kind_of(path: Path, text: str, settings: FileSettings) -> str | None:
    """What kind of text a file is: its name says it, or, if that says little, the text itself.

    Standard input and what has no ending is plain text; a script in an unknown language is none.
    """
    named = settings.language_of(path)
    if named not in (None, "plaintext"):
        return named
    is_plain = path == STDIN or path.name.startswith("<") or not path.suffix
    is_script = text.startswith("#!")
    return kind_of_text(text) or named or ("plaintext" if is_plain and not is_script else None)


def _text_printer(color: str) -> Callable[[FileReport], None]:
    """Prints reports to stdout, with colours if they are wanted."""
    from lsp_server.cli.reporters.text import report_text, stdout_console

    console = stdout_console(color)
    return lambda report: report_text(report, console)


def _summary(run: _Run) -> str:
    fixed_ones = sum(report.fixed for report in run.reports)
    files = f"{len(run.reports)} {'file' if len(run.reports) == 1 else 'files'}"
    findings = f"{run.findings or 'No'} {'finding' if run.findings == 1 else 'findings'}"
    failures = f", {len(run.failures)} {'failure' if len(run.failures) == 1 else 'failures'}"
    put_right = f", {fixed_ones} put right" if fixed_ones else ""
    return f"{findings} in {files}{put_right}{failures if run.failures else ''}"
