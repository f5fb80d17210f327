"""Importing the protocol's types without building them all.

lsprotocol has some 570 classes made with attrs, which writes and compiles Python for each of them: that was
most of the time from the start of the server to its answer to `initialize`. A session uses a tenth of them.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from typing import Any

import attrs

_TYPES = "lsprotocol.types"
_lock = threading.RLock()


def import_light_types() -> None:
    """Import the types so that each class is built when it is used first.

    But for having no slots, the classes are then as ever. If they have been imported before, nothing is done.
    """
    if _TYPES in sys.modules:
        return
    define = attrs.define
    attrs.define = _defined_later  # type: ignore[assignment]
    try:
        import_module(_TYPES)
    finally:
        attrs.define = define
    # Else the first converter would build all classes, to put types in the place of their names as
    # `_Later.build` does with one. Without this flag we would be slower, nothing else.
    hooks: Any = import_module("lsprotocol._hooks")
    hooks._resolved_forward_references = True


def _defined_later(cls: type | None = None, **options: Any) -> Any:
    """In the place of `attrs.define`: the class, to be built when it is called or asked for its fields."""
    if cls is None:
        return lambda cls: _Later(cls, options).cls
    return _Later(cls, options).cls


class _Later:
    """Stands where attrs will put the fields of a class."""

    def __init__(self, cls: Any, options: dict[str, Any]) -> None:
        self.cls = cls
        self._options = options

        def first_init(instance: Any, *arguments: Any, **named: Any) -> None:
            self.build()
            cls.__init__(instance, *arguments, **named)

        cls.__attrs_attrs__ = self
        cls.__init__ = first_init

    def __get__(self, _: object, __: type) -> Any:
        self.build()
        return self.cls.__attrs_attrs__

    def build(self) -> None:
        """Have attrs make the methods of the class, unless it has."""
        with _lock:
            if self.cls.__dict__["__attrs_attrs__"] is not self:
                return
            del self.cls.__attrs_attrs__, self.cls.__init__
            attrs.define(**{**self._options, "slots": False})(self.cls)  # slots would make it another class
            names: dict[str, Any] = sys.modules[_TYPES].ALL_TYPES_MAP  # type: ignore[attr-defined,unused-ignore]
            attrs.resolve_types(self.cls, names, {})
