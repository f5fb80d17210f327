"""What real files of public repositories showed: fragments and extraction that led to false alarms."""

import pytest

from lsp_server.prose import extract


def read(text: str, kind: str) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in extract(text, kind)]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        pytest.param(
            "go",
            "// Use is the usage message.\n// Syntax:\n//   [ ] identifies an option.\n//   ... says that"
            " more\n//       may come.\n//   | stands between two.\ntype Use string\n",
            [
                "Foo is the usage message.\nSyntax:",
                "identifies an option.",
                "says that more\nmay come.",
                "stands between two.",
            ],
            id="signs in a comment",
        ),
        pytest.param(
            "go", "// Groups returns a slice.\nfunc Groups() {}\n", ["Foo returns a slice."], id="name"
        ),
        pytest.param("go", "// Groups of lamps.\nfunc Lamps() {}\n", ["Groups of lamps."], id="no name"),
        pytest.param(
            "go", "// It does not contain an =.\nx := 1\n", ["It does not contain an Foo."], id="sign"
        ),
        pytest.param(
            "javascript",
            "// The object of module.exports here.\n",
            ["The object of Foo here."],
            id="dotted name",
        ),
        pytest.param(
            "ruby",
            "# scope - the defaults asked about\n# type  - the type of the lamp\n#         that burns.\n",
            ["the defaults asked about", "the type of the lamp\nthat burns."],
            id="arguments of TomDoc",
        ),
        pytest.param(
            "ruby", "# The lamp - as was\n# said - burns.\n", ["The lamp - as was\nsaid - burns."], id="dash"
        ),
        pytest.param(
            "lua",
            "---@field paths? string[] Where to look\n---@cast lamp Lamp\n"
            "---@param it fun(a: b): c What to do\n---@return Lamp[] # The lamps here\n",
            ["Where to look", "What to do", "The lamps here"],
            id="types of LuaCATS",
        ),
        pytest.param(
            "lua",
            '-- version = "*", -- try the last one\n-- a condition for all\n-- of the lamps\n',
            ["a condition for all\nof the lamps"],
            id="code that was commented out",
        ),
        pytest.param(
            "yaml",
            "# The log\n# 2026-06-15 - Add a lamp\n# 2026-06-30 - Add a wick\n",
            ["The log", "Add a lamp", "Add a wick"],
            id="dates",
        ),
        pytest.param(
            "shellscript", "#compdef _hx hx\n\n# Some text here\n", ["Some text here"], id="compdef"
        ),
        pytest.param(
            "slash-comments",
            "// The lamps were lit on August\n// 19. For us, it was late.\n",
            ["The lamps were lit on August\n19. For us, it was late."],
            id="number in a comment",
        ),
        pytest.param(
            "asciidoc",
            " * A lamp used to\n   burn for hours.\n\n   literal text here\n",
            ["A lamp used to\nburn for hours."],
            id="continued item",
        ),
        pytest.param(
            "asciidoc",
            ":note: Scripts under `a` are +\nnot part of it. Clone +\nall of it.\n\nSome text.\n",
            ["Some text."],
            id="attribute over several lines",
        ),
        pytest.param(
            "html",
            "---\npermalink: /a.html\nlayout: page\n---\n<p>Some text.</p>\n",
            ["Some text."],
            id="front matter of a page",
        ),
        pytest.param(
            "restructuredtext", "---\nLamps\n---\n\nSome text.\n", ["Lamps", "Some text."], id="overline"
        ),
        pytest.param(
            "git-commit",
            "Fix spelling [ci skip]\n\n<!-- Say\n  why here. -->\nSome text.\n\n---\nupdated-dependencies:\n"
            "- dependency-name: lamp\n  dependency-version: 1.0\n...\n",
            ["Fix spelling", "Some text."],
            id="what bots and templates say",
        ),
        pytest.param(
            "git-commit", "resolves #42 extract the logic\n", ["extract the logic"], id="reference first"
        ),
    ],
)
def test_what_is_read(kind: str, text: str, expected: list[str]):
    assert [block.text for block in extract(text, kind)] == expected


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (
            "restructuredtext",
            ".. versionchanged:: 1.3.0 the length no longer\n                     includes it.\n",
            ["list item"],
        ),
        ("markdown", "[The lamp of the cave](lamp.md)\n\nSome [words](a) here.\n", ["label", "paragraph"]),
        (
            "asciidoc",
            "Fixes since v2.44\n-----------------\n\nSome text.\n\n----\nno text here\n----\n\nOr so.\n",
            ["heading", "paragraph", "paragraph"],
        ),
        ("org", "[[id:x][The lamp of the cave]]\n\nSee\n[[id:x][the cave]]\n", ["label", "paragraph"]),
        ("plaintext", "It failed when we tried:\n\n  CRITICAL: no lamp here\n", ["paragraph", "label"]),
        ("plaintext", "Ann wrote:\n\n> Some text is here.\n", ["paragraph", "paragraph"]),
    ],
)
def test_what_need_not_be_a_sentence(kind: str, text: str, expected: list[str]):
    assert [block.kind.value for block in extract(text, kind)] == expected


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("markdown", "When these are done:\n\n- A list of lamps\n- Defined wicks\n\nthis group will end.\n"),
        ("org", "You can define:\n\n#+begin_src x\nlamp\n#+end_src\n\nand then use it.\n"),
        (
            "git-commit",
            "Add it\n\nWe could do the same, allowing:\n\n  burn(lamp, &wick);\n\nbut it makes no sense.\n",
        ),
    ],
)
def test_what_goes_on_in_lower_case_needs_no_capital(kind: str, text: str):
    assert extract(text, kind)[-1].begins_within


def test_what_goes_on_with_the_name_above_it_needs_no_capital():
    text = "It ends.\n\n## LAMP_NAME\n\nfollowed by a string.\n\n## All of the lamps\n\nthen he left.\n"
    blocks = {block.text: block for block in extract(text, "markdown")}

    assert blocks["followed by a string."].begins_within
    assert not blocks["then he left."].begins_within


@pytest.mark.parametrize("kind", ["git-commit", "plaintext", "markdown"])
def test_what_leads_to_code_needs_no_stop(kind: str):
    text = "Mend it.\n\nSay that it burns and run\n\n```\n$ lamp\n```\n\nSay that it burns.\n"
    blocks = {block.text: block for block in extract(text, kind)}

    assert blocks["Say that it burns and run"].ends_within
    assert not blocks["Mend it."].ends_within


def test_a_paragraph_behind_another_needs_its_capital():
    assert not extract("She goes home\n\nthen he left.\n", "markdown")[-1].begins_within


@pytest.mark.parametrize("kind", ["plaintext", "restructuredtext", "asciidoc", "org", "markdown"])
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("They came here on August\n19. For us, it was late.\n", 1),
        ("Buy these:\n\n1. some milk\n2. some bread\n3. some eggs\n", 4),
        ("Buy these:\n\n18. some milk\n19. some bread\n", 3),
    ],
)
def test_a_number_at_the_beginning_of_a_line_may_end_the_sentence_before_it(kind: str, text: str, count: int):
    assert len(extract(text, kind)) == count


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("html", '<p>It has role <a class="x" href="#group">group</a>.</p>', ["It has role Foo."]),
        ("html", '<p>It is <a href="#group">a group</a>.</p>', ["It is a group."]),
        ("html", '<p>We were a <i xml:lang="fr">partie carrée</i>.</p>', ["We were a Foo."]),
        ("html", '<p>We were <i lang="en-GB">not alone</i>.</p>', ["We were not alone."]),
        (
            "git-commit",
            "Mend it\n\n<details>\n<summary>Notes</summary>\nIt are.\n</details>\n\nThat is all.\n",
            ["Mend it", "That is all."],
        ),
        ("slash-comments", "// supported since 3.4.1 (released)\n", ["supported since Foo (released)"]),
        ("markdown", "It costs 3.4 and more.\n", ["It costs 3.4 and more."]),
        ("go", "// Keep + or , at the end\n", ["Keep + or Foo at the end"]),
        ("git-commit", 'Mend it\n\nFix "an lower" -> "a lower" here.\n', ["Mend it", "Fix Foo here."]),
        (
            "restructuredtext",
            "* #759, #760: autodoc: add a new setting\n",
            ["autodoc: add a new setting"],
        ),
        (
            "javascript",
            "// await Promise.all(a) // adding one works\n// await delay(20) // adding any also works\n",
            [],
        ),
        (
            "yaml",
            "# -bt mvn      # Extra package options\n# OTHER_OPTIONS:    # Extra start options\n",
            [],
        ),
        ("markdown", "The `x` foo is *one* of them.\n", ["The Bar foo is one of them."]),
        (
            "git-commit",
            "Mend it\n\nThis fixes #798 and GH-5.\nhte -> the\n",
            ["Mend it", "This fixes Foo and Foo.\nFoo"],
        ),
        (
            "git-commit",
            "Mend hugo.Store here.The lamp\n\n```\nit are\n\nno\n```\n\n"
            "| it are | no |\n|---|---|\n\nThat is all.\n",
            ["Mend Foo here.The lamp", "That is all."],
        ),
        (
            "git-commit",
            "Update\n\n7ef2dbce4 Mend the lamp\n0e23d5e1a Trim the wick\n",
            ["Update", "Mend the lamp", "Trim the wick"],
        ),
        (
            "git-commit",
            "Mend it\n\n1a2b3c4 ci(Lamp): trim it\n\nNote: it burns (as in\n#76).\n",
            ["Mend it", "trim it", "Note: it burns (as in\nFoo)."],
        ),
        ("markdown", "- [BUG #5](a), [#6](b):\n  Mend it, as in #7.\n", ["Mend it, as in Foo."]),
        ("plaintext", "It is a simple strings.ToLower here.End.\n", ["It is a simple Foo here.End."]),
    ],
)
def test_what_is_no_prose_of_its_own(kind: str, text: str, expected: list[str]):
    assert [block.text for block in extract(text, kind)] == expected


def test_the_cells_of_a_drawn_table_are_only_shown():
    text = "+------+-------+\n| He go home | Other one |\n+------+-------+\n"
    cells = extract(text, "restructuredtext")

    assert [cell.text for cell in cells] == ["He go home", "Other one"]
    assert all(cell.document_span(0, 2) is None for cell in cells)
    assert cells[0].extent(3, 5).of(text) == "go"
