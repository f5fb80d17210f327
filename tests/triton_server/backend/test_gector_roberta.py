"""`gector_roberta` on a real Triton: PyTorch in the server, a random model made on disk."""

import json

import pytest

from triton_server.launcher import Options

pytestmark = [pytest.mark.triton, pytest.mark.slow]

LABELS = ["<OOV>", "$KEEP", "$DELETE", "$APPEND_the", "$REPLACE_a", "$TRANSFORM_VERB_VB_VBZ"]
CORPUS = ["She go to school every day.", "All is well, they said.", "A house and a garden."] * 5
SENTENCES = [["She", "go", "to", "school", "."], ["All", "is", "well"], [], ["naïve", "😀"]]


@pytest.fixture(scope="module")
def random_roberta(tmp_path_factory):
    """In the format of gotutiyan/gector-roberta-base-5k: byte-level BPE with `$START` added."""
    import torch
    from safetensors.torch import save_file
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import RobertaConfig

    from triton_server.gector.torch_model import TorchGector

    folder = tmp_path_factory.mktemp("models") / "random-roberta"
    folder.mkdir()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens([AddedToken("$START", special=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=True)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    tokenizer.no_padding()
    tokenizer.save(str(folder / "tokenizer.json"))

    encoder = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    encoder |= {"vocab_size": tokenizer.get_vocab_size(), "max_position_embeddings": 514, "pad_token_id": 1}
    label2id = {label: i for i, label in enumerate([*LABELS, "<PAD>"])}
    config = {
        "model_id": "roberta-base",
        "label2id": label2id,
        "d_label2id": {"$CORRECT": 0, "$INCORRECT": 1},
    }
    (folder / "config.json").write_text(json.dumps(config | {"max_length": 80}))
    (folder / "encoder_config.json").write_text(json.dumps({"model_type": "roberta"} | encoder))
    torch.manual_seed(0)
    network = TorchGector(RobertaConfig(**encoder), len(LABELS), label2id["$KEEP"], 1)
    for parameter in network.parameters():
        if parameter.dim() > 1:  # larger than usual, so that the labels differ from word to word
            torch.nn.init.normal_(parameter, std=0.5)
    save_file(network.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


async def test_the_server_says_what_pytorch_says_here(start_triton, random_roberta):
    from lsp_server.engines import TritonEngine
    from triton_server.gector.torch_model import torch_tagger

    health, _ = start_triton(
        "gector_roberta",
        repository=Options().repository,
        parameters={"gector_roberta": {"model": str(random_roberta), "threads": "1"}},
    )
    assert health.is_well
    engine = TritonEngine(health.server.grpc, "gector_roberta", deadline=60)
    await engine.start()
    served = await engine.tag(SENTENCES, 0.2)
    await engine.close()

    tagger = torch_tagger(random_roberta)
    here = tagger(SENTENCES, [0.2] * len(SENTENCES))
    assert [one.labels for one in served] == [one.labels for one in here]
    assert len({label for one in here for label in one.labels}) > 1
    for one, other in zip(served, here, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
        assert one.error_probabilities == pytest.approx(other.error_probabilities, abs=1e-5)
    assert engine.identity == f"triton:gector_roberta:1:{tagger.files.identity}"


def test_a_hub_that_cannot_be_reached_leaves_the_others_serving(
    start_triton, tmp_path, monkeypatch, repository
):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (repository / "gector_roberta").symlink_to(Options().repository / "gector_roberta")

    health, _ = start_triton("rules", "gector_roberta")
    models = {model.name: model.problem for model in health.models}
    assert models["rules"] == ""
    assert models["gector_roberta"].startswith("gotutiyan/gector-roberta-base-5k is not in the cache")
