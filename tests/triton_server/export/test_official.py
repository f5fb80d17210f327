"""Checkpoints of Grammarly's GECToR, made on disk in their true format, and converted."""

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import XLNetConfig

from tests.triton_server.tiny_gector import LABELS, tiny_gector
from triton_server.export.official import convert_official
from triton_server.gector.torch_model import TorchGector, torch_tagger
from triton_server.gector.types import GectorError

pytestmark = pytest.mark.slow
NAMES = {
    "bert.": "text_field_embedder.token_embedder_bert.bert_model.",
    "label_proj_layer.": "tag_labels_projection_layer._module.",
    "d_proj_layer.": "tag_detect_projection_layer._module.",
}
SENTENCES = [["He", "go", "to", "school", "."], ["she", "is", "home"]]


def official(weights, special_tokens_fix=True):
    """Weights of the new format as AllenNLP saved them."""
    state = {}
    for name, tensor in weights.items():
        prefix = next(one for one in NAMES if name.startswith(one))
        if prefix == "label_proj_layer.":
            tensor = torch.cat([tensor, torch.full_like(tensor[:1], 9)])  # @@PADDING@@
        elif prefix == "d_proj_layer.":
            tensor = torch.cat([tensor, torch.full_like(tensor, 9)])  # @@UNKNOWN@@, @@PADDING@@
        elif "word_embedding" in name and not special_tokens_fix:
            tensor = tensor[:-1]
        state[name.replace(prefix, NAMES[prefix])] = tensor
    bert = NAMES["bert."]
    state[f"{bert}pooler.dense.weight"] = torch.zeros(2, 2)
    state[f"{bert}embeddings.position_ids"] = torch.arange(4)
    return state


@pytest.fixture
def made(tmp_path):
    """A model of the new format, the same as a checkpoint with its vocabulary, and its encoder."""
    reference = tiny_gector(tmp_path / "reference", official=True)
    torch.save(official(load_file(reference / "model.safetensors")), tmp_path / "bert_1.th")
    vocabulary = tmp_path / "output_vocabulary"
    vocabulary.mkdir()
    (vocabulary / "labels.txt").write_text("\n".join([*LABELS[1:], "@@UNKNOWN@@", "@@PADDING@@"]) + "\n")
    (vocabulary / "d_tags.txt").write_text("CORRECT\nINCORRECT\n@@UNKNOWN@@\n@@PADDING@@\n")
    encoder = tmp_path / "encoder"
    encoder.mkdir()
    config = json.loads((reference / "encoder_config.json").read_text())
    config["vocab_size"] -= 1
    (encoder / "config.json").write_text(json.dumps(config))
    tokenizer = json.loads((reference / "tokenizer.json").read_text())
    tokenizer["added_tokens"] = [one for one in tokenizer["added_tokens"] if one["content"] != "$START"]
    (encoder / "tokenizer.json").write_text(json.dumps(tokenizer))
    special = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (encoder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", **special})
    )
    return tmp_path


def convert(made, checkpoint="bert_1.th", **options):
    paths = (made / checkpoint, made / "output_vocabulary", made / "converted")
    return convert_official(*paths, str(made / "encoder"), offline=True, **options)


def test_the_converted_model_tags_as_the_original(made):
    assert convert(made) == len(LABELS)
    expected = torch_tagger(made / "reference")(SENTENCES, [0.1, 0.0])
    assert torch_tagger(made / "converted", offline=True)(SENTENCES, [0.1, 0.0]) == expected
    assert {label for one in expected for label in one.labels} != {"$KEEP"}
    weights = load_file(made / "converted" / "model.safetensors")
    for name, tensor in load_file(made / "reference" / "model.safetensors").items():
        assert torch.equal(weights[name], tensor)


def test_without_the_special_tokens_fix_start_gets_zeros(made):
    weights = load_file(made / "reference" / "model.safetensors")
    torch.save(official(weights, special_tokens_fix=False), made / "bert_0.th")
    convert(made, "bert_0.th")
    rows = load_file(made / "converted" / "model.safetensors")["bert.embeddings.word_embeddings.weight"]
    wanted = weights["bert.embeddings.word_embeddings.weight"]
    assert torch.equal(rows[:-1], wanted[:-1])
    assert not rows[-1].any()
    torch_tagger(made / "converted", offline=True)(SENTENCES, [0.0, 0.0])


def test_xlnet_with_its_own_names_converts_too(made):
    path = made / "encoder" / "config.json"
    vocabulary = json.loads(path.read_text())["vocab_size"]
    config = XLNetConfig(vocab_size=vocabulary + 1, d_model=32, n_layer=2, n_head=2, d_inner=64)
    network = TorchGector(config, len(LABELS), 0, 1)
    state = {name: one for name, one in network.state_dict().items() if not name.endswith("position_ids")}
    torch.save(official(state), made / "xlnet.th")
    config.vocab_size = vocabulary
    path.write_text(config.to_json_string())
    convert(made, "xlnet.th")
    assert len(torch_tagger(made / "converted", offline=True)(SENTENCES, [0.0, 0.0])) == 2


def test_nothing_is_replaced_unasked(made):
    convert(made)
    with pytest.raises(GectorError, match="exists already"):
        convert(made)
    assert convert(made, force=True) == len(LABELS)


def labels(made, *lines):
    (made / "output_vocabulary" / "labels.txt").write_text("\n".join(lines))


def state(made, **changes):
    weights = torch.load(made / "bert_1.th", weights_only=True)
    torch.save({**weights, **changes}, made / "bert_1.th")


DAMAGES = {
    "Cannot read": lambda made: (made / "bert_1.th").write_bytes(b"PK not a checkpoint"),
    "it must be tensors by name": lambda made: torch.save([1, 2], made / "bert_1.th"),
    "it has something.else": lambda made: state(made, **{"something.else": torch.zeros(1)}),
    "no output_vocabulary": lambda made: (made / "output_vocabulary" / "d_tags.txt").unlink(),
    "does not begin with CORRECT": lambda made: (made / "output_vocabulary" / "d_tags.txt").write_text(
        "no\n"
    ),
    "it must have \\$KEEP": lambda made: labels(made, "$DELETE", "@@UNKNOWN@@", "@@PADDING@@"),
    "labels.txt 3: not of one model": lambda made: labels(made, "$KEEP", "@@UNKNOWN@@", "@@PADDING@@"),
    "not its encoder": lambda made: state(
        made, **{f"{NAMES['bert.']}embeddings.word_embeddings.weight": torch.zeros(3, 32)}
    ),
    "do not fit": lambda made: state(
        made, **{f"{NAMES['bert.']}embeddings.LayerNorm.weight": torch.zeros(3)}
    ),
    "encoder .* cannot be read": lambda made: (made / "encoder" / "config.json").write_text("{"),
}


@pytest.mark.parametrize("complaint", DAMAGES)
def test_what_does_not_fit_is_said_in_one_line_and_nothing_is_left(made, complaint):
    DAMAGES[complaint](made)
    with pytest.raises(GectorError, match=complaint) as caught:
        convert(made)
    assert "\n" not in str(caught.value)
    assert not (made / "converted").exists()
    assert not list(made.glob(".*"))


def test_a_checkpoint_with_code_in_it_is_not_run(made):
    class Bomb:
        def __reduce__(self):
            return (open, (str(made / "exploded"), "w"))

    torch.save({"text_field_embedder": Bomb()}, made / "bert_1.th")
    with pytest.raises(GectorError, match="Cannot read"):
        convert(made)
    assert not (made / "exploded").exists()


def test_an_encoder_that_is_not_there_is_named(made):
    with pytest.raises(GectorError, match=r"no folder .*nowhere"):
        convert_official(
            made / "bert_1.th", made / "output_vocabulary", made / "converted", str(made / "nowhere")
        )
