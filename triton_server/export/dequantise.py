"""An 8-bit ONNX model back to PyTorch weights, as the 8-bit model approximates them.

So a package that carries only the 8-bit model can still be compared, in full precision, with any other
implementation, served by PyTorch, or trained on.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from safetensors.numpy import save_file

from triton_server.export.early_exit import without_exits
from triton_server.gector.model_files import ONNX, WEIGHTS, open_model
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_ZERO = 128
"""The integer that stands for 0 in `MatMulNBits` without zero points."""
_ON_THE_WAY = ("Cast", "Mul")
"""What stands between a product of integers and the addition of its bias."""


def dequantise(model: Path, out: Path) -> Path:
    """Write a model folder with fp32 weights from one made by `export(…, int8=True)`.

    Returns:
        `out`.

    Raises:
        GectorError: the model cannot be read or is not such a model.
    """
    files = open_model(model)
    try:
        graph = without_exits(onnx.load(files.path(ONNX))).graph
    except Exception as error:  # protobuf's
        raise GectorError(
            f"Cannot read {files.path(ONNX)}: {error}; copy or export the model again."
        ) from error
    weights = _weights(graph)
    if "label_proj_layer.weight" not in weights:
        raise GectorError(
            f"{files.path(ONNX)} was not made by: python -m triton_server.export gector --int8."
        )
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / WEIGHTS[0], metadata={"format": "pt"})
    for path in sorted(model.glob("*.json")):
        shutil.copyfile(path, out / path.name)
    return out


def _weights(graph: onnx.GraphProto) -> dict[str, NDArray[np.float32]]:
    """Weights by their names in PyTorch: those of biases and norms are the graph's own."""
    initial = {t.name: t for t in graph.initializer}
    consumers = {name: node for node in graph.node for name in node.input}
    weights = {
        name: numpy_helper.to_array(tensor)
        for name, tensor in initial.items()
        if tensor.data_type == TensorProto.FLOAT and name.endswith((".weight", ".bias"))
    }
    for node in graph.node:
        if node.op_type in ("MatMul", "MatMulInteger", "MatMulNBits") and node.input[1] in initial:
            # x @ W.T + bias: the matrix has lost its name, the bias has not.
            following = consumers[node.output[0]]
            while following.op_type in _ON_THE_WAY:
                following = consumers[following.output[0]]
            bias = next(name for name in following.input if name.endswith(".bias"))
            weights[bias.removesuffix("bias") + "weight"] = _matrix(node, initial)
        elif node.op_type == "DequantizeLinear":
            scale = numpy_helper.to_array(initial[node.input[1]])
            table = node.input[1].removesuffix("_scale")
            weights[table] = numpy_helper.to_array(initial[table + "_Q8"]).astype(np.float32) * scale
    return weights


def _matrix(node: onnx.NodeProto, initial: dict[str, TensorProto]) -> NDArray[np.float32]:
    """(out, in), from what the forms of `formats` keep."""
    if node.op_type == "MatMulNBits":  # (out, blocks, block) integers and (out, blocks) scales
        blocks, scales = (numpy_helper.to_array(initial[name]) for name in node.input[1:3])
        rows = blocks.shape[0]
        columns = next(attribute.i for attribute in node.attribute if attribute.name == "K")
        values = (blocks.astype(np.float32) - _ZERO) * scales.reshape(rows, -1, 1)
        return np.ascontiguousarray(values.reshape(rows, -1)[:, :columns])
    name = node.input[1]  # (in, out), as integers with a scale for each column if it is quantised
    matrix = numpy_helper.to_array(initial[name]).astype(np.float32)
    if initial[name].data_type != TensorProto.FLOAT:
        matrix *= numpy_helper.to_array(initial[name.removesuffix("_quantized") + "_scale"])
    return np.ascontiguousarray(matrix.T)
