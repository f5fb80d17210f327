"""Incremental edits, held against a client that keeps its text as code units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Change, Document, Position, PositionEncoding
from tests.lsp_server.documents import naive
from tests.lsp_server.documents.strategies import ENCODINGS, texts

positions = st.builds(Position, st.integers(0, 6), st.integers(0, 12))


def opened(text: str, encoding: PositionEncoding = PositionEncoding.UTF16) -> Document:
    return Document("file:///a.md", "markdown", 1, text, encoding)


def changed(text: str, *changes: Change, encoding: PositionEncoding = PositionEncoding.UTF16) -> str:
    document = opened(text, encoding)
    document.change(list(changes), 2)
    return document.snapshot().text


@given(texts, st.lists(st.tuples(positions, positions, texts), max_size=6), st.sampled_from(ENCODINGS))
def test_edits_do_what_the_client_did(text, edits, encoding):
    document = opened(text, encoding)
    expected = text
    for version, (a, b, new) in enumerate(edits, start=2):
        start, end = min(a, b), max(a, b)
        document.change([Change(new, a, b)], version)
        expected = naive.edit(
            expected, (start.line, start.character), (end.line, end.character), new, encoding.value
        )
        assert document.snapshot().text == expected


@given(texts, st.lists(st.tuples(positions, positions, texts), max_size=6), st.sampled_from(ENCODINGS))
def test_many_changes_in_one_notification_equal_one_after_the_other(text, edits, encoding):
    changes = [Change(new, a, b) for a, b, new in edits]
    one_by_one = opened(text, encoding)
    for change in changes:
        one_by_one.change([change], 2)
    assert changed(text, *changes, encoding=encoding) == one_by_one.snapshot().text


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("a\fb\nc", Change("x", Position(1, 0), Position(1, 1)), "a\fb\nx"),
        ("a\u2028b\nc", Change("x", Position(1, 0), Position(1, 1)), "a\u2028b\nx"),
        ("a\rX\nb\nc", Change("", Position(1, 0), Position(1, 1)), "a\r\nb\nc"),
        ("a\r\nb", Change("!", Position(0, 9), Position(0, 9)), "a!\r\nb"),
        ("😀 b", Change("", Position(0, 0), Position(0, 2)), " b"),
        ("a", Change("\nb", Position(9, 9), Position(9, 9)), "a\nb"),
        ("a", Change("whole"), "whole"),
        ("a b", Change("x", Position(0, 3), Position(0, 2)), "a x"),
    ],
    ids=[
        "form feed",
        "U+2028",
        "CR meets LF",
        "past line end",
        "emoji",
        "past the end",
        "whole",
        "turned range",
    ],
)
def test_edits_that_go_wrong_elsewhere(before, change, after):
    assert changed(before, change) == after


def test_lines_are_counted_anew_when_cr_meets_lf():
    to_next_line = Change("X", Position(1, 0), Position(1, 0))
    assert changed("a\rX\nb", Change("", Position(1, 0), Position(1, 1)), to_next_line) == "a\r\nXb"


def test_half_a_character_can_be_replaced():
    """UTF-16 editors may send an emoji's change as that of its second half."""
    assert changed("a😀b", Change("\ude01", Position(0, 2), Position(0, 3))) == "a😁b"


def test_a_snapshot_stays_as_it_was():
    document = opened("one")
    old = document.snapshot()
    assert document.snapshot() is old
    document.change([Change("two")], 7)
    assert (old.text, old.version) == ("one", 1)
    assert (document.snapshot().text, document.snapshot().version) == ("two", 7)
    assert document.snapshot() is not old
