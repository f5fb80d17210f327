"""Importing spaCy without what a tokenizer does not need, which is most of what spaCy imports."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAMEWORKS = ("torch", "tensorflow", "mxnet", "cupy")
"""What `thinc.compat` tries to import; seconds and hundreds of MB each, and for a tokenizer all in vain."""
_COMMANDS = ("spacy.cli", "spacy.cli.info")
"""spaCy's command line, which takes a third of the import (typer, requests, jinja2 …) for one function."""


@contextmanager
def light_spacy() -> Iterator[None]:
    """While this lasts, spaCy is imported without frameworks that are not imported yet and its command line.

    Python takes None in `sys.modules` for a module that is not there. Once it is out again, whoever needs one
    imports it as ever; `spacy.info` imports the command line when it is called. A trained pipeline that runs
    on PyTorch must be loaded without this.
    """
    hidden: dict[str, ModuleType | None] = dict.fromkeys(_FRAMEWORKS)
    if "spacy" not in sys.modules:
        hidden |= {name: _command(name) for name in _COMMANDS}
    hidden = {name: module for name, module in hidden.items() if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name, module in hidden.items():
            if sys.modules.get(name) is module:
                sys.modules.pop(name, None)


def _command(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__dict__["info"] = _info
    return module


def _info(*arguments: Any, **options: Any) -> Any:
    return import_module("spacy.cli.info").info(*arguments, **options)
