"""spaCy without the frameworks that its library for networks, thinc, would import because they are there."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAMEWORKS = ("torch", "tensorflow", "mxnet", "cupy")
"""What `thinc.compat` tries to import; seconds and hundreds of MB each, and for a tokenizer all in vain."""


@contextmanager
def without_frameworks() -> Iterator[None]:
    """While this lasts, frameworks that are not imported yet cannot be.

    Python takes None in `sys.modules` for a module that is not there. Once it is out again, whoever needs one
    imports it as ever. A trained pipeline that runs on PyTorch must be loaded without this.
    """
    hidden = [name for name in _FRAMEWORKS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name) is None:
                sys.modules.pop(name, None)
