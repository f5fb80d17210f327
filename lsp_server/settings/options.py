"""The wire form of the settings: what editors send, as JSON objects with camelCase names, all optional."""

from __future__ import annotations

import dataclasses
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from lsp_server.settings.settings import (
    Addresses,
    KindLevel,
    Kinds,
    Languages,
    PartName,
    Parts,
    Strings,
    Version,
    Weights,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PART_NAMES: tuple[str, ...] = get_args(PartName)
_OWN_KINDS: dict[Any, str] = {
    Addresses: "HOST:PORT (without http://), or a list of these",
    Version: "the number of a version, or empty",
    Weights: "an object with a positive number for each version number",
    Strings: "a list of strings",
    Parts: "a list of " + ", ".join(f'"{name}"' for name in PART_NAMES),
    Kinds: "an object with a severity, or off, for kinds of error",
    Languages: "an object with a kind of text for names of files or patterns",
}
KIND_LEVELS: tuple[str, ...] = get_args(KindLevel)


@dataclass(frozen=True, slots=True)
class Option:
    """One setting as it stands on the wire."""

    name: str
    """In camelCase, such as `minErrorProb`."""
    attribute: str
    """Its field in the settings class, such as `min_error_prob`."""
    type: Any
    default: Any
    """Its value when nobody sets it, or of a group the defaults of its members."""
    description: str
    example: Any
    bounds: tuple[float, float] | None
    """The least and the greatest number allowed."""
    secret: bool
    """Whether its value is never shown."""
    user_only: bool
    """Whether no file of a workspace may say it."""
    adds: bool
    """Whether a further layer adds to the layers before it."""

    @property
    def group(self) -> type | None:
        """The settings class of its members, when this is an object of further settings."""
        return self.type if dataclasses.is_dataclass(self.type) else None

    @property
    def expected(self) -> str:
        """What a right value is, in words, such as `a number from 0 to 1`."""
        kinds = get_args(self.type) if get_origin(self.type) is not Literal else (self.type,)
        kind = next((k for k in kinds if k is not type(None)), self.type)
        if get_origin(kind) is Literal:
            return "one of " + ", ".join(f'"{choice}"' for choice in get_args(kind))
        if kind in _OWN_KINDS:
            return _OWN_KINDS[kind]
        words = {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}[kind]
        return f"{words} from {self.bounds[0]:g} to {self.bounds[1]:g}" if self.bounds else words


def options_of(settings: type) -> dict[str, Option]:
    """The options of a settings class, by the name they have on the wire."""
    types = get_type_hints(settings)
    defaults = settings()
    options = {}
    for field in dataclasses.fields(settings):
        name = re.sub("_(.)", lambda match: match[1].upper(), field.name)
        options[name] = Option(
            name=name,
            attribute=field.name,
            type=types[field.name],
            default=getattr(defaults, field.name),
            description=field.metadata.get("description", ""),
            example=field.metadata.get("example"),
            bounds=field.metadata.get("bounds"),
            secret=field.metadata.get("secret", False),
            user_only=field.metadata.get("user_only", False),
            adds=field.metadata.get("adds", False),
        )
    return options


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The valid name that a mistaken one most likely stands for, in any style (`min-error-prob`)."""

    def plain(text: str) -> str:
        return re.sub("[-_ ]", "", text).lower()

    by_plain = {plain(valid): valid for valid in names}
    found = difflib.get_close_matches(plain(name), by_plain, n=1)
    return by_plain[found[0]] if found else None
