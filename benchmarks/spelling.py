"""Spelling: what is found, which word comes first, false alarms, speed; beside a Hunspell reader.

    python -m benchmarks.spelling --pairs Annotations.tsv --clean clean.txt [--hunspell FOLDER] [--sample 300]

Annotations.tsv has a misspelling and its correction in the columns `Misspelling` and `Correction` (as
TOEFL-Spell has, EducationalTestingService/TOEFL-Spell, CC BY-SA 4.0), or in its first two columns. clean.txt
has a good sentence a line. FOLDER has `index.dic` and `index.aff` (npm's dictionary-en); `spylls` reads it
(pip install spylls).
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.patterns import pattern_proposals
from lsp_server.proposers import LEAST
from lsp_server.spelling import is_word, load, spelling_proposals
from lsp_server.spelling.suggest import candidates, is_slip_by_rule
from triton_server.segmentation import sentences_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--hunspell", type=Path)
    parser.add_argument("--sample", type=int, default=300, help="misspellings that the Hunspell reader gets")
    arguments = parser.parse_args()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    small, other = load("auto")
    print(f"{len(small) + len(other):,} words in {1000 * (time.perf_counter() - started):.0f} ms")
    pairs = read_pairs(arguments.pairs)
    suggest("ours", pairs, is_unknown, ours)
    print(f"memory: {(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:.0f} MB")
    if arguments.hunspell:
        from spylls.hunspell import Dictionary

        reference = Dictionary.from_files(str(arguments.hunspell / "index"))
        sample = random.Random(1).sample(pairs, min(arguments.sample, len(pairs)))
        suggest(
            "ours, the sample",
            sample,
            lambda word: not is_word(word),
            lambda w: [c.text for c in candidates(w)],
        )
        suggest(
            "spylls",
            sample,
            lambda word: not reference.lookup(word),
            lambda word: list(reference.suggest(word)),
        )
    alarms(arguments.clean.read_text(encoding="utf-8").splitlines())


def is_unknown(word: str) -> bool:
    return not is_word(word) or is_slip_by_rule(word)


def ours(word: str) -> list[str]:
    return [candidate.text for candidate in candidates(word)]


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Misspellings of one word with one word for them, each once, in small letters."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    head = rows[0]
    columns = [
        head.index(name) if name in head else index
        for index, name in enumerate(("Misspelling", "Correction"))
    ]
    pairs = [
        (row[columns[0]].lower(), row[columns[1]].lower()) for row in rows[1:] if len(row) > max(columns)
    ]
    return sorted({(a, b) for a, b in pairs if a.isalpha() and a.isascii() and len(a) > 2 and a != b})


def suggest(
    name: str,
    pairs: Sequence[tuple[str, str]],
    is_unknown: Callable[[str], bool],
    suggestions: Callable[[str], list[str]],
) -> None:
    """Print how many are unknown, and where the right word stands among the suggestions for those."""
    unknown = [(wrong, right) for wrong, right in pairs if is_unknown(wrong)]
    started = time.perf_counter()
    found = [(suggestions(wrong), right) for wrong, right in unknown]
    each = 1000 * (time.perf_counter() - started) / max(len(unknown), 1)
    first = sum(words[:1] == [right] for words, right in found)
    third = sum(right in words[:3] for words, right in found)
    print(
        f"{name}: {len(pairs)} misspellings, unknown {len(unknown) / len(pairs):.1%}, of those right first "
        f"{first / len(unknown):.1%}, in the first three {third / len(unknown):.1%}, {each:.1f} ms each"
    )


def alarms(lines: Sequence[str]) -> None:
    """Print what is proposed in clean sentences, at normal strictness, and how long that takes."""
    sentences = [sentence for line in lines for _, sentence in sentences_in(line)]
    words = sum(len(sentence.words) for sentence in sentences)
    least = LEAST["normal"]
    started = time.perf_counter()
    spelling = [p for s in sentences for p in spelling_proposals(s, "auto", lambda _: False, lambda _: 1)]
    middle = time.perf_counter()
    patterns = [p for s in sentences for p in pattern_proposals(s)]
    ended = time.perf_counter()
    for name, found, seconds in (
        ("spelling", spelling, middle - started),
        ("patterns", patterns, ended - middle),
    ):
        shown = [p for p in found if p.confidence >= least]
        print(
            f"{name}: {1000 * len(shown) / words:.2f} alarms per 1,000 of {words:,} clean words, "
            f"{words / seconds:,.0f} words/s"
        )


if __name__ == "__main__":
    main()
