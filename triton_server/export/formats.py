"""Number formats of ONNX models.

There are two forms in 8 bits. Both give a sentence the same result whatever else is asked.

- `quantise` keeps weights as signed integers with a scale for each column, and quantises activations as they
  come, with one scale for all rows of a run (ONNX Runtime's `quantize_dynamic`). A sentence's result would so
  depend on its neighbours: the file says that each run takes one sentence (`onnx_model.ROWS`). That needs no
  padding either, and runs go side by side on several threads. It is the faster one, for GECToR models.
- `quantise_rows` keeps weights as blocks of integers with a scale each (`MatMulNBits`), and quantises
  activations row by row, block by block: for models that take many rows in one run.

Neither saves a bit for processors without VNNI (`reduce_range`); `docs/performance.md` has the figures.
"""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]
from onnxruntime.quantization.matmul_nbits_quantizer import (  # type: ignore[import-untyped]
    DefaultWeightOnlyQuantConfig,
    MatMulNBitsQuantizer,
)
from onnxruntime.transformers.float16 import convert_float_to_float16  # type: ignore[import-untyped]
from onnxruntime.transformers.onnx_model import OnnxModel  # type: ignore[import-untyped]

from triton_server.gector.model_files import ONNX
from triton_server.gector.onnx_model import ROWS, ROWS_TOGETHER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLOCK = 64
"""Weights that share a scale: 32 is no better here, and larger."""
_ACCURACY_INT8 = 4
"""`accuracy_level` of MatMulNBits: activations are quantised to 8 bits and multiplied as integers."""


def in_other_formats(
    fp32: Path, scratch: Path, *, is_gector: bool, names: Sequence[str] = ("fp16", "int8")
) -> dict[str, Path]:
    """Copies of the model folder `fp32` with its ONNX model in other formats, in `scratch`, by format."""
    known = {"fp16": half, "int8": quantise if is_gector else quantise_rows}
    changes = {name: known[name] for name in names}
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


def untraced(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without what PyTorch notes of where each node comes from: stack traces, with the paths of a machine."""
    graph = model.graph
    for part in (graph, *graph.node, *graph.value_info, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
    return model


def half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights and computations in fp16; inputs and outputs stay as they are."""
    converted: onnx.ModelProto = convert_float_to_float16(model, keep_io_types=True)
    OnnxModel.graph_topological_sort(converted.graph)  # some of its casts come after what takes them
    return converted


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Quantise the weights of matrix products and embeddings to 8 bits, and activations as they come.

    The detection head stays as it is: it is tiny, and everything is held against its answer.
    """
    exact = [
        node.name for node in model.graph.node if node.op_type == "MatMul" and _is_detection(node, model)
    ]
    with TemporaryDirectory() as scratch:
        out = Path(scratch) / ONNX
        quantize_dynamic(
            model,
            out,
            op_types_to_quantize=["MatMul", "Gemm"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=exact,
        )
        quantised = onnx.load(out)
    _quantise_embeddings(quantised)
    quantised.metadata_props.add(key=ROWS, value=ROWS_TOGETHER)
    return quantised


def _is_detection(node: onnx.NodeProto, model: onnx.ModelProto) -> bool:
    following = [other for other in model.graph.node if node.output[0] in other.input]
    return any(name.startswith("d_proj_layer.") for other in following for name in other.input)


def quantise_rows(model: onnx.ModelProto) -> onnx.ModelProto:
    """Quantise the weights of matrix products and embeddings to 8 bits, and activations row by row."""
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
