"""Sentence boundaries: our rules beside spaCy's `sentencizer`, on Universal Dependencies' English treebanks.

    GRAMMARED_DATA=path/to/data python -m benchmarks.sentences [treebank.conllu[.gz] ...]

Needs treebanks in CoNLL-U: those named, or else `sentences/*.conllu*` in the folder GRAMMARED_DATA. The
paragraphs' text is put together again from them, with a blank between two sentences. A boundary is the place
between two sentences of one paragraph; paragraphs are given, so their ends count for nothing. Many boundaries
in the web texts of EWT follow no punctuation at all (headlines, signatures): no rule finds those. Speed is a
ratio, measured in this one run; ours makes the words of each sentence, too.
"""

from __future__ import annotations

import gzip
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from spacy.lang.en import English

from triton_server.segmentation.sentences import split

Split = Callable[[str], list[tuple[int, int]]]


@dataclass
class Score:
    """Boundaries found and missed."""

    right: int = 0
    found: int = 0
    gold: int = 0

    def __str__(self) -> str:
        precision, recall = self.right / max(1, self.found), self.right / max(1, self.gold)
        f1 = 2 * self.right / max(1, self.found + self.gold)
        return f"P {precision:6.1%}  R {recall:6.1%}  F1 {f1:6.1%}"


def paragraphs(path: Path) -> Iterator[list[str]]:
    """The sentences of each paragraph of a CoNLL-U file, as written (`# text`)."""
    opener = gzip.open if path.suffix == ".gz" else open
    sentences: list[str] = []
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(("# newdoc", "# newpar")) and sentences:
                yield sentences
                sentences = []
            elif line.startswith("# text = "):
                sentences.append(" ".join(line.removeprefix("# text = ").split()))
    if sentences:
        yield sentences


def boundaries(paragraph: list[str]) -> set[int]:
    """Where a sentence begins within a paragraph whose sentences are joined by blanks."""
    starts, offset = set(), 0
    for sentence in paragraph[:-1]:
        offset += len(sentence) + 1
        starts.add(offset)
    return starts


def measure(split_text: Split, treebank: list[list[str]]) -> tuple[Score, float]:
    """The score over all paragraphs, and the seconds it took."""
    score, seconds = Score(), 0.0
    for paragraph in treebank:
        text = " ".join(paragraph)
        begin = time.perf_counter()
        found = {start for start, _ in split_text(text)[1:]}
        seconds += time.perf_counter() - begin
        gold = boundaries(paragraph)
        score.right += len(found & gold)
        score.found += len(found)
        score.gold += len(gold)
    return score, seconds


def sentencizer() -> Split:
    """The rule-based splitter that comes with spaCy."""
    nlp = English()
    nlp.add_pipe("sentencizer")

    def split_text(text: str) -> list[tuple[int, int]]:
        return [(sentence.start_char, sentence.end_char) for sentence in nlp(text).sents]

    return split_text


def main(names: list[str]) -> None:
    data = os.environ.get("GRAMMARED_DATA")
    paths = [Path(name) for name in names] or sorted(Path(data or ".", "sentences").glob("*.conllu*"))
    if not paths:
        sys.exit(
            "No treebank: name a CoNLL-U file, or set GRAMMARED_DATA to the folder that holds sentences/."
        )
    theirs = sentencizer()
    split("Warm up."), theirs("Warm up.")
    for path in paths:
        treebank = list(paragraphs(path))
        print(f"{path.name}: {len(treebank)} paragraphs, {sum(map(len, treebank))} sentences")
        ours_score, ours_seconds = measure(split, treebank)
        their_score, their_seconds = measure(theirs, treebank)
        print(f"  grammared           {ours_score}")
        print(f"  spaCy sentencizer   {their_score}")
        print(f"  grammared takes {ours_seconds / their_seconds:.2f} times the sentencizer's time")


if __name__ == "__main__":
    main(sys.argv[1:])
