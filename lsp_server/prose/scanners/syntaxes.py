"""The comments and strings of each family of programming languages: a row each."""

from __future__ import annotations

import re

from lsp_server.prose.scanners.lexer import (
    Syntax,
    Token,
    What,
    block_scalar,
    heredoc,
    is_statement,
    line_end,
    nested,
    regex_literal,
    stands_alone,
    template,
    until,
)

_DOUBLE = Token(What.STRING, r'"(?P<text>(?:\\.|[^"\\\n])*)(?:"|$)')
_SINGLE = Token(What.STRING, r"'(?P<text>(?:\\.|[^'\\\n])*)(?:'|$)")
_DOUBLE_LINES = Token(What.STRING, r'"(?P<text>(?:\\.|[^"\\])*)(?:"|\Z)')
_SINGLE_LINES = Token(What.STRING, r"'(?P<text>(?:\\.|[^'\\])*)(?:'|\Z)")
_TRIPLE = Token(What.STRING, r'"""(?P<text>(?:\\.|(?!""").)*)(?:"""|\Z)')
_CHARACTER = Token(What.CODE, r"'(?:\\[^\n']*|[^\\'\n])'")
"""One character between quotes; any other quote is a lifetime, a prime or a mark between digits."""
_SLASHES = Token(What.LINE, r"//+[!/]?<?", line_end)
_STARS = Token(What.BLOCK, r"/\*+!?(?!/)", until(r"\*+/"))
_NESTED_STARS = Token(What.BLOCK, r"/\*+!?(?!/)", nested(r"/\*", r"\*+/"))
_EMPTY_STARS = Token(What.CODE, r"/\*+/")
_HASH = Token(What.LINE, r"(?<!\S)\#+[!:']?(?=\s|\w|$)", line_end)
_DASHES = Token(What.LINE, r"--+(?=[ \t|^\n]|\Z)", line_end)


def _is_elixir_doc(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 20) : match.start()]
    return re.search(r"@(?:module|type)?doc\s+(?:~[sS])?\Z", before) is not None


SLASHES = Syntax(
    "\"'`/R",
    (
        Token(What.CODE, r'(?<![\w])R"(?P<tag>[^()\\\s]{0,16})\(.*?(?:\)(?P=tag)"|\Z)'),
        _TRIPLE,
        _DOUBLE,
        _CHARACTER,
        _EMPTY_STARS,
        _SLASHES,
        _STARS,
    ),
)
"""C, C++, Objective-C, Java, Groovy, Protocol Buffers, shaders, Solidity …"""
JAVASCRIPT = Syntax(
    "\"'`/",
    (
        _DOUBLE,
        _SINGLE,
        Token(What.STRING, "`", template),
        _EMPTY_STARS,
        _SLASHES,
        _STARS,
        Token(What.CODE, r"/(?![/*])", regex_literal),
    ),
)
"""JavaScript, TypeScript, Dart."""
GO = Syntax(
    "\"'`/",
    (
        _DOUBLE,
        _CHARACTER,
        Token(What.STRING, r"`(?P<text>[^`]*)(?:`|\Z)"),
        _EMPTY_STARS,
        _SLASHES,
        _STARS,
    ),
)
CSHARP = Syntax(
    "\"'/@$",
    (
        Token(What.STRING, r'(?:[@$]{1,2})"(?P<text>(?<=@")(?:""|[^"])*|(?<=@\$")(?:""|[^"])*)(?:"|\Z)'),
        Token(What.STRING, r'\$?"""(?P<text>.*?)(?:"""+|\Z)'),
        _DOUBLE,
        _CHARACTER,
        _EMPTY_STARS,
        _SLASHES,
        _STARS,
    ),
)
"""C#, whose verbatim strings know no backslash."""
NESTED = Syntax(
    "\"'/r#`",
    (
        Token(What.STRING, r'(?:(?<!\w)r)?(?P<tag>\#+)"(?P<text>.*?)(?:"(?P=tag)|\Z)'),
        Token(What.STRING, r'(?<!\w)r"(?P<text>[^"]*)(?:"|\Z)'),
        _TRIPLE,
        _DOUBLE_LINES,
        _CHARACTER,
        _EMPTY_STARS,
        _SLASHES,
        _NESTED_STARS,
    ),
)
"""Rust, Swift, Kotlin and Scala, whose comments may hold comments."""
CSS = Syntax(
    "\"'/",
    (_DOUBLE, _SINGLE, _EMPTY_STARS, Token(What.LINE, r"(?<![:\w(])//+[!/]?", line_end), _STARS),
)
"""CSS, and SCSS and Less with their comments of a line; an address in `url()` holds none."""
PHP = Syntax(
    "\"'/#<",
    (
        Token(What.CODE, r"<<<[ \t]*['\"]?(?P<tag>[A-Za-z_]\w*)", heredoc),
        _DOUBLE_LINES,
        _SINGLE_LINES,
        _EMPTY_STARS,
        _SLASHES,
        _STARS,
        Token(What.LINE, r"\#+(?!\[)", line_end),
    ),
)
HASHES = Syntax("\"'#", (_DOUBLE, _SINGLE, _HASH))
"""Perl, R, Dockerfile, Makefile, Tcl and their like."""
CMAKE = Syntax(
    '"#',
    (
        Token(What.BLOCK, r"\#\[(?P<tag>=*)\[(?P<text>.*?)(?:\](?P=tag)\]|\Z)"),
        _DOUBLE_LINES,
        _HASH,
    ),
)
TOML = Syntax(
    "\"'#",
    (
        _TRIPLE,
        Token(What.STRING, r"'''(?P<text>.*?)(?:'''|\Z)"),
        _DOUBLE,
        Token(What.STRING, r"'(?P<text>[^'\n]*)(?:'|$)"),
        _HASH,
    ),
)
SHELL = Syntax(
    "\"'#<$\\\\",
    (
        Token(What.CODE, r"\\."),
        Token(What.CODE, r"\$'(?:\\.|[^'\\])*(?:'|\Z)"),
        Token(What.CODE, r"<<<"),
        Token(
            What.CODE,
            r"""<<[-~]?[ \t]* (?: '(?P<q_tag>[\w.-]+)' | "(?P<qq_tag>[\w.-]+)"
            | \\?(?P<tag>[A-Z_]\w+|eof|end)(?![)\w]) )""",
            heredoc,
        ),
        _DOUBLE_LINES,
        Token(What.STRING, r"'(?P<text>[^']*)(?:'|\Z)"),
        _HASH,
    ),
)
YAML = Syntax(
    "\"'#|>",
    (
        Token(What.CODE, r"(?<=[ \t])[|>][-+0-9]*[ \t]*(?:\#[^\n]*)?\n", block_scalar),
        Token(What.STRING, r'(?<=[\s\[{,(])"(?P<text>(?:\\.|[^"\\])*)(?:"|\Z)'),
        Token(What.STRING, r"(?<=[\s\[{,(])'(?P<text>[^']*)(?:'|\Z)"),
        _HASH,
    ),
)
RUBY = Syntax(
    "\"'#<=`",
    (
        Token(What.BLOCK, r"^=begin\b[^\n]*", until(r"^=end\b")),
        Token(What.CODE, r"<<[-~]?['\"]?(?P<tag>[A-Z_][A-Z_0-9]+)", heredoc),
        _DOUBLE_LINES,
        _SINGLE_LINES,
        _HASH,
    ),
)
ELIXIR = Syntax(
    "\"'#",
    (
        Token(_TRIPLE.what, _TRIPLE.begin, is_doc=_is_elixir_doc),
        Token(_DOUBLE.what, _DOUBLE.begin, is_doc=_is_elixir_doc),
        _CHARACTER,
        _HASH,
    ),
)
JULIA = Syntax(
    "\"'#",
    (
        Token(What.BLOCK, r"\#=", nested(r"\#=", r"=\#")),
        Token(_TRIPLE.what, _TRIPLE.begin, is_doc=is_statement),
        _DOUBLE_LINES,
        _CHARACTER,
        Token(What.LINE, r"\#+", line_end),
    ),
)
NIX = Syntax(
    "\"'#/",
    (
        Token(What.STRING, r"''(?P<text>(?:''[$'\\]|(?!'').)*)(?:''|\Z)"),
        _DOUBLE_LINES,
        _EMPTY_STARS,
        _STARS,
        _HASH,
    ),
)
HCL = Syntax(
    '"#/<',
    (
        Token(What.CODE, r"<<[-~]?(?P<tag>[A-Za-z_]\w+)", heredoc),
        _DOUBLE,
        _EMPTY_STARS,
        _SLASHES,
        _STARS,
        _HASH,
    ),
)
"""HCL and Terraform."""
PYTHON = Syntax(
    "\"'#",
    (
        Token(What.STRING, r'"""(?P<text>(?:\\.|(?!""").)*)(?:"""|\Z)', is_doc=stands_alone),
        Token(What.STRING, r"'''(?P<text>(?:\\.|(?!''').)*)(?:'''|\Z)", is_doc=stands_alone),
        Token(_DOUBLE.what, _DOUBLE.begin, is_doc=stands_alone),
        Token(_SINGLE.what, _SINGLE.begin, is_doc=stands_alone),
        Token(What.LINE, r"\#+:?", line_end),
    ),
)
DASHES = Syntax("\"'-", (_DOUBLE, _CHARACTER, _DASHES))
"""Ada, VHDL and their like."""
SQL = Syntax(
    "\"'-/",
    (
        Token(What.STRING, r"'(?P<text>(?:''|[^'])*)(?:'|\Z)"),
        _DOUBLE,
        Token(What.LINE, r"--+", line_end),
        _EMPTY_STARS,
        _STARS,
    ),
)
LUA = Syntax(
    "\"'-[",
    (
        Token(What.BLOCK, r"--\[(?P<tag>=*)\[(?P<text>.*?)(?:\](?P=tag)\]|\Z)"),
        Token(What.STRING, r"\[(?P<tag>=*)\[(?P<text>.*?)(?:\](?P=tag)\]|\Z)"),
        _DOUBLE,
        _SINGLE,
        Token(What.LINE, r"--+", line_end),
    ),
)
HASKELL = Syntax(
    "\"'-{",
    (
        Token(What.CODE, r"\{-\#.*?(?:\#-\}|\Z)"),
        Token(What.BLOCK, r"\{-+[|^]?", nested(r"\{-", r"-\}")),
        _DOUBLE,
        Token(What.CODE, r"(?<!\w)'(?:\\[^\n']*|[^\\'\n])'"),
        Token(What.LINE, r"(?<![!\#$%&*+./<=>?@\\^|~:-])--+(?=[^!\#$%&*+./<=>?@\\~:]|\Z)[ ]?[|^]?", line_end),
    ),
)
"""Haskell, Elm, PureScript."""
_FIRST_ON_LINE = "|".join(rf"(?<=^[ \t]{{{width}}})" for width in range(13))
VIM = Syntax(
    "\"'",
    (
        Token(What.LINE, rf'(?:{_FIRST_ON_LINE})"+', line_end),
        Token(What.STRING, r"'(?P<text>(?:''|[^'\n])*)(?:'|$)"),
        Token(What.STRING, r'"(?P<text>(?:\\.|[^"\\\n]){0,300})"'),
        Token(What.LINE, r'(?<=[ \t])"+(?=[ ])', line_end),
    ),
)
"""Vim script, where a quote begins a string or, at the beginning of a line, a comment."""
SEMICOLONS = Syntax(
    '";#',
    (
        _DOUBLE_LINES,
        Token(What.CODE, r"\#\\."),
        Token(What.LINE, r";+", line_end),
        Token(What.BLOCK, r"\#\|", nested(r"\#\|", r"\|\#")),
    ),
)
"""Lisp, Scheme, Clojure, assembly, INI files."""
OCAML = Syntax(
    "\"'(",
    (_DOUBLE_LINES, _CHARACTER, Token(What.BLOCK, r"\(\*+(?!\))", nested(r"\(\*(?!\))", r"\*+\)"))),
)
"""OCaml, Standard ML, Pascal."""
PERCENTS = Syntax('"%', (_DOUBLE, Token(What.LINE, r"%+", line_end)))
"""Erlang, MATLAB, Prolog."""

SYNTAXES = {
    "python": PYTHON,
    "slash-comments": SLASHES,
    "javascript": JAVASCRIPT,
    "go": GO,
    "csharp": CSHARP,
    "rust": NESTED,
    "css": CSS,
    "php": PHP,
    "hash-comments": HASHES,
    "cmake": CMAKE,
    "toml": TOML,
    "shellscript": SHELL,
    "yaml": YAML,
    "ruby": RUBY,
    "elixir": ELIXIR,
    "julia": JULIA,
    "nix": NIX,
    "hcl": HCL,
    "dash-comments": DASHES,
    "sql": SQL,
    "lua": LUA,
    "haskell": HASKELL,
    "vim": VIM,
    "semicolon-comments": SEMICOLONS,
    "ocaml": OCAML,
    "percent-comments": PERCENTS,
}
"""By the name of the kind of text; a family that has no name is called after its comments."""
