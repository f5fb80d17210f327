"""Sentences per second: our local engine's way of correcting beside PyPI `gector`, on the same weights.

    python -m benchmarks.throughput --reference PYTHON [--m2 FILE] [--sentences 400] [--rounds 3]

PYTHON is an interpreter with gector and a transformers it works with: .nox/reference/bin/python once the
tests have run. It gets the weights of the bundled model, de-quantised to fp32. Both correct the same
sentences in several passes with the same thresholds, on as many threads, and take turns: one round each.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from triton_server.export.dequantise import dequantise
from triton_server.gector.model_files import bundled_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.passes import correct
from triton_server.segmentation.types import Sentence, Word

REFERENCE = Path(__file__).parents[1] / "tests" / "triton_server" / "gector" / "reference_labels.py"
SHIPPED = Path(__file__).parents[1] / "tests" / "fixtures" / "reference" / "sentences.txt"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", required=True, help="interpreter that has PyPI's gector")
    parser.add_argument("--m2", type=Path, help="take the sentences of this M2 file, not the shipped ones")
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()

    sentences = [spaced(line) for line in lines(arguments.m2)[: arguments.sentences]]
    tagger = onnx_tagger(bundled_model(), threads=2)
    decoding = tagger.files.decoding
    with tempfile.TemporaryDirectory() as scratch:
        model = dequantise(bundled_model(), Path(scratch) / "fp32")
        question = {
            "sentences": [sentence.text for sentence in sentences],
            "thresholds": [decoding.keep_confidence, decoding.min_error_prob],
            "passes": decoding.max_passes,
        }
        with subprocess.Popen(
            [arguments.reference, "-W", "ignore", str(REFERENCE), "predict", str(model), scratch],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as reference:
            assert reference.stdin is not None
            assert reference.stdout is not None

            def ask(line: str) -> str:
                print(line, file=reference.stdin, flush=True)
                return reference.stdout.readline()

            if ask(json.dumps(question)).strip() != "ready":
                raise SystemExit("The reference does not run; see benchmarks/README.md for what it needs.")
            correct(sentences, tagger, decoding)  # warm-up
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                theirs.append(len(sentences) / float(ask("go")))
                start = time.perf_counter()
                correct(sentences, tagger, decoding)
                ours.append(len(sentences) / (time.perf_counter() - start))
            reference.stdin.close()
    print(f"reference (fp32, PyTorch)  {statistics.median(theirs):7.1f} sentences/s")
    print(f"Grammared (int8, ONNX)     {statistics.median(ours):7.1f} sentences/s")
    ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
    rounds = ", ".join(f"{ratio:.1f}" for ratio in ratios)
    print(f"ratio                      {statistics.median(ratios):7.1f}   (rounds: {rounds})")


def lines(m2: Path | None) -> list[str]:
    if m2 is None:
        return SHIPPED.read_text(encoding="utf-8").splitlines()
    return [line[2:] for line in m2.read_text(encoding="utf-8").splitlines() if line.startswith("S ")]


def spaced(line: str) -> Sentence:
    """A sentence of words with a space between any two."""
    words, start = [], 0
    for token in line.split(" "):
        words.append(Word(token, start, start + len(token)))
        start += len(token) + 1
    return Sentence(line, tuple(words))


if __name__ == "__main__":
    main()
