"""Which edits of a block's text can be made in the document, and where."""

import pytest

from lsp_server.prose import ProseBlock, extract

CASES = [
    # document, part of its text (insertion at ^), document after putting X there; None where that is refused
    ("A plain text.", "plain", "A X text."),
    ("A **bold** word.", "bold", "A **X** word."),
    ("A **bold** word.", "old", "A **bX** word."),
    ("A **bold** word.", "A bold", None),
    ("A **bold** word.", "bold word", None),
    ("A **bold** word.", "bold^", "A **boldX** word."),
    ("A **bold** word.", "A ^", "A X**bold** word."),
    ("A **bold** word.", "^A", "XA **bold** word."),
    ("A **bold** word.", "word.^", "A **bold** word.X"),
    ("**Bold** begins.", "^Bold", "**XBold** begins."),
    ("It ends **bold**", "bold^", "It ends **boldX**"),
    ("A [link](to_it) here.", "link", "A [X](to_it) here."),
    ("A [link](to_it) here.", "link here", None),
    ("Run `this` now.", "Foo", None),
    ("Run `this` now.", "Run Foo", None),
    ("Run `this` now.", "oo n", None),
    ("Run `this` now.", "F^oo", None),
    ("Run `this` now.", "Run ^", "Run X`this` now."),
    ("Run `this` now.", "Foo^", "Run `this`X now."),
    ("Run `this` now.", " now", "Run `this`X."),
    ("Salt &amp; pepper.", "&", None),
    ("Salt &amp; pepper.", "pepper", "Salt &amp; X."),
    ("Not \\*this one.", "this", "Not \\*X one."),
    ("Not \\*this one.", " *", None),
    ("Two\nlines here.", "Two\nlines", "X here."),
    ("Two\nlines here.", "\n", "TwoXlines here."),
    ("> Two\n> lines here.", "Two\nlines", "> X here."),
    ("> Two\n> lines here.", "lines", "> Two\n> X here."),
    ("> Two\n> lines here.", "\n^lines", "> Two\n> Xlines here."),
    ("> Two\n> lines here.", "Two^", "> TwoX\n> lines here."),
    ("- Two\r\n  lines here.", "Two\nlines", "- X here."),
    ("Two  \nlines here.", "Two\nlines", None),
    ("Two\\\nlines here.", "\n", None),
    ("Two\\\nlines here.", "Two", "X\\\nlines here."),
    ("A note[^1] here.", "note", "A X[^1] here."),
    ("A note[^1] here.", "note here", None),
]


@pytest.mark.parametrize(("document", "part", "edited"), CASES)
def test_an_edit_is_made_at_its_place_or_refused(document: str, part: str, edited: str | None):
    block = the_block(document)
    start, end = find(block, part)

    span = block.document_span(start, end)

    assert (None if span is None else document[: span.start] + "X" + document[span.end :]) == edited


REPLACEMENTS = [
    # document, part, replacement, whether it keeps the markup whole
    ("A **bold** word.", "bold", "fat", True),
    ("A **bold** word.", "bold", "", False),
    ("A **bold** word.", "bold", "fat ", False),
    ("A **bold** word.", "bold^", " face", True),
    ("A **bold** word.", "bold^", " ", False),
    ("A **bold one** word.", " one", "", True),
    ("A **bold one** word.", "one", "", False),
    ("A [link](to) here.", "link", "", False),
    ("The whole text.", "The ", "", True),
    ("The whole text.", " text", "", True),
    ("The whole text.", "The whole text.", "", False),
]


@pytest.mark.parametrize(("document", "part", "replacement", "is_whole"), REPLACEMENTS)
def test_a_known_replacement_must_keep_the_markup_whole(
    document: str, part: str, replacement: str, is_whole: bool
):
    block = the_block(document)
    start, end = find(block, part)

    assert (block.document_span(start, end, replacement) is not None) is is_whole


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (0, 99), (3, 2)])
def test_a_span_outside_the_text_is_nowhere(start: int, end: int):
    assert the_block("A few words.").document_span(start, end) is None


def the_block(document: str) -> ProseBlock:
    (block,) = extract(document, "markdown")
    return block


def find(block: ProseBlock, part: str) -> tuple[int, int]:
    start = block.text.index(part.replace("^", ""))
    if "^" in part:
        return start + part.index("^"), start + part.index("^")
    return start, start + len(part)
