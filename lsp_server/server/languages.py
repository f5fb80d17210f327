"""Which documents are checked, and as what: an editor may send us any."""

from __future__ import annotations

from lsp_server.prose.languages import LANGUAGES

_ALIASES = {
    **dict.fromkeys(("text", "txt", "mail", "email"), "plaintext"),
    "gitcommit": "git-commit",
    **dict.fromkeys(("tex", "plaintex", "context", "doctex", "latex-expl3"), "latex"),
    "bib": "bibtex",
    **dict.fromkeys(("rst", "rest", "restructured-text"), "restructuredtext"),
    **dict.fromkeys(("adoc", "asciidoctor"), "asciidoc"),
    **dict.fromkeys(("orgmode", "org-mode"), "org"),
    "typ": "typst",
    **dict.fromkeys(("wikitext", "wiki"), "mediawiki"),
    **dict.fromkeys(("troff", "nroff", "groff", "man"), "roff"),
    **dict.fromkeys(("po", "pot"), "gettext"),
    **dict.fromkeys(("srt", "subtitles"), "subrip"),
    "vtt": "webvtt",
    **dict.fromkeys(("vue-html", "xhtml", "jinja-html", "django-html", "handlebars", "htmldjango"), "html"),
    **dict.fromkeys(("docbook", "dita"), "xml"),
    **dict.fromkeys(
        (
            *(
                "c",
                "cpp",
                "csharp",
                "objective-c",
                "objective-cpp",
                "cuda-cpp",
                "java",
                "javascript",
            ),
            *(
                "javascriptreact",
                "typescript",
                "typescriptreact",
                "typescript.tsx",
                "jsonc",
                "go",
                "rust",
                "kotlin",
                "swift",
            ),
            *(
                "scala",
                "groovy",
                "dart",
                "php",
                "css",
                "scss",
                "less",
                "zig",
                "proto",
                "glsl",
                "hlsl",
            ),
            *(
                "solidity",
                "fsharp",
            ),
        ),
        "slash-comments",
    ),
    **dict.fromkeys(
        (
            *(
                "shellscript",
                "sh",
                "bash",
                "zsh",
                "fish",
                "ruby",
                "perl",
                "r",
                "elixir",
                "julia",
                "yaml",
            ),
            *(
                "dockercompose",
                "toml",
                "dockerfile",
                "makefile",
                "cmake",
                "nix",
                "terraform",
                "hcl",
                "tcl",
            ),
            *(
                "crystal",
                "nim",
                "coffeescript",
                "powershell",
                "ini",
                "properties",
                "graphql",
                "gdscript",
            ),
        ),
        "hash-comments",
    ),
    **dict.fromkeys(
        (
            *(
                "sql",
                "lua",
                "haskell",
                "elm",
                "ada",
                "vhdl",
                "purescript",
            ),
        ),
        "dash-comments",
    ),
}
"""Identifiers of editors for what has another name with us."""


_SHOWN_ONLY = frozenset(
    (
        *("git", "gitlens", "gitlens-git", "git-graph", "gitfs", "github", "pr", "review", "gitlab"),
        *("hg", "svn", "fugitive", "diffview", "gitsigns", "octo", "conflictResolution"),
        *("output", "debug", "search-editor", "walkThrough", "vscode-local-history", "help", "man"),
        *("jar", "zipfile", "tarfile", "oil", "term", "chat-editing-text-model"),
    )
)
"""Schemes of documents that an editor shows beside the file itself, or that nobody can change."""


def is_editable(uri: str) -> bool:
    """Whether a document is one that its user may put right, rather than an older version or a copy of it."""
    return uri.partition(":")[0] not in _SHOWN_ONLY


def prose_language(identifier: str) -> str | None:
    """The language whose prose to look for in a document with this LSP identifier; None: do not check it."""
    language = _ALIASES.get(identifier, identifier)
    return language if language in LANGUAGES else None


def known_identifiers() -> list[str]:
    """All LSP identifiers of documents that are checked, in alphabetical order."""
    return sorted({*LANGUAGES, *_ALIASES})
