"""`config.pbtxt` from a dataclass, and the configurations of the models that come with the package.

`python -m triton_server.launcher.config` says whether the committed files are current; with `--write` it
makes them so.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from triton_server.launcher import repository

if TYPE_CHECKING:
    from collections.abc import Mapping

Datatype = Literal["STRING", "FP32", "INT32", "INT64", "BOOL"]


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output; `dims` without the batch dimension, -1 for any size."""

    name: str
    datatype: Datatype
    dims: tuple[int, ...] = (1,)
    optional: bool = False
    """Of inputs only."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A Python-backend model as its `config.pbtxt` describes it."""

    name: str
    about: str
    """The comment at the top, a line each."""
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    max_batch_size: int = 64
    """Rows in one `execute`; also the most rows of one request."""
    instances: int = 1
    device: Literal["cpu", "gpu"] = "cpu"
    gpus: tuple[int, ...] = ()
    """Which of them, each with `instances`; none for all."""
    decoupled: bool = False
    """Whether a request may have several answers (streaming)."""
    origin: str = "Made by triton_server/launcher/config.py; change it there."
    parameters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Key to (value, comment)."""

    def __post_init__(self) -> None:
        if self.max_batch_size < 1 or self.instances < 1:
            raise ValueError("max_batch_size and instances must be at least 1")
        names = [tensor.name for tensor in (*self.inputs, *self.outputs)]
        if len(set(names)) != len(names):
            raise ValueError("two tensors have the same name")

    def pbtxt(self) -> str:
        """The file's text.

        Raises:
            ValueError: Triton's own message type does not take it.
        """
        parts = [
            *(f"# {line}".rstrip() for line in self.about.strip().splitlines()),
            f"# {self.origin}",
            f"name: {_quoted(self.name)}",
            'backend: "python"',
            f"max_batch_size: {self.max_batch_size}",
            *(f"input {_tensor(tensor)}" for tensor in self.inputs),
            *(f"output {_tensor(tensor)}" for tensor in self.outputs),
            "# Requests that wait while the model is busy run together; none waits for another to arrive.",
            "dynamic_batching { }",
            *(["model_transaction_policy { decoupled: true }"] if self.decoupled else []),
            _instances(self),
            *(
                f"# {comment}\n"
                f"parameters {{ key: {_quoted(key)} value {{ string_value: {_quoted(value)} }} }}"
                for key, (value, comment) in self.parameters.items()
            ),
        ]
        text = "\n".join(parts) + "\n"
        repository.parse(text)
        return text


def _instances(config: ModelConfig) -> str:
    gpus = f" gpus: [ {', '.join(map(str, config.gpus))} ]" if config.gpus else ""
    return f"instance_group {{ kind: KIND_{config.device.upper()} count: {config.instances}{gpus} }}"


def _tensor(tensor: Tensor) -> str:
    optional = " optional: true" if tensor.optional else ""
    dims = ", ".join(map(str, tensor.dims))
    return f"{{ name: {_quoted(tensor.name)} data_type: TYPE_{tensor.datatype} dims: [ {dims} ]{optional} }}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


GECTOR_INPUTS = (
    Tensor("words", "STRING", optional=True),
    Tensor("text", "STRING", optional=True),
    Tensor("keep_confidence", "FP32", optional=True),
    Tensor("min_error_prob", "FP32", optional=True),
)
GECTOR_OUTPUTS = (
    Tensor("labels", "STRING"),
    Tensor("probabilities", "FP32", (-1,)),
    Tensor("error_probabilities", "FP32", (-1,)),
    Tensor("corrected_text", "STRING"),
    Tensor("edits", "STRING"),
    Tensor("model", "STRING"),
)
_TENSORS = "What the inputs and outputs mean is said in triton_server/backend/gector.py."
_THREADS = (
    "0",
    "Processor threads of one instance; 0 for all there are. Instances × threads ≈ physical cores.",
)

SHIPPED = (
    ModelConfig(
        name="gector_distilbert",
        about=f"The grammar model that comes with Grammared, on ONNX Runtime.\n{_TENSORS}",
        inputs=GECTOR_INPUTS,
        outputs=GECTOR_OUTPUTS,
        parameters={
            "model": (
                "",
                "A model's folder with an ONNX export; empty for the one that comes with Grammared.",
            ),
            "threads": _THREADS,
        },
    ),
    ModelConfig(
        name="gector_roberta",
        about=f"GECToR on RoBERTa, on PyTorch.\n{_TENSORS}",
        inputs=GECTOR_INPUTS,
        outputs=GECTOR_OUTPUTS,
        parameters={
            "requirements": ("torch", "What to install beside the base: see triton_server/launcher."),
            "model": (
                "gotutiyan/gector-roberta-base-5k",
                "A HuggingFace hub id (HF_TOKEN is used where it is set), or a folder.",
            ),
            "revision": ("", "Of the hub's model: a branch, tag or commit; empty for the newest."),
            "cache": ("", "Where downloads are kept; empty for HuggingFace's own folder (HF_HOME)."),
            "dtype": ("float32", "float32, float16 or bfloat16; the last two are for GPUs."),
            "threads": _THREADS,
        },
    ),
)


def outdated(*, write: bool = False) -> list[str]:
    """The shipped models whose `config.pbtxt` is not what is said here; `write` makes them so."""
    different = []
    for config in SHIPPED:
        path = repository.SHIPPED / config.name / "config.pbtxt"
        if not path.exists() or path.read_text(encoding="utf-8") != config.pbtxt():
            different.append(config.name)
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(config.pbtxt(), encoding="utf-8")
    return different


if __name__ == "__main__":
    writing = "--write" in sys.argv[1:]
    for name in outdated(write=writing):
        sys.stderr.write(f"{name}/config.pbtxt {'was written' if writing else 'is not current'}\n")
    sys.exit(0 if writing or not outdated() else 1)
