"""What becomes of the findings of an open document, told from its changes alone: works in every editor."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from lsp_server.documents import Span, common_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.findings import Finding, Suggestion


Fate = Literal["accepted", "edited", "gone", "ignored"]


@dataclass
class Tally:
    """What became of one model's findings in a document: each counts once, for how it was in the end."""

    found: int = 0
    """Different findings; one that stays, or is gone and comes back, is the same."""
    accepted: int = 0
    """A suggestion was put in its place."""
    edited: int = 0
    """The place was changed in another way."""
    gone: int = 0
    """The place stayed, but nothing is found there any more: the text around it, the settings or the model
    have changed."""
    ignored: int = 0
    """It was there when the document was closed."""


@dataclass(eq=False)
class _Followed:
    """A finding on its way through the document's changes."""

    finding: Finding
    """As it was found last."""
    look: tuple[str, ...]
    """What a person sees of it, and whose it is."""
    place: Span
    """Where it is now, or what was put there instead."""
    fate: Fate = "ignored"
    """What is to be said of it if nothing more happens."""

    def moved(self, span: Span) -> Span:
        """Where a span of the finding is now, as long as its place was only moved."""
        shift = self.place.start - _extent(self.finding).start
        return Span(span.start + shift, span.end + shift)

    def found_again(self, finding: Finding) -> None:
        """A check has found it; whatever was said of it before is no longer true."""
        self.finding, self.place, self.fate = finding, _extent(finding), "ignored"


@dataclass
class Followed:
    """One open document; told of its changes and checks, in order."""

    _findings: list[_Followed] = field(default_factory=list)
    """All that there ever were: what was accepted comes back when that is undone."""

    def checked(self, text: str, findings: Sequence[Finding]) -> None:
        """The text as it is now was checked."""
        for one in self._shown():
            one.fate = "gone"  # unless it is found again
        there = {(one.look, one.place): one for one in self._findings}
        elsewhere = []
        for finding in findings:  # first those in their very place, lest another take it
            look = (finding.model, finding.span.of(text), *(one.replacement for one in finding.suggestions))
            if known := there.pop((look, _extent(finding)), None):
                known.found_again(finding)
            else:
                elsewhere.append(_Followed(finding, look, _extent(finding)))
        for new in elsewhere:
            if known := self._returning(new):
                known.found_again(new.finding)
            else:
                self._findings.append(new)

    def changed(self, before: str, after: str) -> None:
        """The text has changed."""
        if before == after:
            return
        region, growth = _region(before, after)
        for one in _accepted(self._shown(), before, after, region):
            one.fate = "accepted"
        for one in self._findings:
            if _is_changed(one.place, region):
                one.fate = "edited" if one.fate == "ignored" else one.fate
                start, end = min(one.place.start, region.start), max(one.place.end, region.end)
                one.place = Span(start, end + growth)
            elif region.end <= one.place.start:
                one.place = Span(one.place.start + growth, one.place.end + growth)

    def tallies(self) -> dict[str, Tally]:
        """What came of all findings if the document is closed now, by the model that made them."""
        fates: dict[str, Counter[str]] = {}
        for one in self._findings:
            fates.setdefault(one.finding.model, Counter(found=0)).update(("found", one.fate))
        return {model: Tally(**counts) for model, counts in fates.items()}

    def _shown(self) -> list[_Followed]:
        return [one for one in self._findings if one.fate == "ignored"]

    def _returning(self, new: _Followed) -> _Followed | None:
        """The one that is found again where it was, or in what took its place."""
        for one in self._findings:
            touches = one.place.start <= new.place.end and new.place.start <= one.place.end
            if touches and one.fate != "ignored" and one.look == new.look:
                return one
        return None


def _extent(finding: Finding) -> Span:
    """All that a finding is about: what is underlined, and what a suggestion replaces."""
    spans = [finding.span, *(suggestion.span for suggestion in finding.suggestions)]
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _is_changed(place: Span, region: Span) -> bool:
    """Whether a change of a region changes a place, and not just what is beside it."""
    inside = region.start < place.end and place.start < region.end
    return inside or (region.start <= place.start and place.end <= region.end)


def _accepted(shown: Sequence[_Followed], before: str, after: str, region: Span) -> list[_Followed]:
    """Those whose suggestions, and nothing else, make the change: any one of one, or the best of several."""
    for one in shown:
        for suggestion in one.finding.suggestions:
            if _makes(one.moved(suggestion.span), suggestion.replacement, before, after, region):
                return [one]
    touched = [
        one
        for one in shown
        if one.finding.suggestions and one.place.start <= region.end and region.start <= one.place.end
    ]
    best: list[tuple[_Followed, Suggestion]] = []
    for one in sorted(touched, key=lambda one: one.moved(one.finding.suggestions[0].span)):
        suggestion = one.finding.suggestions[0]
        if not best or best[-1][0].moved(best[-1][1].span).end <= one.moved(suggestion.span).start:
            best.append((one, suggestion))
    return [one for one, _ in best] if len(best) > 1 and _apply(best, before) == after else []


def _makes(span: Span, replacement: str, before: str, after: str, region: Span) -> bool:
    """Whether a replacement makes the change; seldom looks at the whole text, since each keystroke asks."""
    return (
        len(replacement) - len(span) == len(after) - len(before)
        and span.start <= region.start  # up to which both texts are the same
        and after.startswith(replacement, span.start)
        and before[span.end :] == after[span.start + len(replacement) :]
    )


def _apply(chosen: Sequence[tuple[_Followed, Suggestion]], text: str) -> str:
    parts, at = [], 0
    for one, suggestion in chosen:
        span = one.moved(suggestion.span)
        parts += [text[at : span.start], suggestion.replacement]
        at = span.end
    return "".join([*parts, text[at:]])


def _region(before: str, after: str) -> tuple[Span, int]:
    """Where `before` was changed, and by how much the text has grown there."""
    start, tail = common_ends(before, after)
    return Span(start, len(before) - tail), len(after) - len(before)
