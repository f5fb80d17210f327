"""`grammared lint --interactive`: one finding at a time, and the user decides about each."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from lsp_server.cli.dictionary import dictionary_file
from lsp_server.cli.ignore import ignore_file
from lsp_server.cli.reporters.text import finding_lines, printable, stdout_console
from lsp_server.errors import InputError
from lsp_server.findings import ErrorKind, Suggestion
from lsp_server.suppress import entry_for, fingerprint_of
from lsp_server.suppress.entries import add_entry
from lsp_server.suppress.fingerprint import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from lsp_server.cli.reporters.report import FileReport
    from lsp_server.findings import Finding

_ENTER = ("\r", "\n")
_INTERRUPTS = ("\x03", "\x04")
"""Ctrl-C and Ctrl-D, where the terminal hands them on as characters."""


@dataclass
class Review:
    """What somebody decided about the findings of one file."""

    taken: list[Suggestion] = field(default_factory=list)
    """What is to be written, for the text that was shown; none overlaps another."""


@dataclass
class _Reviewer:
    """Asks about one file after the other, and remembers what holds for all of them."""

    console: Console
    has_ended: bool = False
    words: set[str] = field(default_factory=set)
    """Those that were added to a dictionary on the way."""

    def __call__(self, report: FileReport) -> Review:
        """Ask about each finding of a file, until the user has enough."""
        review = Review()
        for finding in report.result.findings:
            if self.has_ended:
                break
            text = report.document.text
            word = entry_for(finding.span.of(text))
            if (finding.kind is ErrorKind.SPELLING and word in self.words) or _is_changed(finding, review):
                continue
            for line in finding_lines(report.name, report.document, finding, self.console.width):
                self.console.print(line, soft_wrap=True)
            self._ask(finding, text, word, review)
        return review

    def _ask(self, finding: Finding, text: str, word: str, review: Review) -> None:
        """Do what the user wants; ask again until it can be done."""
        count = len(finding.suggestions)
        while True:
            self.console.print(_question(count), style="bold", end=" ")
            key = click.getchar()
            if key in _INTERRUPTS:
                raise click.Abort
            self.console.print("" if key in _ENTER else printable(key))
            if key in _ENTER and count:
                review.taken.append(finding.suggestions[0])
            elif key.isdecimal() and 1 <= int(key) <= count:
                review.taken.append(finding.suggestions[int(key) - 1])
            elif key == "e":
                wrong = finding.span.of(text)
                written = click.prompt("Write instead", default=wrong, show_default=True)
                if written != wrong:
                    review.taken.append(Suggestion(finding.span, written))
            elif key == "i":
                self._add(
                    lambda: add_entry(ignore_file(), fingerprint_of(finding, text), excerpt(finding, text))
                )
            elif key == "a":
                if not self._add(lambda: add_entry(dictionary_file(None), word)):
                    continue
                self.words.add(word)
            elif key == "q":
                self.has_ended = True
            elif key != "s":
                continue
            return

    def _add(self, add: Callable[[], object]) -> bool:
        """Whether an entry could be added; why not is told."""
        try:
            add()
        except InputError as error:
            click.echo(f"grammared: {error}", err=True)
            return False
        return True


def reviewer(color: str) -> Callable[[FileReport], Review]:
    """What asks the user about the findings of each file.

    Args:
        color: auto, always or never.

    Raises:
        click.UsageError: there is nobody to ask.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("--interactive asks on a terminal, and this is none; --fix asks nothing")
    return _Reviewer(stdout_console(color))


def _question(suggestions: int) -> str:
    """The keys that do something."""
    numbers = {0: "", 1: "enter: take it, "}.get(
        suggestions, f"1-{suggestions}: take it (enter: the first), "
    )
    return f"{numbers}e: edit, s: skip, i: ignore it from now on, a: add the word, q: quit?"


def _is_changed(finding: Finding, review: Review) -> bool:
    """Whether what was taken already changes the text of a finding."""
    places = [finding.span, *(suggestion.span for suggestion in finding.suggestions)]
    return any(
        one.start < taken.span.end and taken.span.start < one.end for taken in review.taken for one in places
    )
