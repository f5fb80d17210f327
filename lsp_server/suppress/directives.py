"""Directives: comments in a text that say what is not to be reported there.

    <!-- grammared: off -->                      from here on, until `grammared: on`
    <!-- grammared: off article, spelling -->    the same, for some kinds of error
    <!-- grammared: off-line -->                 on this line
    <!-- grammared: off-next-line -->            on the next line that is not blank
    <!-- grammared: off-block -->                in the paragraph that follows
    <!-- grammared: off-file -->                 in the whole text
    <!-- grammared: words: kubectl, Grammared -->    right in this text
    <!-- grammared: dialect: gb -->              a setting for the whole text; see `SETTINGS`

Each in the comments of its language (`comments.py`). In the front matter of a Markdown file, `grammared: off`
counts for the whole text, and so do `off` and `words` below `grammared`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.documents import Span
from lsp_server.findings.kinds import ErrorKind
from lsp_server.settings.load import settings_from_options
from lsp_server.settings.options import nearest
from lsp_server.suppress.comments import comment, directive_comments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lsp_server.documents import DocumentSnapshot

OFF, ON, WORDS = "off", "on", "words"
_SCOPES = ("off-line", "off-next-line", "off-block", "off-file")
SETTINGS = ("dialect", "strictness", "minConfidence")
"""What a text may say for itself."""
VERBS = (OFF, ON, *_SCOPES, WORDS, *SETTINGS)

_OTHERS_SAY = re.compile("^(?:(disable|ignore)|enable)")
"""What directives of other checkers begin with."""
_BODY = re.compile(r"(?P<verb>[\w-]+)(?:[ \t]*[:=])?(?P<rest>.*)", re.DOTALL)
_FRONT_MATTER = re.compile(r"\ufeff?(---|\+\+\+)[ \t]*\r?\n(?P<inside>[\s\S]*?)(?<=\n)\1[ \t]*(?:\r?\n|$)")
_IN_FRONT = re.compile(
    r"^(?:\[grammared\]|grammared[ \t]*[:=])(?P<value>[^\r\n]*)"
    r"(?P<below>(?:\r?\n(?:[ \t-][^\r\n]*|\w+[ \t]*=[^\r\n]*)?)*)",
    re.MULTILINE,
)
_ENTRY = re.compile(
    r"^[ \t]*(?P<verb>[\w-]+)[ \t]*[:=](?P<rest>[^\r\n]*(?:\r?\n[ \t]*-[ \t][^\r\n]*)*)", re.MULTILINE
)
_ITEM = re.compile(r"^[ \t]*-[ \t]+([^\r\n]+)", re.MULTILINE)
_FENCED = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,})[^\r\n]*$[\s\S]*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE
)
_CODE = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)[^\n]{0,500}?(?<!`)(?P=ticks)(?!`)")
_FRONT_LANGUAGES = frozenset({"markdown", "mdx", "quarto", "rmd"})


class Mistake(NamedTuple):
    """Something in a directive that means nothing."""

    span: Span
    message: str
    replacement: str
    """What may have been meant; empty if nobody knows."""


@dataclass(frozen=True, slots=True)
class Directive:
    """What a comment switches off, and where."""

    span: Span
    """Of the comment, or of the line in the front matter."""
    area: Span
    """Where it holds."""
    kinds: frozenset[str]
    """Codes of the kinds that it is about; none means all."""
    words: frozenset[str] = frozenset()
    """What is right in this text; then it is about nothing else."""

    def covers(self, place: Span, kind: str) -> bool:
        """Whether it is about a finding."""
        return (
            not self.words
            and self.area.start <= place.end
            and (not self.kinds or kind in self.kinds)
            and self.area.overlaps(place)
        )


class Directives(NamedTuple):
    """All directives of a text."""

    found: tuple[Directive, ...]
    mistakes: tuple[Mistake, ...]
    options: tuple[tuple[str, str | float], ...] = ()
    """Settings of the text, in their wire form and valid."""
    places: tuple[Span, ...] = ()
    """Where all directives stand, right or wrong: no prose."""


class _Said(NamedTuple):
    """A directive as it is written."""

    span: Span
    verb: str
    at: int
    """Where the verb stands."""
    names: tuple[tuple[str, int], ...]
    """What follows it, each with its place."""


def directives_of(snapshot: DocumentSnapshot) -> Directives:
    """The directives of a text, in the order of their places. Quick if it has none."""
    text = snapshot.text
    if "grammared" not in text:
        return Directives((), ())
    mistakes: list[Mistake] = []
    found: list[Directive] = []
    open_ones: list[Directive] = []
    """Of which the end is not known yet."""
    options: dict[str, str | float] = {}
    every = sorted(_said(snapshot))
    for said in every:
        verb = said.verb
        if verb not in VERBS:
            guess = nearest(_OTHERS_SAY.sub(lambda match: OFF if match[1] else ON, verb), VERBS)
            hint = f'; did you mean "{guess}"?' if guess else f"; there are {', '.join(VERBS)}"
            place = Span(said.at, said.at + len(verb)) if verb else said.span
            mistakes.append(Mistake(place, f'Unknown directive "{verb}"{hint}', guess or ""))
            continue
        if verb == WORDS:
            if words := frozenset(name for name, _ in said.names):
                found.append(Directive(said.span, Span(0, len(text)), frozenset(), words))
            else:
                mistakes.append(Mistake(said.span, "This directive names no words.", ""))
            continue
        if verb in SETTINGS:
            value = _value(" ".join(name for name, _ in said.names))
            _, problems = settings_from_options({verb: value}, "")
            mistakes += [Mistake(said.span, _sentence(problem), "") for problem in problems]
            if not problems:
                options[verb] = value
            continue
        kinds, wrong = _kinds(said)
        mistakes += wrong
        if wrong and not kinds:
            continue
        if verb == OFF:
            open_ones.append(Directive(said.span, Span(said.span.end, len(text)), kinds))
        elif verb == ON:
            ended = [one for one in open_ones if not kinds or one.kinds & kinds or not one.kinds]
            if not ended or (kinds and not all(one.kinds for one in ended)):
                mistakes.append(Mistake(said.span, "Nothing is switched off here by this name.", ""))
                continue
            for one in ended:
                open_ones.remove(one)
                found.append(replace(one, area=Span(one.area.start, said.span.start)))
                if kinds and (left := one.kinds - kinds):
                    open_ones.append(replace(one, area=Span(said.span.end, len(text)), kinds=left))
        else:
            found.append(Directive(said.span, _area(verb, said.span, snapshot), kinds))
    return Directives(
        tuple(sorted([*found, *open_ones], key=lambda one: one.span)),
        tuple(mistakes),
        tuple(options.items()),
        tuple(said.span for said in every),
    )


def _value(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def _sentence(problem: str) -> str:
    """A problem of a setting as a message: without its source, and without what the setting was before."""
    return f"{problem.removeprefix(': ').partition(';')[0]}."


def insertion(snapshot: DocumentSnapshot, offset: int, body: str) -> tuple[Span, str]:
    """The edit that puts a directive on a line of its own above the line of `offset`, or of the first line.

    Args:
        snapshot: the text.
        offset: where the directive is to count.
        body: such as `off-next-line article`.
    """
    lines = snapshot.lines
    line = lines.line_span(lines.line_of(offset))
    content = line.of(snapshot.text)
    indent = content[: len(content) - len(content.lstrip(" \t"))]
    end = "\r\n" if "\r\n" in snapshot.text else "\n"
    return Span(line.start, line.start), f"{indent}{comment(snapshot.language, f'grammared: {body}')}{end}"


def top_of(snapshot: DocumentSnapshot) -> int:
    """Where a directive for the whole text goes: the beginning, or behind the front matter or `#!`."""
    if snapshot.language in _FRONT_LANGUAGES and (front := _FRONT_MATTER.match(snapshot.text)):
        return front.end()
    if snapshot.text.startswith("#!"):
        return snapshot.lines.line_span(1).start if len(snapshot.lines) > 1 else len(snapshot.text)
    return 0


def _said(snapshot: DocumentSnapshot) -> Iterator[_Said]:
    text, language = snapshot.text, snapshot.language
    front_end = 0
    code: list[Span] = []
    if language in _FRONT_LANGUAGES:
        if front := _FRONT_MATTER.match(text):
            front_end = front.end("inside")
            yield from _said_in_front(text, front.start("inside"), front_end)
        code = _merged(match.span() for pattern in (_FENCED, _CODE) for match in pattern.finditer(text))
    for found in directive_comments(language, text, front_end):
        span = Span(found.start, found.end)
        before = bisect_right(code, span.start, key=lambda place: place.start) - 1
        if before >= 0 and span.start < code[before].end:
            continue
        yield _read(found.body, found.body_start, span) or _Said(span, found.body, found.body_start, ())


def _merged(places: Iterable[tuple[int, int]]) -> list[Span]:
    """The places in order, those that overlap as one."""
    merged: list[Span] = []
    for start, end in sorted(places):
        if merged and start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Span(start, end))
    return merged


def _said_in_front(text: str, start: int, end: int) -> Iterator[_Said]:
    """`grammared: off` in YAML or TOML, or a table of that name with `off` and `words`."""
    for match in _IN_FRONT.finditer(text, start, end):
        value, at = match["value"], match.start("value")
        span = Span(match.start(), match.end("value"))
        if value.strip(" \t\"'"):
            shift = len(value) - len(value.lstrip(" \t\"'"))
            said = _read(value.strip(" \t\"'"), at + shift, span)
            if said:
                yield said._replace(verb="off-file" if said.verb == OFF else said.verb)
            continue
        for entry in _ENTRY.finditer(text, match.start("below"), match.end("below")):
            inner = Span(entry.start("verb"), entry.end())
            names = _names(entry["rest"], entry.start("rest"))
            verb = entry["verb"]
            if verb == OFF:
                if [name for name, _ in names] == ["false"]:
                    continue
                names = tuple(one for one in names if one[0] != "true")
                verb = "off-file"
            yield _Said(inner, verb, entry.start("verb"), names)


def _read(body: str, at: int, span: Span) -> _Said | None:
    match = _BODY.match(body)
    if not match:
        return None
    return _Said(span, match["verb"], at, _names(match["rest"], at + match.start("rest")))


def _names(text: str, at: int) -> tuple[tuple[str, int], ...]:
    """The names in a list, by commas if there are any, else by blanks; quotes and brackets do not count."""
    if re.search(_ITEM, text):
        matches = re.finditer(_ITEM, text)
    else:
        matches = re.finditer(r"([^,\[\]\"\r\n]+)" if "," in text else r"([^\s,\[\]\"]+)", text)
    names = [(match[1].strip(" \t\"'"), match) for match in matches]
    return tuple((name, at + match.start(1) + match[1].index(name)) for name, match in names if name)


def _kinds(said: _Said) -> tuple[frozenset[str], list[Mistake]]:
    codes = [kind.code for kind in ErrorKind]
    right, wrong = set(), []
    for name, at in said.names:
        if name in codes:
            right.add(name)
            continue
        guess = nearest(name, codes)
        hint = f'; did you mean "{guess}"?' if guess else ""
        wrong.append(Mistake(Span(at, at + len(name)), f'Unknown kind of error "{name}"{hint}', guess or ""))
    return frozenset(right), wrong


def _area(verb: str, place: Span, snapshot: DocumentSnapshot) -> Span:
    lines, text = snapshot.lines, snapshot.text
    if verb == "off-file":
        return Span(0, len(text))
    if verb == "off-line":
        return Span(
            lines.line_span(lines.line_of(place.start)).start, lines.line_span(lines.line_of(place.end)).end
        )
    last = len(lines) - 1
    line = lines.line_of(place.end) + 1
    while line < last and _is_blank(lines.line_span(line).of(text)):
        line += 1
    if line > last:
        return Span(len(text), len(text))
    first = lines.line_span(line)
    if verb == "off-next-line":
        return first
    while line < last and not _is_blank(lines.line_span(line + 1).of(text)):
        line += 1
    return Span(first.start, lines.line_span(line).end)


def _is_blank(line: str) -> bool:
    """Whether a line ends a paragraph: it has nothing on it but the marks of a comment or a quotation."""
    return not line.strip(" \t#/*>%;!.-")
