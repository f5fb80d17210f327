"""Our labels are those of the reference implementation, PyPI's `gector`, on the same fp32 weights."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.triton_server.tiny_gector import tiny_gector
from triton_server.gector.model_files import bundled_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.passes import thresholded
from triton_server.gector.types import KEEP, Decoding

pytestmark = [
    pytest.mark.reference,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.filterwarnings("ignore"),  # of PyTorch and its exporter, about themselves
]

SENTENCES = [
    line.split(" ")
    for line in (Path(__file__).parents[2] / "fixtures" / "reference" / "sentences.txt")
    .read_text(encoding="utf-8")
    .splitlines()
]
THRESHOLDS = [(0.0, 0.0), (0.2, 0.5)]


def reference_labels(model, scratch, thresholds):
    """By the interpreter in GRAMMARED_REFERENCE_PYTHON, which has gector and a transformers that fits."""
    scratch.mkdir()
    answer = subprocess.run(
        [
            os.environ["GRAMMARED_REFERENCE_PYTHON"],
            Path(__file__).with_name("reference_labels.py"),
            "labels",
            model,
            scratch,
        ],
        input=json.dumps({"sentences": SENTENCES, "thresholds": thresholds}) + "\n",
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    assert answer.returncode == 0, answer.stderr
    # <OOV>, an error that no label corrects, changes nothing there as $KEEP does here.
    return [
        [[KEEP if label == "<OOV>" else label for label in labels] for labels in taggings]
        for taggings in json.loads(answer.stdout)
    ]


def with_max_length(folder, subwords):
    """No sentence here is as long; the reference pads every one to it."""
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "max_length": subwords}))
    return folder


def our_labels(tagger, thresholds):
    found = []
    for keep, error in thresholds:
        taggings = tagger(SENTENCES, [keep] * len(SENTENCES))
        found.append([list(thresholded(tagging, Decoding(keep, error))) for tagging in taggings])
    return found


def test_pytorch_and_onnx_label_as_the_reference_does(tmp_path):
    from triton_server.export.dequantise import dequantise
    from triton_server.export.gector import export
    from triton_server.gector.torch_model import torch_tagger

    assert len(SENTENCES) >= 500
    model = with_max_length(dequantise(bundled_model(), tmp_path / "fp32"), 64)
    expected = reference_labels(model, tmp_path / "scratch", THRESHOLDS)
    assert sum(label != KEEP for labels in expected[0] for label in labels) > 500
    assert our_labels(torch_tagger(model), THRESHOLDS) == expected
    assert our_labels(onnx_tagger(export(model, tmp_path / "onnx")), THRESHOLDS) == expected


def test_models_without_special_tokens_too(tmp_path):
    from triton_server.gector.torch_model import torch_tagger

    model = with_max_length(tiny_gector(tmp_path / "official", official=True), 64)
    thresholds = [(0.0, 0.0), (0.3, 0.2)]
    # its sub-words are letters at worst; the reference cuts off what is longer than 64
    within = [i for i, words in enumerate(SENTENCES) if sum(map(len, words)) < 60]
    assert len(within) > 50
    ours = our_labels(torch_tagger(model), thresholds)
    theirs = reference_labels(model, tmp_path / "scratch", thresholds)
    for mine, its in zip(ours, theirs, strict=True):
        assert [mine[i] for i in within] == [its[i] for i in within]
