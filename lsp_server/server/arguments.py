"""The arguments of a command: one object, whose members are looked at one by one."""

from __future__ import annotations

from typing import Any

from pygls.exceptions import JsonRpcInvalidParams


class Arguments:
    """The object that a command was given."""

    def __init__(self, given: tuple[Any, ...]) -> None:
        if len(given) > 1 or (given and not isinstance(given[0], dict)):
            raise JsonRpcInvalidParams("a command takes one object, or nothing")
        self._values: dict[str, Any] = given[0] if given else {}

    def text(self, name: str, choices: tuple[str, ...] = ()) -> str:
        """A string that must be there.

        Raises:
            JsonRpcInvalidParams: it is not, or is none of `choices`.
        """
        value = self._values.get(name)
        if not isinstance(value, str) or (choices and value not in choices):
            expected = "one of " + ", ".join(choices) if choices else "a string"
            raise JsonRpcInvalidParams(f"{name} must be {expected}")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, if it is there."""
        return self.text(name) if self._values.get(name) is not None else None

    def number(self, name: str) -> int:
        """A whole number that must be there.

        Raises:
            JsonRpcInvalidParams: it is not.
        """
        value = self._values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise JsonRpcInvalidParams(f"{name} must be a whole number")
        return value

    def value(self, name: str) -> Any:
        """Anything; None if it is not there."""
        return self._values.get(name)
