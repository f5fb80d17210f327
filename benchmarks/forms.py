"""Sentences per second of each form of the bundled model, in turns in one process.

    python -m benchmarks.forms [--sentences 200] [--rounds 5] [--threads 2] [--text FILE]

Needs the project's extra `train`. The forms are made of the bundled model's weights, and run as the local
engine runs them: fp32; 8 bits with a scale for each row of activations (`MatMulNBits`), in batches, as they
were run first, with a fused kernel that is slow, and without; 8 bits with one scale for all of a run, a
sentence a run and runs side by side (what `python -m triton_server.export gector MODEL OUT --int8` writes);
and the bundled file, which is the last with an early exit. The
sentences are from this project's documentation, or from a file with a sentence a line: how many leave early
depends on the text.
Beside them is how fast the processor multiplies matrices of 32-bit numbers at best, as NumPy's library does
it.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx

from lsp_server.prose import extract
from lsp_server.sentences import sentences_of
from triton_server.export.dequantise import dequantise
from triton_server.export.formats import quantise, quantise_rows, quiet
from triton_server.export.gector import export
from triton_server.gector import onnx_model
from triton_server.gector.model_files import ONNX, bundled_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.segmentation import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from triton_server.gector.tagger import Tagger

DOCS = Path(__file__).parents[1] / "docs"
FIRST = "8 bits, a scale a row, at first"
_SIDE = 2048


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--text", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    sentences = spread(lines_of(arguments.text) if arguments.text else documentation(), arguments.sentences)
    with tempfile.TemporaryDirectory() as scratch:
        with quiet():
            folders = forms(Path(scratch))
        sizes = {
            name: sum(path.stat().st_size for path in folder.glob(f"{ONNX}*")) / 1e6
            for name, folder in folders.items()
        }
        taggers = {name: opened(name, folder, arguments.threads) for name, folder in folders.items()}
        costs = in_turns(taggers, sentences, arguments.rounds)
    first_time, first_processor = (np.array(column) for column in zip(*costs[FIRST], strict=True))
    print(f"{'':32}   MB  sentences/s  to the first  processor time, of the first's")
    for name, spent in costs.items():
        seconds, processor = (np.array(column) for column in zip(*spent, strict=True))
        print(
            f"{name:32} {sizes[name]:4.0f} {len(sentences) / statistics.median(seconds):12.1f} "
            f"{np.median(first_time / seconds):12.2f} {np.median(processor / first_processor):12.2f}"
        )
    print(f"\nmatrix products of NumPy, fp32: {peak():.0f} GFLOPS")


def documentation() -> list[list[str]]:
    """The words of this project's documentation, by sentences: most are right, as most of people's are."""
    texts = [path.read_text("utf-8") for path in sorted(DOCS.glob("*.md"))]
    return [
        [word.text for word in place.sentence.words]
        for text in texts
        for block in extract(text, "markdown")
        for place in sentences_of(block)
    ]


def lines_of(path: Path) -> list[list[str]]:
    """The words of a file's lines."""
    return [[word.text for word in words_of(line)] for line in path.read_text("utf-8").splitlines()]


def spread(sentences: list[list[str]], count: int) -> list[list[str]]:
    """So many sentences of more than three words, from all over a text."""
    whole = [words for words in sentences if len(words) > 3]
    return whole[:: max(1, len(whole) // count)][:count]


def forms(scratch: Path) -> dict[str, Path]:
    """A model folder of each form."""
    weights = dequantise(bundled_model(), scratch / "weights")
    exact = export(weights, scratch / "fp32")

    def changed(name: str, change: Callable[[onnx.ModelProto], onnx.ModelProto]) -> Path:
        folder = scratch / name
        shutil.copytree(exact, folder, ignore=shutil.ignore_patterns(ONNX))
        onnx.save(change(onnx.load(exact / ONNX)), folder / ONNX)
        return folder

    rows = changed("rows", quantise_rows)
    return {
        FIRST: rows,
        "fp32": exact,
        "8 bits, a scale a row": rows,
        "8 bits, a scale a run": changed("run", quantise),
        "the same with an early exit": bundled_model(),
    }


def opened(name: str, folder: Path, threads: int) -> Tagger:
    """The model as the local engine runs it, or ran it at first."""
    slower = onnx_model._SLOWER
    onnx_model._SLOWER = [] if name == FIRST else slower
    try:
        return onnx_tagger(folder, threads=threads)
    finally:
        onnx_model._SLOWER = slower


def in_turns(
    taggers: dict[str, Tagger], sentences: list[list[str]], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Seconds and seconds of processor time that each took in each round."""
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in taggers}
    for turn in range(rounds + 1):
        for name, tagger in taggers.items():
            start, before = time.perf_counter(), processor_time()
            tagger(sentences, [0.2] * len(sentences))
            if turn:  # the first warms up
                costs[name].append((time.perf_counter() - start, processor_time() - before))
    return costs


def processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak() -> float:
    """Billions of operations a second in the product of two large matrices, the best of some."""
    matrix = np.random.default_rng(0).random((_SIDE, _SIDE), dtype=np.float32)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - start)
    return 2 * _SIDE**3 / min(seconds) / 1e9


if __name__ == "__main__":
    main()
