"""A GECToR model made on disk: the true format, random weights, small enough to check in.

`python tests/triton_server/tiny_gector.py` makes tests/fixtures/models/tiny-gector anew.
"""

import json
import shutil
import string
import tempfile
from pathlib import Path

LABELS = [
    "<OOV>",
    "$KEEP",
    "$DELETE",
    "$APPEND_the",
    "$APPEND_,",
    "$REPLACE_a",
    "$REPLACE_is",
    "$TRANSFORM_CASE_CAPITAL",
    "$TRANSFORM_AGREEMENT_PLURAL",
    "$TRANSFORM_VERB_VB_VBZ",
    "$MERGE_SPACE",
    "$MERGE_HYPHEN",
]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = [
    "an",
    "the",
    "he",
    "she",
    "it",
    "they",
    "is",
    "are",
    "was",
    "go",
    "goes",
    "went",
    "to",
    "school",
    "home",
]
WORDS += ["yes", "no", "and", "but"]
MAX_LENGTH = 40
PLAN_HEAD = """
model = "tiny"
[options]
workers = 0
compiled = false
bf16 = false
"""
"""How a plan of a training begins that has it learn in this process; stages come after it."""
TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "additional_special_tokens": ["$START"],
    **{f"{name.strip('[]').lower()}_token": name for name in SPECIAL},
}
FIXTURE = Path(__file__).parents[1] / "fixtures" / "models" / "tiny-gector"


def tiny_gector(folder: Path, *, official: bool = False, seed: int = 0) -> Path:
    """Write a model with PyTorch weights, named as in gotutiyan/gector-*.

    Args:
        folder: made if need be.
        official: as one converted from Grammarly's: no [CLS] and [SEP], `<OOV>` behind the other labels.
        seed: of the weights.
    """
    import torch
    from transformers import BertConfig

    from triton_server.gector.torch_model import TorchGector

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = wordpiece()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENIZER, indent=1) + "\n", encoding="utf-8")
    labels = [*LABELS[1:], "<OOV>"] if official else LABELS
    encoder = {
        "vocab_size": tokenizer.get_vocab_size(),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
    }
    label2id = {label: i for i, label in enumerate([*labels, "<PAD>"])}
    config = {
        "architectures": ["GECToR"],
        "model_id": "encoder",
        "label2id": label2id,
        "id2label": {str(i): label for label, i in label2id.items()},
        "d_label2id": {"$CORRECT": 0, "$INCORRECT": 1, "<PAD>": 2},
        "is_official_model": official,
        "max_length": MAX_LENGTH,
        "inference": {"min_error_prob": 0.1, "strictness": {"low": {"min_error_prob": 0.9}}},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    encoder_config = {"model_type": "bert", **encoder}
    (folder / "encoder_config.json").write_text(json.dumps(encoder_config, indent=1) + "\n", encoding="utf-8")

    torch.manual_seed(seed)
    network = TorchGector(BertConfig(**encoder), len(labels), label2id["$KEEP"], 1)
    for parameter in network.parameters():  # larger than usual, so that the labels differ from word to word
        torch.nn.init.normal_(parameter, std=0.3)
    from safetensors.torch import save_file

    save_file(network.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def wordpiece():
    """A WordPiece tokenizer as BERT's, with `$START` as GECToR adds it."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    signs = string.ascii_letters + string.digits + string.punctuation
    vocabulary = [*SPECIAL, *signs, *(f"##{sign}" for sign in signs), *WORDS]
    ids = {token: i for i, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])]
    )
    tokenizer.add_special_tokens([*SPECIAL, "$START"])
    tokenizer.enable_truncation(MAX_LENGTH)
    return tokenizer


def main() -> None:
    from triton_server.export.gector import export

    with tempfile.TemporaryDirectory() as scratch:
        made = tiny_gector(Path(scratch) / "tiny-gector")
        export(made, FIXTURE)
    shutil.rmtree(FIXTURE / "__pycache__", ignore_errors=True)


if __name__ == "__main__":
    main()
