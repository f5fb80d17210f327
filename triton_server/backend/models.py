"""Loading the models of the repository from the parameters in their `config.pbtxt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triton_server.backend.adapter import threads
from triton_server.backend.gector import GectorBackend, ModelCard
from triton_server.backend.parameters import THRESHOLDS, thresholds, with_thresholds
from triton_server.backend.tasks.hub import folder_of
from triton_server.backend.tasks.source import LoadError, source_of
from triton_server.gector.model_files import bundled_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.backend.adapter import ModelArguments
    from triton_server.backend.metrics import Counters
    from triton_server.gector.tagger import Tagger
    from triton_server.gector.types import Tag, Tagging


def onnx_gector(arguments: ModelArguments, counters: Counters | None = None) -> GectorBackend:
    """A GECToR model on ONNX Runtime; `counters` are told what it does.

    Parameters: "model", a folder (relative to the model's own in the repository), empty for the bundled one;
    "threads"; those of `parameters.THRESHOLDS`.

    Raises:
        GectorError: it cannot be loaded.
    """
    from triton_server.gector.onnx_model import onnx_tagger

    named = arguments.parameters.get("model")
    folder = arguments.folder / named if named else bundled_model()
    own_threads = threads(arguments.parameters, arguments.instances)
    tagger = onnx_tagger(folder, threads=own_threads, device=arguments.device)
    return _warm(tagger, arguments, counters)


def torch_gector(arguments: ModelArguments, counters: Counters | None = None) -> GectorBackend:
    """A GECToR model on PyTorch; `counters` are told what it does.

    Parameters: "model", a hub id or a folder (relative to the model's own in the repository); "revision";
    "cache"; "offline"; "dtype"; "threads"; those of `parameters.THRESHOLDS`. HF_TOKEN, HF_HOME and
    HF_HUB_OFFLINE are honoured.

    Raises:
        LoadError: the hub does not give it.
        GectorError: it cannot be loaded.
    """
    import torch

    from triton_server.gector.torch_model import torch_tagger

    source = source_of(arguments)
    if source.dtype == "int8":
        raise LoadError("dtype int8 of a GECToR model is an ONNX export: see grammared triton optimize")
    torch.set_num_threads(source.threads)
    return _warm(
        torch_tagger(
            folder_of(source),
            device=arguments.device,
            dtype=source.dtype,
            cache_dir=source.cache,
            offline=source.offline,
        ),
        arguments,
        counters,
    )


def _warm(tagger: Tagger, arguments: ModelArguments, counters: Counters | None) -> GectorBackend:
    card = _card(tagger, arguments)
    backend = GectorBackend(tagger, card)
    backend.warm_up()
    if counters is None:
        return backend
    counters.tell_identity(card.identity)
    return GectorBackend(_counted(tagger, counters), card, counters.add)


def _card(tagger: Tagger, arguments: ModelArguments) -> ModelCard:
    """What the model says of itself: with thresholds of its own, a version is another one than without."""
    own = thresholds(arguments.parameters)
    identity = tagger.files.identity + "".join(f"+{name}={own[name]:g}" for name in THRESHOLDS if name in own)
    decodings = tagger.files.decodings
    return ModelCard(
        identity, {name: with_thresholds(one, arguments.parameters) for name, one in decodings.items()}
    )


def _counted(tagger: Tagger, counters: Counters) -> Tag:
    def tag(sentences: Sequence[Sequence[str]], keep_confidence: Sequence[float]) -> list[Tagging]:
        before = tagger.windowed
        taggings = tagger(sentences, keep_confidence)
        counters.add(passes=len(sentences), windowed=tagger.windowed - before)
        return taggings

    return tag
