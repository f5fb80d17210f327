"""The bundled model on ONNX Runtime."""

import pytest

from triton_server.gector.model_files import bundled_model
from triton_server.gector.onnx_model import onnx_tagger

SENTENCE = ["The", "cat", "sleep", "on", "the", "old", "sofa", "."]


def test_the_bundled_model_answers_the_same_on_every_processor():
    """Processors without VNNI overflow unless ONNX Runtime is told otherwise; then `sleep` is right."""
    [tagging] = onnx_tagger(bundled_model())([SENTENCE], [0.0])
    assert tagging.labels[3] == "$TRANSFORM_VERB_VB_VBZ"
    assert tagging.error_probabilities[3] == pytest.approx(0.821, abs=0.02)
    assert tagging.error_probabilities[0] < 0.01
