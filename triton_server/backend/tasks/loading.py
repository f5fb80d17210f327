"""From a source to a tokenizer and a model in memory; whatever is wrong is one line.

A folder with a `model.onnx` (made by `grammared triton optimize`, or by `optimum-cli export onnx`) is run by
ONNX Runtime and needs no PyTorch; all else by PyTorch.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from triton_server.backend.tasks.hub import explain_system, folder_of, one_line
from triton_server.backend.tasks.source import LoadError
from triton_server.gector.model_files import ONNX
from triton_server.gector.onnx_model import open_session
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from pathlib import Path

    from triton_server.backend.tasks.source import Source

Array = np.ndarray[Any, Any]
Run = Callable[[Mapping[str, Array]], Mapping[str, Array]]
"""A forward pass: inputs (`input_ids`, …) as int64 [rows, longest] to outputs by name as fp32 [rows, …]."""

MODEL_CLASSES = {
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "question-answering": "AutoModelForQuestionAnswering",
    "text-generation": "AutoModelForCausalLM",
}
"""By task; text generation takes the seq2seq class for encoder-decoder models."""
_TASK_OF_ARCHITECTURE = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
}
"""How the architecture that a config.json names ends, for tasks whose models look alike from outside."""
_OUTPUTS = {
    "AutoModelForSequenceClassification": {"logits": 2},
    "AutoModelForTokenClassification": {"logits": 3},
    "AutoModelForQuestionAnswering": {"start_logits": 2, "end_logits": 2},
}
"""What a model of a class must say, each with its number of dimensions."""
_TORCH_DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16", "int8": "float32"}
_POSITIONS_AFTER_PADDING = {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert", "longformer", "mpnet"}
"""These count positions from `pad_token_id + 1`, so that many of `max_position_embeddings` are never used."""
_UNLIMITED = 10**6
"""A tokenizer that knows no limit says some 10^30."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to run."""

    run: Run
    config: Any
    """A `transformers` configuration."""
    tokenizer: Any
    """A fast one, which knows the offsets of its tokens."""
    longest: int
    """Tokens that the model reads at once, special ones included."""
    accepts: frozenset[str]
    """What `run` takes."""
    model: Any = None
    """The `transformers.PreTrainedModel`, in evaluation mode; None on ONNX Runtime."""
    device: str = "cpu"


def load(source: Source, class_name: str) -> Loaded:
    """Load the model with the class of `transformers` that fits the task.

    Raises:
        LoadError: it cannot be had, read or held.
    """
    folder = folder_of(source)
    if not (folder / "config.json").exists():
        raise LoadError(f"{source.title} has no config.json: not a model in HuggingFace's format")
    try:
        return _load(folder, source, class_name)
    except LoadError:
        raise
    except (Exception, MemoryError) as error:
        raise LoadError(explain(error, source)) from error


def on_pytorch(model: Any, tokenizer: Any, device: str = "cpu") -> Loaded:
    """A model that PyTorch holds in memory, on `device`."""
    import torch

    def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
        tensors = {name: torch.from_numpy(array).to(device) for name, array in inputs.items()}
        with torch.inference_mode():
            outputs = model(**tensors, return_dict=True)
        return {
            name: tensor.float().cpu().numpy()
            for name, tensor in outputs.items()
            if isinstance(tensor, torch.Tensor)
        }

    model = model.eval()
    accepts = frozenset(inspect.signature(model.forward).parameters)
    return Loaded(
        run, model.config, tokenizer, _longest(tokenizer, model.config), accepts, model=model, device=device
    )


def explain(error: BaseException, source: Source) -> str:
    """One line on why files that are there cannot be loaded."""
    system = explain_system(error, source)
    if system:
        return system
    if "trust_remote_code" in str(error):
        return f"{source.title} brings code of its own: read it, and set trust_remote_code if you trust it"
    if isinstance(error, ImportError):
        return f"{source.title} needs a package that is not installed: {one_line(error)}"
    if "instantiate the backend tokenizer" in str(error):
        return str(_no_fast_tokenizer(source))
    return f"{source.title} has a wrong format: {one_line(error)}"


def _no_fast_tokenizer(source: Source) -> LoadError:
    return LoadError(f"{source.title} has no fast tokenizer (tokenizer.json), and offsets need one")


def _load(folder: Path, source: Source, class_name: str) -> Loaded:
    import transformers

    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    common = {"trust_remote_code": source.trust_remote_code, "local_files_only": True}
    config = transformers.AutoConfig.from_pretrained(folder, **common)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, use_fast=True, **common)
    if not tokenizer.is_fast or len(tokenizer) <= len(tokenizer.all_special_tokens):  # of no file at all
        raise _no_fast_tokenizer(source)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token  # masked wherever it is padding
    if (folder / ONNX).is_file() and class_name != MODEL_CLASSES["text-generation"]:
        return _on_onnx_runtime(folder, source, class_name, config, tokenizer)
    _check_task(source, class_name, config)
    return on_pytorch(_torch_model(folder, source, class_name, config), tokenizer, source.device)


def _check_task(source: Source, class_name: str, config: Any) -> None:
    """See that a model was made for the task: a head of the right shape may be another task's.

    Raises:
        LoadError: its config.json names the architecture of another task.
    """
    named = str(next(iter(config.architectures or ()), ""))
    made_for = next((task for end, task in _TASK_OF_ARCHITECTURE.items() if named.endswith(end)), None)
    wanted = next((task for task, name in MODEL_CLASSES.items() if name == class_name), None)
    if made_for and wanted and made_for != wanted:
        raise LoadError(
            f"{source.title} was not trained for this task: {named} is for {made_for}, not {wanted}"
        )


def _on_onnx_runtime(folder: Path, source: Source, class_name: str, config: Any, tokenizer: Any) -> Loaded:
    if source.dtype != "fp32":
        raise LoadError(f"{source.title} is an ONNX model with a number format of its own: leave out dtype")
    try:
        session = open_session(folder / ONNX, threads=source.threads, device=source.device)
    except GectorError as error:
        raise LoadError(str(error)) from error
    dimensions = {one.name: len(one.shape) for one in session.get_outputs()}
    for name, wanted in _OUTPUTS.get(class_name, {}).items():
        if dimensions.get(name) != wanted:
            raise LoadError(
                f"{source.title} was not exported for this task ({class_name}): it gives no {name} of "
                f"{wanted} dimensions"
            )

    def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
        outputs = session.run(None, dict(inputs))
        return {name: np.asarray(o, np.float32) for name, o in zip(dimensions, outputs, strict=True)}

    accepts = frozenset(one.name for one in session.get_inputs())
    return Loaded(run, config, tokenizer, _longest(tokenizer, config), accepts)


def _torch_model(folder: Path, source: Source, class_name: str, config: Any) -> Any:
    import torch
    import transformers

    if source.threads:
        torch.set_num_threads(source.threads)
    if class_name == "AutoModelForCausalLM" and config.is_encoder_decoder:
        class_name = "AutoModelForSeq2SeqLM"
    model, report = getattr(transformers, class_name).from_pretrained(
        folder,
        config=config,
        torch_dtype=getattr(torch, _TORCH_DTYPES[source.dtype]),
        output_loading_info=True,
        trust_remote_code=source.trust_remote_code,
        local_files_only=True,
    )
    reads_pooler = class_name == MODEL_CLASSES["text-classification"]
    lacking = sorted(name for name in report["missing_keys"] if reads_pooler or "pooler" not in name)
    if lacking and class_name != "AutoModel":
        raise LoadError(
            f"{source.title} was not trained for this task ({class_name}): it has no weights for {lacking[0]}"
        )
    if report["mismatched_keys"]:
        raise LoadError(f"{source.title} has a wrong format: weights do not fit its config.json")
    return _quantized(model) if source.dtype == "int8" else model.to(source.device)


def _quantized(model: Any) -> Any:
    """Linear layers with int8 weights; activations are quantised as they come."""
    import torch

    with warnings.catch_warnings():
        # PyTorch moves this to torchao, which needs a compiler on the CPU to be any faster than fp32.
        warnings.simplefilter("ignore")
        return torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            model, {torch.nn.Linear}, dtype=torch.qint8
        )


def _longest(tokenizer: Any, config: Any) -> int:
    positions = int(getattr(config, "max_position_embeddings", None) or _UNLIMITED)
    if config.model_type in _POSITIONS_AFTER_PADDING:
        positions -= int(config.pad_token_id or 0) + 1
    known = min(int(min(tokenizer.model_max_length, _UNLIMITED)), positions)
    return known if known < _UNLIMITED else 512
