"""Comments in the syntax of each language, as far as directives need them."""

from __future__ import annotations

import re
from functools import cache

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
    **dict.fromkeys(["markdown", "quarto", "rmd", "html", "xml", "vue", "svelte", "astro"], (_HTML,)),
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


@cache
def directive_pattern(language: str) -> re.Pattern[str]:
    """Finds comments of the form `grammared: BODY`.

    The comment stands at the beginning of a line or behind a blank. Groups: `body1`, `body2` … one for each
    syntax of the language, of which one matched.
    """
    each = []
    for number, (start, end) in enumerate(comment_syntaxes(language), 1):
        marks = "".join(map(re.escape, start)) + (f"{re.escape(start[-1])}*" if not end else "[*!]*")
        stop = re.escape(end) if end else r"(?=\r?\n|\r|$)"
        body = rf"(?P<body{number}>[^\r\n]{{0,2000}}?)"
        each.append(rf"{marks}[ \t]*grammared[ \t]*:[ \t]*{body}[ \t]*{stop}")
    return re.compile(rf"(?:(?<=\s)|(?<![\s\S]))(?:{'|'.join(each)})")


def comment(language: str, body: str) -> str:
    """A comment with this text."""
    start, end = comment_syntaxes(language)[0]
    return f"{start.strip()} {body} {end}".strip()
