"""The bundled model on ONNX Runtime."""

import json
import shutil

import pytest

from triton_server.gector.model_files import bundled_model
from triton_server.gector.onnx_model import _PRODUCT_OF_BYTES, onnx_tagger
from triton_server.gector.types import GectorError

SENTENCE = ["The", "cat", "sleep", "on", "the", "old", "sofa", "."]


def test_the_bundled_model_answers_the_same_on_every_processor():
    """Processors without VNNI overflow unless ONNX Runtime is told otherwise; then `sleep` is right."""
    [tagging] = onnx_tagger(bundled_model())([SENTENCE], [0.0])
    assert tagging.labels[3] == "$TRANSFORM_VERB_VB_VBZ"
    assert tagging.error_probabilities[3] == pytest.approx(0.821, abs=0.02)
    assert tagging.error_probabilities[0] < 0.01


def test_the_model_that_tells_processors_apart():
    onnx = pytest.importorskip("onnx")
    kind = onnx.TensorProto
    a, b, c = (
        onnx.helper.make_tensor_value_info(name, of, None)
        for name, of in (("a", kind.UINT8), ("b", kind.INT8), ("c", kind.INT32))
    )
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMulInteger", ["a", "b"], ["c"])], "g", [a, b], [c]
    )
    model = onnx.helper.make_model(graph, ir_version=8, opset_imports=[onnx.helper.make_opsetid("", 13)])
    assert model.SerializeToString() == _PRODUCT_OF_BYTES


@pytest.mark.parametrize("change", [-1, 10])
def test_labels_of_another_model_are_refused(change, tmp_path):
    shutil.copytree(bundled_model(), tmp_path, dirs_exist_ok=True)
    config = json.loads((tmp_path / "config.json").read_text("utf-8"))
    labels = sorted(config["label2id"], key=config["label2id"].get)
    labels = [label for label in labels if label != "<PAD>"]
    labels = labels[:change] if change < 0 else [*labels, *(f"$APPEND_more{i}" for i in range(change))]
    config["label2id"] = {label: i for i, label in enumerate(labels)}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(GectorError, match=rf"are for 5001 labels, and config\.json has {5001 + change}\.$"):
        onnx_tagger(tmp_path)
