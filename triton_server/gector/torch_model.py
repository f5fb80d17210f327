"""Runs a model with PyTorch, from a folder or from the Hugging Face hub; needs the extra `triton`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from transformers import AutoConfig, AutoModel

from triton_server.gector.model_files import WEIGHTS, ModelFiles, open_model
from triton_server.gector.tagger import Answer, Batch, Tagger
from triton_server.gector.types import GectorError

if TYPE_CHECKING:
    from torch import Tensor

    from triton_server.gector.tagger import Forward

ENCODER_CONFIG = "encoder_config.json"
"""In a model folder: the encoder's configuration, so that the hub need not be asked for `model_id`."""

_DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
_EMBEDDINGS = ("word_embeddings.weight", "word_embedding.weight")
"""The second is XLNet's."""


class TorchGector(torch.nn.Module):
    """Encoder, label head and detection head, named as in gotutiyan/gector, and the way to an answer."""

    def __init__(self, encoder_config: Any, labels: int, keep: int, incorrect: int) -> None:
        """Build it with random weights.

        Args:
            encoder_config: a `transformers` configuration, its `vocab_size` including `$START`.
            labels: how many labels there are, padding left out.
            keep: id of `$KEEP`.
            incorrect: id of "there is an error here".
        """
        super().__init__()
        self.bert = _encoder(encoder_config)
        # XLNet counts with its mask, and an integer one cannot be exported.
        self._float_mask = encoder_config.model_type == "xlnet"
        self.label_proj_layer = torch.nn.Linear(encoder_config.hidden_size, labels)
        self.d_proj_layer = torch.nn.Linear(encoder_config.hidden_size, 2)
        self.keep = keep
        self.incorrect = incorrect
        is_keep = torch.nn.functional.one_hot(torch.tensor(keep), labels)
        self.register_buffer("_is_keep", is_keep.float(), persistent=False)
        self._is_keep: Tensor

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, word_starts: Tensor, keep_confidence: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """From the fields of a `Batch` to those of an `Answer`."""
        mask = attention_mask.float() if self._float_mask else attention_mask
        hidden = self.bert(input_ids=input_ids, attention_mask=mask).last_hidden_state
        at_words = word_starts.unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
        hidden = torch.gather(hidden, 1, at_words)
        probabilities = torch.softmax(self.label_proj_layer(hidden).float(), -1)
        biased = probabilities + keep_confidence[:, None, None] * self._is_keep
        label_ids = torch.argmax(biased, -1)
        chosen = torch.gather(probabilities, 2, label_ids.unsqueeze(-1)).squeeze(-1)
        errors = torch.softmax(self.d_proj_layer(hidden).float(), -1)[..., self.incorrect]
        return label_ids, chosen, errors


def torch_tagger(
    model: str | Path,
    *,
    device: str = "cpu",
    dtype: Literal["fp32", "fp16", "bf16"] = "fp32",
    revision: str | None = None,
    cache_dir: Path | None = None,
    offline: bool = False,
) -> Tagger:
    """Load a GECToR model.

    Args:
        model: a folder, or a repository on the hub such as gotutiyan/gector-roberta-base-5k. For the hub
            the environment variables of `huggingface_hub` (HF_TOKEN, HF_HOME, …) are honoured.
        device: as PyTorch names it: "cpu", "cuda", "cuda:1".
        dtype: number format; the last two are for GPUs.
        revision: branch, tag or commit on the hub.
        cache_dir: where the hub's files are kept; by default `huggingface_hub`'s own place.
        offline: use only what is in that place.

    Raises:
        GectorError: the model cannot be had, is damaged or of another format, or there is no such device.
    """
    files = open_model(model_folder(model, revision=revision, cache_dir=cache_dir, offline=offline))
    network = load_torch(files, cache_dir=cache_dir, offline=offline)
    try:
        network = network.to(device=torch.device(device), dtype=_DTYPES[dtype])
    except (RuntimeError, AssertionError, AttributeError) as error:
        raise GectorError(f"PyTorch cannot run on {device} with {dtype}: {_first_line(error)}.") from error
    return Tagger(files, torch_forward(network, torch.device(device)))


def torch_forward(network: TorchGector, device: torch.device) -> Forward:
    """Run a loaded network."""

    @torch.inference_mode()
    def forward(batch: Batch) -> Answer:
        arrays = (batch.input_ids, batch.attention_mask, batch.word_starts, batch.keep_confidence)
        try:
            outputs = network(*(torch.from_numpy(array).to(device) for array in arrays))
        except RuntimeError as error:
            raise GectorError(f"The model failed: {_first_line(error)}.") from error
        return Answer(*(output.cpu().numpy() for output in outputs))

    return forward


def model_folder(
    model: str | Path, *, revision: str | None = None, cache_dir: Path | None = None, offline: bool = False
) -> Path:
    """The folder itself, or the hub's repository of that name once it is on this machine.

    Raises:
        GectorError: there is no such folder, and the hub does not give such a repository.
    """
    if Path(model).is_dir():
        return Path(model)
    name = str(model)
    if (
        isinstance(model, Path)
        or Path(name).is_absolute()
        or name.startswith((".", "~"))
        or name.count("/") != 1
    ):
        raise GectorError(
            f"There is no model folder {model}; give a folder, or OWNER/NAME on the Hugging Face hub."
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                name,
                revision=revision,
                cache_dir=cache_dir,
                local_files_only=offline,
                allow_patterns=["*.json", *WEIGHTS],
            )
        )
    except Exception as error:  # the hub's, the network's and the file system's
        raise GectorError(
            f"Cannot get {name} from the Hugging Face hub: {_first_line(error)}; "
            "check the name, the network and HF_TOKEN, or give a folder."
        ) from error


def load_torch(files: ModelFiles, *, cache_dir: Path | None = None, offline: bool = False) -> TorchGector:
    """The network with its weights, fp32, on the CPU, ready to answer.

    Raises:
        GectorError: weights or encoder configuration are missing, damaged or of another format.
    """
    weights = _read_weights(files.path(*WEIGHTS))
    embeddings = next((w for name, w in weights.items() if name.endswith(_EMBEDDINGS)), None)
    if embeddings is None:
        raise GectorError(f"The weights in {files.folder} have no word embeddings: not a GECToR model.")
    config = _encoder_config(files, cache_dir, offline)
    config.vocab_size = embeddings.shape[0]
    network = TorchGector(config, len(files.labels), files.keep, files.incorrect)
    # Older checkpoints carry buffers which newer versions of transformers make themselves.
    known = network.state_dict()
    unused = [
        name
        for name in weights
        if name not in known and not name.endswith(("position_ids", "token_type_ids"))
    ]
    lacking = [name for name in known if name not in weights]
    if unused or lacking:
        raise GectorError(
            f"The weights in {files.folder} do not fit its encoder configuration "
            f"(unknown: {', '.join(unused[:2]) or 'none'}; missing: {', '.join(lacking[:2]) or 'none'})."
        )
    try:
        network.load_state_dict({name: weights[name].float() for name in known})
    except RuntimeError as error:
        raise GectorError(f"The weights in {files.folder} do not fit: {_first_line(error)}.") from error
    return network.eval()


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        loaded: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        return loaded
    except Exception as error:  # safetensors, zip and pickle each have their own
        raise GectorError(
            f"Cannot read {path}: {_first_line(error)}; copy or download the model again."
        ) from error


def _encoder_config(files: ModelFiles, cache_dir: Path | None, offline: bool) -> Any:
    path = files.folder / ENCODER_CONFIG
    try:
        if path.is_file():
            values = json.loads(path.read_bytes())
            return AutoConfig.for_model(values.pop("model_type"), **values)
        name = files.config["model_id"]
        return AutoConfig.from_pretrained(name, cache_dir=cache_dir, local_files_only=offline)
    except Exception as error:  # the hub's, the network's, the file system's and transformers'
        raise GectorError(
            f"Cannot get the encoder configuration of {files.folder}: {_first_line(error)}; "
            f"put it into the folder as {ENCODER_CONFIG}."
        ) from error


def _encoder(config: Any) -> Any:
    """An encoder with random weights; most can leave out a pooling layer, which GECToR has no use for."""
    try:
        return AutoModel.from_config(config, add_pooling_layer=False)  # type: ignore[no-untyped-call]
    except TypeError:  # DistilBERT, DeBERTa, ELECTRA, XLNet have none
        return AutoModel.from_config(config)  # type: ignore[no-untyped-call]


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
