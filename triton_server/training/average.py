"""The mean of several models' weights: often better than each of them, at no cost.

Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves accuracy".
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file

from triton_server.gector.model_files import WEIGHTS
from triton_server.gector.torch_model import ENCODER_CONFIG
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def average(models: Sequence[Path], out: Path) -> Path:
    """Write the mean of some models of one shape; what else a model folder holds comes from the last.

    Returns:
        `out`.

    Raises:
        GectorError: a model has no safetensors weights, or is of another shape than the others.
    """
    try:
        parts = [load_file(model / WEIGHTS[0]) for model in models]
    except Exception as error:  # the file system's and safetensors'
        raise GectorError(f"Cannot read the weights: {str(error).splitlines()[0]}.") from error
    shapes = [{name: tensor.shape for name, tensor in part.items()} for part in parts]
    different = next((model for model, shape in zip(models, shapes, strict=True) if shape != shapes[0]), None)
    if different is not None:
        raise GectorError(f"{different} is of another shape than {models[0]}: they have no mean.")
    out.mkdir(parents=True, exist_ok=True)
    mean = {name: torch.stack([part[name].float() for part in parts]).mean(0) for name in parts[0]}
    save_file(
        {name: tensor.half().contiguous() for name, tensor in mean.items()},
        out / WEIGHTS[0],
        {"format": "pt"},
    )
    for name in ("config.json", "tokenizer.json", ENCODER_CONFIG):
        shutil.copyfile(models[-1] / name, out / name)
    return out
