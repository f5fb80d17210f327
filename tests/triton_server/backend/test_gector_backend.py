"""What the GECToR models on Triton answer, without Triton: plain arrays in and out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_server.backend.gector import MOST_CHARACTERS, GectorBackend, ModelCard
from triton_server.backend.requests import BadRequest, Cancelled, Request
from triton_server.gector.types import Decoding, GectorError, Tagging

RULES = {"go": "$REPLACE_goes", "an": "$REPLACE_a", "very": "$DELETE", "goes": "$REPLACE_went"}


class Tagger:
    """A small real tagger: a rule a word, sure of it by the length of the word; counts its calls."""

    def __init__(self):
        self.calls = []

    def __call__(self, sentences, keep_confidence):
        self.calls.append([list(words) for words in sentences])
        if any("explode" in words for words in sentences):
            raise GectorError("it exploded")
        return [self.tag(words, bias) for words, bias in zip(sentences, keep_confidence, strict=True)]

    def tag(self, words, bias):
        labels = ["$KEEP", *(RULES.get(word, "$KEEP") if bias < 0.5 else "$KEEP" for word in words)]
        probabilities = [1 / (1 + len(word)) for word in ["", *words]]
        return Tagging(tuple(labels), tuple(probabilities), (0.75,) * len(labels))


def backend_of(tagger):
    decoding = Decoding(max_passes=4)
    return GectorBackend(
        tagger, ModelCard("rules@1", {"low": decoding, "normal": decoding, "high": decoding})
    )


def column(rows):
    return np.array([[row if isinstance(row, bytes) else row.encode()] for row in rows], dtype=np.object_)


def words(*sentences, **others):
    return Request({"words": column([json.dumps(one) for one in sentences]), **others})


def text(*texts, **others):
    return Request({"text": column(texts), **others})


def fp32(*values):
    return np.array([[value] for value in values], dtype=np.float32)


def listed(answer, name):
    return [json.loads(row) for (row,) in answer[name].tolist()]


def test_words_get_labels_and_probabilities_filled_up_to_the_longest_row():
    [answer] = backend_of(Tagger()).answer([words(["She", "go"], [])])
    assert listed(answer, "labels") == [["$KEEP", "$KEEP", "$REPLACE_goes"], ["$KEEP"]]
    assert answer["probabilities"].dtype == np.float32
    assert np.allclose(answer["probabilities"], [[1, 1 / 4, 1 / 3], [1, 0, 0]])
    assert np.allclose(answer["error_probabilities"], [[0.75] * 3, [0.75, 0, 0]])
    assert [card["identity"] for card in listed(answer, "model")] == ["rules@1", "rules@1"]
    assert set(answer) == {"labels", "probabilities", "error_probabilities", "model"}


def test_each_row_has_its_own_bias():
    [answer] = backend_of(Tagger()).answer([words(["go"], ["go"], keep_confidence=fp32(0, 1))])
    assert listed(answer, "labels") == [["$KEEP", "$REPLACE_goes"], ["$KEEP", "$KEEP"]]


def test_text_is_corrected_until_nothing_changes_and_each_edit_says_why():
    [answer] = backend_of(Tagger()).answer([text("All is well.  He go there. I saw very an cat.", "Fine.")])
    assert answer["corrected_text"].tolist() == [[b"All is well.  He went there. I saw a cat."], [b"Fine."]]
    first, second = listed(answer, "edits")
    assert second == []
    assert first[0] == {
        "start": 17,
        "end": 19,
        "original": "go",
        "replacement": "went",
        "labels": ["$REPLACE_goes", "$REPLACE_went"],
        "confidence": 0.2,
    }


def test_thresholds_may_be_given_with_the_text():
    request = text("I go.", "I go.", min_error_prob=fp32(0, 0.9))
    [answer] = backend_of(Tagger()).answer([request])
    assert answer["corrected_text"].tolist() == [[b"I went."], [b"I go."]]


def test_all_requests_run_as_one_forward_pass_each_round():
    tagger = Tagger()
    requests = [words(["a"], ["b"]), text("I go."), words(["go"]), text("All is well. He go.")]
    answers = backend_of(tagger).answer(requests)
    assert len(answers) == 4
    assert [len(call) for call in tagger.calls] == [6, 2, 2]  # then only the texts that changed


BAD = [
    (Request({}), "give either words .* or text"),
    (words(["a"], text=column(["a"])), "give either words .* or text"),
    (Request({"words": column(["no json"])}), "words of row 0 is not a JSON list of non-empty strings"),
    (Request({"words": column(['["a"]', '{"a": 1}'])}), "words of row 1 is not a JSON list"),
    (Request({"words": column(['["a", ""]'])}), "is not a JSON list of non-empty strings"),
    (Request({"words": column(['["\\ud800"]'])}), "is not a JSON list of non-empty strings"),
    (Request({"words": column(["[" * 100_000])}), "is not a JSON list of non-empty strings"),
    (Request({"words": column([b'["\xff"]'])}), "words of row 0 is not UTF-8: byte 0xff at 2"),
    (text(b"caf\xe9"), "text of row 0 is not UTF-8: byte 0xe9 at 3"),
    (text("a" * (MOST_CHARACTERS + 1)), "text of row 0 has 50,001 characters; at most 50,000"),
    (text(*["a" * MOST_CHARACTERS] * 2), "text has 100,000 characters; at most 50,000 are taken at once"),
    (text("ab " * 12_000), "text has 12,000 words and marks; at most 10,000 are taken at once"),
    (words(["ab"] * 2001), "words of row 0 has 2,001 words; at most 2,000 are a sentence"),
    (words(*[["a"] * 400] * 51), "words has 20,400 words and marks; at most 10,000"),
    (words(["a"], keep_confidence=fp32(5)), "keep_confidence is 5; it must be from -1 to 1"),
    (text("a", keep_confidence=fp32(-2)), "keep_confidence is -2; it must be from -1 to 1"),
    (text("a", "b", min_error_prob=fp32(1, -1)), "min_error_prob is -1; it must be from 0 to 1"),
    (Request({"words": column(["[]"])[:, 0]}), r"words must have the shape \[rows, 1\], not \[1\]"),
    (words(["a"], keep_confidence=fp32(0, 0)), r"keep_confidence must have the shape \[1, 1\], not \[2, 1\]"),
    (words(["a"], keep_confidence=fp32(float("nan"))), "keep_confidence must be a finite number"),
]


@pytest.mark.parametrize(("bad", "complaint"), BAD, ids=range(len(BAD)))
def test_a_bad_request_is_told_so_and_hurts_no_other(bad, complaint):
    before, wrong, after = backend_of(Tagger()).answer([words(["go"]), bad, text("I go.")])
    assert isinstance(wrong, BadRequest)
    with pytest.raises(BadRequest, match=complaint):
        raise wrong
    assert listed(before, "labels") == [["$KEEP", "$REPLACE_goes"]]
    assert after["corrected_text"].tolist() == [[b"I went."]]


def test_a_sentence_that_breaks_the_model_hurts_no_other_request():
    before, wrong, after = backend_of(Tagger()).answer([words(["go"]), words(["explode"]), text("I go.")])
    assert isinstance(wrong, GectorError)
    assert listed(before, "labels") == [["$KEEP", "$REPLACE_goes"]]
    assert after["corrected_text"].tolist() == [[b"I went."]]


def test_a_long_text_is_tagged_in_parts_and_no_further_than_somebody_waits():
    tagger = Tagger()
    long = "He go there. " * 1000

    def is_cancelled():
        return len(tagger.calls) == 2

    cancelled = Request(text(long).inputs, is_cancelled=is_cancelled)
    [wrong] = backend_of(tagger).answer([cancelled])
    assert isinstance(wrong, Cancelled)
    assert [len(call) for call in tagger.calls] == [250, 250]  # sentences of four words
    [answer] = backend_of(Tagger()).answer([text(long)])
    assert answer["corrected_text"].tolist() == [[b"He went there. " * 1000]]


def test_those_who_wait_get_their_answers_though_one_has_gone():
    gone = Request(text("He go there. " * 1000).inputs, is_cancelled=lambda: True)
    before, wrong, after = backend_of(Tagger()).answer([words(["go"]), gone, text("I go.")])
    assert isinstance(wrong, Cancelled)
    assert listed(before, "labels") == [["$KEEP", "$REPLACE_goes"]]
    assert after["corrected_text"].tolist() == [[b"I went."]]


word = st.text(min_size=1).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)
rows = st.lists(st.lists(st.sampled_from([*RULES, "She", "😀"]) | word, max_size=8), min_size=1, max_size=5)


@given(st.lists(rows, min_size=1, max_size=5))
def test_a_request_is_answered_alike_alone_and_among_others(requests):
    backend = backend_of(Tagger())
    together = backend.answer([words(*one) for one in requests])
    for request, answer in zip(requests, together, strict=True):
        [alone] = backend.answer([words(*request)])
        assert all(np.array_equal(alone[name], answer[name]) for name in alone)


@given(st.lists(st.text(alphabet="go an.very \n😀é", max_size=40).filter(str.strip), min_size=1, max_size=3))
def test_edits_are_exactly_what_differs(texts):
    clean = [one.encode("utf-8", "ignore").decode() for one in texts]
    [answer] = backend_of(Tagger()).answer([text(*clean)])
    for before, (after,), edits in zip(clean, answer["corrected_text"], listed(answer, "edits"), strict=True):
        rebuilt, at = "", 0
        for edit in edits:
            assert before[edit["start"] : edit["end"]] == edit["original"]
            rebuilt += before[at : edit["start"]] + edit["replacement"]
            at = edit["end"]
        assert rebuilt + before[at:] == after.decode()
