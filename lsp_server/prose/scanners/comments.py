"""Comments and doc-strings of source code.

What a comment is follows from three things that a lexer knows: strings, comments to the end of the line, and
comments between two marks. Grammars are not needed for that, and broken code has comments too. Lines that
follow each other are one text; a licence, commented-out code, a pragma and a banner are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.prose.block import BlockKind
from lsp_server.prose.roles import Mark, Role, Scan

if TYPE_CHECKING:
    from collections.abc import Iterator

_ONE_LINE = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
_FENCE = re.compile(r"(?:```|~~~)")
_LICENCE = re.compile(
    r"copyright|spdx-|licen[cs]ed under|all rights reserved|permission is hereby granted|warrant(?:y|ies)\b",
    re.IGNORECASE,
)
_PRAGMA = re.compile(
    r"""!|noqa\b|type:|mypy:|pylint:|pyright:|ruff:|fmt:|isort:|nosec\b|pragma\b|eslint|prettier|tslint|jshint
      | jslint|@ts-|istanbul|c8\ |v8\ |webpack|vite-|\#?region\b|\#?endregion\b|nolint|clang-|cppcheck|go:
      | \+build|lint:
      | rubocop:|shellcheck|-\*-|vim?:|sourceMappingURL|@flow|@jsx|coding[:=]|encoding[:=]|swiftlint|ktlint
      | checkstyle|NOPMD|NOSONAR|generated\ by|do\ not\ edit|auto-?generated|grammared:""",
    re.VERBOSE | re.IGNORECASE,
)
_TASK = re.compile(r"(?:TODO|FIXME|XXX|HACK|NOTE|BUG)\b(?:\([^)\n]*\))?:?[ ]*")
_TAG = re.compile(
    r"""(?:[@\\](?:param|arg|argument|tparam|template|property|prop)(?:\[\w+\])?[ ]+(?:\{[^}\n]*\}[ ]*)?
        [\[\]\w.$=*]+
      | [@\\](?:throws?|exception|see|link|author|version|since|example|code|endcode|type)\b[^\n]*
      | [@\\](?:typedef|file|module|class)\b[^\n]*
      | [@\\]\w+(?:[ ]+\{[^}\n]*\})?
      | :\w+(?:[ ]+[^:\n]+)?:
      | \w+(?:[ ]\([^)\n]*\))?:(?=[ ]\S))[ ]*-?[ ]*""",
    re.VERBOSE,
)
_WHOLE_TAG = re.compile(
    r"[@\\](?:throws?|exception|see|link|author|version|since|example|code|endcode|type)\b"
)
_SECTION = re.compile(
    r"(?:Args|Arguments|Parameters|Returns?|Yields?|Raises|Examples?|Notes?|Attributes|See Also|References)"
    r":?[ ]*|[-=*#~_]{3,}.*"
)
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)])[ ]+")
_INLINE = re.compile(r"\{@\w+[^}\n]*\}|<\w[^>\n]*>[^<\n]*</\w+>")
"""Javadoc's inline tags, and elements of XML documentation."""
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_CODE_END = re.compile(r"(?:[;{}]|\)|=>|\\|\]|,)[ ]*$|^[ ]*[}\])]")
_CODE = re.compile(
    r"""^\s*(?:(?:if|for|while|switch|else|return|import|from|def|class|func|fn|let|const|var|use|public|private
      |static|int|void|print\w*)\b[^.?!]*[({;=:] | [\w.\[\]]+\s*(?:[-+*/|&]?=|\()(?!\s*$)
      | \#\s*(?:include|define|if|endif) | <\/?\w[^>]*>\s*$ | [$>]\ \S | >>> | \.\.\.\ )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Syntax:
    """How a family of languages writes comments and strings, as regular expressions."""

    line: str
    """What begins a comment to the end of the line."""
    between: tuple[tuple[str, str], ...] = ()
    """What begins and ends other comments."""
    strings: str = _ONE_LINE
    doc_strings: bool = False
    """Whether a string that stands alone, after a colon or at the beginning, is documentation."""

    def scan(self, text: str) -> Scan:
        """The comments of a source, as blocks that need not be whole sentences."""
        scan = Scan([], [], [])
        for comment in _joined(self._comments(text), text):
            _read(comment, text, scan)
        return scan

    def _comments(self, text: str) -> Iterator[_Comment]:
        blocks = "|".join(
            rf"(?P<open{i}>{begin})(?:.*?(?P<close{i}>{end})|.*\Z)"
            for i, (begin, end) in enumerate(self.between)
        )
        documented = r"(?P<doc>[rRuU]?(?P<quotes>\"\"\"|''').*?(?P=quotes))|" if self.doc_strings else ""
        pattern = (
            rf"{documented}(?P<line>{self.line})[^\n]*|{blocks + '|' if blocks else ''}(?:{self.strings})"
        )
        for match in re.compile(pattern, re.DOTALL).finditer(text):
            if match.group("line") is not None:
                yield _Comment(match.start(), match.end("line"), match.end(), is_line=True)
            elif self.doc_strings and match.group("doc") is not None:
                if _stands_alone(text, match.start()):
                    yield _Comment(match.start(), match.end("quotes"), match.end() - 3, is_line=False)
            else:
                for i in range(len(self.between)):
                    if match.group(f"open{i}") is not None and match.group(f"close{i}") is not None:
                        yield _Comment(
                            match.start(), match.end(f"open{i}"), match.start(f"close{i}"), is_line=False
                        )


class _Comment(NamedTuple):
    start: int
    """Where its mark begins."""
    inner: int
    """Where its text begins."""
    end: int
    is_line: bool
    lines: tuple[tuple[int, int], ...] = ()
    """Where the text of each line begins and ends, marks and indentation left out."""


def _stands_alone(text: str, start: int) -> bool:
    """Whether a string is documentation: nothing precedes it but a colon, on a line before."""
    end = start
    while end and text[end - 1].isspace():
        end -= 1
    alone = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    comment = text[text.rfind("\n", 0, end) + 1 : end].lstrip().startswith("#")
    return alone and (not end or text[end - 1] == ":" or comment)


_DECORATION = re.compile(r"[ \t]*(?:(?:\*+(?!/)|//+[!/]?|#+!?|--+|;+|%+|\")(?=[ \t\n]|\Z)[ ]?)?[ \t]*")


def _joined(comments: Iterator[_Comment], text: str) -> Iterator[_Comment]:
    """The comments, with those of whole lines that follow each other, equally indented, as one."""
    run: list[_Comment] = []
    for comment in comments:
        follows = (
            run
            and comment.is_line
            and run[-1].is_line
            and not text[run[-1].end : comment.start].strip()
            and text.count("\n", run[-1].end, comment.start) == 1
            and _indent(text, run[-1].start) == _indent(text, comment.start) is not None
        )
        if run and not follows:
            yield _lines_of(run, text)
            run = []
        run.append(comment)
    if run:
        yield _lines_of(run, text)


def _indent(text: str, start: int) -> int | None:
    """How far a comment is indented; None if something stands before it on its line."""
    line = text.rfind("\n", 0, start) + 1
    return None if text[line:start].strip() else start - line


def _lines_of(run: list[_Comment], text: str) -> _Comment:
    lines = []
    for comment in run:
        at = comment.inner
        while True:
            end = text.find("\n", at, comment.end)
            end = comment.end if end < 0 else end
            is_first = at == comment.inner
            begin = (
                at + len(text[at:end]) - len(text[at:end].lstrip())
                if is_first
                else _undecorated(text, at, end)
            )
            lines.append((begin, max(begin, at + len(text[at:end].rstrip()))))
            if end >= comment.end:
                break
            at = end + 1
    return run[0]._replace(end=run[-1].end, lines=tuple(lines))


def _undecorated(text: str, start: int, end: int) -> int:
    match = _DECORATION.match(text, start, end)
    return match.end() if match else start


def _read(comment: _Comment, text: str, scan: Scan) -> None:
    """The paragraphs of a comment as blocks; what is no prose is left out."""
    whole = text[comment.start : comment.end]
    if _LICENCE.search(whole) or _PRAGMA.match(text, comment.lines[0][0]):
        return
    paragraph: list[tuple[int, int]] = []
    margin = min((_column(text, start) for start, end in comment.lines[1:] if end > start), default=0)
    in_code = in_section = False
    for start, end in comment.lines:
        line = text[start:end]
        if _FENCE.match(line):
            in_code = not in_code
        in_section = in_section or _SECTION.fullmatch(line) is not None
        is_deep = not paragraph and not in_section and _column(text, start) >= margin + 4
        is_deep = is_deep and start != comment.lines[0][0]
        is_break = (
            not line or _FENCE.match(line) or in_code or _SECTION.fullmatch(line) or _PRAGMA.match(line)
        )
        if is_break or not _LETTERS.search(line) or is_deep:
            _block(paragraph, text, scan)
            paragraph = []
            continue
        tag = (
            _ITEM.match(line)
            or _TASK.match(line)
            or (_TAG.match(line) if line[:1] in "@\\:" or _is_item(line) else None)
        )
        if tag:
            _block(paragraph, text, scan)
            paragraph = [] if _WHOLE_TAG.match(line) else [(start + tag.end(), end)]
        else:
            paragraph.append((start, end))
    _block(paragraph, text, scan)


_NAMED = re.compile(r"\w+(?:[ ]\([^)\n]*\))?:[ ]\S")


def _is_item(line: str) -> bool:
    """Whether a line says what a parameter is: `name: what`, `name (type): what`."""
    return _NAMED.match(line) is not None and " " not in line.partition(":")[0].partition("(")[0].strip()


def _column(text: str, offset: int) -> int:
    return offset - (text.rfind("\n", 0, offset) + 1)


def _block(lines: list[tuple[int, int]], text: str, scan: Scan) -> None:
    """A paragraph as a block, unless it is code."""
    lines = [(start, end) for start, end in lines if end > start]
    if not lines:
        return
    code = sum(bool(_CODE.match(text[a:b]) or _CODE_END.search(text[a:b])) for a, b in lines)
    words = sum(len(_LETTERS.findall(text[a:b])) for a, b in lines)
    if code * 2 > len(lines) or words < 2:
        return
    scan.blocks.append((BlockKind.LABEL, lines[0][0], lines[-1][1]))
    for (_, end), (start, _) in pairwise(lines):
        line = text.rfind("\n", end, start) + 1  # spaces and a carriage return may stand before it
        if start > line:
            scan.prefixes.append((line, start))
    first = lines[0][0]
    scan.marks.extend(
        Mark(first + match.start(), first + match.end(), Role.STAND_IN)
        for match in _INLINE.finditer(text[first : lines[-1][1]])
    )


SLASHES = Syntax(
    line="//+[!/]?",
    between=((r"/\*+!?", r"\*+/"),),
    strings=_ONE_LINE
    + r"""|`(?:\\.|[^`\\])*`|(?<=[=(,:;!&|?{}\[])[ ]*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/""",
)
"""C, C++, C#, CSS, Dart, Go, Java, JavaScript, Kotlin, PHP, Rust, Scala, Swift, TypeScript, Zig …"""
HASHES = Syntax(line=r"(?<!\S)#+!?(?=\s|\w)", strings=_ONE_LINE)
"""Shell, Ruby, Perl, R, Elixir, Julia, YAML, TOML, Dockerfile, Makefile, CMake, Nix, HCL …"""
PYTHON = Syntax(
    line=r"#+:?",
    strings=r'''"""(?:\\.|.)*?"""|\'\'\'(?:\\.|.)*?\'\'\'|''' + _ONE_LINE,
    doc_strings=True,
)
DASHES = Syntax(
    line="--+(?=[ \t|\n])", between=((r"--\[\[", r"\]\]"), (r"\{-\|?", r"-\}"), (r"/\*+", r"\*+/"))
)
"""SQL, Lua, Haskell, Elm, Ada …"""
