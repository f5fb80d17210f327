"""Where a model comes from and how it is to be run, as the parameters of its `config.pbtxt` say."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

from triton_server.backend.adapter import threads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from triton_server.backend.adapter import ModelArguments

Dtype = Literal["fp32", "fp16", "bf16", "int8"]
CONTAINER_CACHE = Path("/models/.cache")


class LoadError(Exception):
    """A model that cannot be loaded; the text is one line for a person."""


@dataclass(frozen=True, slots=True)
class Source:
    """A model of the hub or in a folder."""

    model: str
    """A hub id as `dslim/bert-base-NER`, or a folder (seen from the model's own in the repository)."""
    revision: str | None = None
    """A branch, tag or commit of the hub; None for its main branch."""
    dtype: Dtype = "fp32"
    device: str = "cpu"
    threads: int = 0
    """Of the processor, for one instance; 0 for the library's own choice."""
    offline: bool = False
    """Use what is in the cache, and never the network."""
    trust_remote_code: bool = False
    """Run Python code that comes with the model."""
    cache: Path | None = None
    """Where downloads are kept; None for HuggingFace's own place (`HF_HOME`)."""
    token: str | None = None
    """Of a HuggingFace account, for models that need one."""

    @property
    def title(self) -> str:
        """The model and its revision, for messages."""
        return f"{self.model}@{self.revision}" if self.revision else self.model


def source_of(arguments: ModelArguments) -> Source:
    """What a model's parameters ask for.

    Args:
        arguments: with the parameters model, revision, dtype, offline, trust_remote_code, cache and threads.

    Raises:
        LoadError: `model` is missing or another has a wrong value.
    """
    parameters, folder = arguments.parameters, arguments.folder
    model = parameters.get("model", "")
    if not model:
        raise LoadError("config.pbtxt has no parameter model: give it a hub id or a folder")
    dtype = parameters.get("dtype") or "fp32"
    if dtype not in get_args(Dtype):
        raise LoadError(f"dtype {dtype} is none of {', '.join(get_args(Dtype))}")
    if dtype == "int8" and arguments.device != "cpu":
        raise LoadError("dtype int8 runs on the CPU only; use fp16 or bf16 on a GPU")
    if (folder / model).is_dir():
        model = str(folder / model)
    return Source(
        model=str(Path(model).expanduser()) if model.startswith("~") else model,
        revision=parameters.get("revision") or None,
        dtype=cast("Dtype", dtype),
        device=arguments.device,
        threads=threads(parameters, arguments.instances),
        offline=_flag(parameters, "offline") or os.environ.get("HF_HUB_OFFLINE", "0").upper() in _TRUE,
        trust_remote_code=_flag(parameters, "trust_remote_code"),
        cache=_cache(parameters.get("cache")),
        token=os.environ.get("HF_TOKEN") or None,
    )


_TRUE = {"1", "ON", "YES", "TRUE"}


def _flag(parameters: Mapping[str, str], name: str) -> bool:
    value = (parameters.get(name) or "false").lower()
    if value not in {"true", "false"}:
        raise LoadError(f"{name} must be true or false, not {value}")
    return value == "true"


def _cache(asked: str | None) -> Path | None:
    """The folder asked for; else a container's, where there is one and `HF_HOME` says nothing else."""
    if asked:
        return Path(asked).expanduser()
    if (
        "HF_HOME" not in os.environ
        and "HF_HUB_CACHE" not in os.environ
        and os.access(CONTAINER_CACHE, os.W_OK)
    ):
        return CONTAINER_CACHE
    return None
