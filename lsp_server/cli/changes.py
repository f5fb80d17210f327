"""What Git says has changed: which lines of which files, and what is staged."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.errors import InputError

if TYPE_CHECKING:
    from lsp_server.cli.reporters.report import FileReport

_HUNK = re.compile(rb"@@ -\d+(?:,(?P<old>\d+))? \+(?P<first>\d+)(?:,(?P<new>\d+))? @@")
_ESCAPED = re.compile(rb'\\([abfnrtv"\\]|[0-7]{3})')
_NAMED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_DIFF = (
    *("diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames"),
    *("--no-relative", "--src-prefix=a/", "--dst-prefix=b/", "--diff-filter=d"),
)


@dataclass(frozen=True)
class Changes:
    """Lines of files that are new or were changed."""

    lines: dict[Path, list[range]]
    """Of each file, by its absolute path, line numbers from 0."""
    staged: Path | None = None
    """The top of the repository if texts are to be read from the index."""

    def has(self, path: Path) -> bool:
        """Whether anything of a file has changed."""
        return path.resolve() in self.lines

    def narrowed(self, report: FileReport, path: Path) -> FileReport:
        """A report with those findings only that touch a changed line."""
        document = report.document
        changed = self.lines.get(path.resolve(), [])

        def touches(start: int, end: int) -> bool:
            first, last = map(document.lines.line_of, (start, max(start, end - 1)))
            return any(lines.start <= last and first < lines.stop for lines in changed)

        kept = tuple(one for one in report.result.findings if touches(one.span.start, one.span.end))
        return replace(report, result=replace(report.result, findings=kept))

    def read(self, path: Path) -> bytes:
        """What is staged of a file.

        Raises:
            InputError: nothing is.
        """
        assert self.staged is not None
        name = path.resolve().relative_to(self.staged).as_posix()
        return _git(self.staged, "show", f":{name}")


def changes_since(revision: str) -> Changes:
    """What files in the work tree have that a revision has not; files that Git does not know are left out.

    Raises:
        InputError: this is no repository, or there is no such revision.
    """
    if revision.startswith("-"):
        raise InputError(f"{revision} is no revision")
    top = _top()
    return Changes(_changed(top, _git(top, *_DIFF, revision, "--")))


def staged_changes() -> Changes:
    """What the index has that the last commit has not.

    Raises:
        InputError: this is no repository.
    """
    top = _top()
    return Changes(_changed(top, _git(top, *_DIFF, "--cached", "--")), top)


def _top() -> Path:
    shown = _git(Path.cwd(), "rev-parse", "--show-toplevel")
    return Path(shown.decode("utf-8", "surrogateescape").rstrip("\r\n")).resolve()


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except OSError as error:
        raise InputError(f"Git cannot be run: {(error.strerror or str(error)).lower()}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it failed"]
        raise InputError(f"Git says: {said[0].removeprefix('fatal: ')}")
    return done.stdout


def _changed(top: Path, diff: bytes) -> dict[Path, list[range]]:
    """The new lines of a diff without context."""
    lines: dict[Path, list[range]] = {}
    current: list[range] = []
    text = 0  # lines of the present hunk that are still to come: they may look like anything
    for line in diff.split(b"\n"):
        if text and line[:1] in b"+-":
            text -= 1
        elif line.startswith(b"+++ "):
            current = []
            lines[top / _name(line[4:])] = current
        elif hunk := _HUNK.match(line):
            first, count = int(hunk["first"]), int(hunk["new"] or b"1")
            text = count + int(hunk["old"] or b"1")
            if count:
                current.append(range(first - 1, first - 1 + count))
    return lines


def _name(written: bytes) -> Path:
    """A file's name as a diff writes it: with quotes and escapes if it is a strange one."""
    name = written.rstrip(b"\t\r")
    if name.startswith(b'"'):
        name = _ESCAPED.sub(_unescaped, name.strip(b'"'))
    return Path(name.removeprefix(b"b/").decode("utf-8", "surrogateescape"))


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if code.isdigit() else _NAMED.get(code, code)
