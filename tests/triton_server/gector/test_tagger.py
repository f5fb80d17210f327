"""Tagging: batches, windows and the way back to words, on a tiny model that is really run."""

import threading

import numpy as np
import pytest

from tests.triton_server.tiny_gector import FIXTURE
from triton_server.gector.model_files import bundled_model, open_model
from triton_server.gector.onnx_model import onnx_forward, onnx_tagger, open_session
from triton_server.gector.tagger import Tagger
from triton_server.gector.types import KEEP

TINY = onnx_tagger(FIXTURE, threads=1)
SENTENCES = [
    ["he", "go", "to", "school", "."],
    [],
    ["yes"],
    ["she", "goes", "home", "and", "he", "was", "at", "school", "but", "they", "went"] * 2,
    ["a"] * 300,
    ["the", "home", ",", "an", "apple"],
]


def tag(sentences, keep_confidence=0.0):
    return TINY(sentences, [keep_confidence] * len(sentences))


def test_each_sentence_gets_a_label_per_word_and_one_for_its_start():
    for words, tagging in zip(SENTENCES, tag(SENTENCES), strict=True):
        assert len(tagging.labels) == len(words) + 1
        assert len(tagging.probabilities) == len(tagging.error_probabilities) == len(words) + 1
        assert set(tagging.labels) <= set(TINY.files.labels)
        assert all(0 <= p <= 1 for p in (*tagging.probabilities, *tagging.error_probabilities))


def test_a_sentence_is_tagged_alike_alone_and_in_company():
    for words, tagging in zip(SENTENCES, tag(SENTENCES), strict=True):
        (alone,) = tag([words])
        assert alone.labels == tagging.labels
        assert alone.probabilities == pytest.approx(tagging.probabilities, abs=1e-5)


def test_no_sentences():
    assert TINY([], []) == []


@pytest.mark.parametrize("nothing", ["", "\u200b", "\u00a0"])
def test_a_word_without_subwords_is_kept_and_its_neighbours_labels_stay(nothing):
    (plain,) = tag([["he", "go", "to", "school"]])
    (holed,) = tag([["he", nothing, "go", "to", "school"]])
    assert holed.labels == (*plain.labels[:2], KEEP, *plain.labels[2:])
    assert holed.error_probabilities[2] == 0


def test_the_keep_bias_is_each_sentences_own_and_not_in_the_probability():
    words = ["he", "go", "to", "school"]
    free, bound = TINY([words, words], [0.0, 1.0])
    assert set(bound.labels) == {KEEP}
    assert set(free.labels) != {KEEP}
    (free_alone,) = tag([words])
    assert free.probabilities == pytest.approx(free_alone.probabilities, abs=1e-6)
    assert max(bound.probabilities) < 1


def test_every_word_of_a_long_sentence_is_tagged():
    (tagging,) = tag([["a"] * 300])
    assert 0.0 not in tagging.error_probabilities


def test_batches_are_capped_and_have_few_lengths():
    shapes = []
    forward = onnx_forward(FIXTURE / "model.onnx", open_session(FIXTURE / "model.onnx", threads=1))

    def watched(batch):
        shapes.append(batch.input_ids.shape)
        return forward(batch)

    sentences = [["he"] * (n % 30 + 1) for n in range(500)]
    Tagger(open_model(FIXTURE), watched)(sentences, [0.0] * 500)
    assert sum(rows for rows, _ in shapes) == 500
    assert max(rows * length for rows, length in shapes) <= 1024
    assert {length for _, length in shapes} <= {8, 16, 24, 32, 40}


def test_padding_is_not_seen():
    forward = onnx_forward(FIXTURE / "model.onnx", open_session(FIXTURE / "model.onnx", threads=1))
    batches = []

    def watched(batch):
        batches.append(batch)
        return forward(batch)

    Tagger(open_model(FIXTURE), watched)([["he"], ["he"] * 3], [0.0, 0.0])
    (batch,) = batches
    assert batch.attention_mask.sum(1).tolist() == [6, 4]  # the longest first
    assert batch.word_starts.dtype == np.int64


def test_the_bundled_model_finds_mistakes_and_leaves_good_sentences_alone():
    tagger = onnx_tagger(bundled_model())
    wrong, right = tagger(
        [
            ["Yesterday", "he", "go", "to", "to", "school", "with", "a", "apple", "."],
            ["The", "library", "was", "built", "in", "1904", "and", "is", "open", "to", "the", "public", "."],
        ],
        [0.0, 0.0],
    )
    assert wrong.labels[3].startswith(("$TRANSFORM_VERB_VB_VB", "$REPLACE_went"))
    assert "$DELETE" in wrong.labels[4:6]
    assert wrong.labels[8] == "$REPLACE_an"
    assert set(right.labels) == {KEEP}


def test_a_model_that_takes_sentences_one_by_one_gets_no_padding_and_runs_side_by_side():
    forward = onnx_forward(FIXTURE / "model.onnx", open_session(FIXTURE / "model.onnx", threads=1))
    shapes, threads = [], set()

    def watched(batch):
        shapes.append(batch.input_ids.shape)
        threads.add(threading.current_thread().name)
        return forward(batch)

    sentences = [["he"] * (n % 30 + 1) for n in range(60)]
    alone = Tagger(open_model(FIXTURE), watched, side_by_side=2, alone=True)(sentences, [0.1] * 60)
    assert sorted(shapes) == sorted((1, n % 30 + 4) for n in range(60))
    assert all(name.startswith("grammared-run") for name in threads)
    for one, other in zip(alone, TINY(sentences, [0.1] * 60), strict=True):
        assert one.labels == other.labels
        assert one.error_probabilities == pytest.approx(other.error_probabilities, abs=1e-5)


def test_the_bundled_model_finds_mistakes_on_any_processor():
    """Without VNNI, 8-bit sums overflow unless ONNX Runtime is told to mind it: then it finds nothing."""
    tag = onnx_tagger(bundled_model(), threads=1)
    [tagging] = tag([["She", "go", "to", "school", "every", "day", "."]], [0.0])
    assert tagging.labels[2] == "$TRANSFORM_VERB_VB_VBZ"
    assert tagging.error_probabilities[2] > 0.9
