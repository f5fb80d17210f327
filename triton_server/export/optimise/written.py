"""What comes of it: a model in a repository."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from triton_server.authoring.new_model import NewModel, config, files, is_onnx, placed

if TYPE_CHECKING:
    from pathlib import Path


_INSIDE = "onnx"
"""The model's folder in that of the model on Triton."""


def write(new: NewModel, folder: Path, home: Path, *, force: bool = False) -> Path:
    """Write a model into the repository `folder`, whole or not at all.

    Args:
        new: the model, as the best setting has it.
        folder: a repository.
        home: of the original, in its repository.
        force: replace a model of that name.

    Raises:
        LauncherError: it is there already, or cannot be written.
    """
    target = folder / new.name
    with placed(target, lambda made: write_model(made, new, home), force=force):
        return target


def write_model(folder: Path, new: NewModel, home: Path) -> None:
    """Write a model's folder; an ONNX model is copied into it, and the hooks of `home`.

    Raises:
        OSError: it cannot be written.
    """
    new = replace(new, origin="Made by `grammared triton optimize`; yours to change.")
    made = files(new)
    if is_onnx(new):
        inside = {**config(new).parameters, "model": (_INSIDE, "The model's folder, in this one.")}
        made["config.pbtxt"] = replace(config(new), parameters=inside).pbtxt()
        made = {name: text.replace(new.model, _INSIDE) for name, text in made.items()}
        shutil.copytree(new.model, folder / _INSIDE)
    if (home / "hooks.py").is_file():
        made["hooks.py"] = (home / "hooks.py").read_text(encoding="utf-8")
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
