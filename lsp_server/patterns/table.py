"""The table of patterns, read once; `patterns.toml` explains its form."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from lsp_server.findings.kinds import ErrorKind

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KINDS = {kind.code: kind for kind in ErrorKind}
_SURE = 0.95
_CLASS = re.compile(r"\{([a-z]+)\}")
_TARGET = re.compile(r"(?<!\(\?)(?<!\?P)<(?![=!])(.*)>", re.DOTALL)
"""What a pattern replaces, between < and >; not a look-behind, `(?<=…)`, nor a named group."""
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of the table."""

    id: str
    kind: ErrorKind
    expression: str
    """What `find` is compiled of."""
    replace: tuple[str, ...]
    """The best first; `@name` is a form of the target, `@name(1)` of a group, see `forms`."""
    message: str
    confidence: float
    anchors: frozenset[str]
    """Of these words, or marks, a sentence that matches has one."""
    phrase: str = ""
    """Of a fixed phrase its words, in small letters: a sentence without them is not searched."""
    wrong: tuple[str, ...] = ()
    right: tuple[str, ...] = ()

    @property
    def is_one_word(self) -> bool:
        """Whether it is a phrase of one word, which may be a name where it has a capital."""
        return bool(self.phrase) and " " not in self.phrase

    @property
    def find(self) -> re.Pattern[str]:
        """Over a sentence's text with straight apostrophes; the group `target` is replaced.

        It is compiled when a sentence first has one of the anchors: all together would take half a second.
        """
        return _compiled(self.expression)


@cache
def load() -> tuple[Pattern, ...]:
    """All patterns; phrases are patterns of their own."""
    return tuple(_patterns(resources.files(__package__).joinpath("patterns.toml").read_text("utf-8")))


@cache
def by_anchor() -> dict[str, tuple[Pattern, ...]]:
    """The patterns that a word may begin, or be part of."""
    found: dict[str, list[Pattern]] = {}
    for pattern in load():
        for anchor in pattern.anchors:
            found.setdefault(anchor, []).append(pattern)
    return {anchor: tuple(patterns) for anchor, patterns in found.items()}


def _patterns(text: str) -> Iterator[Pattern]:
    table = tomllib.loads(text)
    for row in table["pattern"]:
        yield _pattern(row, table["classes"])
    for phrases in table["phrases"].values():
        for wrong, right in phrases["words"].items():
            yield _phrase(wrong, right, phrases)


def _pattern(row: Mapping[str, Any], classes: Mapping[str, str]) -> Pattern:
    find = _CLASS.sub(lambda match: f"(?:{classes[match[1]]})", row["find"])
    target = _TARGET.search(find)
    assert target is not None, row["id"]
    anchors = row.get("anchors") or _WORD.findall(target[1])
    replace = row["replace"]
    return Pattern(
        row["id"],
        _KINDS[row["kind"]],
        f"{find[: target.start()]}(?P<target>{target[1]}){find[target.end() :]}",
        (replace,) if isinstance(replace, str) else tuple(replace),
        row["message"],
        row.get("confidence", _SURE),
        frozenset(anchors),
        wrong=tuple(row["wrong"]),
        right=tuple(row["right"]),
    )


def _phrase(wrong: str, right: str, phrases: Mapping[str, Any]) -> Pattern:
    words = _WORD.findall(wrong.lower())
    carriers = ("They say {} again.", "Here {} comes.")
    return Pattern(
        f"phrase: {wrong}",
        _KINDS[phrases["kind"]],
        rf"(?<![\w'-])(?P<target>{re.escape(wrong)})(?![\w'-])".replace(r"\ ", " "),
        (right,),
        f"{phrases['message']}: “{right}”",
        _SURE,
        frozenset([max(words, key=len)]),
        phrase=wrong.lower(),
        wrong=tuple(carrier.format(wrong) for carrier in carriers),
        right=tuple(carrier.format(right) for carrier in carriers),
    )


@cache
def _compiled(find: str) -> re.Pattern[str]:
    start = "" if find.startswith(("^", "(?:^", "(?<", r"\b")) else r"(?<![\w'’])"
    return re.compile(start + find.replace(" ", r"\s+").replace(r"\s+?", r"\s*"), re.IGNORECASE)
