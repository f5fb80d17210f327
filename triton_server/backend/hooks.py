"""`hooks.py` in a model's folder: code of the user's own, run when the model is loaded."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from triton_server.backend.tasks.hub import one_line
from triton_server.backend.tasks.source import LoadError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def module_of(path: Path) -> ModuleType:
    """The module in a file, under a name of its own: other models have hooks too.

    Raises:
        LoadError: it cannot be run.
    """
    spec = importlib.util.spec_from_file_location(f"hooks_of_{path.parent.name}", path)
    assert spec and spec.loader  # a .py file has both
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise LoadError(f"{path} cannot be run: {type(error).__name__}: {one_line(error)}") from error
    return module
