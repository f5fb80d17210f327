"""The forms in which a model can be served: as it is, on ONNX Runtime, and in other number formats."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from triton_server.authoring.new_model import NewModel, config, is_onnx
from triton_server.backend.adapter import ModelArguments
from triton_server.backend.models import onnx_gector, torch_gector
from triton_server.backend.tasks.custom import hooks_of
from triton_server.backend.tasks.hub import folder_of
from triton_server.backend.tasks.loading import MODEL_CLASSES
from triton_server.backend.tasks.serve import task_backend
from triton_server.backend.tasks.source import source_of
from triton_server.export.errors import ExportError
from triton_server.export.prune import prune
from triton_server.gector.model_files import WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from triton_server.backend.requests import Backend
    from triton_server.backend.tasks.source import Dtype
    from triton_server.export.early_exit import Exit

ORIGINAL = "original"
PRUNED = (0.25,)
"""Shares of the neurons in feed-forward layers that are left out, to see what it gains and costs."""


@dataclass(frozen=True, slots=True)
class Form:
    """A model in one of its forms."""

    title: str
    """`ORIGINAL`, "onnx fp32", "onnx fp16", "onnx int8", one of these with fewer neurons as "onnx int8, 25%
    pruned", or a number format of PyTorch as "torch bf16"."""
    new: NewModel
    """How it is served."""


def forms(original: NewModel, home: Path, scratch: Path, report: Callable[[str], None]) -> list[Form]:
    """The original, and others to compare with it.

    Where the model cannot be exported to ONNX (all that generate text, and a few others) these are PyTorch's
    number formats.

    Args:
        original: as its folder in a repository says.
        home: that folder.
        scratch: a folder for exported models.
        report: told in one line what comes next.

    Raises:
        LoadError: the model cannot be had or loaded.
        GectorError: the same of a GECToR model, or it cannot be exported.
        ModuleNotFoundError: what exporting needs is not installed.
    """
    first = Form(ORIGINAL, original)
    if original.task == "text-generation":
        return [first, *_on_pytorch(original)]
    report(f"Exporting {original.model} to ONNX …")
    try:
        return [first, *_on_onnx_runtime(original, home, scratch, report)]
    except ExportError as error:
        report(f"{error}; comparing PyTorch's number formats instead")
        return [first, *_on_pytorch(original)]


def _on_pytorch(original: NewModel) -> list[Form]:
    if is_onnx(original):
        return []
    dtypes = ("fp32", "fp16", "bf16") if original.device == "cuda" else ("fp32", "bf16", "int8")
    return [
        Form(f"torch {dtype}", replace(original, dtype=cast("Dtype", dtype)))
        for dtype in dtypes
        if dtype != original.dtype
    ]


def _on_onnx_runtime(
    original: NewModel, home: Path, scratch: Path, report: Callable[[str], None]
) -> list[Form]:
    from triton_server.export.formats import in_other_formats, quiet

    bare = replace(original, dtype="fp32", revision="", cache="", offline=False)
    folder = _weights(original, home, scratch)
    exits = _exits(original)
    if exits:
        layers = ", ".join(str(one.layer) for one in exits)
        report(f"It has early exits (after layer {layers}): so has every form that is tried")
    with quiet():
        fp32 = _exported(bare, folder, home, scratch / "fp32")
    is_gector = original.task == "gector"
    folders = {"fp32": fp32, **in_other_formats(fp32, scratch, is_gector=is_gector)}
    fastest = "fp16" if original.device == "cuda" else "int8"
    for share in PRUNED:
        inside = scratch / f"pruned{share:g}"
        try:
            pruned = prune(folder, share, inside / "weights")
        except ExportError as error:
            report(str(error))
            break
        with quiet():
            smaller = _exported(replace(bare, model=str(pruned)), pruned, home, inside / "fp32")
        others = in_other_formats(smaller, inside, is_gector=is_gector, names=[fastest])
        folders[f"{fastest}, {share:.0%} pruned"] = others[fastest]
    if exits:
        from triton_server.export.early_exit import add_exits

        for made in folders.values():
            add_exits(made, exits)
    return [Form(f"onnx {name}", replace(bare, model=str(folder))) for name, folder in folders.items()]


def _exits(original: NewModel) -> list[Exit]:
    """The early exits of a grammar model that is in ONNX already: those that are exported have none."""
    if original.task != "gector" or not is_onnx(original):
        return []
    from triton_server.export.early_exit import exits_in

    return exits_in(Path(original.model))


def _weights(original: NewModel, home: Path, scratch: Path) -> Path:
    """The model's folder with PyTorch weights."""
    source = source_of(_arguments(replace(original, dtype="fp32"), home))
    folder = folder_of(source)
    if any((folder / name).is_file() for name in WEIGHTS):
        return folder
    if original.task != "gector":
        raise ExportError(f"{source.title} is an ONNX model already and cannot be exported to another")
    from triton_server.export.dequantise import dequantise

    return dequantise(folder, scratch / "weights")


def _exported(new: NewModel, folder: Path, home: Path, out: Path) -> Path:
    """`out`, with the model of a folder with PyTorch weights in ONNX and fp32."""
    if new.task == "gector":
        from triton_server.export.gector import export as export_gector

        return export_gector(folder, out)
    from triton_server.export.huggingface import export

    source = source_of(_arguments(replace(new, model=str(folder)), home))
    return export(source, _class_of(new.task, home), folder, out)


def _class_of(task: str, home: Path) -> str:
    if task in MODEL_CLASSES:
        return MODEL_CLASSES[task]
    hooks = hooks_of(home)
    if hasattr(hooks, "load"):
        raise ExportError(f"{home.name} cannot be exported to ONNX: its hooks.py loads it in its own way")
    return str(getattr(hooks, "MODEL_CLASS", "AutoModel"))


def backend_of(new: NewModel, home: Path, threads: int) -> Backend:
    """The model loaded as a Triton instance with so many threads would load it.

    Args:
        new: the model.
        home: where its `hooks.py` is, if it has one.
        threads: of the processor.

    Raises:
        LoadError: it cannot be loaded.
        GectorError: the same of a GECToR model.
    """
    device = f"cuda:{next(iter(new.gpus), 0)}" if new.device == "cuda" else "cpu"
    arguments = _arguments(replace(new, threads=threads), home, device)
    if new.task != "gector":
        return task_backend(arguments)
    return onnx_gector(arguments) if is_onnx(new) else torch_gector(arguments)


def _arguments(new: NewModel, home: Path, device: str = "cpu") -> ModelArguments:
    parameters = {key: value for key, (value, _) in config(new).parameters.items()}
    return ModelArguments(new.name, "1", device, home, parameters)
