"""Pairs of a wrong and a right sentence from the tests of Harper's rules, for `benchmarks/product.py`.

    python -m benchmarks.harper_pairs CHECKOUT > pairs.tsv
    python -m benchmarks.harper_pairs CHECKOUT --half held-out > held-out.tsv

CHECKOUT is one of Automattic/harper (Apache-2.0). A line is the rule, the wrong sentence and the right one.
The rules are in two halves by a hash of their name: what is missed in the half `seen` may be looked at when
patterns are written, the half `held-out` is for measuring only.
"""

from __future__ import annotations

import argparse
import ast
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LITERAL = r'"(?:[^"\\]|\\.)*"'
_RUST = re.compile(rf"assert_suggestion_result\(\s*({_LITERAL}),\s*[^\"]*?,\s*({_LITERAL}),?\s*\)", re.DOTALL)
_WEIR = re.compile(rf"^test ({_LITERAL})\s+({_LITERAL})", re.MULTILINE)
_CONTINUED = re.compile(r"\\\n\s*")
_FEWEST = 3
"""Words of a sentence that a checker can be asked about; fewer are an expression with nothing around it."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--half", choices=("seen", "held-out"))
    arguments = parser.parse_args()
    for rule, wrong, right in pairs(arguments.checkout / "harper-core/src/linting"):
        if arguments.half in (None, half(rule)):
            print(rule, wrong, right, sep="\t")


def half(rule: str) -> str:
    """In which half a rule is."""
    return "seen" if zlib.crc32(rule.encode()) % 2 else "held-out"


def pairs(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rule, wrong and right sentence, each pair once."""
    seen = set()
    for path in sorted([*folder.rglob("*.rs"), *folder.rglob("*.weir")]):
        pattern = _RUST if path.suffix == ".rs" else _WEIR
        for match in pattern.finditer(path.read_text(encoding="utf-8")):
            wrong, right = (_unquoted(literal) for literal in match.groups())
            is_line = "\n" not in wrong + right and "\t" not in wrong + right
            if is_line and wrong != right and len(wrong.split()) >= _FEWEST and (wrong, right) not in seen:
                seen.add((wrong, right))
                yield path.stem, wrong, right


def _unquoted(literal: str) -> str:
    r"""What a string literal of Rust stands for; its escapes are Python's but for `\u{…}` and line ends."""
    joined = _CONTINUED.sub("", literal)
    plain = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda match: chr(int(match[1], 16)), joined)
    return str(ast.literal_eval(f'""{plain}""' if "\n" in plain else plain))


if __name__ == "__main__":
    main()
