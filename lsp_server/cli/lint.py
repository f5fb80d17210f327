"""`grammared lint`: check files, folders and standard input, and report what was found."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lsp_server.cli.files import STDIN, text_files
from lsp_server.cli.flags import flag_options, format_option, settings_flags
from lsp_server.cli.progress import Progress
from lsp_server.cli.project import FileSettings
from lsp_server.cli.reporters.report import FileReport
from lsp_server.cli.texts import BinaryError, decode, read_bytes
from lsp_server.documents import DocumentSnapshot
from lsp_server.errors import EngineUnavailable, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lsp_server.settings import Settings

CLEAN, FOUND, FAILED = 0, 1, 2


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Whether text has colours; auto: on a terminal.",
)
@click.option("--exclude", metavar="PATTERN", multiple=True, help="Leave out, in folders; as in .gitignore.")
@click.option("--language", help="What the texts are, such as markdown, whatever their names say.")
@click.option("--stdin-filename", metavar="NAME", default="<stdin>", help="What to call standard input.")
@settings_flags
def lint(
    paths: tuple[Path, ...],
    form: str,
    color: str,
    exclude: tuple[str, ...],
    language: str | None,
    stdin_filename: str,
    **flags: Any,
) -> int:
    """Check files, the texts in folders, or standard input (-).

    Exit code 0: nothing found; 1: something found; 2: something could not be checked.
    """
    run = _Run(_text_printer(color) if form == "text" else None)
    settings = FileSettings(flag_options(**flags), run.say)
    # Before the event loop: it would keep an interrupt waiting for the end of the input.
    stdin = read_bytes(None) if STDIN in paths else b""
    files = text_files(paths, exclude, settings.wants)
    documents = _documents(files, set(paths), language, stdin, stdin_filename, settings, run)
    try:
        asyncio.run(_check(documents, settings.of_engine, run))
    finally:
        run.progress.hide()
    if form == "json":
        from lsp_server.cli.reporters.json import report_json

        click.echo(report_json(run.reports, run.failures))
    else:
        click.echo(_summary(run), err=True)
    return FAILED if run.failures else FOUND if run.findings else CLEAN


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

    def add(self, report: FileReport) -> None:
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
    documents: Iterable[tuple[str, DocumentSnapshot, Settings]], of_engine: Settings, run: _Run
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
            result = await checker.check(document, show, settings=settings)
            if ledger and result.model:
                from lsp_server.trials import Tally

                ledger.document(result.model, result.words, Tally(found=len(result.findings)))
            run.add(FileReport(name, document, result))
            if isinstance(result.failure, EngineUnavailable):
                run.say("no further file is checked")
                break
    finally:
        if checker is not None:
            await checker.engine.close()


def _documents(
    paths: Iterable[Path | InputError],
    named: set[Path],
    language: str | None,
    stdin: bytes,
    stdin_name: str,
    settings: FileSettings,
    run: _Run,
) -> Iterator[tuple[str, DocumentSnapshot, Settings]]:
    """Read each file, under the name to report it by, with its settings; what cannot be read is a failure."""
    for path in paths:
        if isinstance(path, InputError):
            run.fail(path)
            continue
        name = stdin_name if path == STDIN else str(path)
        try:
            text, note = decode(stdin if path == STDIN else read_bytes(path))
        except BinaryError as error:
            # A folder may hold anything; a file that was named is meant.
            (run.fail if path in named else run.say)(f"{name}: {error}")
        except InputError as error:
            run.fail(f"{name}: {error}")
        else:
            if note:
                run.say(f"{name}: {note}")
            place = path if path != STDIN or stdin_name.startswith("<") else Path(stdin_name)
            known_language = language or settings.language_of(place) or "plaintext"
            document = DocumentSnapshot(path.absolute().as_uri(), text, known_language)
            yield name, document, settings.of(place).settings


def _text_printer(color: str) -> Callable[[FileReport], None]:
    """Prints reports to stdout, with colours if they are wanted."""
    from lsp_server.cli.reporters.text import report_text, stdout_console

    console = stdout_console(color)
    return lambda report: report_text(report, console)


def _summary(run: _Run) -> str:
    files = f"{len(run.reports)} {'file' if len(run.reports) == 1 else 'files'}"
    findings = f"{run.findings or 'No'} {'finding' if run.findings == 1 else 'findings'}"
    failures = f", {len(run.failures)} {'failure' if len(run.failures) == 1 else 'failures'}"
    return f"{findings} in {files}{failures if run.failures else ''}"
