"""`grammared models`: the models on this machine, and how to get more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lsp_server.cli.tables import aligned
from lsp_server.errors import GrammaredError, InputError, ModelError
from lsp_server.settings.places import models_folder
from triton_server.gector.model_files import (
    ONNX,
    ONNX_WEIGHTS,
    STRICTNESSES,
    WEIGHTS,
    bundled_model,
    open_model,
)
from triton_server.gector.types import KEEP, GectorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from triton_server.gector.model_files import ModelFiles

_SENTENCES = [["She", "go", "to", "school", "every", "day", "."], ["All", "is", "well", "."]]
"""A wrong one and a right one."""


@click.group()
def models() -> None:
    """List the models on this machine, download, convert and verify them.

    A model is named by its folder, or by the name that `grammared models list` gives it. To use one:
    the setting `model`, or `--model FOLDER`.
    """


@models.command("list")
def list_models() -> None:
    """Print the models: the one that comes with Grammared, and those that were downloaded."""
    for line in aligned([_row(folder) for folder in _folders()]):
        click.echo(line)


def _row(folder: Path) -> tuple[str, str, str]:
    try:
        files = open_model(folder)
    except GectorError as error:
        return folder.name, "cannot be used", str(error)
    return folder.name, files.identity.rpartition("@")[2], str(folder)


@models.command()
@click.argument("model", default="")
def info(model: str) -> None:
    """Print what a model is: its encoder, labels, files and thresholds. Without a name, the bundled one."""
    files = _open(model)
    encoder = files.config.get("model_id") or files.config.get("base_model") or "unknown"
    rows = [
        ("identity", files.identity),
        ("folder", str(files.folder)),
        ("encoder", str(encoder)),
        ("labels", f"{len(files.labels):,}"),
        ("sub-words at once", str(files.max_subwords)),
        *((name, f"{(files.folder / name).stat().st_size / 1e6:.1f} MB") for name in _weights(files)),
    ]
    for name in STRICTNESSES:
        decoding = files.decodings[name]
        rows.append(
            (
                f"strictness {name}",
                f"keep confidence {decoding.keep_confidence:g}, least error probability "
                f"{decoding.min_error_prob:g}, passes {decoding.max_passes}",
            )
        )
    for line in aligned(rows):
        click.echo(line)


@models.command()
@click.argument("model", default="")
def verify(model: str) -> None:
    """Load a model and have it tag two sentences; without a name, the bundled one.

    Exit code 0: it answers, and finds the mistake; 2: not.
    """
    files = _open(model)
    try:
        changes_wrong, changes_right = _changes(files)
    except GectorError as error:
        raise ModelError(str(error)) from error
    if not changes_wrong or changes_right:
        why = "it corrects “All is well”" if changes_wrong else "it sees no mistake in “She go”"
        raise ModelError(f"{files.identity} answers, but not as a grammar model does: {why}")
    click.echo(f"{files.identity}: answers, and finds the mistake in “She go to school every day.”")


@models.command()
@click.argument("name", metavar="OWNER/NAME")
@click.option("--revision", metavar="REV", help="A branch, tag or commit of the model's repository.")
def download(name: str, revision: str | None) -> None:
    """Download a GECToR model from the Hugging Face hub, and make it ready for ONNX Runtime.

    Needs the extra `train`. The environment variable HF_ENDPOINT names another hub, HF_TOKEN a token.
    """
    if name.count("/") != 1:
        raise click.BadParameter(f"{name} is not OWNER/NAME, such as gotutiyan/gector-roberta-base-5k")
    from triton_server.backend.tasks.hub import folder_of
    from triton_server.backend.tasks.source import LoadError, Source

    try:
        folder = folder_of(Source(name, revision, token=os.environ.get("HF_TOKEN") or None))
    except ModuleNotFoundError as error:
        raise GrammaredError(f"downloading needs {error.name}: pip install 'grammared[train]'") from None
    except LoadError as error:
        raise InputError(str(error)) from None
    _convert(folder, models_folder() / name.replace("/", "--"), is_small=True)


@models.command()
@click.argument("model")
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--int8/--fp32", "is_small", default=True, show_default=True, help="Bits of the weights.")
def convert(model: str, out: Path, is_small: bool) -> None:
    """Make a model folder with model.onnx of one with PyTorch weights. Needs the extra `train`."""
    _convert(_open(model).folder, out, is_small=is_small)


def _convert(folder: Path, out: Path, *, is_small: bool) -> None:
    try:
        from triton_server.export.gector import export

        made = export(folder, out, int8=is_small)
    except GectorError as error:
        raise ModelError(str(error)) from error
    except ModuleNotFoundError as error:
        raise GrammaredError(f"converting needs {error.name}: pip install 'grammared[train]'") from None
    click.echo(f"{made}: ready; use it with --model {made}")


def _folders() -> Iterator[Path]:
    yield bundled_model()
    if models_folder().is_dir():
        yield from sorted(path for path in models_folder().iterdir() if path.is_dir())


def _open(name: str) -> ModelFiles:
    """The model of a name, or in a folder.

    Raises:
        ModelError: there is none.
    """
    known = {folder.name: folder for folder in _folders()}
    folder = known.get(name.replace("/", "--")) if name else bundled_model()
    try:
        return open_model(folder or Path(name).expanduser())
    except GectorError as error:
        raise ModelError(str(error)) from error


def _weights(files: ModelFiles) -> list[str]:
    return [name for name in (ONNX, ONNX_WEIGHTS, *WEIGHTS) if (files.folder / name).is_file()]


def _changes(files: ModelFiles) -> list[bool]:
    """Whether a model would change anything in each of the sentences."""
    if (files.folder / ONNX).is_file():
        from triton_server.gector.onnx_model import onnx_tagger

        tagger = onnx_tagger(files.folder)
    else:
        from triton_server.gector.torch_model import torch_tagger

        tagger = torch_tagger(files.folder)
    taggings = tagger(_SENTENCES, [0.0] * len(_SENTENCES))
    return [set(one.labels) != {KEEP} for one in taggings]
