"""From a source to a folder on this machine: the first start downloads, later ones do not even ask."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server.backend.tasks.source import LoadError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from triton_server.backend.tasks.source import Source

DESCRIPTIONS = ["*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken"]
"""Configuration and tokenizer: what a model has beside its weights."""
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin*")
"""In order of preference: the second executes nothing either, as PyTorch reads it with `weights_only`."""


def folder_of(source: Source) -> Path:
    """The folder with the model's files, downloaded if need be.

    Raises:
        LoadError: no such model or revision, no network, a token is missing, no room on the disk.
    """
    local = _local(source)
    if local:
        return local
    cached = _cached(source)
    return cached if cached is not None else _downloaded(source)


def descriptions_of(source: Source) -> Path:
    """The folder with configuration and tokenizer; the weights may be missing.

    Raises:
        LoadError: as `folder_of`.
    """
    local = _local(source)
    if local:
        return local
    try:
        return _fetch(source, source.revision, DESCRIPTIONS)
    except Exception as error:
        raise LoadError(explain(error, source)) from error


def _local(source: Source) -> Path | None:
    folder = Path(source.model)
    if folder.is_dir():
        return folder
    if folder.is_absolute() or source.model.startswith((".", "~")) or source.model.count("/") > 1:
        raise LoadError(f"there is no folder {source.model}")
    return None


def has_weights(folder: Path) -> bool:
    """Whether all weight files are there. Descriptions are downloaded first, so then they are too."""
    for index in (*folder.glob("*.safetensors.index.json"), *folder.glob("pytorch_model*.bin.index.json")):
        try:
            parts = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (ValueError, KeyError, AttributeError):
            return False
        if all((folder / part).exists() for part in parts):
            return True
    return any((folder / name).exists() for name in ("model.safetensors", "pytorch_model.bin"))


def _cached(source: Source) -> Path | None:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(
            snapshot_download(
                source.model, revision=source.revision, cache_dir=source.cache, local_files_only=True
            )
        )
    except Exception:  # not there, or never to be there: the download tells which
        return None
    return folder if has_weights(folder) else None


def _downloaded(source: Source) -> Path:
    code = ["*.py"] if source.trust_remote_code else []
    try:
        folder = _fetch(source, source.revision, [*DESCRIPTIONS, *code])
        for pattern in _WEIGHTS:
            _fetch(source, folder.name, [pattern])  # its name is the commit, so that both are of one
            if has_weights(folder):
                return folder
    except Exception as error:
        raise LoadError(explain(error, source)) from error
    if source.offline:
        raise LoadError(f"{source.title} is not wholly in the cache, and offline is set: load it once online")
    raise LoadError(f"{source.title} has no weights for PyTorch (model.safetensors or pytorch_model.bin)")


def _fetch(source: Source, revision: str | None, patterns: list[str]) -> Path:
    """Download what is not in the cache yet, of the model's own folder."""
    from huggingface_hub import snapshot_download

    folder = snapshot_download(
        source.model,
        revision=revision,
        cache_dir=source.cache,
        token=source.token,
        local_files_only=source.offline,
        allow_patterns=patterns,
        ignore_patterns=["*/*"],
    )
    return Path(folder)


def explain(error: BaseException, source: Source) -> str:
    """One line on why the hub gave nothing; the whole tree of `huggingface_hub.errors` leads somewhere."""
    from huggingface_hub import errors

    # The hub's client may tell of a refusal as "not in the cache", with the refusal as its cause.
    error = next((one for one in _chain(error) if isinstance(one, errors.HfHubHTTPError)), error)
    if isinstance(error, errors.GatedRepoError):
        return (
            f"{source.model} needs a token: accept its terms on the hub and set HF_TOKEN"
            if not source.token
            else f"{source.model} is not open to this HF_TOKEN: accept its terms on the hub with that account"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{source.model} has no revision {source.revision}"
    if isinstance(error, errors.RepositoryNotFoundError):
        hint = "" if source.token else "; if it is private, set HF_TOKEN"
        return f"there is no model {source.model} on the hub{hint}"
    if isinstance(error, errors.HFValidationError):
        return f"{source.model} is neither a folder nor the id of a model on the hub (owner/name)"
    if isinstance(error, (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled)):
        if source.offline:
            return f"{source.title} is not in the cache, and offline is set: load it once online"
        return f"no network: {source.title} cannot be downloaded and is not in the cache"
    if isinstance(error, errors.HfHubHTTPError):
        status = error.response.status_code if error.response is not None else 0
        if status in {401, 403}:
            return f"{source.model} needs a token: set HF_TOKEN to one that may read it"
        return f"the hub failed on {source.title} with HTTP status {status}: try again later"
    return explain_system(error, source) or f"{source.title} cannot be downloaded: {one_line(error)}"


def explain_system(error: BaseException, source: Source) -> str | None:
    """One line on an error of the machine: network, memory or disk; None for any other."""
    for one in _chain(error):
        name, text = type(one).__name__, str(one).lower()
        if isinstance(one, MemoryError) or "OutOfMemory" in name or any(sign in text for sign in _MEMORY):
            return f"out of memory: {source.title} does not fit; use a smaller dtype or fewer instances"
        if "no space left" in text:
            return f"no room on the disk for {source.title}"
        if isinstance(one, ConnectionError) or name in _NETWORK:
            return f"no network: {source.title} cannot be downloaded and is not in the cache"
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what led to it."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__


_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory")
_NETWORK = {
    "ConnectError",
    "ConnectTimeout",
    "ReadTimeout",
    "ConnectionError",
    "ReadError",
    "RemoteProtocolError",
}
"""Names, because the hub's client changed its HTTP library (requests, then httpx)."""


def one_line(error: BaseException) -> str:
    """The first line of an exception's text, or its name."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
