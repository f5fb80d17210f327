"""Prose in the front matter of a document: values such as a title, in YAML or TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRONT = re.compile(
    r"\ufeff?(?P<mark>---|\+\+\+)[ \t]*\r?\n(?P<fields>.*?)^(?P=mark)[ \t]*$", re.DOTALL | re.MULTILINE
)
_FIELD = re.compile(
    r"""
    ^(?P<key> [\w-]+ )[ \t]*[:=][ \t]*
    (?: (?P<quote> ["'] )(?P<quoted> (?:(?!(?P=quote))[^\r\n\\])* )(?P=quote)[ \t]*(?:\#[^\r\n]*)?$
      | [|>][-+]?[ \t]*$ (?P<block> (?:\r?\n[ \t]*$|\r?\n[ \t]+[^\r\n]*)+ )
      | (?P<plain> [^\s"'\[\]{}|>&*!\#%@`][^\r\n\#]* ) )
    """,
    re.VERBOSE | re.MULTILINE,
)
_FORMS = {'"': '"\\\n', "'": "'\n", "plain": ':#"\n', "block": "\t"}
UNWRITABLE = tuple(_FORMS.values())
"""For each form of a value, the characters that cannot be written in it as they are."""


_BEGINS_WITH_FIELD = re.compile(r"\ufeff?(?:---|\+\+\+)[ \t]*\r?\n[\w-]+[ \t]*[:=]")


def begins_like_front_matter(text: str) -> bool:
    """Whether a text begins with a line of hyphens or plus signs and a field."""
    return _BEGINS_WITH_FIELD.match(text) is not None


def front_end(text: str) -> int:
    """Where front matter ends, as sites of Jekyll and Hugo have it in any kind of page; 0 without any."""
    front = _FRONT.match(text) if begins_like_front_matter(text) else None
    return front.end() if front else 0


class Value(NamedTuple):
    """The value of a field, without its quotes."""

    start: int
    end: int
    unwritable: str
    """Characters that cannot be written in it as they are."""


def values(text: str, keys: tuple[str, ...]) -> Iterator[Value]:
    """The values of those fields at the top of a document that are called so."""
    front = _FRONT.match(text)
    if front is None or not keys:
        return
    for match in _FIELD.finditer(text, *front.span("fields")):
        form = next(name for name in ("quoted", "block", "plain") if match[name] is not None)
        if match["key"] in keys:
            yield Value(*match.span(form), _FORMS[match["quote"] or form])
