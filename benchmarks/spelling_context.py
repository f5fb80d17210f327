"""Which word is offered first for a misspelling in its sentence, with and without regard to its neighbours.

    python -m benchmarks.spelling_context [--m2 FILE …] [--pairs FILE …] [--most 1000]

The M2 files' corrections of type `R:SPELL` (FCE dev of BEA-2019, for research only, is not here), and of tab-
separated pairs, whose last two columns are a sentence before and after, those that change one unknown word.
`docs/spelling.md` has its figures.
"""

from __future__ import annotations

import argparse
import time
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.spelling import is_word
from lsp_server.spelling.context import in_context
from lsp_server.spelling.suggest import candidates
from triton_server.training.m2 import read_m2

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Misspelling(NamedTuple):
    """An unknown word in a sentence."""

    text: str
    start: int
    end: int
    right: str
    """What was meant, in small letters."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--m2", type=Path, action="append", default=[])
    parser.add_argument("--pairs", type=Path, action="append", default=[])
    parser.add_argument("--most", type=int, default=1000)
    arguments = parser.parse_args()
    print("| misspellings of | how many | right first | in context | first three | in context | ms each |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for path in arguments.m2:
        measure(path.name, list(in_m2(path))[: arguments.most])
    for path in arguments.pairs:
        measure(path.name, list(in_pairs(path))[: arguments.most])


def in_m2(path: Path) -> Iterator[Misspelling]:
    """The misspellings that an annotator has corrected with a word."""
    for tokens, corrections in read_m2(path):
        for one in corrections:
            if one.type == "R:SPELL" and one.end - one.start == 1:
                yield from _misspelling(tokens, one.start, one.replacement)


def in_pairs(path: Path) -> Iterator[Misspelling]:
    """The unknown words that another word, or two, took the place of."""
    for line in path.read_text(encoding="utf-8").splitlines():
        before, after = (text.split() for text in line.split("\t")[-2:])
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        for kind, i1, i2, j1, j2 in matcher.get_opcodes():
            if kind == "replace" and i2 - i1 == 1 and j2 - j1 <= 2:
                yield from _misspelling(before, i1, " ".join(after[j1:j2]))


def _misspelling(tokens: Sequence[str], at: int, right: str) -> Iterator[Misspelling]:
    word = tokens[at]
    is_plain = word.isascii() and word.isalpha() and word.islower() and len(word) > 2
    if is_plain and not is_word(word) and all(map(is_word, right.split())):
        start = len("".join(f"{token} " for token in tokens[:at]))
        yield Misspelling(" ".join(tokens), start, start + len(word), right.lower())


def measure(name: str, found: Sequence[Misspelling]) -> None:
    """Print a row of the table."""
    plain = [candidates(one.text[one.start : one.end]) for one in found]
    started = time.perf_counter()
    placed = [
        in_context(words, one.text, one.start, one.end, most=5)
        for one, words in zip(found, plain, strict=True)
    ]
    each = 1000 * (time.perf_counter() - started) / max(len(found), 1)
    shares = []
    for most in (1, 3):
        for offered in (plain, placed):
            hits = (
                one.right in [word.text.lower() for word in words[:most]]
                for one, words in zip(found, offered, strict=True)
            )
            shares.append(f"{sum(hits) / max(len(found), 1):.1%}")
    print(f"| {name} | {len(found)} | {' | '.join(shares)} | {each:.2f} |")


if __name__ == "__main__":
    main()
