"""What a lexer must know of a programming language to tell its comments from its code.

A `Syntax` is a table of `Token`s. Where none begins, there is code, which is passed over at the speed of a
search for one of a few characters. Nothing here knows grammar: broken code has comments too. A token that is
not closed goes to the end of its line or of the text, so that nothing is looked at twice.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lsp_server.documents import common_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    End: TypeAlias = "Callable[[str, re.Match[str]], tuple[int, int] | None]"
    """Where the text of a token and the token end; None if it is none after all."""


class What(Enum):
    """What a token is."""

    __hash__ = object.__hash__  # that of Enum is written in Python

    LINE = auto()
    """A comment to the end of the line; such lines that follow each other are one text."""
    BLOCK = auto()
    """A comment between two marks."""
    DOC = auto()
    """A string that is documentation."""
    STRING = auto()
    """Text between quotes."""
    CODE = auto()
    """Whatever else may hold what looks like a comment: regular expressions, embedded scripts."""


class Token(NamedTuple):
    """One form of comment or string."""

    what: What
    begin: str
    """A verbose regular expression; of a token without an `end`, of all of it. It begins with a character
    of its syntax's `first`, and looks back for what must precede that. What may be read is named `text`."""
    end: End | None = None
    is_doc: Callable[[str, re.Match[str]], bool] | None = None
    """Whether a string is documentation."""


class Lexeme(NamedTuple):
    """A comment or string of a text."""

    what: What
    start: int
    """Where its mark begins."""
    inner: int
    """Where its text begins."""
    inner_end: int
    end: int

    def moved(self, by: int) -> Lexeme:
        """The same so many characters further on."""
        return Lexeme(self.what, self.start + by, self.inner + by, self.inner_end + by, self.end + by)


@dataclass(frozen=True, eq=False)
class Syntax:
    """The comments and strings of a family of languages."""

    first: str
    """The characters that a token may begin with, as in `[...]` of a regular expression."""
    tokens: tuple[Token, ...]
    """The first that matches counts."""

    @cached_property
    def _candidate(self) -> re.Pattern[str]:
        return re.compile(f"[{self.first}]")

    @cached_property
    def _token(self) -> re.Pattern[str]:
        rows = []
        for index, token in enumerate(self.tokens):
            own = re.sub(r"\(\?P([<=])(\w+)", rf"(?P\1r{index}_\2", token.begin)
            rows.append(f"(?P<row{index}>{own})")
        return re.compile("|".join(rows), re.VERBOSE | re.DOTALL | re.MULTILINE)

    def lexemes(self, text: str, at: int = 0) -> Iterator[Lexeme]:
        """All comments and strings from a place on at which none is open, in order."""
        candidate, token_at = self._candidate.search, self._token.match
        while found := candidate(text, at):
            match = token_at(text, found.start())
            lexeme = self._lexeme(text, match) if match else None
            if lexeme:
                yield lexeme
            at = lexeme.end if lexeme else found.end()

    def _lexeme(self, text: str, match: re.Match[str]) -> Lexeme | None:
        index = int((match.lastgroup or "row0")[3:])
        token, own = self.tokens[index], f"r{index}_text"
        inner, inner_end = match.span(own) if own in match.re.groupindex else (match.end(), match.end())
        end = match.end()
        if token.end is not None:
            ends = token.end(text, match)
            if ends is None:
                return None
            inner_end, end = ends
        is_doc = token.is_doc is not None and token.is_doc(text, match)
        return Lexeme(What.DOC if is_doc else token.what, match.start(), inner, inner_end, end)


_REACH = 1000
"""Characters before and behind a lexeme that may decide what it is."""
_FARTHEST = 2000
"""Characters from one lexeme that is remembered to the next, if there is one."""
_UNREAD = frozenset({What.STRING, What.CODE})
_remembered: dict[Syntax, tuple[str, list[Lexeme]]] = {}
"""Of each syntax, the text that was read last: mostly the one in which somebody types."""


def comments_of(syntax: Syntax, text: str) -> list[Lexeme]:
    """The comments and doc-strings. After an edit of the last text, only what is near it is read."""
    old, known = _remembered.get(syntax, ("", []))
    same, same_end = common_ends(old, text)
    found = known[: bisect_right(known, same - _REACH, key=lambda lexeme: lexeme.end)]
    shift = len(text) - len(old)
    follows = len(text) - same_end + _REACH
    """From here on, all that decides about a lexeme is as it was."""
    rest = bisect_right(known, follows - shift, key=lambda lexeme: lexeme.start)
    noted = found[-1].start if found else 0
    for lexeme in syntax.lexemes(text, found[-1].end if found else 0):
        if lexeme.what in _UNREAD and lexeme.start < noted + _FARTHEST and lexeme.start <= follows:
            continue
        if lexeme.start > follows:
            while rest < len(known) and known[rest].start + shift < lexeme.start:
                rest += 1
            if rest < len(known) and known[rest].moved(shift) == lexeme:
                found += [known[index].moved(shift) for index in range(rest, len(known))]
                break
        if lexeme.what not in _UNREAD or lexeme.start >= noted + _FARTHEST:
            found.append(lexeme)
            noted = lexeme.start
    _remembered[syntax] = text, found
    return [lexeme for lexeme in found if lexeme.what not in _UNREAD]


def line_end(text: str, match: re.Match[str]) -> tuple[int, int]:
    """The token ends with its line."""
    end = text.find("\n", match.end())
    return (end, end) if end >= 0 else (len(text), len(text))


def until(close: str) -> End:
    """The token ends with the next match; if there is none, the rest of the text is no comment."""
    pattern = re.compile(close, re.MULTILINE)

    def end(text: str, match: re.Match[str]) -> tuple[int, int]:
        found = pattern.search(text, match.end())
        return found.span() if found else (match.end(), len(text))

    return end


def nested(opening: str, close: str) -> End:
    """The token may hold others of its form, and ends when all are closed."""
    pattern = re.compile(f"(?P<open>{opening})|{close}")

    def end(text: str, match: re.Match[str]) -> tuple[int, int]:
        depth = 1
        for found in pattern.finditer(text, match.end()):
            depth += 1 if found["open"] else -1
            if depth == 0:
                return found.span()
        return match.end(), len(text)

    return end


def heredoc(text: str, match: re.Match[str]) -> tuple[int, int]:
    """The lines below `<<TAG`, down to one that begins with the tag."""
    tag = next(value for name, value in match.groupdict().items() if name.endswith("tag") and value)
    found = re.compile(rf"^[ \t]*{re.escape(tag)}\b", re.MULTILINE).search(text, match.end())
    return (match.end(), found.end() if found else len(text))


def block_scalar(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Lines of YAML that are indented more deeply than what they are the value of, after `|` or `>`."""
    line = text.rfind("\n", 0, match.start()) + 1
    before = text[line : match.start()]
    keyed = re.match(r"([ ]*(?:-[ ]+)*)(?:[^\s-][^\n]*)?", before)
    indent = len(keyed[1]) if keyed else 0
    if keyed and not before[indent:].strip():  # "- |": of the item, not of a key in it
        indent = len(before) - len(before.lstrip(" "))
    deeper = re.compile(rf"(?:[ ]{{{indent + 1}}}[^\n]*\n?|[ \t]*\n)*")
    found = deeper.match(text, match.end())
    return (match.end(), found.end() if found else match.end())


_IN_TEMPLATE = re.compile(r"""\\.|`|\$\{|[{}]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_TEXT, _CODE_IN_TEXT = "`", "{"


def template(text: str, match: re.Match[str]) -> tuple[int, int]:
    """A template literal of JavaScript, with the code in it and the templates in that."""
    open_ones, at = [_TEXT], match.end()
    while found := _IN_TEMPLATE.search(text, at):
        mark, at = found[0], found.end()
        is_code = open_ones[-1] == _CODE_IN_TEXT
        if not is_code and mark[0] in "\"'":
            at = found.start() + 1
        elif mark == "${" or (is_code and mark in "`{"):
            open_ones.append(_TEXT if mark == "`" else _CODE_IN_TEXT)
        elif mark == ("}" if is_code else "`"):
            open_ones.pop()
            if not open_ones:
                return found.start(), found.end()
    return match.end(), len(text)


def regex_literal(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """A regular expression of JavaScript, unless the slash divides."""
    at = match.start() - 1
    while at >= 0 and text[at] in " \t" and match.start() - at < 20:
        at -= 1
    before = text[max(0, at - 6) : at + 1]
    if at >= 0 and text[at] not in "=(,:;!&|?{}[\n>" and not re.search(r"\b(?:return|typeof|case)$", before):
        return None
    found = re.compile(r"(?:\\.|\[(?:\\.|[^\]\\\n]){0,99}\]|[^/\\\n\[]){1,300}/").match(text, match.end())
    return (match.end(), found.end()) if found else None


_ABOUT = re.compile(r"\s*(?:(?:async\s+)?def|class)\b.*:$|.*\)\s*(?:->.*)?:$", re.DOTALL)
_ASSIGNS = re.compile(r"\s*[\w.]+\s*(?::|=(?!=))")


def stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether a string of Python documents: a statement below a definition, an attribute, or at the top."""
    if not is_statement(text, match):
        return False
    before = _statement_before(text, match.start())
    if not before or _ABOUT.match(before):
        return True
    is_long = text.startswith(('"""', "'''"), match.start())
    return is_long and before[-1] not in "([{,=+\\%:" and _ASSIGNS.match(before) is not None


def is_statement(text: str, match: re.Match[str]) -> bool:
    """Whether nothing else stands on the lines of a string."""
    line = text.rfind("\n", 0, match.start()) + 1
    after = text.find("\n", match.end())
    rest = text[match.end() : after if after >= 0 else len(text)].strip()
    return text[line : match.start()].strip() in ("", "r", "R", "u", "U") and (
        not rest or rest.startswith("#")
    )


def _statement_before(text: str, at: int) -> str:
    """The line of code above a place, without a comment at its end; blank lines and comments are none."""
    line = text.rfind("\n", 0, at) + 1
    while line > max(0, at - _REACH // 2):
        start = text.rfind("\n", 0, line - 1) + 1
        code = text[start : line - 1].rstrip()
        if code and not code.lstrip().startswith("#"):
            return re.sub(r"\s#[^\"']*$", "", code)
        line = start
    return "" if line <= 0 else "(much is said before)"
