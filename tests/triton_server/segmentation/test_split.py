"""Sentences by rule: a table of texts with their boundaries, and what holds for any text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_server.segmentation import sentences_in, split, words_of
from triton_server.segmentation.types import MOST_WORDS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sentences"

any_text = st.text(st.characters(codec=None), max_size=80)
prose = st.lists(
    st.sampled_from(
        [
            "Dr",
            "He",
            "left",
            "e.g",
            ".",
            "!",
            "...",
            '"',
            "(",
            ")",
            " ",
            " ",
            "\n",
            "\n\n",
            "3",
            "😀",
            "e\u0301",
        ]
    )
).map("".join)


def texts() -> list[tuple[str, str]]:
    return [
        (path.stem, line.encode().decode("unicode_escape") if line.isascii() else line)
        for path in sorted(FIXTURES.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]


@pytest.mark.parametrize(("topic", "marked"), texts())
def test_boundaries(topic, marked):
    expected = [piece.strip() for piece in marked.split("|")]
    text = marked.replace("|", "")
    assert [text[start:end] for start, end in split(text)] == expected


@given(any_text | prose)
def test_sentences_cover_every_word_once_and_in_order(text):
    covered = [
        (offset + word.start, offset + word.end)
        for offset, sentence in sentences_in(text)
        for word in sentence.words
    ]
    assert covered == [(word.start, word.end) for word in words_of(text)]


@given(any_text | prose)
def test_sentences_are_parts_of_the_text_without_blanks_at_their_ends(text):
    end = 0
    for offset, sentence in sentences_in(text):
        assert offset >= end
        end = offset + len(sentence.text)
        assert sentence.text == text[offset:end] != ""
        assert sentence.text == sentence.text.strip()
        assert sentence.words[0].start == 0
        assert sentence.words[-1].end == len(sentence.text)


@given(prose)
def test_an_empty_line_is_always_a_boundary(text):
    assert all("\n\n" not in sentence.text for _, sentence in sentences_in(text))


def test_a_splitter_of_ones_own_is_used():
    def every_second_word(text, words):
        return list(range(0, len(words), 2))

    assert [sentence.text for _, sentence in sentences_in("one two three", every_second_word)] == [
        "one two",
        "three",
    ]


def test_what_is_longer_than_a_sentence_comes_in_parts_cut_at_lines_or_commas():
    lines, commas, blanks = "one two three\n" * 1000, "one two, " * 1000, "one two " * 1000
    for text, ends in ((lines, {"three"}), (commas, {","}), (blanks, {"one", "two"})):
        parts = [sentence for _, sentence in sentences_in(text)]
        assert len(parts) > 3
        assert all(len(part.words) <= MOST_WORDS and part.may_end_open for part in parts)
        assert {part.words[-1].text for part in parts} <= ends
        covered = [(at + word.start, at + word.end) for at, part in sentences_in(text) for word in part.words]
        assert covered == [(word.start, word.end) for word in words_of(text)]


def test_a_sentence_of_bearable_length_is_no_part():
    [(_, sentence)] = sentences_in("one " * MOST_WORDS)
    assert not sentence.may_end_open


def test_data_is_untouchable():
    [(_, sentence)] = sentences_in("See " + "x" * 2000 + " there.")
    assert sentence.untouchable == {1}
