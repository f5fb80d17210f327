"""PyTorch models: from a folder or the hub's cache, and what can be wrong with them."""

import json
import os
import shutil

import pytest

from tests.triton_server.tiny_gector import tiny_gector
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.types import GectorError

torch = pytest.importorskip("torch")
from triton_server.gector.torch_model import torch_tagger  # noqa: E402

SENTENCES = [["he", "go", "to", "school"], ["she", "", "goes"], [], ["the", "an"] * 40]
BIAS = [0.0, 0.1, 0.2, 0.3]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return tiny_gector(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / "tiny")


def test_pickled_weights_give_the_same_taggings(folder):
    from safetensors.torch import load_file

    expected = torch_tagger(folder)(SENTENCES, BIAS)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert torch_tagger(folder)(SENTENCES, BIAS) == expected


def test_half_precision_on_request(folder):
    for tagging in torch_tagger(folder, dtype="bf16")(SENTENCES, BIAS):
        assert all(0 <= p <= 1.01 for p in tagging.probabilities)


def test_a_repository_in_the_hubs_cache_is_found_offline(made, tmp_path):
    commit = "0" * 40
    repository = tmp_path / "models--someone--gector-tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    shutil.copytree(made, repository / "snapshots" / commit)
    tagger = torch_tagger("someone/gector-tiny", cache_dir=tmp_path, offline=True)
    assert tagger(SENTENCES, BIAS) == torch_tagger(made)(SENTENCES, BIAS)


def test_what_the_hub_does_not_give_is_said_in_one_line(tmp_path):
    with pytest.raises(GectorError, match="Cannot get someone/nothing from the Hugging Face hub") as caught:
        torch_tagger("someone/nothing", cache_dir=tmp_path, offline=True)
    assert "\n" not in str(caught.value)


def without(name):
    return lambda folder: (folder / name).unlink()


def truncated(folder):
    os.truncate(folder / "model.safetensors", 5_000)


def bad_pickle(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"not a pickle")


def dangerous_pickle(folder):
    (folder / "model.safetensors").unlink()
    torch.save({"bert": os.system}, folder / "pytorch_model.bin")


def larger_encoder(folder):
    path = folder / "encoder_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "num_hidden_layers": 3}))


def wider_encoder(folder):
    path = folder / "encoder_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "intermediate_size": 128}))


def no_heads(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    save_file({k: v for k, v in weights.items() if "proj" not in k}, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (shutil.rmtree, "There is no model folder"),
        (without("model.safetensors"), "has no model.safetensors or pytorch_model.bin"),
        (truncated, "Cannot read .*model.safetensors"),
        (bad_pickle, "Cannot read .*pytorch_model.bin"),
        (dangerous_pickle, "Cannot read .*pytorch_model.bin"),
        (larger_encoder, "do not fit its encoder configuration .*missing: bert.encoder.layer.2"),
        (wider_encoder, "do not fit"),
        (no_heads, "missing: .*proj"),
    ],
)
def test_a_broken_folder_gives_one_clear_line(folder, break_it, message):
    break_it(folder)
    with pytest.raises(GectorError, match=message) as caught:
        torch_tagger(folder)
    assert "\n" not in str(caught.value)


def test_without_an_encoder_configuration_the_remedy_is_named(folder, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (folder / "encoder_config.json").unlink()
    with pytest.raises(GectorError, match=r"put it into the folder as encoder_config\.json"):
        torch_tagger(folder, offline=True)


def test_an_unknown_device_is_refused(folder):
    with pytest.raises(GectorError, match="cannot run on abacus"):
        torch_tagger(folder, device="abacus")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of PyTorch and its exporter, about themselves
@pytest.mark.parametrize("official", [False, True])
@pytest.mark.parametrize("int8", [False, True])
def test_an_exported_model_tags_alike(tmp_path, official, int8):
    from triton_server.export.dequantise import dequantise
    from triton_server.export.gector import export

    model = tiny_gector(tmp_path / "tiny", official=official)
    out = export(model, tmp_path / "onnx", int8=int8)
    expected = torch_tagger(dequantise(out, tmp_path / "back") if int8 else model)(SENTENCES, BIAS)
    for ours, theirs in zip(onnx_tagger(out)(SENTENCES, BIAS), expected, strict=True):
        tolerance = 0.1 if int8 else 1e-4
        assert ours.error_probabilities == pytest.approx(theirs.error_probabilities, abs=tolerance)
        if not int8:
            assert ours.labels == theirs.labels
            assert ours.probabilities == pytest.approx(theirs.probabilities, abs=tolerance)
