"""What proposers know of the document beside the sentence."""

import pytest

from lsp_server.documents import DocumentSnapshot
from lsp_server.proposers import Proposers, put_right
from lsp_server.prose import extract
from lsp_server.sentences import sentences_of
from lsp_server.settings import Settings
from triton_server.gector.types import Edit


def found(text, language="markdown", **settings):
    blocks = extract(text, language)
    proposers = Proposers(DocumentSnapshot("", text, language), blocks, Settings(**settings))
    places = [place for block in blocks for place in sentences_of(block)]
    return [
        (place.sentence.text[p.start : p.end], p.replacements[0])
        for place in places
        for p in proposers.of(place.sentence, place.block, place.offset)
    ]


def test_spelling_and_patterns_together():
    text = "I recieved the package and its definately broken. We dont know it."
    assert found(text) == [
        ("recieved", "received"),
        ("its", "it's"),
        ("definately", "definitely"),
        ("dont", "don't"),
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Call `recieved` first. Then recieved is done.", "markdown"),
        ("```sh\nrecieved x\n```\n\nThen recieved is done at last.", "markdown"),
        ("# Then recieved is done at last.\nrecieved()\n", "python"),
        ("**Recieved** is a command. Then recieved is done.", "markdown"),
        ("We asked Recieveda about it. So recieveda is here.", "markdown"),
    ],
)
def test_words_that_the_document_defines_are_right(text, language):
    assert found(text, language) == []


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("ripgrep is quick.", False),
        ("curl is quick. Say `curl -x` now.", False),
        ("curl is quick.", True),
        ("a' is quick.", False),
        ("then he says `then` now.", True),
        ("london is large. Say `london` now.", True),
    ],
)
def test_names_in_small_letters_get_no_capital(text, is_right):
    blocks = extract(text, "markdown")
    proposers = Proposers(DocumentSnapshot("", text, "markdown"), blocks, Settings())
    word = text.split()[0]

    edit = Edit(0, len(word), word.capitalize(), (), 0.9)

    assert proposers.writes_words(edit, blocks[0].text) is is_right


def test_the_same_word_elsewhere_is_wrong():
    assert found("Then we recieved it at last.") == [("recieved", "received")]


def test_words_of_the_settings_are_right():
    assert found("Then we recieved it at last.", words=("recieved",)) == []


def test_strictness_decides_how_sure_a_proposal_must_be():
    text = "There are less people here."  # a pattern of 0.85
    assert found(text, strictness="normal") == [("less", "fewer")]
    assert found(text, strictness="low") == []


def test_a_bracket_may_be_closed_in_another_sentence_of_its_paragraph():
    assert found("We have two (one is here. The other is there) of them.") == []
    assert found("We have two of them (one is here.\n\nThe other is there.") == [("(", "")]


def test_brackets_in_code_and_links_and_cells_are_left_alone():
    assert (
        found(
            "Call `f(` and [this](https://example.org) here. It is late.\n\n| a (b | c |\n|--|--|\n| d | e |"
        )
        == []
    )


def test_the_dialect_follows_the_document():
    british = "The colour of the centre in the harbour is my favourite.\n\n"
    assert found(british + "I like the color of it.") == [("color", "colour")]
    assert found("I like the color of it.") == []
    assert found(british + "I like the `color` of it. The color is nice.") == []
    assert found(british + "I like the color of it.", dialect="us")[-1] == ("favourite", "favorite")


def test_what_the_model_reads_has_been_put_right():
    words = ("I", "recieved", "teh", "package", "and", "its", "definately", "broken", ".")
    assert " ".join(put_right(words)) == "I received the package and it 's definitely broken ."
    right = ("It", "is", "right", ".")
    assert put_right(right) == right
