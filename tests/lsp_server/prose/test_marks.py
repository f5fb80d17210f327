"""Shortcuts through a text find what the long way finds."""

import re
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.prose.extract import shadow
from lsp_server.prose.languages import LANGUAGES, STRING, Language
from lsp_server.prose.roles import Mark, Role
from tests.lsp_server.prose.strategies import code, markdown

extracting = sys.modules["lsp_server.prose.extract"]
ROWS = [*{row.literals: row for row in [*LANGUAGES.values(), STRING] if row.literals}.values()]
BITS = st.lists(
    st.sampled_from(
        [
            *(
                "a",
                "Lamp",
                "lampLight",
                " ",
                " ",
                "\n",
                "\n\n",
                "  \n",
                "(",
                ")",
                "()",
                '"',
                "'",
                "''",
                "!",
                "?",
            ),
            *("*", "**", "_", "__", "`", "``", "[", "]", "](", "][", "<", ">", "</b>", "<b>", "~", "|", "\\"),
            *(
                ".",
                "/",
                "://",
                "@",
                "#",
                "#12",
                "$",
                "{",
                "}",
                "{{",
                "}}",
                "%",
                "&amp;",
                ":",
                "::",
                "=",
                "==",
            ),
            *(
                "-",
                "--",
                "+",
                "import ",
                "see ",
                "commit ",
                "bump ",
                "closes ",
                "1a2b3c4d",
                "[1]",
                "^",
                ",",
                ";",
            ),
        ]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=50)
@given(st.sampled_from(ROWS), BITS | code | markdown)
def test_literals_are_found_as_if_they_were_looked_for_everywhere(row: Language, text: str):
    shown = shadow(text).replace("\r", " ")
    everywhere = [
        Mark(*match.span(), role)
        for match in row.literal.finditer(shown)
        if (role := row.literals[int(match.lastgroup[3:])][0]) is not None
    ]

    marks = [
        mark for mark in row.marks(shown) if mark.role is not Role.PIECE
    ]  # what lies in one that is skipped
    assert marks == everywhere


@given(BITS | markdown)
def test_plain_markup_is_what_the_grammar_says(text: str):
    visible = shadow(re.sub(r"\n\s*\n", " ", text)).encode("ascii")
    simple = extracting._simple_marks(visible)
    grammar = LANGUAGES["markdown"].inline
    language, query = extracting.load(grammar)
    root = extracting.Parser(language).parse(visible).root_node
    parsed = [extracting._mark(name, *node.byte_range) for _, name, node in extracting._captures(query, root)]

    if simple is not None:
        painted = [extracting._paint(len(visible), marks, bytearray(visible)) for marks in (simple, parsed)]
        assert painted[0] == painted[1]
        assert all(mark.role is Role.SKIP for mark in simple)
