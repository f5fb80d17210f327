"""Positions in all three encodings, held against a client's own way of counting."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import LineIndex, Position, PositionEncoding, Span
from tests.lsp_server.documents import naive
from tests.lsp_server.documents.strategies import ENCODINGS, texts


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one", ["one"]),
        ("one\n", ["one", ""]),
        ("one\r\ntwo\rthree\nfour", ["one", "two", "three", "four"]),
        ("\n\r", ["", "", ""]),
        ("\r\n\r\n", ["", "", ""]),
        ("a\fb\vc\x85d\u2028e\u2029f\x1cg\x1dh\x1ei", ["a\fb\vc\x85d\u2028e\u2029f\x1cg\x1dh\x1ei"]),
    ],
)
def test_lines_end_where_lsp_says(text, lines):
    index = LineIndex(text)
    assert [index.line_span(line).of(text) for line in range(len(index))] == lines


@pytest.mark.parametrize(
    ("encoding", "column"),
    [(PositionEncoding.UTF8, 8), (PositionEncoding.UTF16, 5), (PositionEncoding.UTF32, 4)],
)
def test_columns_count_code_units(encoding, column):
    text = "\na😀e\u0301é"  # é once with a combining accent, once without
    assert LineIndex(text).to_client(5, encoding) == Position(1, column)


@pytest.mark.parametrize(
    ("position", "offset"),
    [
        (Position(0, 99), 3),  # past the end of the line, before its line end
        (Position(0, 4), 3),  # between `\r` and `\n`
        (Position(1, 99), 8),
        (Position(7, 0), 8),  # past the last line
        (Position(-1, 1), 1),
        (Position(1, -4), 5),
    ],
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_positions_outside_the_text(encoding, position, offset):
    assert LineIndex("one\r\ntwo").from_client(position, encoding) == offset


@pytest.mark.parametrize(("encoding", "character"), [(PositionEncoding.UTF8, 3), (PositionEncoding.UTF16, 2)])
def test_a_column_inside_a_character_means_its_start(encoding, character):
    assert LineIndex("a😀b").from_client(Position(0, character), encoding) == 1


def test_lone_surrogates_have_a_width():
    index = LineIndex("\ud800x")
    assert index.to_client(1, PositionEncoding.UTF8) == Position(0, 3)
    assert index.to_client(1, PositionEncoding.UTF16) == Position(0, 1)
    assert index.from_client(Position(0, 3), PositionEncoding.UTF8) == 1


@given(texts, st.sampled_from(ENCODINGS))
def test_every_offset_comes_back(text, encoding):
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        inside_line_end = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
        expected = offset - 1 if inside_line_end else offset
        assert index.from_client(index.to_client(offset, encoding), encoding) == expected


@given(texts, st.sampled_from(ENCODINGS), st.integers(0, 6), st.integers(0, 30))
def test_positions_mean_what_a_client_means(text, encoding, line, character):
    units = naive.to_units(text, encoding.value)
    at = naive.offset(units, line, character, encoding.value)
    before = LineIndex(text).from_client(Position(line, character), encoding)
    kept = naive.to_units(text[:before], encoding.value)
    assert kept in (units[:at], units[: at - 1])  # one less: the column lies inside a surrogate pair
    if kept != units[:at]:
        assert encoding is PositionEncoding.UTF16
        assert 0xD800 <= units[at - 1] < 0xDC00


@given(texts)
def test_lines_and_line_ends_are_the_whole_text(text):
    index = LineIndex(text)
    spans = [index.line_span(line) for line in range(len(index))]
    ends = [Span(a.end, b.start).of(text) for a, b in pairwise(spans)]
    assert set(ends) <= {"\n", "\r", "\r\n"}
    assert "".join(span.of(text) + end for span, end in zip(spans, [*ends, ""], strict=True)) == text
    assert all(index.line_of(span.start) == line for line, span in enumerate(spans))
