"""Sentences of real blocks: what may not be touched, what is left out, and where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Span
from lsp_server.prose import BlockKind, ProseBlock, Segment, extract
from lsp_server.prose.extract import STAND_IN
from lsp_server.sentences import sentences_of
from triton_server.segmentation import split_by_rule, words_of


def located(text, language="markdown"):
    return [place for block in extract(text, language) for place in sentences_of(block)]


def texts(text, language="markdown"):
    return [place.sentence.text for place in located(text, language)]


def block_of(text, kind=BlockKind.PARAGRAPH, stand_ins=()):
    return ProseBlock(kind, text, (Segment(0, Span(0, len(text)), verbatim=True),), stand_ins)


def test_each_sentence_knows_its_place():
    text = "# A long heading\n\nHe *left* early. She stayed.\n"
    spans = [place.document_span(0, len(place.sentence.text)) for place in located(text)]
    assert texts(text) == ["A long heading", "He left early.", "She stayed."]
    assert [span and span.of(text) for span in spans] == ["A long heading", None, "She stayed."]
    left = located(text)[1]
    assert left.document_span(0, 2).of(text) == "He"
    assert left.document_span(3, 7).of(text) == "left"
    assert left.document_span(7, 7, "ly") == Span(text.index("left") + 4, text.index("left") + 4)


def test_words_that_stand_in_are_untouchable():
    (place,) = located("Call `run()` and see `a b`, please.")
    words = place.sentence.words
    assert [words[index].text for index in sorted(place.sentence.untouchable)] == [STAND_IN, STAND_IN]
    assert [
        place.document_span(words[index].start, words[index].end) for index in place.sentence.untouchable
    ] == [
        None,
        None,
    ]


def test_a_stand_in_within_a_longer_word_makes_the_word_untouchable():
    (place,) = sentences_of(block_of("We saw preit again.", stand_ins=(Span(10, 12),)))
    assert place.sentence.untouchable == {2}


def test_stand_ins_count_from_the_block_and_words_from_the_sentence():
    first, second = sentences_of(block_of("We saw it. They saw it.", stand_ins=(Span(20, 22),)))
    assert first.sentence.untouchable == frozenset()
    assert second.sentence.untouchable == {2}


@pytest.mark.parametrize(
    "text",
    [
        "12.5 % (2019)",
        "— * —",
        "`a`, `b` and `c`",
        "src/a.py, src/b.py and src/c.py",
        "Это предложение написано не по-английски.",
        "这是一个中文句子。",
        "snake_case camelCase otherCase the end_of_line",
        "Installation",
    ],
)
def test_what_is_hardly_english_is_left_out(text):
    assert located(text) == []


@pytest.mark.parametrize(
    "text",
    ["He go.", "We visited Zürich and Kraków.", "The word Москва is Russian.", "STOP NOW!", "I don't."],
)
def test_what_is_english_enough_is_checked(text):
    assert texts(text) == [text]


@pytest.mark.parametrize("kind", [kind for kind in BlockKind if not kind.has_full_sentences])
def test_headings_items_and_cells_may_end_open(kind):
    assert [
        place.sentence.may_end_open for place in sentences_of(block_of("He left early. She stayed", kind))
    ] == [
        True,
        True,
    ]


def test_equal_sentences_are_equal_wherever_they_stand():
    first, second = located("She stayed. Then he left.\n\nNo. She stayed.")[::2]
    assert first.sentence == second.sentence
    assert first.offset != second.offset


def test_a_block_twice_gives_the_same_sentences_in_its_own_place():
    one, two = extract("She stayed.\n\nShe stayed.\n", "markdown")
    assert sentences_of(one)[0].sentence is sentences_of(two)[0].sentence
    assert sentences_of(two)[0].document_span(0, 3) == Span(13, 16)


def test_a_very_long_block():
    block = block_of("She stayed here. " * 2000)
    assert len(sentences_of(block)) == 2000
    assert sentences_of(block)[-1].offset == 17 * 1999


def test_the_splitter_is_used():
    def never(text, words):
        return [0]

    block = block_of("She stayed. He left.")
    assert [place.sentence.text for place in sentences_of(block, never)] == ["She stayed. He left."]
    assert len(sentences_of(block, split_by_rule)) == 2


@given(st.text(st.characters(codec=None), max_size=120), st.sampled_from(["plaintext", "markdown"]))
def test_sentences_are_parts_of_their_blocks_and_words_parts_of_them(text, language):
    for place in located(text, language):
        sentence = place.sentence
        assert place.block.text[place.offset : place.offset + len(sentence.text)] == sentence.text
        assert [word.text for word in sentence.words] == [
            word.text
            for word in words_of(place.block.text)
            if place.offset <= word.start < place.offset + len(sentence.text)
        ]
        assert all(0 <= index < len(sentence.words) for index in sentence.untouchable)


def test_a_word_divided_at_the_end_of_a_line_is_not_touched():
    (place,) = sentences_of(block_of("He has the new informa\u2010\ntion and a copy.", BlockKind.PARAGRAPH))
    untouchable = {place.sentence.words[index].text for index in place.sentence.untouchable}
    assert untouchable <= {"informa\u2010", "informa", "\u2010", "tion"}
    assert "tion" in untouchable


DATA = "iVBORw0KGgo/AAAA+NS=" * 20_000


def test_data_in_a_sentence_hides_nothing_and_is_not_touched():
    (place,) = located(f"She see this: {DATA} and that.", "plaintext")
    words = place.sentence.words
    assert [words[index].text for index in place.sentence.untouchable] == [DATA]
    assert [word.text for word in words[:3]] == ["She", "see", "this"]


@pytest.mark.parametrize("data", [DATA, "x" * 1_000_000, "var a=b(c),d=e[f];return g(h)" * 50])
@pytest.mark.parametrize("language", ["plaintext", "markdown"])
def test_data_and_minified_code_are_left_out_and_what_stands_beside_them_is_not(data, language):
    assert texts(f"She see this.\n\n{data}\n\nHe go there.", language) == ["She see this.", "He go there."]


def test_a_list_of_names_longer_than_any_sentence_is_checked_to_its_end():
    names = "Ann Lee, Bob Roe, " * 1000
    found = located(f"These came: {names}and we was glad.", "plaintext")
    assert len(found) > 5
    assert sum(len(place.sentence.words) for place in found) == 6000 + 8
    assert all(place.sentence.may_end_open for place in found)
