"""How precise each pattern is on clean text, and which are on by default.

    python -m benchmarks.patterns clean.txt [--every 12] [--verdicts FILE] [--list] [--write]

clean.txt (or .xz) has a sentence a line, with the name of its source and a tab before it if it has one.
Even clean texts have mistakes, so each finding was read: `data/pattern_verdicts.tsv` says of each, by a
fingerprint of its sentence, whether the text is wrong (the pattern is right) or the pattern is. Findings
that nobody has read are counted as false alarms; `--list` prints them, to be judged.

The result is `docs/patterns.md` with `--write`: of each pattern how many findings it made, how many of them
were right, and whether it is on by default (at normal strictness). A pattern below 98 % is to be off, by a
confidence below 0.7 in the table.
"""

from __future__ import annotations

import argparse
import lzma
from collections import Counter, defaultdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measures import words_in
from lsp_server.patterns import load, pattern_proposals
from lsp_server.proposers import LEAST
from triton_server.segmentation import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

VERDICTS = Path(__file__).with_name("data") / "pattern_verdicts.tsv"
PAGE = Path(__file__).parents[1] / "docs" / "patterns.md"
LEAST_PRECISION = 0.98


class Hit(NamedTuple):
    """What a pattern found in a sentence of clean text."""

    pattern: str
    source: str
    shown: str
    fingerprint: str


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clean", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take each so-manieth sentence")
    parser.add_argument("--first", type=int, default=0, help="counted from this one")
    parser.add_argument("--verdicts", type=Path, default=VERDICTS)
    parser.add_argument("--list", action="store_true", help="print the findings that nobody has judged")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    arguments = parser.parse_args()

    verdicts = read_verdicts(arguments.verdicts)
    words: Counter[str] = Counter()
    hits: list[Hit] = []
    for source, text in read_clean(arguments.clean, arguments.every, arguments.first):
        words[source] += words_in(text)
        hits += hits_in(source, text)
    if arguments.list:
        for hit in hits:
            if hit.fingerprint not in verdicts:
                print(hit.fingerprint, hit.pattern, hit.source, hit.shown, sep="\t")
    page = report(hits, verdicts, words)
    if arguments.write:
        PAGE.write_text(page, encoding="utf-8")
    elif not arguments.list:
        print(page)


def read_clean(path: Path, every: int, first: int = 0) -> Iterator[tuple[str, str]]:
    """Source and sentence of each line."""
    with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as lines:
        for number, line in enumerate(lines):
            if number % every == first:
                source, tab, text = line.decode("utf-8").rstrip("\n").partition("\t")
                yield (source, text) if tab else ("", source)


def read_verdicts(path: Path) -> dict[str, bool]:
    """Whether the pattern is right, by fingerprint."""
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {line[0]: line[2] == "right" for line in lines}


def hits_in(source: str, text: str) -> Iterator[Hit]:
    """What the patterns find in a sentence, shown with a bit of what stands around it."""
    for one in pattern_proposals(Sentence(text, ())):
        new = one.replacements[0]
        shown = f"{text[max(one.start - 60, 0) : one.start]}⟦{text[one.start : one.end]}→{new}⟧"
        data = f"{one.source}\0{new}\0{one.start}\0{text}"
        yield Hit(
            one.source,
            source,
            shown + text[one.end : one.end + 50],
            sha256(data.encode("utf-8", "replace")).hexdigest()[:12],
        )


def report(hits: Sequence[Hit], verdicts: Mapping[str, bool], words: Mapping[str, int]) -> str:
    """The page: what was measured, false alarms by source, and the table of patterns."""
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        found[hit.pattern].append(hit)
    kinds = {pattern.id: pattern.kind.code for pattern in load()} | {"doubled": "repeated-word"}
    confidences = {pattern.id: pattern.confidence for pattern in load()}
    is_on = {name: confidences.get(name, 1.0) >= LEAST["normal"] for name in kinds}
    silent = [name for name in kinds if name not in found]
    total = sum(words.values())
    lines = [
        "# Patterns, and how precise each is",
        "",
        "`python -m benchmarks.patterns` writes this page. Each pattern of `patterns.toml` was run over",
        f"{total:,} words of clean text, and each finding read, since even such texts have mistakes. A",
        "pattern that is right in less than 98 % is off by default: it reports at high strictness only.",
        "Patterns that were wrong here have been mended; [spelling.md](spelling.md) has figures of text",
        "that the mending had not seen.",
        "",
        *alarms(hits, verdicts, words, is_on),
        "",
        "| pattern | kind | findings | right | precision | by default |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in sorted(found, key=lambda name: (name.startswith("phrase: "), name)):
        right = sum(verdicts.get(hit.fingerprint, False) for hit in found[name])
        share = f"{right / len(found[name]):.0%}"
        on = "on" if is_on[name] else "off"
        lines.append(f"| {name} | {kinds[name]} | {len(found[name])} | {right} | {share} | {on} |")
    off = [name for name in silent if not is_on[name]]
    lines += [
        "",
        f"The other {len(silent):,} patterns and phrases found nothing there: nothing speaks against them"
        + (f"; off by default are of these {', '.join(off)}." if off else "."),
        "",
    ]
    return "\n".join(lines)


def alarms(
    hits: Iterable[Hit],
    verdicts: Mapping[str, bool],
    words: Mapping[str, int],
    is_on: Mapping[str, bool],
) -> Iterator[str]:
    """A table of the sources: words, and findings of patterns that are on, per 1,000 of them."""
    every: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for hit in hits:
        if is_on[hit.pattern]:
            every[hit.source] += 1
            false[hit.source] += not verdicts.get(hit.fingerprint, False)
    yield "| text | words | findings for 1,000 words | false alarms for 1,000 words |"
    yield "| --- | --- | --- | --- |"
    for source in sorted(words):
        counts = (1000 * counter[source] / words[source] for counter in (every, false))
        yield f"| {source} | {words[source]:,} | {' | '.join(f'{count:.3f}' for count in counts)} |"


if __name__ == "__main__":
    main()
