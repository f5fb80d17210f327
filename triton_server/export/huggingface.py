"""A HuggingFace model of text in, labels or vectors out, from PyTorch to ONNX.

Inputs and outputs have the names that `optimum-cli export onnx` gives them (`input_ids`, `logits`, …), so
that models made by either are served alike. It is not used here, as it needs an older transformers.
"""

from __future__ import annotations

import shutil
import warnings
from typing import TYPE_CHECKING, Any

import onnx
import torch

from triton_server.backend.tasks.hub import DESCRIPTIONS, one_line
from triton_server.backend.tasks.loading import load
from triton_server.export.errors import ExportError
from triton_server.export.formats import untraced
from triton_server.gector.model_files import ONNX

if TYPE_CHECKING:
    from pathlib import Path

    from triton_server.backend.tasks.loading import Loaded
    from triton_server.backend.tasks.source import Source


class _Outputs(torch.nn.Module):
    """A model that gives some of its outputs, as a tuple."""

    def __init__(self, model: torch.nn.Module, names: list[str]) -> None:
        super().__init__()
        self.model = model
        self._names = names

    def forward(self, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
        outputs = self.model(**inputs, return_dict=True)
        return tuple(outputs[name] for name in self._names)


def export(source: Source, class_name: str, folder: Path, out: Path) -> Path:
    """Write a model folder with an ONNX model in fp32.

    Args:
        source: a model with PyTorch weights.
        class_name: the class of `transformers` for its task.
        folder: where its files are on this machine.
        out: the new folder.

    Returns:
        `out`.

    Raises:
        LoadError: it cannot be loaded.
        ExportError: PyTorch cannot turn it into ONNX.
    """
    loaded = load(source, class_name)
    out.mkdir(parents=True, exist_ok=True)
    try:
        onnx.save(_to_onnx(loaded), out / ONNX)
    except Exception as error:  # any: what PyTorch cannot export it finds out deep inside
        raise ExportError(f"{source.title} cannot be exported to ONNX: {_cause(error)}") from error
    for pattern in (*DESCRIPTIONS, "*.py"):
        for path in folder.glob(pattern):
            shutil.copyfile(path, out / path.name)
    return out


def _to_onnx(loaded: Loaded) -> onnx.ModelProto:
    # Two rows of several tokens: a size of 0 or 1 would be taken for one that never changes.
    example = {
        name: torch.from_numpy(array)
        for name, array in loaded.tokenizer(["a b c", "d e f"], padding=True, return_tensors="np").items()
        if name in loaded.accepts
    }
    outputs = list(loaded.run({name: tensor.numpy() for name, tensor in example.items()}))
    rows, tokens = torch.export.Dim("rows"), torch.export.Dim("tokens")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch about itself
        program = torch.onnx.export(
            _Outputs(loaded.model, outputs),
            kwargs={"inputs": example},
            input_names=list(example),
            output_names=outputs,
            dynamic_shapes={"inputs": {name: {0: rows, 1: tokens} for name in example}},
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    return untraced(program.model_proto)


def _cause(error: BaseException) -> str:
    """The exporter's own text is advice to PyTorch's developers; the reason is what it came from."""
    first: Any = error
    while first.__cause__ is not None:
        first = first.__cause__
    return one_line(first)
