"""What the bundled model says of a sentence depends on that sentence alone."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triton_server.gector.model_files import bundled_model
from triton_server.gector.onnx_model import onnx_tagger

REFERENCE = Path(__file__).parents[2] / "fixtures" / "reference" / "sentences.txt"
SENTENCES = [line.split() for line in REFERENCE.read_text(encoding="utf-8").splitlines()[:40]]


@cache
def tagger(threads):
    return onnx_tagger(bundled_model(), threads=threads)


@cache
def alone(index):
    (tagging,) = tagger(1)([SENTENCES[index]], [0.2])
    return tagging


@given(st.lists(st.integers(0, len(SENTENCES) - 1), min_size=1, max_size=12), st.sampled_from([1, 2]))
@settings(max_examples=15)
def test_neighbours_order_and_threads_change_nothing(chosen, threads):
    together = tagger(threads)([SENTENCES[index] for index in chosen], [0.2] * len(chosen))
    for index, tagging in zip(chosen, together, strict=True):
        assert tagging.labels == alone(index).labels
        assert tagging.probabilities == pytest.approx(alone(index).probabilities, abs=0.002)
        assert tagging.error_probabilities == pytest.approx(alone(index).error_probabilities, abs=0.002)
