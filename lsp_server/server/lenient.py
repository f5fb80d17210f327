"""What clients send that is not quite LSP, made readable where it does not matter to us."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from cattrs import Converter

GREATEST = 2**31 - 1
"""The greatest number that LSP knows; some clients mean "to the end of the line" with a greater one."""

_PLACES = frozenset({"line", "character"})


def readable(method: str, params: Any, converter: Converter) -> Any:
    """The parameters of a message without what cannot be read and is none of our business."""
    if not isinstance(params, dict):
        return params
    if method == types.INITIALIZE:
        return _initialize(params, converter)
    if method == types.TEXT_DOCUMENT_CODE_ACTION:
        return _code_action(_clamped(params), converter)
    if method in (types.TEXT_DOCUMENT_HOVER, types.CODE_ACTION_RESOLVE):
        return _clamped(params)
    return params


def _initialize(params: dict[str, Any], converter: Converter) -> dict[str, Any]:
    """Without a process that cannot be, and without capabilities of a form that we do not know."""
    params = dict(params)
    process = params.get("processId")
    if not isinstance(process, int) or not 0 < process <= GREATEST:
        params["processId"] = None
    if isinstance(capabilities := params.get("capabilities"), dict):
        params["capabilities"] = {
            group: _readable_members(group, members, converter) if isinstance(members, dict) else members
            for group, members in capabilities.items()
        }
    if params.get("trace") not in ("off", "messages", "verbose"):
        params.pop("trace", None)
    return params


def _readable_members(group: str, members: dict[str, Any], converter: Converter) -> dict[str, Any]:
    return {
        name: value
        for name, value in members.items()
        if _can_be_read({group: {name: value}}, types.ClientCapabilities, converter)
    }


def _code_action(params: dict[str, Any], converter: Converter) -> dict[str, Any]:
    """Without the diagnostics of others that are of an odd form."""
    context = params.get("context")
    if not isinstance(context, dict):
        return params
    context = dict(context)
    if isinstance(found := context.get("diagnostics"), list):
        context["diagnostics"] = [one for one in found if _can_be_read(one, types.Diagnostic, converter)]
    if context.get("triggerKind") not in (1, 2):
        context.pop("triggerKind", None)
    return {**params, "context": context}


def _can_be_read(value: Any, kind: type, converter: Converter) -> bool:
    try:
        converter.structure(value, kind)
    except Exception:  # cattrs raises many types
        return False
    return True


def _clamped(value: Any) -> Any:
    """The value with no line or column above the greatest."""
    if isinstance(value, list):
        return [_clamped(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: min(inner, GREATEST) if name in _PLACES and isinstance(inner, int) else _clamped(inner)
        for name, inner in value.items()
    }
