"""Comments in the syntax of each language, as far as directives need them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE_END = re.compile(r"[\r\n]")

_HTML = ("<!--", "-->")
_C = ("/*", "*/")
_HASH, _SLASHES, _DASHES, _PERCENT, _SEMICOLON = ("#", ""), ("//", ""), ("--", ""), ("%", ""), (";", "")
_DOTS = ("..", "")

_WITH_HASH = """
python ruby perl shellscript bash sh zsh fish powershell r julia elixir yaml toml dockerfile
makefile cmake nix tcl gdscript coffeescript po git-commit git-rebase properties graphql terraform
nim
"""
_WITH_SLASHES = """
c cpp csharp java javascript javascriptreact typescript typescriptreact rust go swift kotlin scala
dart zig objective-c objective-cpp cuda-cpp groovy proto jsonc json5 d solidity less scss v verilog
systemverilog glsl hlsl wgsl fsharp
"""

_BY_LANGUAGE: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(["html", "xml", "vue", "svelte", "astro"], (_HTML,)),
    **dict.fromkeys(["markdown", "quarto", "rmd"], (_HTML, ("[//]: # (", ")"))),
    "mdx": (("{/*", "*/}"), _HTML),
    "vue": (_HTML, _SLASHES, _C),
    "svelte": (_HTML, _SLASHES, _C),
    "astro": (_HTML, _SLASHES, _C),
    "mediawiki": (_HTML,),
    **dict.fromkeys(["latex", "tex", "bibtex", "plaintex", "context", "matlab", "erlang"], (_PERCENT,)),
    **dict.fromkeys(["restructuredtext", "rst"], (_DOTS,)),
    **dict.fromkeys(["asciidoc", "typst"], (_SLASHES, _C)),
    "org": (("# ", ""),),
    **dict.fromkeys(_WITH_HASH.split(), (_HASH,)),
    **dict.fromkeys(["php", "hcl"], (_SLASHES, _HASH, _C)),
    **dict.fromkeys(_WITH_SLASHES.split(), (_SLASHES, _C)),
    "css": (_C,),
    "sql": (_DASHES, _C),
    **dict.fromkeys(["lua", "haskell", "elm", "ada", "vhdl", "purescript", "applescript"], (_DASHES,)),
    "haskell": (_DASHES, ("{-", "-}")),
    "elm": (_DASHES, ("{-", "-}")),
    **dict.fromkeys(
        ["lisp", "clojure", "scheme", "racket", "elisp", "emacs-lisp", "ini", "asm"], (_SEMICOLON,)
    ),
    "ini": (_SEMICOLON, _HASH),
    "ocaml": (("(*", "*)"),),
    "vim": (('"', ""),),
    "roff": (('.\\"', ""),),
    "fortran": (("!", ""),),
    **dict.fromkeys(["jinja", "jinja-html", "django-html", "twig"], (("{#", "#}"), _HTML)),
}
_ANY = (_HTML, _C, _HASH, _SLASHES, _DASHES, _PERCENT, _SEMICOLON, _DOTS)
"""Where the language is unknown or has no comments of its own, such as plain text."""


def comment_syntaxes(language: str) -> tuple[tuple[str, str], ...]:
    """How comments begin and end, the usual one first; an end of nothing is that of the line."""
    return _BY_LANGUAGE.get(language, _ANY)


_LONGEST = 4000
"""Characters in which the end of a comment is looked for."""


class Comment(NamedTuple):
    """A comment that begins with `grammared:`."""

    start: int
    end: int
    body_start: int
    body: str
    """What follows the colon, without blanks around it."""


def directive_comments(language: str, text: str, start: int = 0) -> Iterator[Comment]:
    """The comments of the form `grammared: BODY` from a place on, each on one line.

    They stand at the beginning of a line or behind a blank.
    """
    syntaxes = comment_syntaxes(language)
    line_end = close = start
    for match in _heads(language).finditer(text, start):
        assert match.lastgroup
        if match.start() < close:
            continue  # inside of another
        if match.end() > line_end:
            found = _LINE_END.search(text, match.end())
            line_end = found.start() if found else len(text)
        end = syntaxes[int(match.lastgroup[1:])][1]
        stop = text.find(end, match.end(), min(line_end, match.end() + _LONGEST)) if end else line_end
        if stop < 0:
            continue
        body = text[match.end() : stop]
        shift = len(body) - len(body.lstrip(" \t"))
        # a comment up to the end of the line does not hold the blanks there
        close = stop + len(end) if end else match.end() + len(body.rstrip(" \t"))
        yield Comment(match.start(), close, match.end() + shift, body.strip(" \t"))


@cache
def _heads(language: str) -> re.Pattern[str]:
    """Finds how such comments begin; the group that matched, `s0`, `s1` …, names the syntax."""
    each = []
    for number, (start, end) in enumerate(comment_syntaxes(language)):
        more = "[*!]*" if end else f"{re.escape(start[-1])}*"
        each.append(rf"(?P<s{number}>{re.escape(start)}{more}[ \t]*grammared[ \t]*:)")
    return re.compile(rf"(?:(?<=\s)|(?<![\s\S]))(?:{'|'.join(each)})")


def comment(language: str, body: str) -> str:
    """A comment with this text."""
    start, end = comment_syntaxes(language)[0]
    return f"{start.strip()} {body} {end}".strip()
