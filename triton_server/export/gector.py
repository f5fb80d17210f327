"""GECToR from PyTorch to ONNX, whole: what leaves the graph is a label id and two probabilities per word."""

from __future__ import annotations

import json
import shutil
import warnings
from typing import TYPE_CHECKING

import onnx
import torch

from triton_server.export.formats import quantise, untraced
from triton_server.gector.model_files import ONNX, open_model
from triton_server.gector.onnx_model import INPUTS, LABELS, OUTPUTS
from triton_server.gector.torch_model import ENCODER_CONFIG, load_torch, model_folder

if TYPE_CHECKING:
    from pathlib import Path


def export(model: str | Path, out: Path, *, int8: bool = False) -> Path:
    """Write a model folder with an ONNX model.

    Args:
        model: a folder or a repository on the Hugging Face hub, with PyTorch weights.
        out: the new folder; files of the same names are replaced.
        int8: quantise weights to 8 bits.

    Returns:
        `out`.

    Raises:
        GectorError: the model cannot be had.
    """
    files = open_model(model_folder(model))
    network = load_torch(files)
    out.mkdir(parents=True, exist_ok=True)
    graph = _to_onnx(network)
    made = quantise(graph) if int8 else graph
    made.metadata_props.add(key=LABELS, value=str(len(files.labels)))
    onnx.save(made, out / ONNX)
    shutil.copyfile(files.path("tokenizer.json"), out / "tokenizer.json")
    (out / "config.json").write_text(json.dumps(files.config, indent=1) + "\n", encoding="utf-8")
    (out / ENCODER_CONFIG).write_text(network.bert.config.to_json_string(), encoding="utf-8")
    return out


def _to_onnx(network: torch.nn.Module) -> onnx.ModelProto:
    batch, subwords, words = (torch.export.Dim(name) for name in ("batch", "subwords", "words"))
    example = (
        torch.arange(18).reshape(2, 9),
        torch.ones(2, 9, dtype=torch.long),
        torch.tensor([[1, 2, 4], [1, 3, 5]]),
        torch.zeros(2),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch about itself
        program = torch.onnx.export(
            network,
            example,
            input_names=INPUTS,
            output_names=OUTPUTS,
            dynamic_shapes=(
                {0: batch, 1: subwords},
                {0: batch, 1: subwords},
                {0: batch, 1: words},
                {0: batch},
            ),
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    return untraced(program.model_proto)
