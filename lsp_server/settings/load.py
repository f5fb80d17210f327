"""From options on the wire to settings: the valid parts count, each bad or unknown one is named."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import cattrs

from lsp_server.settings.options import KIND_LEVELS, PART_NAMES, Option, nearest, options_of
from lsp_server.settings.settings import (
    Addresses,
    Kinds,
    Languages,
    Parts,
    Settings,
    Strings,
    TritonSettings,
    Version,
    Weights,
)

_Group = TypeVar("_Group", Settings, TritonSettings)


def settings_from_options(
    options: Any, source: str, base: Settings | None = None
) -> tuple[Settings, list[str]]:
    """Resolve what an editor sent or flags said. Never raises: what is wrong is left out and told.

    Args:
        options: The JSON value: an object of settings, the same under a single key `grammared`, or None for
            nothing. A setting of null counts as not set.
        source: Where the options come from, for the messages, such as `initializationOptions`.
        base: The settings that apply where `options` says nothing; the defaults if None.

    Returns:
        The settings, and one line for each option that is unknown or has a wrong value.
    """
    base = base or Settings()
    if isinstance(options, Mapping) and list(options) == ["grammared"]:
        options = options["grammared"]
    return _resolve(base, options, source, prefix="")


def _resolve(base: _Group, options: Any, source: str, prefix: str) -> tuple[_Group, list[str]]:
    """Put the valid ones of `options` into `base`, a settings object with the path `prefix` (`triton.`)."""
    if options is None:
        return base, []
    if not isinstance(options, Mapping):
        return base, [f"{source}: {prefix[:-1] or 'the settings'} must be an object, not {_shown(options)}"]
    known = options_of(type(base))
    changes: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in options.items():
        option = known.get(name)
        if option is None:
            problems.append(f"{source}: {_unknown(str(name), prefix, known)}")
        elif option.group is not None:
            changes[option.attribute], inner = _resolve(
                getattr(base, option.attribute), value, source, f"{prefix}{name}."
            )
            problems += inner
        elif value is not None:
            if option.type is Kinds:
                value, wrong = _right_kinds(value)
                problems += [f"{source}: {one}" for one in wrong]
            try:
                found = _value(value, option)
                if option.adds:
                    found = _added(getattr(base, option.attribute), found)
                changes[option.attribute] = found
            except Exception:  # cattrs raises many types, plain Exception among them
                kept = getattr(base, option.attribute)
                problems.append(
                    f"{source}: {prefix}{name} must be {option.expected}"
                    + ("" if option.secret else f", not {_shown(value)}; it stays {_kept(kept)}")
                )
    return dataclasses.replace(base, **changes), problems


def _right_kinds(value: Any) -> tuple[Any, list[str]]:
    """The entries of `kinds` that are right, and what is wrong with each other."""
    if not isinstance(value, Mapping):
        return value, []
    from lsp_server.findings.kinds import ErrorKind  # nobody who sets no kinds needs it

    codes = [kind.code for kind in ErrorKind]
    right, wrong = {}, []
    for code, level in value.items():
        if code not in codes:
            guess = nearest(str(code), codes)
            hint = f'; did you mean "{guess}"?' if guess else "; `grammared kinds` lists them"
            wrong.append(f"unknown kind {_shown(code)} in kinds{hint}")
        elif level not in KIND_LEVELS:
            allowed = ", ".join(f'"{one}"' for one in KIND_LEVELS)
            wrong.append(f"kinds.{code} must be one of {allowed}, not {_shown(level)}; it is left out")
        else:
            right[code] = level
    return right, wrong


def _added(before: tuple[Any, ...], more: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both, each entry once; of pairs the later one counts."""
    if all(isinstance(one, tuple) for one in (*before, *more)):
        return tuple({**dict(before), **dict(more)}.items())
    return tuple(dict.fromkeys((*before, *more)))


def _unknown(name: str, prefix: str, known: Mapping[str, Option]) -> str:
    guess = nearest(name, known)
    return f"unknown setting {_shown(prefix + name)}" + (
        f'; did you mean "{prefix}{guess}"?' if guess else ""
    )


def _value(value: Any, option: Option) -> Any:
    """The value as the option's type; raises if it is none or out of bounds."""
    value = _converter.structure(value, option.type)
    if option.bounds and not option.bounds[0] <= value <= option.bounds[1]:
        raise ValueError
    return value


def _shown(value: Any) -> str:
    """A value as JSON, short enough for a message, and fit to be sent in one."""
    text = json.dumps(value, ensure_ascii=False, default=repr).encode(errors="backslashreplace").decode()
    return text if len(text) <= 60 else f"{text[:57]}..."


def _kept(value: Any) -> str:
    return "unset" if value in (None, ()) else _shown(value)


def _strict(value: Any, kind: type) -> Any:
    """JSON's types are exact: `"false"` is no boolean, `true` no number; `5.0` is a whole number."""
    if kind is float and type(value) is int:
        return float(value)
    if kind is int and type(value) is float and value.is_integer():
        return int(value)
    if type(value) is not kind:
        raise TypeError
    return value


def _addresses(value: Any, _: Any) -> Addresses:
    """One string from a string or a list of them."""
    listed = value if isinstance(value, list) else _strict(value, str).split(",")
    hosts = [_strict(one, str).strip() for one in listed]
    if not hosts or not all(map(_is_address, hosts)):
        raise ValueError
    return Addresses(",".join(hosts))


def _is_address(text: str) -> bool:
    """Whether this is host and port; an IPv6 address is in brackets."""
    parts = re.fullmatch(r"(?:[^\s:/,\[\]]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", text)
    return parts is not None and 0 < int(parts[1]) < 2**16


def _version(value: Any, _: Any) -> Version:
    """Digits, from a string or a whole number; empty for none."""
    text = value if isinstance(value, str) else str(_strict(value, int))
    if text and not _VERSION.fullmatch(text):
        raise ValueError
    return Version(text)


_VERSION = re.compile("[1-9][0-9]{0,17}")
"""What can be the number of a version: Triton's are of 64 bits."""


def _weights(value: Any, _: Any) -> Weights:
    """Pairs from an object; a whole share stays whole."""
    if not isinstance(value, Mapping):
        raise TypeError
    pairs = tuple((str(name), _strict(share, float)) for name, share in value.items())
    if not all(_VERSION.fullmatch(name) and 0 < share < float("inf") for name, share in pairs):
        raise ValueError
    return Weights(pairs)


def _strings(value: Any, _: Any) -> Strings:
    """Each string once, none empty."""
    listed = [_strict(one, str) for one in _strict(value, list)]
    if not all(one.strip() for one in listed):
        raise ValueError
    return Strings(tuple(dict.fromkeys(listed)))


def _parts(value: Any, kind: Any) -> Parts:
    """Known names of parts."""
    names = _strings(value, kind)
    if not set(names) <= set(PART_NAMES):
        raise ValueError
    return Parts(names)  # type: ignore[arg-type]


def _pairs(value: Any, kind: Any) -> Any:
    """Pairs of strings from an object."""
    if not isinstance(value, Mapping):
        raise TypeError
    return kind(tuple((_strict(name, str), _strict(one, str)) for name, one in value.items()))


_converter = cattrs.Converter()
for _kind in (str, bool, int, float):
    _converter.register_structure_hook(_kind, _strict)
_converter.register_structure_hook_func(lambda kind: kind is Addresses, _addresses)
_converter.register_structure_hook_func(lambda kind: kind is Version, _version)
_converter.register_structure_hook_func(lambda kind: kind is Weights, _weights)
_converter.register_structure_hook_func(lambda kind: kind is Strings, _strings)
_converter.register_structure_hook_func(lambda kind: kind is Parts, _parts)
_converter.register_structure_hook_func(lambda kind: kind in (Kinds, Languages), _pairs)
