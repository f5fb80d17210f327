"""Tiny HuggingFace models with random weights, written in the true formats with real tokenizers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    T5Config,
    T5ForConditionalGeneration,
)

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = """
Ada Lovelace was born in London and wrote about the engine. She go to school every days.
Zoë moved twice. She lives in Zürich now and works in Basel, where does she live? I has two cat.
What a lovely surprise, I enjoyed every minute! The worst film of the year. Hello, world.
Angela Merkel flew from Berlin to New York with Siemens. A second, somewhat longer text. This is a test.
""".strip().splitlines()
WORDS = sorted({word for line in CORPUS for word in re.findall(r"\w+", line)})
LETTERS = sorted({letter for line in CORPUS for letter in line} - {" "})
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
_SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def text_classifier(folder: Path, **config: object) -> Path:
    labels = ["NEGATIVE", "NEUTRAL", "POSITIVE"]
    return _bert(folder, BertForSequenceClassification, id2label=dict(enumerate(labels)), **config)


def token_classifier(folder: Path, **config: object) -> Path:
    labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    return _bert(folder, BertForTokenClassification, id2label=dict(enumerate(labels)), **config)


def answerer(folder: Path, **config: object) -> Path:
    return _bert(folder, BertForQuestionAnswering, **config)


def encoder(folder: Path, **config: object) -> Path:
    return _bert(folder, BertModel, **config)


def seq2seq(folder: Path) -> Path:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -8.0)]
    pieces += [(f"▁{word}", -5.0) for word in WORDS] + [(letter, -10.0) for letter in LETTERS]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", 1)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=64,
    )
    config = T5Config(
        vocab_size=tokenizer.get_vocab_size(),
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
    )
    return _save(folder, T5ForConditionalGeneration, config, fast)


def causal(folder: Path) -> Path:
    merges = [("t", "h"), ("th", "e"), ("i", "n"), ("Ġ", "the"), ("Ġ", "in"), ("e", "r")]
    tokens = ["<|end|>", *sorted(pre_tokenizers.ByteLevel.alphabet()), *map("".join, merges)]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|end|>"])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", model_max_length=128)
    config = GPT2Config(
        vocab_size=tokenizer.get_vocab_size(),
        n_positions=128,
        n_embd=32,
        n_layer=2,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    return _save(folder, GPT2LMHeadModel, config, fast)


def _bert(folder: Path, model_class: type, positions: int = 128, **config: object) -> Path:
    tokens = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *WORDS]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=positions,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    sizes = {"vocab_size": tokenizer.get_vocab_size(), "max_position_embeddings": positions, **_SIZES}
    return _save(folder, model_class, BertConfig(**sizes, **config), fast)


def _save(folder: Path, model_class: type, config: object, tokenizer: PreTrainedTokenizerFast) -> Path:
    torch.manual_seed(7)
    model = model_class(config)
    for parameter in model.parameters():  # the usual beginning is too small for answers to differ
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
