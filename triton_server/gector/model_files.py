"""A model folder in the format of gotutiyan/gector-* (https://github.com/gotutiyan/gector).

config.json          labels with their ids, thresholds; see `ModelFiles`
tokenizer.json       fast tokenizer that knows `$START`
model.onnx           for `onnx_model`, made by `python -m triton_server.export`
model.safetensors    for `torch_model`
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triton_server.gector.types import KEEP, Decoding, GectorError, Strictness

if TYPE_CHECKING:
    from collections.abc import Mapping

ONNX = "model.onnx"
ONNX_WEIGHTS = "model.onnx.data"
"""The weights, where they are not in that file itself."""
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
STRICTNESSES: tuple[Strictness, ...] = ("low", "normal", "high")

_INCORRECT = "$INCORRECT"
_OUT_OF_VOCABULARY = "<OOV>"
_PADDING = "<PAD>"
_DEFAULT_MAX_SUBWORDS = 80
"""What the published GECToR models were trained with."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What a model folder says of its model, weights aside."""

    folder: Path
    config: Mapping[str, Any]
    """config.json as it stands."""
    labels: tuple[str, ...]
    """By id. `<OOV>` ("an error that none of these corrects") reads `$KEEP`: nothing can be done about it."""
    keep: int
    """Id of `$KEEP`."""
    incorrect: int
    """Id of "there is an error here" in the detection head."""
    special_tokens: bool
    """Whether the tokenizer's own first and last token ([CLS], [SEP]) go round a sentence; the models
    converted from Grammarly's were trained without."""
    max_subwords: int
    """How many sub-words the model takes at once, special tokens and `$START` included."""
    decodings: Mapping[Strictness, Decoding]
    """The measured thresholds for each strictness."""
    identity: str
    """Folder name and a short hash of configuration and all weights: another for other taggings."""

    @property
    def decoding(self) -> Decoding:
        """The thresholds for normal strictness."""
        return self.decodings["normal"]

    def path(self, *names: str) -> Path:
        """The first of these files that the folder has.

        Raises:
            GectorError: it has none of them.
        """
        for name in names:
            if (self.folder / name).is_file():
                return self.folder / name
        raise GectorError(f"The model folder {self.folder} has no {' or '.join(names)}; {_REMEDY}.")


def bundled_model() -> Path:
    """The folder of the model that comes with this package."""
    return Path(__file__).parents[1] / "models" / "gector-distilbert"


def open_model(folder: Path) -> ModelFiles:
    """Read what a model folder says of its model.

    Raises:
        GectorError: the folder or its config.json is missing, unreadable or not a GECToR model's.
    """
    if not folder.is_dir():
        raise GectorError(f"There is no model folder {folder}; {_REMEDY}.")
    path = folder / "config.json"
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise GectorError(f"The model folder {folder} has no config.json; {_REMEDY}.") from None
    except (OSError, ValueError) as error:
        raise GectorError(f"Cannot read {path}: {error}; copy or download the model again.") from error
    try:
        return _read(folder, config)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GectorError(f"{path} is not a GECToR configuration (no usable {error}); {_REMEDY}.") from error


_REMEDY = "give the folder of a GECToR model in the format of gotutiyan/gector-*"


def _read(folder: Path, config: Mapping[str, Any]) -> ModelFiles:
    ids = _table(config, "label2id")
    labels = [label for label in ids if label != _PADDING]
    if {ids[label] for label in labels} != set(range(len(labels))):
        raise ValueError("label2id: ids are not 0, 1, 2, …")
    labels.sort(key=ids.__getitem__)
    inference = _table(config, "inference") if "inference" in config else {}
    return ModelFiles(
        folder=folder,
        config=config,
        labels=tuple(KEEP if label == _OUT_OF_VOCABULARY else label for label in labels),
        keep=ids[config.get("keep_label", KEEP)],
        incorrect=_table(config, "d_label2id")[config.get("incorrect_label", _INCORRECT)],
        special_tokens=not config.get("is_official_model", False),
        max_subwords=int(inference.get("max_length") or config.get("max_length") or _DEFAULT_MAX_SUBWORDS),
        decodings=_decodings(inference),
        identity=_identity(folder, config),
    )


def _table(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of a configuration, which may be another model's, or no object at all."""
    table = config.get(name) if isinstance(config, dict) else None
    if not isinstance(table, dict):
        raise KeyError(name)
    return table


def _decodings(inference: Mapping[str, Any]) -> dict[Strictness, Decoding]:
    """`inference` holds thresholds for all, `inference.strictness` those that differ by strictness."""
    presets = inference.get("strictness", {})
    return {name: _decoding({**inference, **presets.get(name, {})}) for name in STRICTNESSES}


def _decoding(values: Mapping[str, Any]) -> Decoding:
    default = Decoding()
    return Decoding(
        keep_confidence=float(values.get("keep_confidence", default.keep_confidence)),
        min_error_prob=float(values.get("min_error_prob", default.min_error_prob)),
        max_passes=int(values.get("iterations", default.max_passes)),
        group_thresholds=tuple(
            (name, float(least)) for name, least in values.get("group_thresholds", {}).items()
        ),
    )


def _identity(folder: Path, config: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for path in (folder / name for name in (ONNX, ONNX_WEIGHTS, *WEIGHTS)):
        if path.is_file():
            status = path.stat()
            digest.update(f"{path.name} {_hash_of(path, status.st_size, status.st_mtime_ns)}".encode())
    return f"{folder.name}@{digest.hexdigest()[:12]}"


@lru_cache(maxsize=32)
def _hash_of(path: Path, _size: int, _changed: int) -> str:
    """Of all bytes of a file; remembered until its size or time changes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
