"""The JSON schema of settings: of a project file, and of all that a user may say."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from lsp_server.findings.kinds import ErrorKind
from lsp_server.settings.options import KIND_LEVELS, PART_NAMES, Option, options_of
from lsp_server.settings.settings import (
    Addresses,
    Kinds,
    Languages,
    Parts,
    Settings,
    Strings,
    Version,
    Weights,
)

_DRAFT = "http://json-schema.org/draft-07/schema#"
_STRINGS = {"type": "array", "items": {"type": "string", "minLength": 1}}
_NAMES: dict[Any, dict[str, Any]] = {str: {"type": "string"}, bool: {"type": "boolean"}}


def schema(*, for_project: bool) -> dict[str, Any]:
    """The schema of `grammared.toml` in a project, or of the settings of a user.

    Args:
        for_project: leave out what a project may not say.
    """
    settings = _group(Settings, for_project=for_project)
    of_some_files = _group(Settings, for_project=True)["properties"]
    paths = {**_STRINGS, "minItems": 1, "description": "Patterns of files, as in .gitignore."}
    settings["properties"]["overrides"] = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["paths"],
            "additionalProperties": False,
            "properties": {"paths": paths, **of_some_files},
        },
        "description": "Settings for some files, in the order in which they are put on top.",
    }
    if for_project:
        root = {"type": "boolean", "description": "Whether files in the folders above do not count."}
        settings["properties"] = {"root": root, **settings["properties"]}
    title = "Grammared, settings of a project" if for_project else "Grammared, settings of a user"
    return {"$schema": _DRAFT, "title": title, **settings}


def _group(settings: type, *, for_project: bool) -> dict[str, Any]:
    options = options_of(settings).values()
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            option.name: _group(option.group, for_project=for_project)
            if option.group
            else {**_value(option), **_about(option)}
            for option in options
            if not (for_project and option.user_only)
        },
    }


def _about(option: Option) -> dict[str, Any]:
    about = {"description": option.description, "examples": [option.example]}
    if option.default not in (None, ()):
        about["default"] = option.default
    return about


def _value(option: Option) -> dict[str, Any]:
    """What a valid value looks like."""
    kinds = get_args(option.type) if get_origin(option.type) is not Literal else (option.type,)
    kind = next((one for one in kinds if one is not type(None)), option.type)
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    if kind is Kinds:
        level = {"enum": list(KIND_LEVELS)}
        properties = {one.code: level for one in ErrorKind}
        return {"type": "object", "additionalProperties": False, "properties": properties}
    if kind is Languages:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    if kind is Strings:
        return dict(_STRINGS)
    if kind is Parts:
        return {"type": "array", "items": {"enum": list(PART_NAMES)}}
    if kind is Addresses:
        return {"anyOf": [{"type": "string"}, _STRINGS]}
    if kind is Version:
        return {"type": ["string", "integer"]}
    if kind is Weights:
        return {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}}
    if kind in (int, float):
        number: dict[str, Any] = {"type": "integer" if kind is int else "number"}
        return number | ({"minimum": option.bounds[0], "maximum": option.bounds[1]} if option.bounds else {})
    return _NAMES[kind]
