"""Each kind of encoder that GECToR was published with learns, goes on after a kill, and is exported."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lemminflect")

from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import AutoConfig  # noqa: E402

from tests.triton_server.tiny_gector import tiny_gector  # noqa: E402
from triton_server.export.gector import export  # noqa: E402
from triton_server.gector.model_files import open_model  # noqa: E402
from triton_server.gector.onnx_model import onnx_tagger  # noqa: E402
from triton_server.gector.torch_model import TorchGector, torch_tagger  # noqa: E402
from triton_server.training.examples import Mix  # noqa: E402
from triton_server.training.train import Options, Schedule, train  # noqa: E402

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
RELATIVE = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_biased_input": False}
_V3 = {
    **SIZES,
    **RELATIVE,
    "model_type": "deberta-v2",
    "type_vocab_size": 0,
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
    "position_buckets": 16,
}
ENCODERS = {
    "BERT": {"model_type": "bert", **SIZES},
    "RoBERTa": {"model_type": "roberta", **SIZES, "type_vocab_size": 1},
    "DeBERTa": {"model_type": "deberta", **SIZES, **RELATIVE, "type_vocab_size": 0},
    "DeBERTa v2": {**_V3, "conv_kernel_size": 3, "conv_act": "gelu"},
    "DeBERTa v3": _V3,
    "DistilBERT": {
        "model_type": "distilbert",
        "dim": 32,
        "n_layers": 2,
        "n_heads": 2,
        "hidden_dim": 64,
        "max_position_embeddings": 64,
        "pad_token_id": 0,
    },
    "XLNet": {
        "model_type": "xlnet",
        "d_model": 32,
        "n_layer": 2,
        "n_head": 2,
        "d_inner": 64,
        "pad_token_id": 0,
    },
}
PAIRS = "he go to school\the goes to school\nthey goes home\tthey goes home\nshe is home\tshe is home\n"
SENTENCES = [("he", "go", "to", "school"), ("she", "is", "home")]


def tiny(folder, encoder):
    """A model folder with random weights."""
    tiny_gector(folder)
    files = open_model(folder)
    vocabulary = load_file(folder / "model.safetensors")["bert.embeddings.word_embeddings.weight"].shape[0]
    encoder = {**encoder, "vocab_size": vocabulary}
    (folder / "encoder_config.json").write_text(json.dumps(encoder), encoding="utf-8")
    torch.manual_seed(0)
    config = AutoConfig.for_model(**encoder)
    network = TorchGector(config, len(files.labels), files.keep, files.incorrect)
    weights = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


class Killed(Exception):
    """In place of a kill."""


@pytest.mark.slow
@pytest.mark.parametrize("name", ENCODERS)
def test_it_learns_goes_on_and_is_exported(name, tmp_path):
    tiny(tmp_path / "tiny", ENCODERS[name])
    (tmp_path / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    mix = Mix(tmp_path / "tiny", (), (tmp_path / "pairs.tsv",), subwords=128)
    options = Options(workers=0, compiled=False, bf16=False)
    schedule = Schedule(steps=100, rate=5e-3, warm_up=5, checkpoint_minutes=0)
    reports = []
    whole = train(mix, schedule, options, tmp_path / "whole", reports.append)
    assert reports[-1].loss < reports[0].loss
    before, after = (load_file(folder / "model.safetensors") for folder in (tmp_path / "tiny", whole))
    moved = {name for name in before if not torch.allclose(before[name], after[name].float(), atol=1e-3)}
    assert any(name.startswith("bert.") for name in moved)
    assert not any("word_embedding" in name for name in moved)  # they are frozen

    def killed(_line):
        raise Killed

    with pytest.raises(Killed):
        train(mix, schedule, options, tmp_path / "broken", killed)
    again = load_file(train(mix, schedule, options, tmp_path / "broken") / "model.safetensors")
    assert all(torch.equal(after[name], again[name]) for name in after)

    by_torch = torch_tagger(whole)(SENTENCES, [0.0, 0.0])
    by_onnx = onnx_tagger(export(whole, tmp_path / "onnx"))(SENTENCES, [0.0, 0.0])
    for one, other in zip(by_torch, by_onnx, strict=True):
        assert one.labels == other.labels
        assert np.allclose(one.probabilities, other.probabilities, atol=1e-3)
        assert np.allclose(one.error_probabilities, other.error_probabilities, atol=1e-3)
