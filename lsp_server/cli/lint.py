"""`grammared lint`: check files, folders and standard input, and report what was found."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lsp_server.cli.baseline import read_baseline
from lsp_server.cli.baseline import write_baseline as write_baseline_to
from lsp_server.cli.changes import changes_since, staged_changes
from lsp_server.cli.files import STDIN, EmptyFolderError, text_files
from lsp_server.cli.flags import flag_options, settings_flags
from lsp_server.cli.project import FileSettings
from lsp_server.cli.reporters import REPORTS
from lsp_server.cli.run import Input, Run, Wanted, check
from lsp_server.cli.tables import aligned, counted
from lsp_server.cli.texts import BinaryError, decode, read_bytes
from lsp_server.documents import DocumentSnapshot
from lsp_server.documents.kinds import kind_of_identifier, kind_of_text, known_identifiers
from lsp_server.errors import InputError
from lsp_server.findings import ErrorKind
from lsp_server.findings.fixes import SURE
from lsp_server.settings import nearest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence

    from lsp_server.cli.baseline import Baseline
    from lsp_server.cli.changes import Changes
    from lsp_server.cli.interactive import Review
    from lsp_server.cli.reporters.report import FileReport

CLEAN, FOUND, FAILED = 0, 1, 2
FORMATS = ("text", "json", *REPORTS)
_LEVELS = ("hint", "information", "warning", "error")
_FILE = click.Path(dir_okay=False, path_type=Path)


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
@click.option("--statistics", is_flag=True, help="Count the findings by kind and by file.")
@click.option("--quiet", is_flag=True, help="Print no summary.")
@click.option("--verbose", is_flag=True, help="Tell of each file what it is and which model was asked.")
@click.option("--watch", is_flag=True, help="Go on, and check again what changes, until Ctrl-C.")
@click.option("--interactive", is_flag=True, help="Ask about each finding, and put right what you choose.")
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
    verbose: bool,
    watch: bool,
    interactive: bool,
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
    ways = {"--fix": fix, "--diff": diff, "--interactive": interactive, "--watch": watch}
    _refuse_contradictions([name for name, is_given in ways.items() if is_given], staged, diff_from, paths)
    changes = staged_changes() if staged else changes_since(diff_from) if diff_from is not None else None
    known = read_baseline(baseline) if baseline else None
    review = _reviewer(color) if interactive else None
    wanted = Wanted(fix, diff, fix_confidence, max_findings, known, changes, review)
    gives_text = diff or interactive or (fix and STDIN in paths)
    run = Run(_text_printer(color) if form == "text" and not gives_text else None, verbose)
    options = flag_options(**flags)
    if kinds := _levels(select, ignore):
        options["kinds"] = {**options.get("kinds", {}), **kinds}
    if include:
        options["include"] = list(include)
    settings = FileSettings(options, run.say)
    # Before the event loop: it would keep an interrupt waiting for the end of the input.
    stdin = read_bytes(None) if STDIN in paths else b""
    ours = {path.resolve() for path in (baseline, write_baseline, *(file for _, file in outputs)) if path}

    def found(below: tuple[Path, ...]) -> list[Path | InputError]:
        if changes:
            return list(_changed_files(below or (Path(),), exclude, settings, changes))
        return list(
            text_files(below, exclude, lambda path: settings.wants(path) and path.resolve() not in ours)
        )

    def inputs(files: list[Path | InputError]) -> Iterator[Input]:
        read = changes.read if changes and changes.staged else read_bytes
        run.progress.expect(_sizes(files, len(stdin), stdin_filename))
        return _documents(files, set(paths), language, stdin, stdin_filename, settings, run, read)

    async def rounds() -> AsyncIterator[Iterator[Input]]:
        if not watch:
            yield inputs(found(paths))
            return
        from lsp_server.cli.watch import changed_files

        watching = changed_files(paths)
        change = asyncio.ensure_future(anext(watching))  # what changes during the first check counts
        yield inputs(found(paths))
        _say_summary(run, quiet)
        while True:
            changed = await change
            change = asyncio.ensure_future(anext(watching))
            run.reports.clear()
            yield inputs([path for path in found(paths) if _is_one_of(path, changed)])
            if run.reports:
                _say_summary(run, quiet)

    try:
        asyncio.run(check(rounds(), settings.of_engine, run, wanted))
    finally:
        run.progress.hide()
    if write_baseline:
        count = write_baseline_to(write_baseline, run.reports)
        click.echo(f"{counted(count, 'finding')} written to {write_baseline}", err=True)
    for name, file in outputs:
        _write(file, _report(name, run), run)
    if form != "text" and not gives_text:
        click.echo(_report(form, run), nl=False)
    if form != "json":
        _say_summary(run, quiet)
        is_whole = all(path.is_dir() for path in paths) and not (changes or select or ignore or max_findings)
        if known and is_whole and not run.failures and not quiet:
            _say_what_is_gone(known)
    if statistics:
        click.echo(_statistics(run), err=True)
    is_found = any(_LEVELS.index(severity) >= _LEVELS.index(fail_on) for severity in run.severities)
    return FAILED if run.failures else FOUND if is_found and not exit_zero else CLEAN


def _refuse_contradictions(
    ways: Sequence[str], staged: bool, diff_from: str | None, paths: tuple[Path, ...]
) -> None:
    """Flags that cannot go together; `ways` are those given that change what is done with findings.

    Raises:
        click.UsageError: some are given.
    """
    if len(ways) > 1:
        raise click.UsageError("only one of --fix, --diff, --interactive and --watch can be used")
    if staged and diff_from is not None:
        raise click.UsageError("only one of --staged and --diff-from can be used")
    is_of_changes = staged or diff_from is not None
    if is_of_changes and (ways or STDIN in paths):
        raise click.UsageError(
            "--staged and --diff-from go with neither --fix, --diff, --interactive, --watch nor -"
        )
    if {"--watch", "--interactive"} & {*ways} and STDIN in paths:
        raise click.UsageError("--watch and --interactive do not go with standard input")
    if not paths and not is_of_changes:
        raise click.UsageError("name files or folders to check, or - for standard input")


def _is_one_of(path: Path | InputError, changed: set[Path]) -> bool:
    return isinstance(path, Path) and path.parent.resolve() / path.name in changed


def _reviewer(color: str) -> Callable[[FileReport], Review]:
    from lsp_server.cli.interactive import reviewer

    return reviewer(color)


def _sizes(files: Iterable[Path | InputError], stdin_size: int, stdin_name: str) -> dict[str, int]:
    """Bytes of each file, by the name that it is reported by."""
    sizes = {}
    for path in files:
        if path == STDIN:
            sizes[stdin_name] = stdin_size
        elif isinstance(path, Path):
            with contextlib.suppress(OSError):
                sizes[str(path)] = path.stat().st_size
    return sizes


def _say_summary(run: Run, is_quiet: bool) -> None:
    if not is_quiet:
        run.progress.hide()
        click.echo(_summary(run), err=True)


def _say_what_is_gone(baseline: Baseline) -> None:
    gone = sum(baseline.left.values())
    if gone:
        what = "finding of the baseline is" if gone == 1 else "findings of the baseline are"
        click.echo(f"{gone} {what} not in what was checked", err=True)


def _levels(select: tuple[str, ...], ignore: tuple[str, ...]) -> dict[str, str]:
    """What kinds are switched off, as the setting `kinds` has it."""
    off = [kind.code for kind in ErrorKind if select and kind.code not in select]
    return dict.fromkeys([*off, *ignore], "off")


def _report(form: str, run: Run) -> str:
    """The whole report in a format."""
    if form == "text":
        from lsp_server.cli.reporters.text import plain_text

        return plain_text(run.reports)
    if form == "json":
        from lsp_server.cli.reporters.json import report_json

        return report_json(run.reports, run.failures) + "\n"
    return REPORTS[form](run.reports)


def _write(file: Path, text: str, run: Run) -> None:
    try:
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        run.fail(f"{file}: {(error.strerror or type(error).__name__).lower()}")


def _statistics(run: Run) -> str:
    """The kinds that were found, the commonest first, and the files with findings."""
    from lsp_server.cli.reporters.text import printable

    kinds = Counter(finding.kind.code for report in run.reports for finding in report.result.findings)
    files = Counter({report.name: len(report.result.findings) for report in run.reports})
    tables = [
        [(str(count), printable(name)) for name, count in counts.most_common() if count]
        for counts in (kinds, files)
    ]
    return "\n".join("\n".join(aligned(rows)) for rows in tables if rows) or "0  -"


def _documents(
    paths: Iterable[Path | InputError],
    named: set[Path],
    language: str | None,
    stdin: bytes,
    stdin_name: str,
    settings: FileSettings,
    run: Run,
    read: Callable[[Path], bytes] = read_bytes,
) -> Iterator[Input]:
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
            yield Input(name, document, settings.of(place).settings)


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


def _summary(run: Run) -> str:
    fixed_ones = sum(report.fixed for report in run.reports)
    findings, files = counted(run.findings, "finding", "No"), counted(len(run.reports), "file")
    put_right = f", {fixed_ones} put right" if fixed_ones else ""
    failures = f", {counted(len(run.failures), 'failure')}" if run.failures else ""
    return f"{findings} in {files}{put_right}{failures}"
