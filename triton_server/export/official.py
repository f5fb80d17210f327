"""A checkpoint of Grammarly's GECToR (https://github.com/grammarly/gector) as a model folder.

The checkpoint is an AllenNLP state (`.th`) with an AllenNLP vocabulary (`output_vocabulary`):

    text_field_embedder.token_embedder_bert.bert_model.*   the encoder         → bert.*
    tag_labels_projection_layer._module.{weight,bias}      label head          → label_proj_layer.*
    tag_detect_projection_layer._module.{weight,bias}      detection head      → d_proj_layer.*
    labels.txt   a label per line, @@UNKNOWN@@ and @@PADDING@@ among them; ids are line numbers
    d_tags.txt   CORRECT, INCORRECT, @@UNKNOWN@@, @@PADDING@@

How gotutiyan/gector maps them is where the names on the right come from.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.backend.tasks.hub import descriptions_of, one_line
from triton_server.backend.tasks.source import LoadError, Source
from triton_server.gector.model_files import open_model
from triton_server.gector.types import KEEP, START, GectorError

if TYPE_CHECKING:
    from torch import Tensor

_PREFIXES = {
    "text_field_embedder.token_embedder_bert.bert_model.": "bert.",
    "tag_labels_projection_layer._module.": "label_proj_layer.",
    "tag_detect_projection_layer._module.": "d_proj_layer.",
}
_UNUSED = ("pooler.", "position_ids", "token_type_ids")
"""The pooling layer serves another purpose; the ids are counted out by the encoder itself."""
_LABELS = {"@@UNKNOWN@@": "<OOV>", "@@PADDING@@": "<PAD>"}
_DETECTION = ["CORRECT", "INCORRECT"]


def convert_official(
    checkpoint: Path,
    vocabulary: Path,
    folder: Path,
    encoder: str,
    *,
    offline: bool = False,
    force: bool = False,
) -> int:
    """Write the model folder, whole or not at all.

    Args:
        checkpoint: the `.th` file.
        vocabulary: the folder with labels.txt and d_tags.txt.
        folder: to be made, in the format of gotutiyan/gector-*.
        encoder: hub id or folder of the encoder it was trained from, for its configuration and tokenizer.
        offline: take them from the cache only.
        force: replace `folder`.

    Returns:
        How many labels it knows.

    Raises:
        GectorError: something is missing, damaged, or does not fit the rest.
    """
    if folder.exists() and not force:
        raise GectorError(f"{folder} exists already: choose another, or --force to replace it")
    labels = _labels(vocabulary)
    weights = _renamed(_state(checkpoint), len(labels))
    config, tokenizer = _encoder(encoder, offline=offline)
    start = int(config.vocab_size)
    weights = _with_start(weights, start, encoder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as temporary:
        made = Path(temporary) / "made"
        made.mkdir()
        _write(made, labels, weights, encoder, config)
        _write_tokenizer(made, tokenizer, start, encoder)
        _check(made)
        if folder.exists():
            shutil.move(folder, Path(temporary) / "replaced")
        made.rename(folder)
    return len(labels) - 1


def _labels(vocabulary: Path) -> list[str]:
    """By id, padding last."""
    path = vocabulary / "labels.txt"
    try:
        lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
        detection = (vocabulary / "d_tags.txt").read_text(encoding="utf-8").split("\n")[:2]
    except (OSError, UnicodeDecodeError) as error:
        raise GectorError(
            f"{vocabulary} is no output_vocabulary with labels.txt and d_tags.txt: {error}"
        ) from error
    if detection != _DETECTION:
        raise GectorError(f"{vocabulary / 'd_tags.txt'} does not begin with CORRECT and INCORRECT")
    labels = [_LABELS.get(line, line) for line in lines]
    if KEEP not in labels or labels[-1] != "<PAD>" or len(set(labels)) != len(labels):
        raise GectorError(
            f"{path} is not GECToR's: it must have $KEEP, end with @@PADDING@@ and repeat nothing"
        )
    return labels


def _state(checkpoint: Path) -> dict[str, Tensor]:
    import torch

    try:
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # zip, pickle and PyTorch each have their own
        raise GectorError(f"Cannot read {checkpoint}: {one_line(error)}") from error
    if not isinstance(state, dict) or not all(isinstance(one, torch.Tensor) for one in state.values()):
        raise GectorError(f"{checkpoint} is no state of a model: it must be tensors by name")
    return state


def _renamed(state: dict[str, Tensor], labels: int) -> dict[str, Tensor]:
    weights = {}
    for name, tensor in state.items():
        prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), None)
        if prefix is None:
            raise GectorError(f"The checkpoint is not GECToR's: it has {name}")
        if not any(part in name for part in _UNUSED):
            weights[name.replace(prefix, _PREFIXES[prefix])] = tensor
    for name in (
        "label_proj_layer.weight",
        "label_proj_layer.bias",
        "d_proj_layer.weight",
        "d_proj_layer.bias",
    ):
        if name not in weights:
            raise GectorError(f"The checkpoint is not GECToR's: it has no {name}")
        if name.startswith("d_"):
            weights[name] = weights[name][:2]  # after them come unknown and padding
        elif len(weights[name]) == labels:
            weights[name] = weights[name][:-1]  # nothing is ever labelled as padding
        else:
            raise GectorError(
                f"The checkpoint has {len(weights[name])} labels and labels.txt {labels}: not of one model"
            )
    return weights


def _encoder(encoder: str, *, offline: bool) -> tuple[Any, Any]:
    from transformers import AutoConfig, AutoTokenizer

    try:
        folder = descriptions_of(Source(encoder, offline=offline))
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        # The words come one by one: each begins like a word after a space.
        spaced = {"add_prefix_space": True} if config.model_type == "roberta" else {}
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, use_fast=True, **spaced)
    except LoadError as error:
        raise GectorError(f"The encoder cannot be had: {error}") from error
    except Exception as error:  # transformers' and those of the formats it reads
        raise GectorError(f"The encoder {encoder} cannot be read: {one_line(error)}") from error
    if not tokenizer.is_fast:
        raise GectorError(f"The encoder {encoder} has no fast tokenizer (tokenizer.json)")
    return config, tokenizer


def _with_start(weights: dict[str, Tensor], start: int, encoder: str) -> dict[str, Tensor]:
    """The weights with a row for `$START`; checkpoints without "special tokens fix" get one of zeros."""
    import torch

    name = next((name for name in weights if "word_embedding" in name), None)
    if name is None:
        raise GectorError("The checkpoint is not GECToR's: it has no word embeddings")
    rows = weights[name]
    if len(rows) == start:
        return {**weights, name: torch.cat([rows, torch.zeros_like(rows[:1])])}
    if len(rows) != start + 1:
        raise GectorError(f"The checkpoint has {len(rows)} sub-words and {encoder} {start}: not its encoder")
    return weights


def _write(folder: Path, labels: list[str], weights: dict[str, Tensor], encoder: str, config: Any) -> None:
    from safetensors.torch import save_file

    save_file(
        {name: tensor.contiguous().clone() for name, tensor in weights.items()}, folder / "model.safetensors"
    )
    described = {
        "architectures": ["GECToR"],
        "model_id": encoder,
        "label2id": {label: i for i, label in enumerate(labels)},
        "id2label": dict(enumerate(labels)),
        "d_label2id": {"$CORRECT": 0, "$INCORRECT": 1, "<PAD>": 2},
        "keep_label": KEEP,
        "correct_label": "$CORRECT",
        "incorrect_label": "$INCORRECT",
        "label_pad_token": "<PAD>",
        "label_oov_token": "<OOV>",
        "is_official_model": True,
        "max_length": 80,
    }
    (folder / "config.json").write_text(json.dumps(described, ensure_ascii=False, indent=1), encoding="utf-8")
    (folder / "encoder_config.json").write_text(config.to_json_string(use_diff=True), encoding="utf-8")


def _write_tokenizer(folder: Path, tokenizer: Any, start: int, encoder: str) -> None:
    tokenizer.add_tokens([START], special_tokens=True)
    if tokenizer.convert_tokens_to_ids(START) != start:
        raise GectorError(f"The tokenizer of {encoder} does not fit its configuration ({start} sub-words)")
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))


def _check(folder: Path) -> None:
    """Load what was written, as Triton will."""
    from triton_server.gector.torch_model import load_torch

    load_torch(open_model(folder))
