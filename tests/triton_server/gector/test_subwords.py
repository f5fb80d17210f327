"""Words to sub-words: as the models were trained, whatever the words are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triton_server.tiny_gector import FIXTURE, MAX_LENGTH
from triton_server.gector.subwords import NO_SUBWORD, Subwords
from triton_server.gector.types import GectorError

TOKENIZER = FIXTURE / "tokenizer.json"
SUBWORDS = Subwords(TOKENIZER, special_tokens=True, max_subwords=MAX_LENGTH)


def only_window(*words):
    (window,) = SUBWORDS.windows([words])
    return window


def test_a_sentence_is_framed_and_each_word_starts_at_its_first_subword():
    window = only_window("she", "goes", "home", "xyz", "now")
    assert len(window.input_ids) == 2 + 3 + 3 + 2 + 1  # [CLS] $START she goes home x##y##z no##w [SEP]
    assert window.starts == [1, 2, 3, 4, 5, 8]


def test_official_models_see_no_special_tokens():
    official = Subwords(TOKENIZER, special_tokens=False, max_subwords=MAX_LENGTH)
    (window,) = official.windows([["she", "goes"]])
    assert window.input_ids == only_window("she", "goes").input_ids[1:-1]
    assert window.starts == [0, 1, 2]


@pytest.mark.parametrize("nothing", ["", " ", "\u00a0", "\u200b", "\ufeff", "\x07", "\u200d"])
def test_a_word_without_subwords_shifts_nothing(nothing):
    assert only_window("he", nothing, "go").starts == [1, 2, NO_SUBWORD, 3]
    assert only_window("he", nothing, "go").input_ids == only_window("he", "go").input_ids


@pytest.mark.parametrize("special", ["$START", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]"])
def test_special_tokens_in_a_document_are_text(special):
    window = only_window("he", special, "go")
    inner = window.input_ids[2:-1]
    assert not set(inner) & {*window.input_ids[:2], window.input_ids[-1], SUBWORDS.padding_id}
    assert window.starts[3] - window.starts[2] > 1  # in pieces, as "$" and "START" would be


def test_lone_surrogates_are_taken():
    assert only_window("a\ud800b", "go").starts == [1, 2, 5]


def test_no_words_and_no_sentences():
    assert only_window().starts == [1]
    assert SUBWORDS.windows([]) == []


def test_a_long_sentence_is_cut_at_clauses_and_every_word_counts_once():
    clause = ["she", "goes", "to", "school", "and", "home", "yes", ","]
    words = clause * 50
    windows = SUBWORDS.windows([words])
    assert len(windows) > 10
    covered = [window.first + i for window in windows for i in range(len(window.starts) - 1)]
    assert covered == list(range(400))
    assert all(words[window.first - 1] == "," for window in windows[1:])
    assert all(len(window.input_ids) <= MAX_LENGTH for window in windows)


def test_windows_see_their_neighbours():
    words = ["she", "goes", "to", "school", "home", "yes"] * 10
    first, second = SUBWORDS.windows([words])[:2]
    assert first.starts[-1] < len(first.input_ids) - 2  # words of the next window, then [SEP]
    assert second.starts[1] > 2  # words of the window before come between $START and its own first


def test_without_commas_it_is_cut_before_conjunctions():
    words = (["she", "goes", "to", "school", "home"] + ["yes"] * 4 + ["and"]) * 8
    assert {words[window.first] for window in SUBWORDS.windows([words])[1:]} == {"and"}


@pytest.mark.parametrize("giant", ["x" * 20_000, "a.b," * 5_000, "…" * 20_000])
def test_a_giant_word_hides_nothing(giant):
    words = ["he", "go", giant, "to", "school"]
    windows = SUBWORDS.windows([words])
    starts = [start for window in windows for start in window.starts[1:]]
    assert len(starts) == 5
    assert NO_SUBWORD not in starts
    assert all(len(window.input_ids) <= MAX_LENGTH for window in windows)


@given(st.lists(st.lists(st.text(max_size=12), max_size=60), max_size=4))
def test_every_word_is_in_exactly_one_window(sentences):
    windows = SUBWORDS.windows(sentences)
    for index, words in enumerate(sentences):
        mine = [window for window in windows if window.sentence == index]
        assert [w.first + i for w in mine for i in range(len(w.starts) - 1)] == list(range(len(words)))
        for window in mine:
            assert len(window.input_ids) <= MAX_LENGTH
            starts = [start for start in window.starts if start != NO_SUBWORD]
            assert starts == sorted(set(starts))
            assert starts[-1] < len(window.input_ids)


def test_what_is_no_tokenizer_is_refused(tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text(TOKENIZER.read_text()[:500])
    with pytest.raises(GectorError, match=r"Cannot read .*tokenizer\.json"):
        Subwords(path, special_tokens=True, max_subwords=MAX_LENGTH)
    path.write_text(TOKENIZER.read_text().replace("$START", "$OTHER"))
    with pytest.raises(GectorError, match=r"does not know \$START"):
        Subwords(path, special_tokens=True, max_subwords=MAX_LENGTH)


def bpe(folder):
    """A byte-level BPE tokenizer as RoBERTa's with `add_prefix_space`, on disk."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(["She goes to school and he doesn't go home , she said ."] * 20, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=True)
    tokenizer.add_special_tokens(["$START"])
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder / "tokenizer.json"


SENTENCES = [
    ["She", "goes", "to", "school", "."],
    ["doesn't", "“", "naïve", "”", "don't", "—", "x", "😀", "e\u0301"],
    ["http://example.org/a_b?c=d", "10:30", "C++", "#", "mcDonald"],
    ["ﬁne", "Ⅳ", "日本", "ß"],
]


@pytest.mark.parametrize("kind", ["wordpiece", "bpe"])
@pytest.mark.parametrize("special_tokens", [True, False])
def test_subwords_equal_those_of_transformers(tmp_path, kind, special_tokens):
    from transformers import PreTrainedTokenizerFast

    path = TOKENIZER if kind == "wordpiece" else bpe(tmp_path)
    theirs = PreTrainedTokenizerFast(tokenizer_file=str(path))
    expected = theirs(
        [["$START", *words] for words in SENTENCES],
        is_split_into_words=True,
        add_special_tokens=special_tokens,
        truncation=False,
    )
    windows = Subwords(path, special_tokens=special_tokens, max_subwords=200).windows(SENTENCES)
    for row, (window, words) in enumerate(zip(windows, SENTENCES, strict=True)):
        assert window.input_ids == expected["input_ids"][row]
        ids = expected.word_ids(row)
        assert window.starts == [ids.index(word) for word in range(len(words) + 1)]


def test_a_sentence_with_a_giant_word_stays_whole_where_the_rest_fits():
    (window,) = SUBWORDS.windows([["he", "go", *["xy"] * 6, "x" * 500, "to", "school"]])
    assert len(window.starts) == 12
    assert len(window.input_ids) <= MAX_LENGTH


def test_a_sentence_of_many_words_is_cut_as_its_beginning_would_be_alone():
    words = ["she", "goes", "to", "school", "home", "yes"] * 5000
    windows = SUBWORDS.windows([words])
    assert windows[:3] == SUBWORDS.windows([words[:600]])[:3]
    assert sum(len(window.starts) - 1 for window in windows) == 30_000
