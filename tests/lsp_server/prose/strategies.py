"""Documents to find prose in: well-formed Markdown whose words are known, and heaps of markup."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        "lamp",
        "cave",
        "Zoë",
        "café",
        "n\u0303am",
        "中文",
        "🎉x",
        "don't",
        "three-way",
        "a",
        "I",
        "light",
        "x\u200dy",
    ]
)
_ATOMS = st.sampled_from(
    ["`code`", "`` a ` b ``", "<https://e.org/a_b>", "$x_1$", "&amp;", "<br>", "![alt](u)"]
)
_WRAPS = st.sampled_from(
    ["{}", "*{}*", "**{}**", "_{}_", "~~{}~~", "[{}](u_v 't')", "<b>{}</b>", "***{}***", "“{}”"]
)
_GAPS = st.sampled_from([" ", " ", " ", ", ", " – ", "\n", "  \n", "\\\n", "[^1] "])
_LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])

_phrases = st.builds(str.format, _WRAPS, st.lists(WORDS, min_size=1, max_size=3).map(" ".join))


@st.composite
def _lines(draw: st.DrawFn) -> str:
    """A paragraph's lines, that begin and end with a word."""
    parts = [draw(WORDS)]
    for _ in range(draw(st.integers(0, 6))):
        parts += [draw(_GAPS), draw(st.one_of(_phrases, _phrases, _ATOMS))]
    return "".join([*parts, " ", draw(WORDS), draw(st.sampled_from([".", "!", ""]))])


def _prefixed(prefix: str, later: str) -> st.SearchStrategy[str]:
    return _lines().map(lambda lines: prefix + lines.replace("\n", "\n" + later))


_blocks = st.one_of(
    _lines(),
    _prefixed("> ", "> "),
    _prefixed("> - ", ">   "),
    _prefixed("1. ", "   "),
    _prefixed("- [x] ", "  "),
    _prefixed("    - ", "").map(lambda text: "- lamp\n" + text),
    _lines().map(lambda text: "## " + text.replace("\\\n", " ").replace("\n", " ") + " ##"),
    _lines().map(lambda text: text + "\n==="),
    _lines().map(
        lambda text: "| lamp | " + text.replace("\\\n", " ").replace("\n", " ") + " |\n|--|--|\n| a | b |"
    ),
    st.sampled_from(
        ["```\ncode `x`\n```", "    code", "<!-- x -->", "***", "[r]: http://e.org 't'", "$$\nx\n$$"]
    ),
)

markdown = st.builds(
    lambda blocks, line_end: "\n\n".join(blocks).replace("\n", line_end),
    st.lists(_blocks, min_size=1, max_size=4),
    _LINE_ENDS,
)
"""Well-formed Markdown with all line ends."""

_SCRAPS = [
    *"*_`~[]()!<>$\\|#-+=:.&;{}%^\"' \t\n\r\x00\x0b\x0c\ufeff\u00a0\u2028",
    *[
        "\r\n",
        "\n\n",
        "\n> ",
        "\n- ",
        "\n1. ",
        "    ",
        "```",
        "---\n",
        "~~",
        "**",
        "](",
        "![",
        "<b>",
        "</b>",
        "<pre>",
        "<!--",
    ],
    *[
        "-->",
        "&amp;",
        "&nbsp;",
        "&#1;",
        "&#10;",
        "&bogus;",
        "$$",
        "[^1]",
        "[^1]: ",
        "http://e.org/a_(b)",
        "a@b.c",
        "{{",
        "}}",
        "{%",
        "%}",
        ":::",
        ":tada:",
    ],
    *[
        "word",
        "Two words.",
        "é",
        "e\u0301",
        "🎉",
        "中文",
        "\ud800",
        "| a | b |\n|--|--|\n| c |",
        "<code>",
        "\n===\n",
        "a_b",
    ],
]
scraps = st.lists(st.one_of(st.sampled_from(_SCRAPS), st.text(max_size=3)), max_size=25).map("".join)
"""Anything at all, with much markup and broken characters."""

code = st.lists(
    st.sampled_from(
        [
            *(
                "lamp",
                "Some text.",
                " ",
                "\n",
                "\n    ",
                "\t",
                ":",
                "=",
                "(",
                ")",
                "{",
                "}",
                "\\",
                ",",
                "x = ",
            ),
            *("'", '"', '"""', "'''", "`", "${", "$", "@", 'R"a(', ')a"', 'r#"', "|", "|\n", "<<EOF", "EOF"),
            *(
                "//",
                "///",
                "/*",
                "/**",
                "*/",
                "#",
                "#=",
                "=#",
                "--",
                "--[[",
                "]]",
                "{-",
                "-}",
                "(*",
                "*)",
                ";",
                "%",
            ),
            *(
                "=begin\n",
                "=end\n",
                "@doc ",
                "def f():\n",
                "@param x ",
                "Args:\n",
                "----\n",
                "```\n",
                "<pre>",
                "* ",
            ),
            *(
                "{@code ",
                "<summary>",
                "</summary>",
                "[a](b)",
                "`x`",
                "**",
                "| a | b |\n",
                "TODO: ",
                ">>> ",
                "\r\n",
            ),
        ]
    ),
    max_size=40,
).map("".join)
"""Heaps of what begins and ends comments and strings, and of what stands in them."""
