"""What becomes of the findings of an open document, told from its changes alone: works in every editor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsp_server.documents import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.findings import Finding, Suggestion


@dataclass
class Tally:
    """What became of one model's findings in a document."""

    found: int = 0
    """Different findings; one that stays from check to check counts once."""
    accepted: int = 0
    """A suggestion was put in its place."""
    edited: int = 0
    """The place was changed in another way."""
    gone: int = 0
    """The place stayed, but after changes around it the model finds nothing there any more."""
    ignored: int = 0
    """It was there when the document was closed."""


@dataclass
class _Open:
    finding: Finding
    shift: int = 0
    """How far it has moved since it was found."""

    def place(self, span: Span) -> Span:
        return Span(span.start + self.shift, span.end + self.shift)

    @property
    def span(self) -> Span:
        """All that it is about: what is underlined, and what a suggestion replaces."""
        spans = [self.finding.span, *(suggestion.span for suggestion in self.finding.suggestions)]
        return self.place(Span(min(span.start for span in spans), max(span.end for span in spans)))


@dataclass
class Followed:
    """One open document; told of its changes and checks, in order."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    """By the model that made the findings."""
    _open: list[_Open] = field(default_factory=list)

    def checked(self, findings: Sequence[Finding]) -> None:
        """The text as it is now was checked."""
        known = {(one.span, one.finding.labels): one for one in self._open}
        now = []
        for finding in findings:
            new = _Open(finding)
            if (new.span, finding.labels) in known:
                now.append(known.pop((new.span, finding.labels)))
            else:
                self._tally(finding).found += 1
                now.append(new)
        for one in known.values():
            self._tally(one.finding).gone += 1
        self._open = now

    def changed(self, before: str, after: str) -> None:
        """The text has changed."""
        if before == after:
            return
        start, end, growth = _region(before, after)
        accepted = _accepted(self._open, before, after, Span(start, end))
        kept = []
        for one in self._open:
            if one in accepted:
                self._tally(one.finding).accepted += 1
            elif end <= one.span.start:
                one.shift += growth
                kept.append(one)
            elif start >= one.span.end:
                kept.append(one)
            else:
                self._tally(one.finding).edited += 1
        self._open = kept

    def closed(self) -> dict[str, Tally]:
        """The document was closed; what came of all findings, by model."""
        for one in self._open:
            self._tally(one.finding).ignored += 1
        self._open = []
        return self.tallies

    def _tally(self, finding: Finding) -> Tally:
        return self.tallies.setdefault(finding.model, Tally())


def _accepted(candidates: Sequence[_Open], before: str, after: str, region: Span) -> list[_Open]:
    """Those whose suggestions, and nothing else, make the change: any one of one, or the best of several."""
    for one in candidates:
        for suggestion in one.finding.suggestions:
            if _apply([(one, suggestion)], before) == after:
                return [one]
    touched = [one for one in candidates if one.span.start <= region.end and region.start <= one.span.end]
    best: list[tuple[_Open, Suggestion]] = []
    for one in sorted(touched, key=lambda one: one.place(one.finding.suggestions[0].span)):
        suggestion = one.finding.suggestions[0]
        if not best or best[-1][0].place(best[-1][1].span).end <= one.place(suggestion.span).start:
            best.append((one, suggestion))
    return [one for one, _ in best] if len(best) > 1 and _apply(best, before) == after else []


def _apply(chosen: Sequence[tuple[_Open, Suggestion]], text: str) -> str:
    parts, at = [], 0
    for one, suggestion in chosen:
        span = one.place(suggestion.span)
        parts += [text[at : span.start], suggestion.replacement]
        at = span.end
    return "".join([*parts, text[at:]])


def _region(before: str, after: str) -> tuple[int, int, int]:
    """Where `before` was changed (start and end), and by how much the text has grown there."""
    start = _common(before, after)
    rest = min(len(before), len(after)) - start
    tail = _common(before[len(before) - rest :][::-1], after[len(after) - rest :][::-1])
    return start, len(before) - tail, len(after) - len(before)


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
