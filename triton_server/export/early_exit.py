"""Early exits: a sentence that is surely right leaves the model before its last layers.

After a layer of the encoder a small head looks at each word. If none looks wrong, the sentence is done: every
label is `$KEEP`, the error probabilities are the head's, and the layers that follow, and the head of 5,000
labels, are never run. The idea is that of BERxiT (Xin et al., 2021) and its like; what is asked here is only
whether there may be anything to correct at all. `exit_training` trains the heads.

In the graph an exit is an `If`: its else-branch holds the rest of the model, in which there may be another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from triton_server.gector.model_files import ONNX, ONNX_WEIGHTS, open_model
from triton_server.gector.onnx_model import INPUTS, OUTPUTS
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_END_OF_LAYER = re.compile(r"\.layer\.(\d+)\.(?:output\.LayerNorm|output_layer_norm)\.weight")
"""The name, in PyTorch, of the weights of a layer's last norm."""
_PREFIX = "exit_"
"""Of the names of all that an exit adds to the graph."""
_TYPES = (TensorProto.INT64, TensorProto.FLOAT, TensorProto.FLOAT)
"""Of `OUTPUTS`."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A head after a layer: two linear layers with a ReLU between, and a logistic function at the end."""

    layer: int
    """After how many layers of the encoder."""
    threshold: float
    """If all words have a lower error probability, the sentence is done."""
    weights: tuple[NDArray[np.float32], NDArray[np.float32]]
    """(hidden, inner) and (inner, 1)"""
    biases: tuple[NDArray[np.float32], NDArray[np.float32]]
    """(inner,) and (1,)"""


def ends_of_layers(model: onnx.ModelProto) -> dict[int, str]:
    """The tensor (batch, sub-words, hidden) at the end of each layer of the encoder, by its number from 1."""
    return {
        int(found[1]) + 1: node.output[0]
        for node in model.graph.node
        if node.op_type == "LayerNormalization" and (found := _END_OF_LAYER.search(node.input[1]))
    }


def end_of_layer(model: onnx.ModelProto, layer: int) -> str:
    """The tensor at the end of one of them.

    Raises:
        GectorError: the graph has no such layer.
    """
    ends = ends_of_layers(model)
    if layer not in ends:
        raise GectorError(f"there is no layer {layer} to leave the model after; it has {len(ends)}")
    return ends[layer]


def with_exits(model: onnx.ModelProto, exits: Iterable[Exit], keep: int) -> onnx.ModelProto:
    """A GECToR model with early exits.

    Args:
        model: made by `export`, without exits; it is changed.
        exits: at most one for each layer.
        keep: the id of `$KEEP`.

    Raises:
        GectorError: the graph has no such layer.
    """
    places = [(one, end_of_layer(model, one.layer)) for one in exits]
    for one, end in sorted(places, key=lambda place: place[0].layer, reverse=True):
        _add(model.graph, one, end, keep)
    onnx.checker.check_model(model)
    return model


def exits_of(model: onnx.ModelProto) -> list[Exit]:
    """The exits that `with_exits` has put into a model, in order."""
    found, graphs = list[Exit](), [model.graph]
    while graphs:
        graph = graphs.pop()
        arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        for node in graph.node:
            if node.name.startswith(f"{_PREFIX}if"):
                layer = int(node.name.rpartition("_")[2])
                mark = f"{_PREFIX}{layer}_"
                weights, biases = (
                    (arrays[f"{mark}{kind}_1"], arrays[f"{mark}{kind}_2"]) for kind in ("weight", "bias")
                )
                found.append(Exit(layer, float(arrays[f"{mark}threshold"]), weights, biases))
                graphs += [one.g for one in node.attribute if one.name == "else_branch"]
    return found


def without_exits(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model as it was before `with_exits`; it is changed."""
    graph = model.graph
    while condition := next((node for node in graph.node if node.name.startswith(f"{_PREFIX}if")), None):
        rest = next(one.g for one in condition.attribute if one.name == "else_branch")
        names = dict(zip((one.name for one in rest.output), condition.output, strict=True))
        kept = [node for node in graph.node if not node.name.startswith(_PREFIX)]
        weights = [one for one in graph.initializer if not one.name.startswith(_PREFIX)]
        nodes, more = list(rest.node), list(rest.initializer)
        _rename(nodes, names)
        _replace(graph, [*kept, *nodes], [*weights, *more])
    return model


def exits_in(folder: Path) -> list[Exit]:
    """The exits of the ONNX model in a folder.

    Raises:
        GectorError: it cannot be read.
    """
    try:
        return exits_of(onnx.load(folder / ONNX))
    except Exception as error:  # protobuf's
        raise GectorError(f"Cannot read {folder / ONNX}: {error}; copy or export the model again.") from error


def add_exits(folder: Path, exits: Sequence[Exit]) -> None:
    """Put exits into the ONNX model in a folder, which has none; as of `with_exits`."""
    save_apart(with_exits(onnx.load(folder / ONNX), exits, open_model(folder).keep), folder)


def save_apart(model: onnx.ModelProto, folder: Path) -> None:
    """Write the model and, beside it, its weights.

    ONNX Runtime keeps what is inside the branches of an `If` twice; weights of a file of their own it maps.
    """
    weights = folder / ONNX_WEIGHTS
    weights.unlink(missing_ok=True)  # it would be added to
    onnx.save(
        model,
        folder / ONNX,
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location=weights.name,
    )
    weights.chmod((folder / ONNX).stat().st_mode)


def _add(graph: onnx.GraphProto, one: Exit, end: str, keep: int) -> None:
    """Put all that `end` is not made of into the else-branch of an `If`."""
    before = _made_of(graph, [end])
    first = [node for node in graph.node if node.output[0] in before]
    rest = [node for node in graph.node if node.output[0] not in before]
    used = {name for node in first for name in node.input}
    mark = f"{_PREFIX}{one.layer}_"
    inner = [f"{mark}rest_{name}" for name in OUTPUTS]
    _rename(rest, dict(zip(OUTPUTS, inner, strict=True)))
    outputs = [
        helper.make_tensor_value_info(name, kind, None) for name, kind in zip(inner, _TYPES, strict=True)
    ]
    weights = [weight for weight in graph.initializer if weight.name not in used]
    head, heads_weights, is_right, probabilities = _head(one, end, mark)
    node = helper.make_node(
        "If",
        [is_right],
        OUTPUTS,
        f"{_PREFIX}if_{one.layer}",
        then_branch=_done(mark, probabilities, keep),
        else_branch=helper.make_graph(rest, f"{mark}rest", [], outputs, weights),
    )
    kept = [weight for weight in graph.initializer if weight.name in used]
    _replace(graph, [*first, *head, node], [*kept, *heads_weights])


def _made_of(graph: onnx.GraphProto, wanted: Sequence[str]) -> set[str]:
    """The names of all tensors that some are made of, themselves among them."""
    makers = {name: node for node in graph.node for name in node.output}
    found: set[str] = set()
    open_ = list(wanted)
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_.extend(makers[name].input if name in makers else ())
    return found


def _head(one: Exit, end: str, mark: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto], str, str]:
    """The nodes and weights of a head, and the names of its verdict and of its probabilities."""
    arrays: dict[str, NDArray[Any]] = {
        "axis": np.array([-1], np.int64),
        "weight_1": one.weights[0],
        "bias_1": one.biases[0],
        "weight_2": one.weights[1],
        "bias_2": one.biases[1],
        "threshold": np.array(one.threshold, np.float32),
        "zero": np.array(0, np.float32),
    }
    weights = [numpy_helper.from_array(array, mark + name) for name, array in arrays.items()]
    made: list[onnx.NodeProto] = []

    def node(kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{mark}{len(made)}"
        made.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    places = node("Unsqueeze", INPUTS[2], f"{mark}axis")
    # What comes out of a layer may be in fp16; the head is not.
    words = node("Cast", node("GatherND", end, places, batch_dims=1), to=TensorProto.FLOAT)
    wide = node("Add", node("MatMul", words, f"{mark}weight_1"), f"{mark}bias_1")
    logits = node("Add", node("MatMul", node("Relu", wide), f"{mark}weight_2"), f"{mark}bias_2")
    probabilities = node("Squeeze", node("Sigmoid", logits), f"{mark}axis")
    highest = node("ReduceMax", probabilities, keepdims=0)
    lowest = node("ReduceMin", INPUTS[3], keepdims=0)
    # Who asks with a bias against `$KEEP` wants more than is sure.
    no_bias = node("GreaterOrEqual", lowest, f"{mark}zero")
    is_right = node("And", node("Less", highest, f"{mark}threshold"), no_bias)
    return made, weights, is_right, probabilities


def _done(mark: str, probabilities: str, keep: int) -> onnx.GraphProto:
    """The then-branch: every word is kept."""
    outputs = [f"{mark}done_{name}" for name in OUTPUTS]
    constants: dict[str, NDArray[Any]] = {"keep": np.array(keep, np.int64), "one": np.array(1, np.float32)}
    nodes = [
        helper.make_node("Shape", [probabilities], [f"{mark}shape"], f"{mark}shape"),
        helper.make_node("Expand", [f"{mark}keep", f"{mark}shape"], [outputs[0]], outputs[0]),
        helper.make_node("Sub", [f"{mark}one", probabilities], [outputs[1]], outputs[1]),
        helper.make_node("Identity", [probabilities], [outputs[2]], outputs[2]),
    ]
    return helper.make_graph(
        nodes,
        f"{mark}done",
        [],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in zip(outputs, _TYPES, strict=True)],
        [numpy_helper.from_array(array, mark + name) for name, array in constants.items()],
    )


def _rename(nodes: Iterable[onnx.NodeProto], names: dict[str, str]) -> None:
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]


def _replace(
    graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto], weights: Sequence[onnx.TensorProto]
) -> None:
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    tensors = [onnx.TensorProto.FromString(weight.SerializeToString()) for weight in weights]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(copies)
    graph.initializer.extend(tensors)
