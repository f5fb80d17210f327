"""Fixes that are made together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Span
from lsp_server.findings import Suggestion
from lsp_server.findings.fixes import combined


def applied(text, suggestions):
    for suggestion in sorted(suggestions, key=lambda one: one.span, reverse=True):
        text = text[: suggestion.span.start] + suggestion.replacement + text[suggestion.span.end :]
    return text


@pytest.mark.parametrize(
    ("edits", "right"),
    [
        ([(0, 1, "x"), (2, 3, "y")], "xbyd"),
        ([(0, 1, "x"), (1, 1, "-")], "x-bcd"),  # an insertion behind a change
        ([(1, 1, "-"), (1, 2, "x")], "a-xcd"),  # before one
        ([(0, 2, "x"), (1, 3, "y")], "xcd"),  # of the same text: the first
        ([(1, 1, "-"), (1, 1, "+")], "a-bcd"),  # at the same place: the first
        ([(0, 4, ""), (1, 2, "y")], ""),
        ([(3, 4, "z"), (0, 1, "x"), (1, 2, "y")], "xycz"),
    ],
)
def test_what_becomes_of_fixes_side_by_side(edits, right):
    suggestions = [Suggestion(Span(start, end), new) for start, end, new in edits]
    assert applied("abcd", combined(suggestions)) == right


spans = st.tuples(st.integers(0, 20), st.integers(0, 5)).map(lambda at: Span(at[0], at[0] + at[1]))
suggestions = st.builds(Suggestion, spans, st.text("xyz", max_size=3))


@given(st.lists(suggestions, max_size=8))
def test_combined_fixes_never_touch_and_change_only_what_they_say(given_ones):
    together = combined(given_ones)
    for first, second in pairwise(together):
        assert first.span.end < second.span.start
    text = "abcdefghijklmnopqrstuvwxyz"
    touched = {place for one in given_ones for place in range(one.span.start, one.span.end)}
    result = applied(text, together)
    assert [letter for letter in result if letter not in "xyz"] == [
        letter
        for place, letter in enumerate(text)
        if letter not in "xyz" and not any(one.span.start <= place < one.span.end for one in together)
    ]
    assert {place for one in together for place in range(one.span.start, one.span.end)} <= touched
