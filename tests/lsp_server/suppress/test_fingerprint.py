"""A finding is known again when the text around it changes."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.findings import ErrorKind
from lsp_server.suppress import fingerprint_of
from lsp_server.suppress.fingerprint import excerpt
from tests.lsp_server.suppress.strategies import finding_at

TEXT = "First of all it is fine. We met there for a hour and went home. Nothing more."
SAME = fingerprint_of(finding_at(TEXT, "a hour"), TEXT)


def of(text, words="a hour", **more):
    return fingerprint_of(finding_at(text, words, **more), text)


def test_it_is_the_same_in_every_version_until_its_number_changes():
    """Or all that people have ignored comes back."""
    assert SAME == "1:5a2bee359d86cdc6"


@given(st.integers(5, 60), st.sampled_from(["", "  ", "> ", "# ", "// ", " * "]))
def test_wrapping_and_indenting_change_nothing(width, indent):
    lines = textwrap.wrap(TEXT, width)
    text = "\n".join(indent + line for line in lines)
    words = next(words for words in ("a hour", f"a\n{indent}hour") if words in text)
    assert of(text, words) == SAME


@given(st.text(), st.text())
def test_edits_in_other_sentences_change_nothing(before, after):
    assert of(f"{before}. {TEXT} {after}") == SAME or "a hour" in before


@pytest.mark.parametrize(
    "text",
    [
        "Yesterday we met there for a hour and went home.",
        "Now we all met there for a hour and went to the cinema.",
        "We met *there* for **a hour** and went home.",
        "We met THERE for A hour and went home.".replace("A hour", "a hour"),
    ],
)
def test_edits_further_away_in_the_sentence_and_markup_change_nothing(text):
    assert of(text) == SAME


@pytest.mark.parametrize(
    "text", ["We met there for a hour or two.", "We stayed for a hour and went home.", "A hour and went."]
)
def test_other_neighbours_make_another_finding(text):
    assert of(text, "A hour" if "A hour" in text else "a hour") != SAME


def test_another_kind_or_another_word_is_another_finding():
    assert of(TEXT, kind=ErrorKind.SPELLING) != SAME
    assert of(TEXT, words="hour") != SAME


def test_another_suggestion_or_certainty_is_the_same_finding():
    assert of(TEXT, replacement="an hour", confidence=0.2) == SAME


def test_punctuation_alone_has_a_fingerprint_too():
    assert of("He came , and went.", " ,") != of("He came ; and went.", " ;")


def test_lone_surrogates_do_not_matter():
    assert of("\ud800 for a hour").startswith("1:")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It took a hour.", "It took [a hour]."),
        ("a hour", "[a hour]"),
        ("a\n  hour # x", "[a hour] # x"),
        (TEXT, "it is fine. We met there for [a hour] and went home. Nothing more."),
        (f"{TEXT}s And on.", "it is fine. We met there for [a hour] and went home. Nothing"),
    ],
)
def test_what_a_person_recognises_it_by(text, shown):
    assert excerpt(finding_at(text, "a\n  hour" if "\n" in text else "a hour"), text) == shown
