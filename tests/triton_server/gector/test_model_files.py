"""Model folders that are as they should be, and those that are not."""

import json
import shutil

import pytest

from tests.triton_server.tiny_gector import FIXTURE, LABELS
from triton_server.gector.model_files import bundled_model, open_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.types import KEEP, Decoding, GectorError


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(FIXTURE, tmp_path / "model")


def change(folder, **values):
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_what_a_folder_says():
    files = open_model(FIXTURE)
    assert files.labels == (KEEP, *LABELS[1:])  # nothing can be done about <OOV>
    assert files.keep == 1
    assert files.special_tokens
    assert files.max_subwords == 40


def test_thresholds_by_strictness():
    files = open_model(FIXTURE)
    assert files.decodings["low"] == Decoding(0.0, 0.9, 5)
    assert files.decoding == files.decodings["high"] == Decoding(0.0, 0.1, 5)


def test_the_published_models_have_no_inference_section(folder):
    config = json.loads((folder / "config.json").read_text())
    del config["inference"], config["max_length"]
    (folder / "config.json").write_text(json.dumps(config))
    files = open_model(folder)
    assert files.decoding == Decoding()
    assert files.max_subwords == 80


def test_labels_in_the_order_of_official_models(folder):
    labels = [*LABELS[1:], "<OOV>", "<PAD>"]
    change(folder, label2id={label: i for i, label in enumerate(labels)}, is_official_model=True)
    files = open_model(folder)
    assert files.labels == (*LABELS[1:], KEEP)
    assert files.keep == 0
    assert not files.special_tokens


def test_identity_changes_with_configuration_and_weights(folder):
    before = open_model(folder).identity
    assert before == open_model(folder).identity
    change(folder, max_length=30)
    configured = open_model(folder).identity
    data = bytearray((folder / "model.onnx").read_bytes())
    data[-1] ^= 1
    (folder / "model.onnx").write_bytes(data)
    assert len({before, configured, open_model(folder).identity}) == 3


def test_the_bundled_model_is_complete_and_small():
    files = open_model(bundled_model())
    assert len(files.labels) == 5001
    assert {path.name for path in bundled_model().iterdir()} >= {"model.onnx", "tokenizer.json", "README.md"}
    assert sum(path.stat().st_size for path in bundled_model().iterdir()) <= 80_000_000


def break_by_removing(name):
    return lambda folder: (folder / name).unlink()


def truncate(name):
    def break_it(folder):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return break_it


def plain_bert(folder):
    (folder / "config.json").write_text('{"model_type": "bert", "hidden_size": 32}')


def another_graph(folder):
    import onnx
    from onnx import TensorProto, helper

    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "other", [value], [out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (shutil.rmtree, "There is no model folder"),
        (break_by_removing("config.json"), "has no config.json"),
        (break_by_removing("tokenizer.json"), "has no tokenizer.json"),
        (break_by_removing("model.onnx"), "has no model.onnx"),
        (truncate("config.json"), "Cannot read .*config.json"),
        (truncate("tokenizer.json"), "Cannot read .*tokenizer.json"),
        (truncate("model.onnx"), "Cannot load .*model.onnx"),
        (plain_bert, "not a GECToR configuration .*label2id"),
        (lambda folder: (folder / "config.json").write_text("[1, 2]"), r"\(no usable 'label2id'\)"),
        (lambda folder: change(folder, label2id=None), r"\(no usable 'label2id'\)"),
        (lambda folder: change(folder, d_label2id=None), r"\(no usable 'd_label2id'\)"),
        (lambda folder: change(folder, inference=[1]), r"\(no usable 'inference'\)"),
        (lambda folder: change(folder, label2id={"$KEEP": 0, "$DELETE": 7}), "label2id: ids are not 0, 1"),
        (lambda folder: change(folder, label2id={"$KEEP": 0, "$DELETE": None}), "label2id: ids are not 0, 1"),
        (lambda folder: change(folder, max_length=5), "too small"),
        (another_graph, "is not a GECToR model"),
    ],
)
def test_a_broken_folder_gives_one_clear_line(folder, break_it, message):
    break_it(folder)
    with pytest.raises(GectorError, match=message) as caught:
        onnx_tagger(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value) or "too small" in message


@pytest.mark.parametrize("device", ["abacus", "cuda:1"])  # the tests' ONNX Runtime is the one for CPUs
def test_a_device_that_is_not_there_is_refused(device):
    with pytest.raises(GectorError, match=f"cannot run on '{device}'"):
        onnx_tagger(FIXTURE, device=device)


def test_any_flipped_byte_gives_another_identity(folder):
    before = open_model(folder).identity
    path = folder / "model.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)
    assert open_model(folder).identity != before
