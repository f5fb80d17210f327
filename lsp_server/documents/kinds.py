"""What kind of text a document is: by what an editor calls it, its name, or what its first lines say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple


class _Kind(NamedTuple):
    """How a kind of text is told; each a list of words."""

    identifiers: str = ""
    """Other names of it: identifiers of LSP, file types of Vim, modes of Emacs."""
    endings: str = ""
    """Of file names, without the full stop."""
    names: str = ""
    """Of files."""
    programs: str = ""
    """That `#!` names."""


_TEXTS = {
    "markdown": _Kind("md gfm ipythongfm pandoc vimwiki telekasten", "md markdown mkd mdown mdwn"),
    "mdx": _Kind("", "mdx"),
    "quarto": _Kind("qmd", "qmd"),
    "rmd": _Kind("rmarkdown", "rmd"),
    "plaintext": _Kind("text txt text-mode fundamental", "txt text", "README NEWS CHANGES TODO"),
    "git-commit": _Kind(
        "gitcommit git-commit-edit vcs-commit commit magit jj jj-commit jjdescription hgcommit hg-commit svn "
        "svn-commit scminput",
        "jjdescription",
        "COMMIT_EDITMSG MERGE_MSG TAG_EDITMSG SQUASH_MSG svn-commit.tmp",
    ),
    "html": _Kind("xhtml vue-html jinja-html django-html handlebars htmldjango mhtml", "html htm xhtml"),
    "vue": _Kind("", "vue"),
    "svelte": _Kind("", "svelte"),
    "xml": _Kind("docbook dita nxml", "xml dbk dita"),
    "latex": _Kind("tex plaintex context doctex latex-expl3", "tex ltx"),
    "bibtex": _Kind("bib", "bib"),
    "restructuredtext": _Kind("rst rest restructured-text", "rst rest"),
    "asciidoc": _Kind("adoc asciidoctor", "adoc asciidoc"),
    "org": _Kind("orgmode org-mode", "org"),
    "typst": _Kind("typ", "typ"),
    "mediawiki": _Kind("wikitext wiki", "wiki mediawiki wikitext"),
    "roff": _Kind("troff nroff groff man", "1 2 3 4 5 6 7 8 roff man"),
    "gettext": _Kind("po pot", "po pot"),
    "mail": _Kind("email eml message mutt", "eml"),
    "notebook": _Kind("ipynb jupyter", "ipynb"),
    "subrip": _Kind("srt subtitles", "srt"),
    "webvtt": _Kind("vtt", "vtt"),
    "diff": _Kind("patch git-diff gitdiff", "diff patch"),
}
"""What is written to be read, by the name that we have for it."""

_SOURCES = {
    "python": _Kind("py python3 cython pyrex", "py pyi pyw pyx", "SConstruct SConscript", "python pypy uv"),
    "slash-comments": _Kind(
        "c cpp c++ objective-c objective-cpp objc objcpp cuda cuda-cpp java groovy proto proto3 protobuf "
        "glsl hlsl wgsl solidity jsonc json5 zig verilog systemverilog fsharp",
        "c h cc cpp cxx hpp hh m mm cu java groovy zig proto glsl sol fs sv",
        "Jenkinsfile",
    ),
    "javascript": _Kind(
        "javascriptreact javascript.jsx typescript typescriptreact typescript.tsx jsx tsx js ts js2 dart",
        "js mjs cjs jsx ts mts cts tsx dart",
        "",
        "node deno bun ts-node",
    ),
    "go": _Kind("golang gomod gowork", "go", "go.mod go.work"),
    "csharp": _Kind("cs c-sharp razor", "cs csx"),
    "rust": _Kind("rs swift kotlin kt scala", "rs swift kt kts scala sc", "", "swift kotlin scala"),
    "css": _Kind("scss less sass", "css scss less"),
    "php": _Kind("", "php", "", "php"),
    "hash-comments": _Kind(
        "perl cperl r ess-r dockerfile makefile make tcl nim coffeescript powershell ps1 properties "
        "jproperties graphql gdscript ignore gitignore awk just starlark bazel bzl meson conf gitconfig",
        "pl pm r mk tcl nim coffee ps1 psm1 psd1 gd bzl graphql awk properties",
        "Dockerfile Containerfile Makefile GNUmakefile makefile meson.build BUILD WORKSPACE justfile",
        "perl Rscript tclsh awk gawk make pwsh",
    ),
    "cmake": _Kind("", "cmake", "CMakeLists.txt"),
    "toml": _Kind("", "toml"),
    "shellscript": _Kind(
        "sh bash zsh fish ksh shell shell-script", "sh bash zsh fish ksh", "", "sh bash dash zsh ksh fish ash"
    ),
    "yaml": _Kind("yml dockercompose docker-compose github-actions-workflow yaml.ansible", "yaml yml"),
    "ruby": _Kind(
        "rb rake crystal", "rb rake gemspec cr", "Gemfile Rakefile Vagrantfile Podfile Brewfile", "ruby"
    ),
    "elixir": _Kind("ex eelixir heex", "ex exs", "", "elixir"),
    "julia": _Kind("jl", "jl", "", "julia"),
    "nix": _Kind("", "nix"),
    "hcl": _Kind("terraform terraform-vars opentofu packer", "hcl tf tfvars"),
    "dash-comments": _Kind("ada vhdl applescript", "adb ads vhd vhdl applescript"),
    "sql": _Kind("plsql mysql postgres pgsql tsql", "sql"),
    "lua": _Kind("luau", "lua luau", "", "lua luajit"),
    "haskell": _Kind("elm purescript idris agda", "hs elm purs", "", "runhaskell runghc stack"),
    "vim": _Kind("viml vimscript", "vim", ".vimrc vimrc _vimrc"),
    "semicolon-comments": _Kind(
        "lisp commonlisp clojure scheme racket elisp emacs-lisp asm nasm ini dosini",
        "el lisp cl clj cljs cljc scm rkt asm ini",
        ".emacs",
        "guile racket sbcl emacs",
    ),
    "ocaml": _Kind("ocaml.interface tuareg sml pascal", "ml mli sml pas", "", "ocaml"),
    "percent-comments": _Kind("erlang matlab octave prolog", "erl hrl", "", "escript octave"),
}
"""Source code, of which comments are read; a family of languages is called after its comments."""

_KINDS = {**_TEXTS, **_SOURCES}

CODE = frozenset(_SOURCES)
"""Kinds of source code."""
ON_REQUEST = CODE | {"diff"}
"""Kinds that are checked when they are named: who names a folder means its texts."""


def _table(field: str) -> dict[str, str]:
    return {word: kind for kind, row in _KINDS.items() for word in getattr(row, field).split()}


_BY_IDENTIFIER = {**_table("identifiers"), **{kind: kind for kind in _KINDS}}
BY_ENDING, BY_NAME, _BY_PROGRAM = _table("endings"), _table("names"), _table("programs")
_HG_MESSAGE = re.compile(r"hg-editor-.*\.txt$")
_SHEBANG = re.compile(r"#![ \t]*(?:\S*/)?([^\s/]+)(?:[ \t]+(?:-\S+[ \t]+|\w+=\S*[ \t]+)*([^\s/-][^\s]*))?")
_VIM = re.compile(r"(?:^|[ \t])(?:vim?|ex):.*?\b(?:ft|filetype|syntax)=([\w.-]+)")
_EMACS = re.compile(
    r"-\*-(?:(?:[^;\n]*;)*?[ \t]*mode:)?[ \t]*([\w+-]+?)(?:-mode)?[ \t]*(?:;.*?)?-\*-", re.IGNORECASE
)
_MODE_LINES = 5
"""Lines at the beginning and the end of a file in which Vim looks for its settings."""
_LONGEST_LINE = 1000


def kind_of_identifier(identifier: str) -> str | None:
    """The kind that an editor, a setting or a flag names; None if we know none of that name."""
    return _BY_IDENTIFIER.get(identifier) or _BY_IDENTIFIER.get(identifier.lower())


def known_identifiers() -> list[str]:
    """All names of kinds that we know, in alphabetical order."""
    return sorted(_BY_IDENTIFIER)


def kind_of_name(name: str) -> str | None:
    """The kind of a file by its name; None if that says nothing."""
    path = Path(name)
    if _HG_MESSAGE.match(path.name):
        return "git-commit"
    return BY_NAME.get(path.name) or BY_ENDING.get(path.suffix[1:].lower())


def kind_of_text(text: str) -> str | None:
    """The kind that a text says itself: in its first line (`#!`), or to Vim or Emacs."""
    head = text[: _MODE_LINES * _LONGEST_LINE].splitlines()[:_MODE_LINES]
    tail = text[-_MODE_LINES * _LONGEST_LINE :].splitlines()[-_MODE_LINES:]
    said = [*((_EMACS, line) for line in head[:2]), *((_VIM, line) for line in [*head, *tail])]
    for pattern, line in said:
        found = pattern.search(line[:_LONGEST_LINE])
        if found and (kind := kind_of_identifier(found[1])):
            return kind
    if head and (found := _SHEBANG.match(head[0])):
        program = found[2] if found[1] == "env" and found[2] else found[1]
        return _BY_PROGRAM.get(re.sub(r"[\d.]+$", "", program))
    return None
