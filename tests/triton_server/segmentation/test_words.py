"""Words: those of spaCy's blank English tokenizer, with exact offsets in any text."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.lang.en import English

from triton_server.segmentation import words, words_of

SPACY = English()

any_text = st.text(st.characters(codec=None), max_size=80)
plain_text = st.lists(
    st.sampled_from(["He", "don't", "U.S.", "(", ")", ",", ".", "3.5", "10km", '"', "well-known", "etc."])
).map(" ".join)


def texts_of(text):
    return [word.text for word in words_of(text)]


@given(any_text)
def test_words_cover_all_that_can_be_seen_once_and_in_order(text):
    end = 0
    for word in words_of(text):
        assert not visible(text[end : word.start])
        assert end <= word.start < word.end
        assert word.text == re.sub("[\ud800-\udfff]", "\ufffd", text[word.start : word.end])
        end = word.end
    assert not visible(text[end:])


def visible(text):
    return [character for character in text if not (character.isspace() or category(character) == "Cf")]


@given(plain_text)
def test_words_are_spacys(text):
    assert texts_of(text) == [token.text for token in SPACY.tokenizer(text)]


@pytest.mark.parametrize(
    "whole",
    [
        "https://localhost:8000/docs/a.html?b=c&d=e#f",
        "http://example.org/a_(b)/c",
        "file:///etc/hosts",
        "ann.lee+news@mail.example.org",
        "src/lsp_server/checker.py",
        "./run.sh",
        "../docs/index.md",
        "~/notes/today",
        "/usr/local/bin",
        "C:\\Users\\ann\\notes.txt",
        "e.g.",
        "U.S.",
        "3.14",
        "v1.2.3",
        "👩\u200d👩\u200d👧",
        "👍🏽",
        "❤\ufe0f",
    ],
)
def test_stays_one_word(whole):
    assert texts_of(f"See {whole}, too") == ["See", whole, ",", "too"]
    assert whole in texts_of(f"({whole})")


def test_an_emoticon_is_one_word():
    assert texts_of("See :-) and ;D") == ["See", ":-)", "and", ";D"]


def test_slashes_between_words_are_no_path():
    assert texts_of("he/she left") == ["he", "/", "she", "left"]


def test_accents_are_one_matter_composed_or_not():
    assert len(words_of("We saw a cafe\u0301.")) == len(words_of("We saw a caf\u00e9.")) == 5


@pytest.mark.parametrize("blank", ["\u00a0", "\f", "\r\n", "\u2028", "\t", " \u200b \ufeff "])
def test_blanks_and_invisible_characters_are_no_words(blank):
    text = f"He{blank}left"
    assert [(word.text, word.start) for word in words_of(text)] == [("He", 0), ("left", 2 + len(blank))]


def test_a_lone_surrogate_is_replaced_and_shifts_nothing():
    assert [(word.text, word.start, word.end) for word in words_of("a \ud83d b")] == [
        ("a", 0, 1),
        ("\ufffd", 2, 3),
        ("b", 4, 5),
    ]


@pytest.mark.parametrize("unit", ["(", "'", "?!", "a.", "x", "😀", "1,", "http://a.b/"])
def test_a_line_of_20000_characters_without_a_blank(unit):
    line = (unit * 20_000)[:20_000]
    assert "".join(texts_of(line)) == line


def test_a_long_address_stays_one_word_even_in_brackets():
    address = "https://example.org/" + "long/" * 100 + "end"
    assert texts_of(f"See ({address}).") == ["See", "(", address, ")", "."]


def test_the_tokenizer_forgets_strings(monkeypatch):
    monkeypatch.setattr(words, "_MOST_STRINGS", 1)
    first = words._tokenizer()
    assert texts_of("Nothing else changes.") == ["Nothing", "else", "changes", "."]
    assert words._tokenizer() is not first


def test_threads_do_not_disturb_each_other():
    texts = [f"Text number {n}, with its own word{n}." for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(words_of, texts)) == [words_of(text) for text in texts]


DATA = "iVBORw0KGgo/AAAA+NS=" * 20_000


@pytest.mark.parametrize("data", [DATA, "x" * 1_000_000, "a(b,c){return!d}" * 5_000])
def test_what_is_longer_than_any_prose_without_a_blank_is_one_word(data):
    assert texts_of(f"See {data} and ({data}") == ["See", data, "and", "(", data]
    assert texts_of(f"{data}\n{data}") == [data, data]


def test_an_address_before_data_stays_a_word():
    address = "https://example.org/" + "a" * 100
    assert texts_of(f"See {address}<{DATA} too") == ["See", address, f"<{DATA}", "too"]


def test_no_framework_is_imported_for_a_tokenizer():
    """thinc would import PyTorch because it is there; whoever needs it still gets it afterwards."""
    program = (
        "import sys; from triton_server.segmentation import words_of; words_of('It is here.');"
        "assert 'spacy' in sys.modules and 'torch' not in sys.modules; import torch; torch.ones(1)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_spacys_command_line_is_imported_when_somebody_asks_for_it():
    program = (
        "import sys; from triton_server.segmentation import words_of; words_of('It is here.');"
        "assert 'spacy.cli' not in sys.modules; import spacy;"
        "told = spacy.info(silent=True); from spacy.cli.info import info; assert told == info(silent=True)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])
