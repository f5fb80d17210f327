"""Makes `kinds-of-text.md` from the fixtures of the tests: `python docs/make_gallery.py`."""

from __future__ import annotations

from pathlib import Path

from lsp_server.prose import ProseBlock, extract

DOCS = Path(__file__).parent
FIXTURES = DOCS.parent / "tests" / "fixtures"
PAGE = DOCS / "kinds-of-text.md"
SHOWN = {
    "markdown": ("Markdown and its dialects", "dialects.md"),
    "mdx": ("MDX", "tabs.mdx"),
    "html": ("HTML", "page.html"),
    "vue": ("Vue", "greeting.vue"),
    "svelte": ("Svelte", "list.svelte"),
    "xml": ("XML", "guide.xml"),
    "latex": ("LaTeX", "paper.tex"),
    "bibtex": ("BibTeX", "lamps.bib"),
    "restructuredtext": ("reStructuredText", "guide.rst"),
    "asciidoc": ("AsciiDoc", "lantern.adoc"),
    "org": ("Org", "notes.org"),
    "typst": ("Typst", "lantern.typ"),
    "mediawiki": ("MediaWiki", "lantern.wiki"),
    "roff": ("Manual pages", "lamp.1"),
    "gettext": ("gettext catalogues", "german.po"),
    "subrip": ("Subtitles (SubRip)", "film.srt"),
    "webvtt": ("Subtitles (WebVTT)", "film.vtt"),
    "plaintext": ("Plain text", "email.txt"),
    "notebook": ("Notebooks", "lamp.ipynb"),
    "mail": ("E-mail", "lamp.eml"),
    "diff": ("Diffs and patches", "lamp.patch"),
    "git-commit": ("Commit messages", "lamp.txt"),
    "python": ("Python: comments and doc-strings", "sections.py"),
    "slash-comments": ("C, C++, Java and their like: comments", "Javadoc.java"),
    "javascript": ("JavaScript and TypeScript: comments", "component.jsx"),
    "go": ("Go: comments", "lamp.go"),
    "csharp": ("C#: comments", "Lamp.cs"),
    "rust": ("Rust, Swift, Kotlin and Scala: comments", "lamp.rs"),
    "css": ("CSS, SCSS and Less: comments", "lamp.scss"),
    "php": ("PHP: comments", "lamp.php"),
    "ruby": ("Ruby: comments", "lamp.rb"),
    "elixir": ("Elixir: comments and documentation", "lamp.ex"),
    "julia": ("Julia: comments and doc-strings", "lamp.jl"),
    "haskell": ("Haskell, Elm and PureScript: comments", "Lamp.hs"),
    "lua": ("Lua: comments", "lamp.lua"),
    "sql": ("SQL: comments", "lamp.sql"),
    "shellscript": ("Shell: comments", "heredoc.sh"),
    "yaml": ("YAML: comments", "lamp.yaml"),
    "cmake": ("CMake: comments", "CMakeLists.txt"),
    "toml": ("TOML: comments", "lamp.toml"),
    "hcl": ("HCL and Terraform: comments", "lamp.tf"),
    "nix": ("Nix: comments", "lamp.nix"),
    "vim": ("Vim script: comments", "lamp.vim"),
    "ocaml": ("OCaml and Pascal: comments", "lamp.ml"),
    "hash-comments": ("R, Perl, Dockerfile, Makefile and their like: comments", "lamp.r"),
    "dash-comments": ("Ada, VHDL and their like: comments", "lamp.adb"),
    "semicolon-comments": ("Lisp, assembly, INI files: comments", "lamp.el"),
    "percent-comments": ("Erlang, MATLAB, Prolog: comments", "lamp.erl"),
}
INTRODUCTION = """\
# Kinds of text

What is read of each kind of text. The examples are fixtures of the tests, and this page is made from them by
`docs/make_gallery.py`. Below each example stands what is read of it, a block a line:

- its kind: only a *paragraph* must end with a full stop; a *heading*, *list item*, *table cell* or *label* (a
  caption, a term, the description of an image) gets neither a full stop nor a capital letter;
- `⏎` where a line was wrapped;
- `⟦…⟧` around what is read but never changed: code, formulas, references and addresses stand in as `Foo`,
  entities and other spelled-out characters as what they mean.

What is in the example and not below it is never read: markup, code, attributes, comments. A document that
cannot be parsed has no prose at all, rather than all of it. Fields of front matter, arguments of your own
commands of LaTeX, strings of source code and code cells of notebooks are read if [settings](settings.md) ask
for it: `frontMatter`, `latexCommands`, `stringLiterals`, `notebookCode`.

What cannot be edited as it stands is checked and only shown, without a fix: parts of mails in base64,
subjects with encoded words, and cells of drawn tables in reStructuredText, which a longer word would push
out of line.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(section(language, *shown) for language, shown in SHOWN.items())])


def section(language: str, title: str, name: str) -> str:
    """An example, and what is read of it."""
    document = (FIXTURES / language / name).read_bytes().decode()
    blocks = "\n".join(map(line, extract(document, language)))
    return f"## {title}\n\n{fenced(language, document.rstrip())}\nRead:\n\n{fenced('text', blocks)}"


def line(block: ProseBlock) -> str:
    """A block as it is read."""
    text = block.text
    for span in reversed(block.stand_ins):
        text = f"{text[: span.start]}⟦{span.of(text)}⟧{text[span.end :]}"
    return f"{block.kind.value}: " + text.replace("\n", "⏎")


def fenced(language: str, text: str) -> str:
    """A block of code that may hold fences."""
    return f"`````{language}\n{text}\n`````\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
