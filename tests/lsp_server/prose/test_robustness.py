"""Input that breaks parsers: it neither crashes nor hangs, and what can be read is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prose import extract
from lsp_server.prose.languages import LANGUAGES
from lsp_server.prose.scanners.lexer import What, comments_of
from lsp_server.prose.scanners.syntaxes import SYNTAXES
from tests.lsp_server.prose.strategies import code

DEEP_OR_LONG = {
    "quotes": ">" * 5000 + " Some text.",
    "spaced quotes": "> " * 5000 + "Some text.",
    "lists on a line": "- " * 5000 + "Some text.",
    "lists over lines": "".join("  " * depth + "- Some text.\n" for depth in range(500)),
    "tabs": "".join("\t" * depth + "- Some text.\n" for depth in range(300)),
    "emphasis": "Some text. " + "*a _b " * 5000,
    "stars": "Some text. " + "*" * 20000,
    "brackets": "Some text. " + "[" * 10000 + "]" * 10000,
    "images": "Some text. " + "![" * 10000,
    "backticks": "Some text. " + "".join("`" * run + " " for run in range(150)),
    "braces": "Some text. " + "{{ " * 7000,
    "formulas": "Some text. " + "\\(a " * 5000,
    "dollars": "Some text. " + "$a " * 7000,
    "tags": "Some text. " + "<code>" * 3000,
    "open tags": "Some text. " + '<a b="' * 3000,
    "spaces": "Some text." + " " * 20000 + "x",
    "slashes": "Some text. " + "a/" * 10000,
    "underscores": "Some text. " + "a_" * 10000,
    "a long word": "Some text. " + "a" * 20000,
    "a long line": "Some text. " * 2000,
    "many lines": "Some text.\n" * 5000,
    "quotes in tags": "Some text. " + "<a " + 'b="a" ' * 40 + "<a b='c' d" * 2000,
    "open formulas": "Some text. " + "\\(a " * 5000 + "\\foo[a " * 2000,
    "references": "Some text. " + "a {a}[ <<b link:x[ #a(b $x " * 700,
    "rows": "|a |b\n" * 3000,
    "strings": '"a\\n"\n' * 3000,
    "requests": ".B a\n\\fB " * 2000,
    "environments": "Some text. " + "\\begin{a}" * 3000,
    "formulas of TeX": "Some text. " + "\\begin{equation}" * 1000,
    "commands": "Some text. " + "\\footnote{a " * 3000,
    "templates": "Some text. " + "{{a " * 3000 + "{%" * 3000,
    "directives": ".. note:: a\n" * 3000,
    "wiki links": "Some text. " + "[[a|" * 5000,
    "roles": "Some text. " + ":a:`b" * 5000,
    "escaped quotes": '// Some text. "' + '\\"' * 10000,
    "patterns": "=/[" * 7000,
    "comments in comments": "/* (* {- #= Some text. " * 1000,
    "heredocs": "<<EOF <<-'A' <<~SQL\n" * 1000,
    "block scalars": "a: |\n" * 4000,
    "doc-strings": '"""Some text.\n' * 2000,
    "templates of JavaScript": "`${" * 7000,
    "raw strings": 'r#"R"a(' * 3000,
    "line comments": "# // -- Some text.\n" * 2000,
    "inline tags": "/** Some text. " + "{@code {" * 2500 + "<pre>" * 500,
    "tags of Javadoc": "/** " + "@param {a} [b " * 1500,
    "sections": "# Args:\n#   a (b): c\n" * 1000,
    "many entities": "Some text. " + "&amp;" * 4000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("language", ["markdown", "plaintext"])
@pytest.mark.parametrize("document", DEEP_OR_LONG.values(), ids=DEEP_OR_LONG)
def test_deep_nesting_and_long_runs_are_survived(document: str, language: str):
    extract(document, language)

    after = extract(document + "\n\n\n# After", language)

    assert "After" in after[-1].text


@pytest.mark.timeout(60)
@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"markdown", "plaintext"}))
@pytest.mark.parametrize("document", DEEP_OR_LONG.values(), ids=DEEP_OR_LONG)
def test_no_kind_of_text_takes_more_than_linear_time(document: str, language: str):
    extract(document, language)


@given(code, st.sampled_from(sorted(SYNTAXES)))
def test_comments_and_strings_follow_each_other(document: str, kind: str):
    at = 0
    for lexeme in SYNTAXES[kind].lexemes(document):
        assert at <= lexeme.start <= lexeme.inner <= lexeme.inner_end <= lexeme.end <= len(document)
        assert lexeme.start < lexeme.end
        at = lexeme.end


@given(
    st.lists(code, min_size=3, max_size=6),
    st.sampled_from(sorted(SYNTAXES)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), code), max_size=4),
)
def test_after_an_edit_comments_are_those_that_a_whole_reading_finds(parts, kind, edits):
    filler = "\n\nx = lamp\n" * 120
    document = filler.join(parts)
    syntax = SYNTAXES[kind]
    comments_of(syntax, document)
    for place, length, new in edits:
        at = int(place * len(document))
        document = document[:at] + new + document[at + length :]
        fresh = [one for one in syntax.lexemes(document) if one.what not in (What.STRING, What.CODE)]
        assert comments_of(syntax, document) == fresh


def test_nesting_within_reason_is_read():
    (block,) = extract("> " * 90 + "Some text.", "markdown")

    assert block.text == "Some text."


@pytest.mark.parametrize(
    "character", ["\x00", "\x0c", "\ud800", "\udfff", "\ufeff", "\u2028", "\U0004a28a", "🎉"]
)
@pytest.mark.parametrize("language", ["markdown", "plaintext"])
def test_odd_characters_are_kept_as_they_are(character: str, language: str):
    (block,) = extract(f"Some{character}text **here.**", language)

    assert block.text.replace("*", "") == f"Some{character}text here."


def test_odd_characters_at_the_beginning_of_a_line_do_not_crash():
    for character in "\x00\ud800\U0004a28a\U0010ffff":
        (block,) = extract(f"{character}1. Some text", "markdown")
        assert block.text.endswith("Some text")


def test_what_cannot_be_parsed_is_no_prose():
    document = "    {{\n> [&amp;🎉\x0b\n1. \u2028{ Some text"  # makes one ERROR of the whole tree

    assert extract(document, "markdown") == []


def test_a_mistake_in_one_place_leaves_the_rest_markdown():
    document = "```,x\ncode\n```\n\nSome *text*."  # the grammar knows no info string with a comma

    assert [block.text for block in extract(document, "markdown")] == ["Some text."]


@pytest.mark.parametrize(
    "document", ["", " ", "\n", "\r\n\r\n", "\ufeff", "***", "```", "\x00", "123", "…", "`code`"]
)
@pytest.mark.parametrize("language", ["markdown", "plaintext", "html"])
def test_a_document_without_words_has_no_prose(document: str, language: str):
    if (document, language) == ("`code`", "html"):
        document = "<code>code</code>"

    assert extract(document, language) == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["markdown", "plaintext"])
def test_five_megabytes_are_read_to_the_end(language: str):
    paragraph = "Some *text* with a [link](https://example.org) and `code`,\nwrapped at some width.\n\n"
    copies = 5_000_000 // len(paragraph)

    blocks = extract(paragraph * copies, language)

    assert len(blocks) == copies
    assert blocks[-1].segments[-1].document.end == len(paragraph) * copies - 2
