"""Constructs of single kinds of text: what of them is read, and as what."""

import pytest

from lsp_server.prose import extract


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        pytest.param(
            "latex",
            "\\begin{theorem}[Of lamps]\nA lamp burns.\n\\end{theorem}\n\\begin{figure}[ht]\n\\end{figure}\n",
            ["label: Of lamps", "paragraph: A lamp burns."],
            id="title of a theorem",
        ),
        pytest.param(
            "latex",
            "It burns.\n\\iffalse\nNot read.\n\\fi\nIt is out.\n",
            ["paragraph: It burns.", "paragraph: It is out."],
            id="iffalse",
        ),
        pytest.param(
            "asciidoc",
            "It burns.footnote:[If lit.] It is.\n\nimage::a.png[A lamp,200]\n",
            ["paragraph: It burns. It is.", "label: If lit.", "label: A lamp"],
            id="notes and images of AsciiDoc",
        ),
        pytest.param(
            "org", "It burns.[fn::If lit.]\n", ["paragraph: It burns.", "label: If lit."], id="note of Org"
        ),
        pytest.param(
            "typst",
            '#figure(\n  image("a.png"),\n  caption: [A lamp in a cave],\n)\n'
            '#figure(image("b.png"), caption: [Another lamp]) <b>\nIt burns.#footnote[If lit.]\n',
            ["label: A lamp in a cave", "label: Another lamp", "paragraph: It burns.", "label: If lit."],
            id="captions and notes of Typst",
        ),
        pytest.param(
            "markdown",
            "It burns.^[If lit.] It is.\n",
            ["paragraph: It burns. It is.", "label: If lit."],
            id="note of Pandoc",
        ),
        pytest.param(
            "markdown",
            ":::tip[Of lamps]\nThey burn.\n:::\n\n"
            "::: details Of wicks\nThey do.\n:::\n\n::: {.x}\nIt is.\n:::\n",
            [
                "heading: Of lamps",
                "paragraph: They burn.",
                "heading: Of wicks",
                "paragraph: They do.",
                "paragraph: It is.",
            ],
            id="titles of containers",
        ),
        pytest.param(
            "markdown",
            '=== "Of lamps"\n\n    They burn.\n\n=== "Of wicks"\n\n    They do.\n',
            ["list item: Of lamps", "list item: They burn.", "list item: Of wicks", "list item: They do."],
            id="tabs of MkDocs",
        ),
        pytest.param(
            "html",
            '<p>It burns.</p><div lang="de">Sie <p>brennt</p> ja.</div><p translate="no">Lamp Five</p>'
            '<p data-lang="js" lang="en-GB">It is out.</p>',
            ["paragraph: It burns.", "paragraph: It is out."],
            id="another language",
        ),
        pytest.param(
            "mediawiki",
            "* A lamp\nIt burns.\n; Wick : what burns\n[[File:a.png|thumb|A small lamp]] It is.\n"
            '{|\n|+ Of lamps\n! Lamp !! Hours\n|-\n| style="x" | Small one || Six\n|}\n',
            [
                "list item: A lamp",
                "paragraph: It burns.",
                "table cell: Wick",
                "table cell: what burns",
                "paragraph: It is.",
                "label: A small lamp",
                "label: Of lamps",
                "table cell: Lamp",
                "table cell: Hours",
                "table cell: Small one",
                "table cell: Six",
            ],
            id="lists and tables of MediaWiki",
        ),
        pytest.param(
            "restructuredtext",
            ".. |x| replace:: the small lamp\n\n:type lamp: Lamp of oil\n:param lamp: what it is\n",
            ["list item: the small lamp", "list item: what it is"],
            id="substitutions and types",
        ),
        pytest.param(
            "restructuredtext",
            "A lamp with a wick\n+ some oil burns.\n\nThese:\n- one lamp\n- two lamps\n\n"
            "- three\n  + four lamps\n",
            [
                "paragraph: A lamp with a wick\n+ some oil burns.",
                "paragraph: These:",
                "list item: one lamp",
                "list item: two lamps",
                "list item: three\n+ four lamps",
            ],
            id="signs at the beginning of a line",
        ),
        pytest.param(
            "roff",
            "It goes on\nwith\n.BR lamp (1)\nhere (or\n.BR wick (5)).\n",
            ["paragraph: It goes on\nwith\nFoo\nhere (or\nFoo)."],
            id="names of manual pages",
        ),
        pytest.param(
            "go",
            "// Lights it all up.\n//\n//\tlight all lamps\nfunc light() {}\n",
            ["label: Lights it all up."],
            id="code behind a tab",
        ),
    ],
)
def test_what_is_read(kind: str, text: str, expected: list[str]):
    assert [f"{block.kind.value}: {block.text}" for block in extract(text, kind)] == expected
