"""What the bundled model finds in a sentence depends on that sentence alone, and not on how it is asked."""

import asyncio
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lsp_server.checker
from lsp_server.checker import Checker
from lsp_server.documents import DocumentSnapshot, Span
from lsp_server.engines.local import LocalEngine
from lsp_server.proposers import Proposers
from lsp_server.settings import Settings
from triton_server.backend.gector import GectorBackend, ModelCard
from triton_server.backend.requests import Request
from triton_server.gector.model_files import bundled_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.types import Tagging

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "tests" / "fixtures" / "reference" / "sentences.txt"
SENTENCES = REFERENCE.read_text(encoding="utf-8").splitlines()[:24]


class TritonsCode:
    """An engine that asks the code of the model on Triton in Triton's form, in this process."""

    def __init__(self, tagger):
        card = ModelCard(tagger.files.identity, tagger.files.decodings)
        self.identity = f"triton:{card.identity}"
        self.decoding = tagger.files.decodings.__getitem__
        self._backend = GectorBackend(tagger, card)

    async def tag(self, sentences, keep_confidence):
        rows = [[json.dumps(list(words)).encode()] for words in sentences]
        bias = np.full((len(rows), 1), keep_confidence, np.float32)
        request = Request({"words": np.array(rows, np.object_), "keep_confidence": bias})
        [answer] = self._backend.answer([request])
        columns = (answer[name].tolist() for name in ("labels", "probabilities", "error_probabilities"))
        taggings = []
        for words, (labels,), sure, wrong in zip(sentences, *columns, strict=True):
            size = len(words) + 1
            taggings.append(Tagging(tuple(json.loads(labels)), tuple(sure[:size]), tuple(wrong[:size])))
        return taggings


@cache
def engine(name):
    """One that runs the model in one thread, in two, or as Triton does."""
    if name == "triton":
        return TritonsCode(onnx_tagger(bundled_model(), threads=1))
    local = LocalEngine(threads=name)
    asyncio.run(local.start())
    return local


def found_in(sentences, of_engine, focus=None):
    """What is found in each of some sentences that stand in one document, by offsets in the sentence."""
    text = "\n\n".join(sentences)
    starts = [sum(len(one) + 2 for one in sentences[:index]) for index in range(len(sentences))]

    async def check():
        parts = Checker(of_engine, Settings()).parts(document(text), focus=focus)
        return [finding async for part in parts for finding in part.findings]

    found = [[] for _ in sentences]
    for one in sorted(asyncio.run(check()), key=lambda one: one.place):
        index = max(index for index, start in enumerate(starts) if start <= one.span.start)
        at = starts[index]
        suggested = [(s.span.start - at, s.span.end - at, s.replacement) for s in one.suggestions]
        where = one.span.start - at, one.span.end - at
        found[index].append((where, one.kind, one.message, suggested, round(one.confidence, 5)))
    return found


def document(text, name="a.txt"):
    return DocumentSnapshot(f"file:///{name}", text, "plaintext")


@cache
def alone(sentence):
    [found] = found_in([sentence], engine(1))
    return found


def test_there_is_something_to_find():
    assert sum(bool(alone(sentence)) for sentence in SENTENCES) > 12


@given(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=12),
    st.sampled_from([1, 2, "triton"]),
    st.integers(1, 8),
    st.booleans(),
    st.data(),
)
@settings(max_examples=25)
def test_neighbours_order_parts_and_engine_change_nothing(chosen, which, size, is_looked_at, data):
    focus = None
    if is_looked_at:
        place = data.draw(st.integers(0, len("\n\n".join(chosen))))
        focus = Span(place, place)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BATCH", "FIRST", "MOST"):
            patch.setattr(lsp_server.checker, name, size)
        assert found_in(chosen, engine(which), focus) == [alone(sentence) for sentence in chosen]


def test_another_process_that_checks_files_side_by_side_finds_the_same(tmp_path):
    texts = ["\n\n".join(SENTENCES[start::3]) for start in range(3)]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text, "utf-8")
    command = [sys.executable, "-m", "lsp_server.cli", "lint", "--no-cache", "--format", "json"]
    run = subprocess.run(
        [*command, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    reported = [
        [
            (one["span"]["start"]["offset"], one["span"]["end"]["offset"], one["kind"])
            for one in of["findings"]
        ]
        for of in json.loads(run.stdout)["files"]
    ]

    checker = Checker(engine(1), Settings(), propose=Proposers)
    here = [asyncio.run(checker.check(document(text, f"{at}.txt"))).findings for at, text in enumerate(texts)]
    assert reported == [[(one.span.start, one.span.end, one.kind.code) for one in found] for found in here]
