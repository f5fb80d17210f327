"""Comments and doc-strings of source code, as they are written for readers.

Line comments that follow each other are one text. What a line of it is, the tables below say, whatever the
language: its conventions (tags of Javadoc and Doxygen, sections of Google and NumPy, fields of
reStructuredText, elements of XML documentation, Markdown) do not contradict each other. A licence,
commented-out code, a pragma and a banner are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.prose.block import BlockKind
from lsp_server.prose.numbered import Numbers
from lsp_server.prose.roles import Mark, Role, Scan
from lsp_server.prose.scanners.lexer import What, comments_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lsp_server.prose.scanners.lexer import Lexeme, Syntax

_LICENCE = re.compile(
    r"<auto-?generated|@generated|generated .{1,80}do not edit"
    r"|copyright|spdx-|licen[cs]ed under|all rights reserved|permission is hereby granted|warrant(?:y|ies)\b"
)
"""Of a comment in small letters."""
_OF_LICENCES = ("copyright", "generated", "spdx", "ed under", "rights reserved", "hereby", "warrant")
"""What every such comment has one of, which is quicker to look for."""
_PRAGMA = re.compile(
    r"""!|noqa\b|type:|mypy:|pylint:|pyright:|ruff:|fmt:|isort:|nosec\b|pragma\b|eslint|prettier|tslint|jshint
      | jslint|@ts-|istanbul|c8\ |v8\ |webpack|vite-|\#?region\b|\#?endregion\b|nolint|clang-|cppcheck|go:
      | \+build|lint:|biome-|deno-|oxlint|codespell:|spell-?checker:|cspell:|pyre-|yapf:|flake8:|@formatter:
      | rubocop:|shellcheck|-\*-|vim?:|sourceMappingURL|@flow|@jsx|coding[:=]|encoding[:=]|swiftlint|ktlint
      | checkstyle|NOPMD|NOSONAR|noinspection|ReSharper|frozen_string_literal|syntax=|yaml-language-server
      | renovate:|language=|generated\ by|do\ not\ edit|auto-?generated|code\ generated|grammared:
      | stylelint|\S+\.el\ ---|compdef\b|autoload\b""",
    re.VERBOSE | re.IGNORECASE,
)
_TASK = re.compile(r"(?:TODO|FIXME|XXX|HACK|NOTE|BUG|SAFETY|WARNING|OPTIMIZE)\b(?:\([^)\n]*\)|:\S+)?:?[ ]*")
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_CODE_END = re.compile(
    r"(?:[;{}]|=>|\\|\]|\w\([^()]*\)|^\s*[\w\"'.]+(?:\s*[:=(].*)?,)[ ]*$|^[ ]*[}\])]", re.MULTILINE
)
_ASSIGNMENT = re.compile(
    r"""[\w.\[\]]+[ ]=[ ](?:"[^"\n]*"|'[^'\n]*'|[\d.]+|nil|null|none|true|false)[,;]?"""
    r"(?:\s*(?:--|//|\#).*)?$",
    re.IGNORECASE,
)
"""A line of code that was commented out, which may have a comment of its own."""
_CODE = re.compile(
    r"""^\s*(?:(?:if|for|while|switch|else|return|import|from|def|class|func|fn|let|const|var|use|public|private
      |static|int|void|print\w*)\b[^.?!]*[({;=:] | [\w.\[\]]+\s*(?:[-+*/|&]?=|\()(?!\s*$)
      | (?:await|yield)\s+[\w.]+(?:\(|\s*$)
      | \#\s*(?:include|define|if|endif) | <\/?\w[^>]*>\s*$ | [$>]\ \S | >>> | //\ | \.\.\.\ )""",
    re.VERBOSE,
)
_WITH_COMMENT = re.compile(r"[\w)\]\"';,:][ \t]{1,80}(?://|\#)[ \t]+\w")
"""A comment in a comment: it stands behind code."""
_FENCES = (
    (r"(?P<fence>`{3,}|~{3,})(?!.*`)", r"{fence}\s*$"),
    (r"(?:<p>)?<pre\b(?!.*</pre>)", r".*</pre>"),
    (r"<code>(?!.*</code>)", r".*</code>"),
    (r"[@\\]code\b", r"[@\\]endcode\b"),
    (r"[@\\]verbatim\b", r"[@\\]endverbatim\b"),
    (r"[@\\]dot\b", r"[@\\]enddot\b"),
    (r"[@\\]startuml\b", r"[@\\]enduml\b"),
    (r"(?:>>>|(?:iex|irb|julia|ghci|pry)(?:\(\d+\))?>)[ ]", r"$"),
    (r"@example\b", r"(?=@(?!example))"),
)
"""What begins lines of which none is read, and what ends them; its line is not read, unless it only looks."""
_FENCE = re.compile("|".join(f"(?P<row{index}>{begin})" for index, (begin, _) in enumerate(_FENCES)))
_DIRECTIVE = re.compile(
    r"\.\.[ ]+(?:(?:code|code-block|sourcecode|math|literalinclude|image|figure|include|plot|ipython|doctest"
    r"|testcode|testsetup|testoutput|parsed-literal|productionlist|raw|csv-table|autosummary|currentmodule"
    r"|automodule|autoclass|autofunction|_[^:]+|\[[\w*\#-]+\]|\|[^|]+\|[ ]\w+)(?:::?|[ ]|$))"
)
"""Of reStructuredText: what is below it, and indented more deeply, is not read."""
_TYPED = frozenset(
    (
        *(
            "args",
            "arguments",
            "parameters",
            "other parameters",
            "params",
            "keyword args",
            "keyword arguments",
        ),
        *(
            "attributes",
            "raises",
            "exceptions",
            "warns",
            "methods",
            "return",
            "returns",
            "yields",
            "receives",
        ),
        *("fields", "properties"),
    )
)
"""Sections that name things and tell of them, in small letters; in NumPy's form with their types."""
_TITLE = re.compile(
    rf"(?:{'|'.join(_TYPED)}|notes?|see also|references|warnings?|todo):?$".replace(" ", "[ ]"), re.IGNORECASE
)
_KEY = re.compile(r"[a-z][\w-]*:$")
"""Of YAML, commented out."""
_EXAMPLES = re.compile(r"(?:examples?|usage|example[ ]usage):?$", re.IGNORECASE)
_RULER = re.compile(r"[-=*#~_+^]{3,}")
_ONLY_TAGS = re.compile(r"(?:</?[\w.:-]+(?:[ ][^<>]*)?/?>[ ]*)+$")
_NAME = r"\*{0,2}[\w.]+(?:\[[^\n]{0,80}?\]+(?=:|$))?(?:,[ ]\*{0,2}\w+)*"
_UNREAD_TAG = re.compile(
    r"[@\\](?:see|link|author|authors|version|since|type|typedef|file|module|class|name|memberof|namespace|mixin|copyright"
    r"|license|default|defaultValue|kind|alias|extends|implements|augments|callback|enum|function|method"
    r"|fires|listens|requires|interface|struct|def|fn|var|ingroup|date|internal|sa|override|spec|dialyzer"
    r"|template|group|category|access|exports|external|inheritDoc|hide|private|public|protected)\b(?!:)"
    r"|:(?:type|rtype|vartype|meta)\b[^:\n]*:"
    r"|@spec\b|@moduledoc|@dialyzer|@import\b"
    r"|\[[^\[\]]+\]:[ ]*(?:\S+|<[^<>]*>)[ ]*$"
    r"|\|?[ ]*:?-{2,}:?[ ]*(?:\|[ :|-]*)?$"
)
"""What says nothing to a reader; the target of a Markdown link, the ruler of its table."""
_TAG = re.compile(
    r"""(?:[@\\](?:param|arg|argument|tparam|typeparam|property|prop|field|retval|paramref)(?:\[[\w,]+\])?[ ]+
          (?:\{[^}\n]*\}[ ]*|[\w|\\<>,?\[\]]+[ ]+(?=[$&]))?
          (?:\[[^\]\n]*\]|<\w+>|[\w.$&=*-]+(?:,[ ]?[\w.]+)*)  (?:[ ]+\[[^\]\n]*\])?
      | [@\\](?:throws?|exception|raises?)[ ]+(?:\{[^}\n]*\}|[\w.:]+)
      | [@\\](?:returns?|yields?|deprecated|todo|summary|brief|details|description|note|warning|remarks?|pre
          |post|short|invariant|attention|par|result|this|defaults?|li)\b
          (?:[ ]+(?:\{[^}\n]*\}|\[[^\]\n]*\]|(?:bool|int|string|float|array|void|mixed|self|static|null)\b
          |[\w\\]+\[\]|\w+(?:\|\w+)+))?
      | [@\\]\w+(?:[ ]+\{[^}\n]*\})?
      | :\w+(?:[ ]+[^:\n]+)?:
      | \.\.[ ]+[\w-]+::(?:[ ]+v?\d[\w.]*(?![\w.]))?
      | (?:Parameters?|Returns|Throws|Note|Warning|Important|Precondition|Postcondition|Complexity)
          (?:[ ]\w+)?:
      )[ ]*(?:-(?!-)[ ]*)?""",
    re.VERBOSE,
)
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)]|\(\w\)|\d{4}-\d\d-\d\d[ ]?[-:])[ ]+(?:\[[ xX]\][ ]+)?")
_HEADING = re.compile(r"#{1,6}[ ]+(?=\S)|=[ ]+(?=\S)|@section[ ]+\w+[ ]+")
_LUA_TAG = re.compile(
    r"@(?:(?:param|field)[ ]+(?:(?:private|public|protected)[ ]+)?[\w.\[\]\"]+\??[ ]+"
    r"(?:fun\([^()]*\)(?::[ ]?\S+)?|\S+)"
    r"|return[ ]+(?:fun\([^()]*\)(?::[ ]?\S+)?|\S+)(?:[ ]+\w+(?=[ ]+[@\#]))?"
    r"|(?:cast|class|alias|generic|diagnostic|overload|operator|as|module|meta|enum|type)\b.*)"
    r"[ ]*(?:\#[ ]*)?"
)
"""Of LuaCATS, where a type follows the name."""
_ABOUT = re.compile(
    rf"(?:`{{1,2}}[^`\n]+`{{1,2}}(?=:|[ ]--?[ ])|{_NAME})(?:[ ]?\((?:[^()\n]|\([^()\n]*\))*\))?"
    r"(?:[ ]?:|(?<=`)[ ]--?)(?=[ ]\S)[ ]*"
)
"""`name: what`, `name (type): what`, "`name` - what"."""
_ARGUMENT = re.compile(r":?[a-z_]\w*[ ]+-[ ]+(?=\S)")
"""`name - what`, as in TomDoc."""
_SIGN = re.compile(r"(?:\[[ ]\]|\{[ ]\}|\.\.\.)[ ]+(?=\w)|\|[ ]+(?=\w[^|]*$)")
"""A sign that a line tells of: `[ ]`, `...`, `|`."""
_TYPE = re.compile(rf"{_NAME}(?:\[[^\n]*\])?(?:[ ]?:[ ].*)?$")
"""In a section of NumPy, `name : type`, `type`."""
_WORDS = re.compile(r"(?![^\n]*(?:[;={}]\s*$|\bSELECT\b|\bINSERT\b))[^\n]*?[A-Za-z][,:]?[ ][A-Za-z]")
_PLAIN_LINE = re.compile(
    r"(?!(?:[Oo]ther|[Kk]eyword|[Ss]ee|[Ee]xample)\b|\w+[ ]+[-=][ ])"
    r"[A-Za-z][a-z]+(?:['-][a-z]+)?,?[ ][^:|<{}]*[A-Za-z.,)]$"
)
"""A line of words, as most are, with nothing that would make it anything else."""
_CELLS = re.compile(r"\|.*\|$")
_FIRST_NAME = re.compile(r"[\s*/!<]*([A-Z]\w+)(?=[ ][a-z])")
_PRONOUNS = frozenset({"He", "She", "It", "We", "You", "They", "This", "That", "These", "Those", "There"})
_NEXT_LINE = re.compile(r"[^\S\n]*\n(?:[^\S\n]*\n)?([^\n]{1,300})")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class Run(NamedTuple):
    """Comments that are one text."""

    start: int
    """Where the line of the first begins."""
    end: int
    lexemes: tuple[Lexeme, ...]
    """Counted from `start`."""
    is_named: bool
    """Whether it begins with the name of what the code below it defines."""


@dataclass(frozen=True, eq=False)
class Comments:
    """Reads the comments of a syntax."""

    syntax: Syntax

    def __call__(self, text: str, _: str | None = None) -> Scan:
        """The comments of a source, as blocks that need not be whole sentences."""
        scan = Scan()
        for run in _joined(self.syntax.lexemes(text), text):
            _read(run, text, scan)
        return scan

    def runs(self, text: str) -> Iterator[Run]:
        """The comments of a source that can be read each on its own."""
        for run in _joined(comments_of(self.syntax, text), text):
            start = text.rfind("\n", 0, run[0].start) + 1
            lexemes = tuple(lexeme.moved(-start) for lexeme in run)
            yield Run(start, run[-1].end, lexemes, _is_named(run, text))

    def read(self, lexemes: tuple[Lexeme, ...], is_named: bool, text: str) -> Scan:
        """A run, by its text alone: its blocks need not be whole sentences."""
        scan = Scan()
        _read(list(lexemes), text, scan)
        if is_named and (name := _first_name(lexemes[0], text)):
            scan.marks.append(Mark(*name.span(1), Role.STAND_IN))
        return scan

    def strings(self, text: str) -> Iterator[tuple[int, int]]:
        """The string literals that may be prose: some words with blanks between them."""
        for lexeme in self.syntax.lexemes(text):
            inner = lexeme.inner, lexeme.inner_end
            has_words = lexeme.what is What.STRING and _WORDS.match(text, *inner)
            if has_words and len(_LETTERS.findall(text, *inner)) > 2:
                yield inner


def _first_name(lexeme: Lexeme, text: str) -> re.Match[str] | None:
    return _FIRST_NAME.match(text, lexeme.inner, lexeme.inner_end)


def _is_named(run: list[Lexeme], text: str) -> bool:
    """Whether the first word of some comments is an identifier in the line of code right below them."""
    name = _first_name(run[0], text)
    line = _NEXT_LINE.match(text, run[-1].end)
    if name is None or line is None or name[1] in _PRONOUNS:
        return False
    return name[1] in _IDENTIFIER.findall(line[1])


class _Line(NamedTuple):
    """A line of a comment, without its mark, its indentation and blanks at its end."""

    start: int
    end: int
    column: int


def _joined(lexemes: Iterable[Lexeme], text: str) -> Iterator[list[Lexeme]]:
    """The comments, with those of whole lines that follow each other, equally indented, as one."""
    run: list[Lexeme] = []
    for lexeme in lexemes:
        if lexeme.what is What.STRING or lexeme.what is What.CODE:
            continue
        if run and not (
            lexeme.what is What.LINE is run[-1].what
            and text.count("\n", run[-1].end, lexeme.start) == 1
            and not text[run[-1].end : lexeme.start].strip()
            and _indent(text, run[-1].start) == _indent(text, lexeme.start) is not None
        ):
            yield run
            run = []
        run.append(lexeme)
    if run:
        yield run


def _indent(text: str, start: int) -> int | None:
    """How far a comment is indented; None if something stands before it on its line."""
    line = text.rfind("\n", 0, start) + 1
    return None if text[line:start].strip() else start - line


def _lines(run: list[Lexeme], text: str) -> Iterator[_Line]:
    for lexeme in run:
        inner = text[lexeme.inner : lexeme.inner_end]
        lines = inner.split("\n")
        at = lexeme.inner
        is_starred = lexeme.what is What.BLOCK and all(
            line.lstrip().startswith("*") or not line.strip() for line in lines[1:]
        )
        for number, line in enumerate(lines):
            start = at
            if is_starred and number:
                start += len(line) - len(line.lstrip().lstrip("*"))
            content = text[start : at + len(line)]
            start += len(content) - len(content.lstrip())
            before = text[text.rfind("\n", 0, start) + 1 : start]
            column = len(before.expandtabs()) if "\t" in before else len(before)
            yield _Line(start, max(start, at + len(line.rstrip())), column)
            at += len(line) + 1


def _read(run: list[Lexeme], text: str, scan: Scan) -> None:
    """The paragraphs of a comment as blocks; what is no prose is left out."""
    lines = list(_lines(run, text))
    first = next((line for line in lines if line.end > line.start), None)
    is_pragma = first is not None and run[0].what is not What.LINE and _PRAGMA.match(text, first.start)
    if first is None or is_pragma or _is_licence(text[run[0].start : run[-1].end].lower()):
        return
    reader = _Reader(text, scan, lines, is_lines=run[0].what is What.LINE)
    for line in lines:
        reader.line(line)
    reader.flush()


def _is_licence(comment: str) -> bool:
    return any(word in comment for word in _OF_LICENCES) and _LICENCE.search(comment) is not None


class _Reader:
    """The state of going through one comment."""

    def __init__(self, text: str, scan: Scan, lines: list[_Line], is_lines: bool) -> None:
        self.text, self.scan = text, scan
        self.first = lines[0]
        indented = lines if is_lines else lines[1:]  # the first one of a block stands behind its mark
        self.margin = min((line.column for line in indented if line.end > line.start), default=0)
        self.paragraph: list[tuple[int, int]] = []
        self.kind = BlockKind.LABEL
        self.title = ""
        """The last line, if it is the title of a section."""
        self.section: int | None = None
        """Column of the title of the section, of Google's form, in which a line is."""
        self.numbers = Numbers()
        self.is_argument = False
        """Whether the paragraph tells of an argument, in the form of TomDoc."""
        self.names_at: int | None = None
        """Column at which a section of NumPy names things."""
        self.fence: re.Pattern[str] | None = None
        self.unread_below: int | None = None
        """Lines that are indented by more than this are not read."""

    def line(self, line: _Line) -> None:
        """Go on with a line."""
        content = self.text[line.start : line.end]
        if self.fence is not None:
            match = self.fence.match(content)
            if not match:
                return
            self.fence = None
            if match[0] or not content:
                return
        is_between = self.unread_below is None and self.names_at is None
        is_plain = is_between and _PLAIN_LINE.match(content) is not None
        if is_plain and not self._is_deep(line) and not _PRAGMA.match(content):
            self.title = ""
            self._leave_section(line)
            self.paragraph.append((line.start, line.end))
            return
        if self._is_unread(line, content):
            self.flush()
            return
        start = line.start
        item = _ITEM.match(content)
        if item and not self.numbers.begins_item(content, self._line_before()):
            item = None
        if marker := item or _TASK.match(content) or _SIGN.match(content):
            self.flush()
            start += marker.end()
            content = self.text[start : line.end]
        begins = self._tag(start, content) or (
            _ABOUT.match(content)
            if self.section is not None or item or _is_about(content)
            else self._argument(content)
        )
        heading = _HEADING.match(content)
        if heading:
            self.flush()
            self.kind, begins = BlockKind.HEADING, heading
        elif begins:
            self.flush()
        if _CELLS.match(content):
            self.flush()
            self._cells(start, line.end)
            return
        if begins:
            start += begins.end()
        self.paragraph.append((start, line.end))
        if heading:
            self.flush()
        elif content.startswith(".. "):  # what is indented below it is read
            self.section = line.column
        elif content.endswith("::"):
            self.flush()
            self.unread_below = line.column

    def _tag(self, start: int, content: str) -> re.Match[str] | None:
        """What introduces a tagged text: for Lua, if the tag stands right behind three hyphens."""
        lua = _LUA_TAG.match(content) if self.text.startswith("---@", start - 3) else None
        return lua or _TAG.match(content)

    def _line_before(self) -> str:
        return self.text[slice(*self.paragraph[-1])] if self.paragraph else ""

    def _argument(self, content: str) -> re.Match[str] | None:
        """The name of an argument, at the beginning of a paragraph or behind another argument."""
        found = _ARGUMENT.match(content) if self.is_argument or not self.paragraph else None
        self.is_argument = found is not None or (self.is_argument and bool(self.paragraph))
        return found

    def _is_unread(self, line: _Line, content: str) -> bool:
        """Whether a line is not read; notes what follows from it for those below."""
        title, self.title = self.title, ""
        if not content:
            return True
        if self.unread_below is not None and line is not self.first:
            if line.column > self.unread_below:
                return True
            self.unread_below = None
        if fence := _FENCE.match(content):
            self._begin_fence(fence)
            return True
        if _DIRECTIVE.match(content):
            self.unread_below = line.column
            return True
        if _RULER.match(content):
            if title:
                self.section, self.names_at = None, line.column if title in _TYPED else None
            return True
        if _TITLE.match(content):
            self.title = content.rstrip(": ").lower()
            self.section, self.names_at = line.column, None
            return True
        self._leave_section(line)
        if self.names_at is not None and line.column <= self.names_at and _TYPE.match(content):
            return True
        return (
            self._is_deep(line)
            or not _LETTERS.search(content)
            or _EXAMPLES.match(content) is not None
            or _KEY.match(content) is not None
            or _PRAGMA.match(content) is not None
            or _ONLY_TAGS.match(content) is not None
            or _ASSIGNMENT.match(content) is not None
            or _UNREAD_TAG.match(content) is not None
        )

    def _leave_section(self, line: _Line) -> None:
        if self.section is not None and self.names_at is None and line.column <= self.section:
            self.section = None

    def _is_deep(self, line: _Line) -> bool:
        """Whether a line that goes on with nothing is indented like code."""
        is_free = not self.paragraph and self.section is None and self.names_at is None
        return is_free and line is not self.first and line.column >= self.margin + 4

    def _begin_fence(self, fence: re.Match[str]) -> None:
        assert fence.lastgroup
        end = _FENCES[int(fence.lastgroup[3:])][1]
        mark = fence["fence"]
        self.fence = re.compile(end.format(fence=re.escape(mark)) if mark else end)

    def _cells(self, start: int, end: int) -> None:
        for cell in re.finditer(r"[^|]*[^|\s][^|]*", self.text[start:end]):
            content = cell[0].strip()
            at = start + cell.start() + cell[0].index(content)
            if _LETTERS.search(content):
                self.scan.blocks.append((BlockKind.TABLE_CELL, at, at + len(content)))

    def flush(self) -> None:
        """The paragraph as a block, unless it is code."""
        lines = [(start, end) for start, end in self.paragraph if end > start]
        kind, self.paragraph, self.kind = self.kind, [], BlockKind.LABEL
        width = max((end - start for start, end in lines), default=0)
        first = 0
        for index in range(1, len(lines)):
            if self._ended_on_purpose(lines[index - 1], lines[index], width):
                self._block(lines[first:index], kind)
                first = index
        self._block(lines[first:], kind)

    def _ended_on_purpose(self, line: tuple[int, int], following: tuple[int, int], width: int) -> bool:
        """Whether a line has no stop, the next begins like a sentence, and its first word had room."""
        word = self.text[slice(*following)].split(maxsplit=1)[0]
        is_open = self.text[line[1] - 1].isalnum() or self.text[line[1] - 1] in ")`'\"_"
        return (
            is_open
            and word[0].isupper()
            and word[1:].islower()
            and line[1] - line[0] + 1 + len(word) <= width
        )

    def _block(self, lines: list[tuple[int, int]], kind: BlockKind) -> None:
        code = sum(self._looks_like_code(*line) for line in lines)
        words = sum(len(_LETTERS.findall(self.text, *line)) for line in lines)
        if not lines or code * 2 > len(lines) or words < 2:
            return
        self.scan.blocks.append((kind, lines[0][0], lines[-1][1]))
        for (_, end), (start, _) in pairwise(lines):
            line = self.text.rfind("\n", end, start) + 1  # blanks and a carriage return may stand before it
            if start > line:
                self.scan.prefixes.append((line, start))

    def _looks_like_code(self, start: int, end: int) -> bool:
        line = self.text[start:end]
        if line[-1] in ";{}>\\])," and _CODE_END.search(line):
            return True
        return line[0] in "}])" or (_CODE.match(line) or _WITH_COMMENT.search(line)) is not None


def _is_about(line: str) -> bool:
    """Whether a line begins with one word and a colon."""
    return re.match(r"[\w.*]+(?:[ ]\([^)\n]*\))?[ ]?:[ ]\S", line) is not None
