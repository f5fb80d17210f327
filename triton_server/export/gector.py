"""GECToR from PyTorch to ONNX, whole: what leaves the graph is a label id and two probabilities per word.

The 8-bit form keeps weights as blocks of integers with a scale each (ONNX Runtime's `MatMulNBits`), and
activations are quantised row by row, block by block, as they come. Unlike `quantize_dynamic`, which finds one
scale for a whole batch, this makes a sentence's result independent of the sentences it is batched with. It
has all 8 bits (no `reduce_range`): measured on a CPU with VNNI; one without is still to be held against it.
"""

from __future__ import annotations

import json
import shutil
import warnings
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import (  # type: ignore[import-untyped]
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)

from triton_server.gector.model_files import ONNX, open_model
from triton_server.gector.onnx_model import INPUTS, OUTPUTS
from triton_server.gector.torch_model import ENCODER_CONFIG, load_torch, model_folder

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 64
"""Weights that share a scale: 32 is no better here, and larger."""
_ACCURACY_INT8 = 4
"""`accuracy_level` of MatMulNBits: activations are quantised to 8 bits and multiplied as integers."""


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
    onnx.save(quantise(graph) if int8 else graph, out / ONNX)
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
    return program.model_proto


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Quantise the weights of matrix products and embeddings to 8 bits."""
    quantizer = MatMulNBitsQuantizer(
        model,
        bits=8,
        block_size=BLOCK,
        is_symmetric=True,
        accuracy_level=_ACCURACY_INT8,
        algo_config=DefaultWeightOnlyQuantConfig(
            block_size=BLOCK, is_symmetric=True, accuracy_level=_ACCURACY_INT8, bits=8
        ),
    )
    quantizer.process()
    quantised: onnx.ModelProto = quantizer.model.model
    _quantise_embeddings(quantised)
    return quantised


def _quantise_embeddings(model: onnx.ModelProto) -> None:
    """Look up 8-bit rows, then scale them: `Gather(float)` becomes `DequantizeLinear(Gather(int8))`."""
    graph = model.graph
    tables = {t.name: t for t in graph.initializer if len(t.dims) == 2 and t.data_type == TensorProto.FLOAT}
    for index, node in reversed(list(enumerate(graph.node))):
        if node.op_type != "Gather" or node.input[0] not in tables:
            continue
        table = tables[node.input[0]]
        values = numpy_helper.to_array(table)
        scale = (np.abs(values).max() or 127) / np.float32(127)
        rows = np.rint(values / scale).astype(np.int8)
        graph.initializer.remove(table)
        graph.initializer.extend(
            [
                numpy_helper.from_array(rows, table.name + "_Q8"),
                numpy_helper.from_array(np.array(scale, np.float32), table.name + "_scale"),
            ]
        )
        node.input[0] = table.name + "_Q8"
        output = node.output[0]
        node.output[0] = output + "_Q8"
        graph.node.insert(
            index + 1,
            helper.make_node(
                "DequantizeLinear", [node.output[0], table.name + "_scale"], [output], output + "_DQ"
            ),
        )
