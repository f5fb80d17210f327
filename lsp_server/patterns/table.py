"""The table of patterns, read once; `patterns.toml` explains its form, `compile.py` packs it.

Parsing the readable table takes a fifth of a second, what it is packed to some milliseconds.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from lsp_server.findings.kinds import ErrorKind
from lsp_server.patterns.parts import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

KINDS = {kind.code: kind for kind in ErrorKind}
SURE = 0.95
PACKED = "patterns.gz"
SLIPS = "slips.gz"
EXPRESSION = "expression: "
"""Begins the names of slips of expressions."""
TOKEN = re.compile(r"\w+(?:['-]+\w+)*|[^\w\s]")
"""What the words of fixed phrases are counted in."""
_NAME_OF_PART = re.compile(r"([A-Z]+(?:_OR_[A-Z]+)*)_\d+")


@dataclass(frozen=True, eq=False)
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

    @property
    def is_one_word(self) -> bool:
        """Whether it is a phrase of one word, which may be a name where it has a capital."""
        return bool(self.phrase) and " " not in self.phrase

    @cached_property
    def find(self) -> re.Pattern[str]:
        """Over a sentence's text with straight apostrophes; the group `target` is replaced.

        It is compiled when a sentence first has one of the anchors: all together would take half a second.
        """
        start = "" if self.expression.startswith(("^", "(?:^", "(?<", r"\b")) else r"(?<![\w'’])"
        blanks = self.expression.replace(" ", r"\s+").replace(r"\s+?", r"\s*")
        return re.compile(start + blanks, re.IGNORECASE)

    @cached_property
    def parts(self) -> tuple[tuple[str, tuple[Callable[[str], bool], ...]], ...]:
        """The groups that must be a certain part of speech, or one of several, each with how that is told."""
        names = [(group, _NAME_OF_PART.fullmatch(group)) for group in self.find.groupindex]
        return tuple(
            (group, tuple(PARTS[part] for part in name[1].split("_OR_"))) for group, name in names if name
        )


@cache
def load() -> tuple[Pattern, ...]:
    """All patterns; phrases, and slips of expressions, are patterns of their own."""
    return (*patterns(), *map(phrase, phrases()))


@cache
def by_anchor() -> dict[str, tuple[int, ...]]:
    """Which of the patterns, but for phrases, a word may begin, or be part of."""
    found: dict[str, list[int]] = {}
    for number, pattern in enumerate(patterns()):
        for anchor in pattern.anchors:
            found.setdefault(anchor, []).append(number)
    return {anchor: tuple(numbers) for anchor, numbers in found.items()}


def word_groups(tokens: Sequence[str], longest: int) -> Iterator[str]:
    """Each run of up to so many tokens, as one string."""
    for start in range(len(tokens)):
        group = tokens[start]
        yield group
        for token in tokens[start + 1 : start + longest]:
            group = f"{group} {token}"
            yield group


class Phrase(NamedTuple):
    """A fixed phrase that is wrong."""

    id: str
    wrong: str
    right: str
    kind: str
    message: str
    confidence: float


@cache
def phrases() -> dict[str, Phrase]:
    """Fixed phrases and slips of expressions by their tokens, in small letters with blanks between them."""
    content = packed()
    kinds: list[tuple[str, str]] = content["kinds"]
    message, confidence = content["expressions"]
    slips = (line.split("\t") for line in _read(SLIPS).splitlines())
    found = [
        *(Phrase(EXPRESSION + kind, wrong, right, kind, message, confidence) for wrong, right, kind in slips),
        *(
            Phrase(f"phrase: {wrong}", wrong, right, kinds[number][0], kinds[number][1], SURE)
            for wrong, (right, number) in content["phrases"].items()
        ),
    ]
    return {" ".join(TOKEN.findall(one.wrong.lower())): one for one in found}


@cache
def longest_phrase() -> int:
    """Tokens of the longest."""
    return max(tokens.count(" ") for tokens in phrases()) + 1


@cache
def phrase(tokens: str) -> Pattern:
    """The pattern of a fixed phrase, given as `phrases` has it."""
    one = phrases()[tokens]
    find = rf"(?<![\w'-])(?P<target>{re.escape(one.wrong)})(?![\w'-])".replace(r"\ ", " ")
    message = f"{one.message}: “{one.right}”"
    return Pattern(
        one.id, KINDS[one.kind], find, (one.right,), message, one.confidence, frozenset(), one.wrong.lower()
    )


@cache
def packed() -> dict[str, Any]:
    """What `compile.py` made of the table: patterns, phrases, and their kinds and messages."""
    content: dict[str, Any] = json.loads(_read(PACKED))
    return content


def _read(name: str) -> str:
    return gzip.decompress(resources.files(__package__).joinpath(name).read_bytes()).decode()


@cache
def patterns() -> tuple[Pattern, ...]:
    """All but the phrases; of two that find the same, the first counts."""
    return tuple(pattern_of(row) for row in packed()["patterns"])


def pattern_of(row: Mapping[str, Any]) -> Pattern:
    """A pattern from its packed row."""
    replacements, anchors = tuple(row["replace"]), frozenset(row["anchors"])
    kind, find, message = KINDS[row["kind"]], row["find"], row["message"]
    return Pattern(row["id"], kind, find, replacements, message, row["confidence"], anchors)
