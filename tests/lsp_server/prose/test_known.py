"""After an edit, a document reads as if it had been read from its beginning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prose import ProseBlock, Reading, extract
from lsp_server.prose.extract import _last
from lsp_server.prose.known import Known, changed
from lsp_server.prose.roles import Cut
from tests.lsp_server.prose.strategies import markdown

READING = Reading(front_matter=("title",))
BITS = st.sampled_from(
    [
        *("x", " ", "  ", "\t", "\n", "\n\n", "\r\n", "lamp ", "\ufeff", "***", "[a]: b\n", ": what\n"),
        *("```\n", "~~~\n", "- a\n", "1. x\n", "> b\n", "# H\n", "---\n", "+++\n", "===\n", "    code\n"),
        *("<div>\n", "</div>\n", "<!-- ", "-->", "| a | b |\n|---|---|\n", "!!! note\n\n    x\n"),
        "title: The lamp\n",
    ]
)
FILLER = "\n\nA lamp burns.\n\n- One\n- Two\n\n"


def shown(blocks: list[ProseBlock]) -> list[object]:
    return [
        (
            block.kind,
            block.text,
            block.begins_within,
            block.ends_within,
            block.stand_ins,
            block.extent(0, len(block.text)),
        )
        for block in blocks
    ]


def fresh(document: str) -> list[object]:
    extract("", "markdown", READING)  # the last text, of which nothing can be kept
    return shown(extract(document, "markdown", READING))


@given(
    st.lists(markdown, min_size=1, max_size=4),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.lists(BITS, max_size=3)), min_size=1, max_size=4
    ),
)
def test_after_edits_the_blocks_are_those_that_a_whole_reading_finds(parts, edits):
    document = (FILLER * 3).join(parts)
    extract(document, "markdown", READING)
    for place, length, bits in edits:
        at = int(place * len(document))
        before, document = document, document[:at] + "".join(bits) + document[at + length :]
        after_edit = shown(extract(document, "markdown", READING))

        assert after_edit == fresh(document)
        extract(before, "markdown", READING)
        extract(document, "markdown", READING)


SCANNED = {
    "restructuredtext": (
        "Guide\n=====\n\n.. note::\n\n   Trim the wick.\n\n- one\n- two\n\nRun this::\n\n"
        "   he go\n\nThe end.\n\n",
        (
            *(
                "=====\n",
                "-----\n",
                "::\n",
                "\n\n",
                "   ",
                ".. note::\n",
                ".. code::\n\n",
                ">>> a\n",
                "``",
                ":ref:`a`",
            ),
            *(
                "=====  =====\n",
                "1. a\n",
                "2. b\n",
                "+---+\n",
                "| a |\n",
                "term\n  what\n",
                ".. [1] a\n",
                "---\nk: v\n",
            ),
        ),
    ),
    "asciidoc": (
        "== Guide\n\n.Title\n----\nhe go\n----\n\n* one\n* two\n\n|===\n|A |B\n|===\n\nThe end.\n\n",
        (
            *(
                "----\n",
                "....\n",
                "====\n",
                "\n\n",
                " ",
                "// no\n",
                "+\n",
                "|===\n",
                "* a\n",
                "a:: b\n",
                ":a: b \\\n",
            ),
            *(
                "[source]\n",
                "[NOTE]\n",
                "NOTE: a\n",
                "Title\n-----\n",
                "1. a\n",
                "2. b\n",
                "```\n",
                "`a`",
                "---\na: b\n---\n",
            ),
        ),
    ),
    "org": (
        "* Guide\n:PROPERTIES:\n:ID: a\n:END:\n\n- one\n- two\n\n"
        "#+begin_src sh\nhe go\n#+end_src\n\nThe end.\n\n",
        (
            "* A\n",
            "#+begin_src\n",
            "#+end_src\n",
            "\n\n",
            "  ",
            ":A:\n",
            ":END:\n",
            "1. a\n",
            "2) b\n",
            "| a |\n",
            "# c\n",
        ),
    ),
    "typst": (
        "= Guide\n\n- one\n- two\n\n```py\nhe go\n```\n\n#let a = {\n  b\n}\n\nThe end.\n\n",
        (
            "= A\n",
            "```\n",
            "/*\n",
            "*/\n",
            "\n\n",
            "#let a = {\n",
            "}\n",
            "$\n",
            "// a\n",
            "#f(\n",
            ")\n",
            "+ a\n",
        ),
    ),
    "mediawiki": (
        "== Guide ==\n\n* one\n* two\n\n{| class=x\n| he go\n|}\n\nThe end.\n\n",
        (
            "{|\n",
            "|}\n",
            "{{a\n",
            "}}\n",
            "\n\n",
            " ",
            "<pre>\n",
            "</pre>\n",
            "== A ==\n",
            "* a\n",
            "<ref>",
            "</ref>",
        ),
    ),
    "roff": (
        ".SH NAME\nlamp\n\n.nf\nhe go\n.fi\n\nThe\n.B lamp\nburns.\n\n",
        (
            ".nf\n",
            ".fi\n",
            ".SH A\n",
            "\n\n",
            ".B a\n",
            ".de\n",
            "..\n",
            ".TS\n",
            ".TE\n",
            '.\\" a\n',
            " a\n",
        ),
    ),
    "gettext": (
        'msgid ""\nmsgstr ""\n"Language: de\\n"\n\nmsgid "He go"\nmsgstr "Er geht"\n\n',
        (
            'msgid "A lamp"\n',
            'msgstr "A lamp"\n',
            '"Language: en\\n"\n',
            '"Language: fr\\n"\n',
            "\n\n",
            '"',
            "#: a\n",
            '""\n',
        ),
    ),
    "subrip": (
        "1\n00:00:01,000 --> 00:00:02,000\nHe go home\nand so on.\n\n",
        ("2\n", "00:00:03,000 --> 00:00:04,000\n", "\n\n", "- Who?\n", "<i>", "a\n", " "),
    ),
    "webvtt": (
        "WEBVTT\n\nNOTE a\n\n00:01.000 --> 00:02.000\nHe go home\n\n",
        ("NOTE\n", "STYLE\n", "\n\n", "00:03.000 --> 00:04.000\n", "a\n", "WEBVTT\n", " "),
    ),
    "latex": (
        "\\section{Guide}\n\nA lamp\\footnote{Of oil.} burns $x$.\n\n"
        "\\begin{itemize}\n\\item one\n\n\\item two\n"
        "\\end{itemize}\n\n\\begin{verbatim}\nhe go\n\\end{verbatim}\n\nThe end \\cite{a}.\n\n",
        (
            *(
                "\\begin{verbatim}\n",
                "\\end{verbatim}\n",
                "\\begin{equation}",
                "\\end{equation}",
                "\n\n",
                "{",
                "}",
                "$",
            ),
            *(
                "\\[",
                "\\]",
                "\\(",
                "\\)",
                "$$",
                "\\footnote{",
                "\\begin{itemize}",
                "\\item ",
                "\\end{itemize}",
                "%\n",
            ),
            *(
                "\\begin{tabular}{l}",
                "\\end{tabular}",
                "\\begin{document}",
                "\\cite{a}",
                "[",
                "]",
                "\\",
                "&",
                "\\emph{",
            ),
            *("\\iffalse\n", "\\fi\n", "\\begin{theorem}[Of"),
            *("\\title{", "\\verb|", "\\lstinline{", "\\begin", "~", "\\section{", "see "),
        ),
    ),
    "bibtex": (
        '@book{a,\n  title = {A {Lamp} of oil},\n  note = "It burns",\n}\n\n@misc{b, x = 1}\n\n',
        (
            "@book{c,\n",
            "}\n",
            " title = {A lamp},\n",
            ' note = "',
            " abstract = {",
            '"',
            "{",
            "}",
            "\n\n",
            "@",
            "%\n",
        ),
    ),
    "html": (
        "<div>\n<h1>Guide</h1>\n<p>A lamp <code>x</code> burns.</p>\n<ul>\n<li>one</li>\n</ul>\n"
        "<pre>he go</pre>\n<!-- no -->\n<p title='A lamp'>The end.\n</div>\n",
        (
            *(
                "<div>\n",
                "<div lang=de>\n",
                "</div>\n",
                "<p>",
                "</p>\n",
                "<!--",
                "-->",
                "<pre>",
                "</pre>",
                "<script>\n",
                "</script>",
                "<code>",
            ),
            *(
                "</code>",
                "<",
                ">",
                '"',
                "'",
                "{",
                "}",
                "<li>\n",
                "<?",
                "?>",
                "<![CDATA[",
                "]]>",
                "\n\n",
                '<a title="',
                "/>",
            ),
        ),
    ),
    "xml": (
        "<article>\n<title>Guide</title>\n<para>A lamp burns.</para>\n<screen>he go</screen>\n</article>\n",
        (
            "<para>\n",
            "</para>\n",
            "<!--",
            "-->",
            "<screen>",
            "</screen>",
            "<note>\n",
            "<",
            ">",
            '"',
            "\n\n",
            "<x/>\n",
        ),
    ),
    "svelte": (
        "<h2>Guide</h2>\n{#each a as b}\n<p on:click={() => { a() }}>A lamp {b} burns.</p>\n{/each}\n",
        (
            "<p>\n",
            "</p>\n",
            "{",
            "}",
            "<script>\n",
            "</script>\n",
            "{#if a}\n",
            "{/if}\n",
            "<",
            ">",
            '"',
            "'",
            "\n",
        ),
    ),
    "plaintext": (
        "Dear John,\n\nthank you for the letter. It says:\n\n    he go\n\nand so on.\n\n"
        "1. one\n2. two\n\n> quoted\n\n",
        (
            "1. a\n",
            "2) b\n",
            "\n\n",
            "   ",
            "> ",
            "-----\n",
            "a:\n",
            "- a\n",
            "\t",
            ">>> a\n",
            "\r\n",
            "Subject: a\n",
            "a",
        ),
    ),
}


@pytest.mark.parametrize("kind", SCANNED)
@given(data=st.data())
def test_what_a_scanner_finds_after_edits_is_what_it_finds_in_a_whole_reading(kind, data):
    filler, bits = SCANNED[kind]
    bit = st.sampled_from([*bits, "x", "\n", "lamp "])
    parts = data.draw(st.lists(st.lists(bit, max_size=4).map("".join), min_size=1, max_size=4))
    document = (filler * 2).join(["", *parts, ""])
    _last.clear()
    extract(document, kind)
    for place, length, bits in data.draw(
        st.lists(
            st.tuples(st.floats(0, 1), st.integers(0, 40), st.lists(bit, max_size=3)), min_size=1, max_size=4
        )
    ):
        at = int(place * len(document))
        document = document[:at] + "".join(bits) + document[at + length :]
        after_edit = shown(extract(document, kind))
        _last.clear()

        assert after_edit == shown(extract(document, kind))


def test_only_what_is_near_an_edit_is_read_anew():
    lines = [f"Line {number}.\n\n" for number in range(1000)]
    text = "".join(lines)
    starts = [sum(map(len, lines[:index])) for index in range(len(lines))]
    old = Known(text, [Cut(start, "paragraph") for start in starts], [])
    read = []

    def reader(part: str, _: str | None) -> Known:
        read.append(len(part))
        return Known(
            part,
            [Cut(found, "paragraph") for found in range(len(part)) if part.startswith("Line", found)],
            [],
        )

    at = starts[500] + 4
    change = changed(old, text[:at] + "x" + text[at:], reader)

    assert change is not None
    assert change.known.cuts == [Cut(start + (start > at), "paragraph") for start in starts]
    assert sum(read) < 200
