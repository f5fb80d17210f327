"""Feed-forward neurons that are left out: those that add least, and the rest answers as before."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.triton_server.tiny_gector import tiny_gector
from triton_server.export.errors import ExportError
from triton_server.export.prune import prune
from triton_server.gector.torch_model import torch_tagger

SENTENCES = [["He", "go", "to", "school", "."], ["It", "is", "home"]]
BIAS = [0.0, 0.0]


def test_neurons_that_add_nothing_go_first(tmp_path):
    folder = tiny_gector(tmp_path / "weights")
    weights = load_file(folder / "model.safetensors")
    for name in [one for one in weights if one.endswith(".output.dense.weight") and "attention" not in one]:
        weights[name][:, 5:21] = 0  # 16 of 64
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    pruned = prune(folder, 0.25, tmp_path / "pruned")
    assert json.loads((pruned / "encoder_config.json").read_text())["intermediate_size"] == 48
    assert (pruned / "model.safetensors").stat().st_size < (folder / "model.safetensors").stat().st_size
    before, after = (torch_tagger(one)(SENTENCES, BIAS) for one in (folder, pruned))
    assert [one.labels for one in before] == [one.labels for one in after]
    for one, other in zip(before, after, strict=True):
        assert np.allclose(one.probabilities, other.probabilities, atol=1e-5)


def test_weights_of_pytorchs_own_format_are_read(tmp_path):
    import torch

    folder = tiny_gector(tmp_path / "weights")
    weights = load_file(folder / "model.safetensors")
    torch.save(
        {name: torch.from_numpy(value) for name, value in weights.items()}, folder / "pytorch_model.bin"
    )
    (folder / "model.safetensors").unlink()
    pruned = prune(folder, 0.5, tmp_path / "pruned")
    kept = load_file(pruned / "model.safetensors")
    assert kept["bert.encoder.layer.0.intermediate.dense.weight"].shape == (32, 32)
    assert kept["bert.encoder.layer.1.output.dense.weight"].shape == (32, 32)


def test_an_encoder_of_another_kind_is_named(tmp_path):
    folder = tiny_gector(tmp_path / "weights")
    weights = load_file(folder / "model.safetensors")
    renamed = {name.replace("intermediate", "elsewhere"): value for name, value in weights.items()}
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ExportError, match="weights cannot be pruned: its encoder has no feed-forward layers"):
        prune(folder, 0.5, tmp_path / "pruned")
