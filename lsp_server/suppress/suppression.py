"""Which findings of a document are kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.documents import Span
from lsp_server.findings import ErrorKind, Finding, Suggestion
from lsp_server.settings.levels import level_of
from lsp_server.settings.load import settings_from_options
from lsp_server.settings.places import user_ignored
from lsp_server.suppress.directives import Directives, directives_of
from lsp_server.suppress.entries import entries_of
from lsp_server.suppress.fingerprint import fingerprint_of
from lsp_server.suppress.words import KnownWords, known_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.settings import Settings
    from lsp_server.suppress.directives import Directive

_OF_WORDS = frozenset(
    {
        ErrorKind.SPELLING,
        ErrorKind.CAPITALISATION,
        ErrorKind.CONTRACTION,
        ErrorKind.COMPOUND,
        ErrorKind.CONFUSED_WORD,
        ErrorKind.WORD_CHOICE,
    }
)
"""Kinds that find fault with a word itself."""
_WORD = re.compile(r"\w+")
_CERTAINTY = 0.5
"""Of problems with directives: nothing is put right without being asked."""


class Suppression:
    """What is not reported of one text, and why; made anew for each check.

    Args:
        snapshot: the text.
        settings: of this document, with absolute paths.
        directives: of the text.
        words: that are right.
        ignored: fingerprints of findings.
    """

    def __init__(
        self,
        snapshot: DocumentSnapshot,
        settings: Settings,
        directives: Directives,
        words: KnownWords,
        ignored: frozenset[str],
    ) -> None:
        self._text = snapshot.text
        self.settings = settings
        """Those of the document, with what its directives say on top."""
        self._directives = directives
        self.words = words
        """All that are right in this text, those of its directives included."""
        self._ignored = ignored
        self._used: set[Span] = set()
        self._phrases = [
            Span(*match.span()) for match in (words.phrases.finditer(self._text) if words.phrases else ())
        ]

    @classmethod
    def of(cls, snapshot: DocumentSnapshot, settings: Settings) -> Suppression:
        """Read the directives of a text, and the files that the settings name if they have changed."""
        directives = directives_of(snapshot)
        if directives.options:
            settings, _ = settings_from_options(dict(directives.options), "", settings)
        words = known_words(settings, directives)
        ignored = entries_of(user_ignored())
        project = Path(settings.ignore_file).expanduser()
        if project.is_absolute():
            ignored |= entries_of(project)
        return cls(snapshot, settings, directives, words, ignored)

    def keeps(self, finding: Finding) -> bool:
        """Whether a finding is reported."""
        code = finding.kind.code
        covering = [one for one in self._directives.found if one.covers(finding.span, code)]
        self._used.update(one.span for one in covering)
        if finding.kind is not ErrorKind.DIRECTIVE and (covering or self._is_in_directive(finding.span)):
            return False
        if level_of(code, self.settings) == "off":
            return False
        if finding.kind is ErrorKind.DIRECTIVE:
            return True
        return (
            finding.confidence >= self.settings.min_confidence
            and not self._is_known(finding)
            and not (self._ignored and fingerprint_of(finding, self._text) in self._ignored)
        )

    def problems(self, *, is_complete: bool = True) -> tuple[Finding, ...]:
        """What is wrong with the directives of the text, in document order.

        Args:
            is_complete: whether `keeps` was asked of all findings, so that what silenced none is unused.
        """
        if level_of(ErrorKind.DIRECTIVE.code, self.settings) == "off":
            return ()
        found = [
            _problem(mistake.span, mistake.message, mistake.replacement)
            for mistake in self._directives.mistakes
        ]
        if is_complete:
            found += [_problem(one.span, message, "") for one, message in self._unused()]
        return tuple(sorted(found, key=lambda finding: finding.span))

    def _unused(self) -> Iterator[tuple[Directive, str]]:
        for one in self._directives.found:
            if one.words:
                rest = self._text[: one.span.start] + self._text[one.span.end :]
                missing = sorted(word for word in one.words if word.casefold() not in rest.casefold())
                if missing:
                    yield one, f"Not in this text: {', '.join(missing)}."
            elif one.span not in self._used:
                yield one, "Nothing is found here that this switches off."

    def _is_in_directive(self, place: Span) -> bool:
        """Whether it is found in a directive itself, where comments are prose."""
        return any(place.overlaps(directive) for directive in self._directives.places)

    def _is_known(self, finding: Finding) -> bool:
        """Whether it finds fault with words that are right."""
        if not self.words.entries:
            return False
        place = finding.span
        of_words = finding.kind in _OF_WORDS
        if any(phrase.start <= place.start and place.end <= phrase.end for phrase in self._phrases):
            return of_words or self._takes_away(finding)
        words = place.of(self._text).split()
        if not words or not all(word in self.words for word in words):
            return False
        # A name is right as it stands; a plain word that is spelt right may still be the wrong form.
        return of_words or (all(word in self.words.names for word in words) and self._takes_away(finding))

    def _takes_away(self, finding: Finding) -> bool:
        """Whether the words underlined are not there any more when it is put right."""
        if not finding.suggestions:
            return False
        change = finding.suggestions[0]
        old = set(_WORD.findall(change.span.of(self._text)))
        return bool(old) and old.isdisjoint(_WORD.findall(change.replacement))


def _problem(span: Span, message: str, replacement: str) -> Finding:
    return Finding(
        span, ErrorKind.DIRECTIVE, message, (Suggestion(span, replacement),), _CERTAINTY, ("directive",)
    )
