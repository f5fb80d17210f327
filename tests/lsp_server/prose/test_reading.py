"""What is read only if its user says so."""

import pytest

from lsp_server.prose import Reading, extract

FRONT = """\
---
title: The lamp of the cellar
description: "It burns oil"   # not this
summary: >-
  It is lit at five,
  and put out at nine.
layout: This is not read
subtitle: 'A lamp'
tags: [not, read]
---

# Lamps

title: This is a paragraph.
"""


def test_fields_of_front_matter_are_read_if_they_are_named():
    reading = Reading(front_matter=("title", "description", "summary", "subtitle", "tags"))
    blocks = extract(FRONT, "markdown", reading)

    assert [block.text for block in blocks] == [
        "The lamp of the cellar",
        "It burns oil",
        "It is lit at five,\nand put out at nine.",
        "A lamp",
        "Lamps",
        "title: This is a paragraph.",
    ]
    assert [block.text for block in extract(FRONT, "markdown")] == ["Lamps", "title: This is a paragraph."]
    toml = '+++\ntitle = "The lamp"\ndraft = true\n+++\n\nSome text.\n'
    assert [block.text for block in extract(toml, "quarto", reading)] == ["The lamp", "Some text."]


@pytest.mark.parametrize(
    ("value", "bad", "good"),
    [("The lamp", "a: b", "a's"), ('"The lamp"', 'a"', "a: b's"), ("'The lamp'", "a's", 'a: "b"')],
)
def test_a_value_stays_one(value: str, bad: str, good: str):
    text = f"---\ntitle: {value}\n---\n"
    (block,) = extract(text, "markdown", Reading(front_matter=("title",)))

    assert block.document_span(0, 3, bad) is None
    assert block.document_span(0, 3, good).of(text) == "The"


def test_arguments_of_own_commands_are_read_if_they_are_named():
    text = "\\begin{document}\nIt is \\keyword[x]{a bright lamp} here.\n\\end{document}\n"

    assert [block.text for block in extract(text, "latex")] == ["It is Foo here."]
    (block,) = extract(text, "latex", Reading(latex_commands=("keyword",)))
    assert block.text == "It is a bright lamp here."


@pytest.mark.parametrize(
    ("kind", "text", "read"),
    [
        ("python", 'x = "The lamp is lit." # It is.\n', ["The lamp is lit.", "It is."]),
        ("python", "x = f'The {name!r} is\\nlit by %s now.'\n", ["The Foo is\nlit by Foo now."]),
        ("python", 'x = ["a", "utf-8", "a_b c", "SELECT a FROM b c"]\n', []),
        ("javascript", "x = `The ${lamp} is lit now.`\n", ["The Foo is lit now."]),
        ("rust", 'x = "The lamp is\n    lit now.";\n', ["The lamp is\nlit now."]),
        ("shellscript", "echo 'The lamp is lit.'\n", ["The lamp is lit."]),
        ("go", 'x := "The \\"lamp\\" is lit."\n', ['The "lamp" is lit.']),
    ],
)
def test_strings_of_source_code_are_read_if_that_is_wanted(kind: str, text: str, read: list[str]):
    assert [block.text for block in extract(text, kind, Reading(string_literals=True))] == read
    assert all(block.text == "It is." for block in extract(text, kind))


def test_a_fix_of_a_string_ends_no_string():
    text = "x = 'The lamp dont burn.'\n"
    (block,) = extract(text, "python", Reading(string_literals=True))

    assert block.document_span(9, 13, "does").of(text) == "dont"
    assert block.document_span(9, 13, "don't") is None


def test_comments_of_code_cells_are_read_if_that_is_wanted():
    text = '{"cells": [{"cell_type": "code", "source": ["# The \\"lamp\\" is lit.\\n", "x = 5"]}]}'

    assert extract(text, "notebook") == []
    (block,) = extract(text, "notebook", Reading(notebook_code=True))
    assert block.text == 'The "lamp" is lit.'
