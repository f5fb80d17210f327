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
    "python": ("Python: comments and doc-strings", "lamp.py"),
    "slash-comments": ("C, Go, Java, JavaScript, Rust and their like: comments", "lamp.ts"),
    "hash-comments": ("Shell, Ruby, YAML, Dockerfile and their like: comments", "lamp.sh"),
    "dash-comments": ("SQL, Lua, Haskell and their like: comments", "lamp.sql"),
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
cannot be parsed has no prose at all, rather than all of it.
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
