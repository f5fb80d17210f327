"""Number formats of ONNX models.

The 8-bit form keeps weights as blocks of integers with a scale each (ONNX Runtime's `MatMulNBits`), and
activations are quantised row by row, block by block, as they come. Unlike `quantize_dynamic`, which finds one
scale for a whole batch, this makes a sentence's result independent of the sentences it is batched with. It
has all 8 bits (no `reduce_range`): measured on a CPU with VNNI; one without is still to be held against it.
"""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import (  # type: ignore[import-untyped]
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)
from onnxruntime.transformers.float16 import convert_float_to_float16  # type: ignore[import-untyped]

from triton_server.gector.model_files import ONNX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 64
"""Weights that share a scale: 32 is no better here, and larger."""
_ACCURACY_INT8 = 4
"""`accuracy_level` of MatMulNBits: activations are quantised to 8 bits and multiplied as integers."""


def in_other_formats(fp32: Path, scratch: Path) -> dict[str, Path]:
    """Copies of the model folder `fp32` with its ONNX model in fp16 and int8, in `scratch`, by format."""
    changes = {"fp16": half, "int8": quantise}
    folders = {name: scratch / name for name in changes}
    with quiet():
        for name, folder in folders.items():
            shutil.copytree(fp32, folder, ignore=shutil.ignore_patterns(ONNX))
            onnx.save(changes[name](onnx.load(fp32 / ONNX)), folder / ONNX)
    return folders


@contextmanager
def quiet() -> Iterator[None]:
    """Without what exporters and converters tell of every node that they touch."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights and computations in fp16; inputs and outputs stay as they are."""
    converted: onnx.ModelProto = convert_float_to_float16(model, keep_io_types=True)
    return converted


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
    others = {name for node in graph.node for name in node.input[node.op_type == "Gather" :]}
    tables = {
        t.name: t
        for t in graph.initializer
        if len(t.dims) == 2 and t.data_type == TensorProto.FLOAT and t.name not in others
    }
    lookups = [
        (index, node)
        for index, node in enumerate(graph.node)
        if node.op_type == "Gather" and node.input[0] in tables
    ]
    for name in sorted({node.input[0] for _, node in lookups}):
        values = numpy_helper.to_array(tables[name])
        scale = (np.abs(values).max() or 127) / np.float32(127)
        graph.initializer.remove(tables[name])
        graph.initializer.extend(
            [
                numpy_helper.from_array(np.rint(values / scale).astype(np.int8), f"{name}_Q8"),
                numpy_helper.from_array(np.array(scale, np.float32), f"{name}_scale"),
            ]
        )
    for index, node in reversed(lookups):
        name, output = node.input[0], node.output[0]
        node.input[0], node.output[0] = f"{name}_Q8", f"{output}_Q8"
        scaled = helper.make_node(
            "DequantizeLinear", [node.output[0], f"{name}_scale"], [output], f"{output}_DQ"
        )
        graph.node.insert(index + 1, scaled)
