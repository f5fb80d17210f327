"""How fast training data is made, and whether its labels lead from each sentence to its correction.

    python -m benchmarks.training_data SENTENCES [--count 10000] [--workers 1]

SENTENCES is a file of right sentences (`grammared train sentences`). Mistakes are put into them as into a
training's, then

- labels: of how many sentences the labels, applied pass by pass, give back the right sentence exactly, and
  how many passes that takes;
- speed: sentences a second of a processor's time, for making mistakes and for making labels, beside the
  sub-word tokenizer alone, which is compiled code; and a second of the clock, for worker processes that make
  whole batches for a training.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from triton_server.gector.model_files import bundled_model, open_model
from triton_server.gector.subwords import Subwords
from triton_server.training.corrupt import corrupt
from triton_server.training.errors import DEFAULT, load_errors, mistakes_in
from triton_server.training.examples import CHUNK, Mix, chunks
from triton_server.training.label import applied, labels_of, passes_of
from triton_server.training.texts import read_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from triton_server.training.texts import Words


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sentences", type=Path)
    parser.add_argument("--count", type=int, default=10_000, help="sentences")
    parser.add_argument("--rates", default="dense")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()

    errors, rng = load_errors(DEFAULT), random.Random(1)
    right = [*islice(read_sentences([arguments.sentences]), arguments.count)]
    mistakes_in(right[0], errors, random.Random(0))  # reads the word lists, which is not counted
    wrong: list[Words] = []
    made = per_second(
        len(right), lambda: wrong.extend(corrupt(words, errors, rng, arguments.rates) for words in right)
    )
    exactness(wrong, right)

    files = open_model(bundled_model())
    subwords = Subwords(
        files.path("tokenizer.json"), special_tokens=files.special_tokens, max_subwords=files.max_subwords
    )
    reference = per_second(len(wrong), lambda: subwords.windows(wrong))
    labelled = per_second(len(right), lambda: [labels_of(*pair) for pair in zip(wrong, right, strict=True)])
    print("\n| sentences a second |  |\n|---|---|")
    print(f"| reference: sub-words alone, of one core | {reference:,.0f} |")
    print(f"| mistakes, of one core | {made:,.0f} |")
    print(f"| labels, of one core | {labelled:,.0f} |")
    print(f"| whole batches, {arguments.workers} worker processes | {batches(arguments):,.0f} |")


def exactness(wrong: Sequence[Words], right: Sequence[Words]) -> None:
    """Count the sentences whose labels lead to the right one."""
    passes: Counter[int] = Counter()
    exact = 0
    for source, target in zip(wrong, right, strict=True):
        words, steps = source, passes_of(source, target)
        for labels in steps:
            words = applied(words, labels)
        exact += words == target
        passes[len(steps)] += 1
    told = ", ".join(f"{count:,} in {number}" for number, count in sorted(passes.items()))
    print(f"labels give back the right sentence of {exact:,} of {len(right):,}; passes: {told}")


def batches(arguments: argparse.Namespace) -> float:
    """Sentences a second that workers give to a training, their start left out."""
    mix = Mix(bundled_model(), (arguments.sentences,), rates=arguments.rates)
    made = chunks(mix, workers=arguments.workers)
    next(made)
    wanted = max(1, arguments.count // CHUNK)
    speed = per_second(wanted * CHUNK, lambda: [*islice(made, wanted)], time.perf_counter)
    made.close()  # type: ignore[attr-defined]  # a generator: its workers end with it
    return speed


def per_second(
    count: int, work: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> float:
    start = clock()
    work()
    return count / (clock() - start)


if __name__ == "__main__":
    main()
