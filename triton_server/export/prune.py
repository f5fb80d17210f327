"""Fewer neurons in the feed-forward layers of an encoder: what is left is smaller and faster.

The neurons that go are those that add least, by the product of the norms of the weights that lead into one
and out of it (as Li et al. 2017 do for filters). Nothing is trained afterwards, so a model loses with each.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from triton_server.export.errors import ExportError
from triton_server.gector.model_files import WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_LAYERS = (
    (re.compile(r"(.*\.)intermediate\.dense\.weight"), "output.dense", "intermediate_size"),  # BERT …
    (re.compile(r"(.*\.)ffn\.lin1\.weight"), "ffn.lin2", "hidden_dim"),  # DistilBERT
)
"""The weights that lead into the neurons, what leads out, and what configurations call their number."""
_CONFIGS = ("encoder_config.json", "config.json")
_MULTIPLE = 8
"""Neurons left are a multiple of it: other numbers are slow to multiply."""


def prune(folder: Path, share: float, out: Path) -> Path:
    """Write a copy of a model folder with a share of the neurons of each feed-forward layer left out.

    Args:
        folder: has PyTorch weights and the encoder's configuration.
        share: of the neurons, that go: 0 to 1.
        out: the new folder.

    Returns:
        `out`.

    Raises:
        ExportError: its encoder is of a kind that is not known here.
    """
    weights = _read(folder)
    layers = [
        (found[0], f"{found[1]}{outwards}", size)
        for pattern, outwards, size in _LAYERS
        for found in map(pattern.fullmatch, weights)
        if found
    ]
    config_path = next((folder / name for name in _CONFIGS if (folder / name).is_file()), None)
    config: dict[str, Any] = json.loads(config_path.read_bytes()) if config_path else {}
    if not layers or config_path is None or layers[0][2] not in config:
        raise ExportError(
            f"{folder.name} cannot be pruned: its encoder has no feed-forward layers that are known"
        )
    for inwards, outwards, _ in layers:
        _prune_layer(weights, inwards.removesuffix(".weight"), outwards, share)
    config[layers[0][2]] = len(weights[layers[0][0]])
    shutil.copytree(folder, out, ignore=shutil.ignore_patterns(*WEIGHTS, "*.onnx", "*.bin", "*.safetensors"))
    from safetensors.numpy import save_file

    save_file(weights, out / WEIGHTS[0], metadata={"format": "pt"})
    (out / config_path.name).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return out


def _read(folder: Path) -> dict[str, NDArray[Any]]:
    if (folder / WEIGHTS[0]).is_file():
        from safetensors.numpy import load_file

        return dict(load_file(folder / WEIGHTS[0]))
    import torch

    state = torch.load(folder / WEIGHTS[1], map_location="cpu", weights_only=True)
    return {name: tensor.numpy() for name, tensor in state.items()}


def _prune_layer(weights: dict[str, NDArray[Any]], inwards: str, outwards: str, share: float) -> None:
    into, out_of = weights[f"{inwards}.weight"], weights[f"{outwards}.weight"]  # neurons × in, out × neurons
    worth = np.linalg.norm(into, axis=1) * np.linalg.norm(out_of, axis=0)
    left = max(_MULTIPLE, int(len(worth) * (1 - share)) // _MULTIPLE * _MULTIPLE)
    stay = np.sort(np.argsort(-worth, kind="stable")[:left])
    weights[f"{inwards}.weight"] = np.ascontiguousarray(into[stay])
    weights[f"{inwards}.bias"] = np.ascontiguousarray(weights[f"{inwards}.bias"][stay])
    weights[f"{outwards}.weight"] = np.ascontiguousarray(out_of[:, stay])
