"""Sentences in chunks for a tagger: none too large, each sentence in one."""

from hypothesis import given
from hypothesis import strategies as st

from triton_server.gector.chunks import chunks_of, in_order


def of_lengths(*lengths):
    return [["word"] * length for length in lengths]


def test_neighbours_in_length_are_together():
    assert chunks_of(of_lengths(3, 30, 1, 20), 2) == [[2, 0], [3, 1]]


def test_long_sentences_come_in_smaller_chunks():
    assert chunks_of(of_lengths(400, 5000, 10, 400, 400), 64) == [[2, 0, 3], [4], [1]]


def test_no_sentences_no_chunks():
    assert chunks_of([], 64) == []
    assert in_order([], []) == []


@given(st.lists(st.integers(0, 3000), max_size=40), st.integers(1, 8))
def test_each_gets_the_answer_to_its_own(lengths, size):
    sentences = of_lengths(*lengths)
    chunks = chunks_of(sentences, size)
    assert all(1 <= len(chunk) <= size for chunk in chunks)
    assert in_order(chunks, [[len(sentences[i]) for i in chunk] for chunk in chunks]) == lengths
