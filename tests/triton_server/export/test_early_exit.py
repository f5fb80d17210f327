"""Early exits in the graph of the bundled model, and the training of their heads."""

from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("torch")

from click.testing import CliRunner  # noqa: E402

from lsp_server.cli.commands import grammared  # noqa: E402
from triton_server.export.early_exit import (  # noqa: E402
    Exit,
    ends_of_layers,
    exits_of,
    save_apart,
    with_exits,
    without_exits,
)
from triton_server.export.exit_training import train_exits  # noqa: E402
from triton_server.gector.model_files import ONNX, bundled_model, open_model  # noqa: E402
from triton_server.gector.onnx_model import onnx_tagger  # noqa: E402
from triton_server.gector.types import KEEP, GectorError  # noqa: E402

SENTENCES = [
    tuple(line.split())
    for line in Path(__file__)
    .parents[2]
    .joinpath("fixtures", "reference", "sentences.txt")
    .read_text("utf-8")
    .splitlines()
]
KEPT = open_model(bundled_model()).keep


def plain():
    return without_exits(onnx.load(bundled_model() / ONNX))


def written(model, folder):
    folder.mkdir()
    for path in bundled_model().glob("*.json"):
        (folder / path.name).write_bytes(path.read_bytes())
    save_apart(model, folder)
    return folder


def exit_after(layer, threshold, hidden=768):
    rng = np.random.default_rng(layer)
    weights = (rng.normal(size=(hidden, 8)), rng.normal(size=(8, 1)))
    biases = (np.zeros(8), np.zeros(1))
    first, second = (tuple(one.astype(np.float32) for one in arrays) for arrays in (weights, biases))
    return Exit(layer, threshold, first, second)


def as_bytes(messages):
    return sorted(one.SerializeToString() for one in messages)


def test_exits_come_out_as_they_went_in():
    before, model = plain().graph, with_exits(plain(), [exit_after(4, 0.1), exit_after(2, 0.1)], KEPT)
    assert len(model.graph.node) < len(before.node)
    after = without_exits(model).graph
    assert as_bytes(after.node) == as_bytes(before.node)
    assert as_bytes(after.initializer) == as_bytes(before.initializer)
    assert list(ends_of_layers(model)) == [1, 2, 3, 4, 5, 6]


def test_exits_are_read_from_the_graph():
    put = [exit_after(2, 0.25), exit_after(4, 0.5)]
    found = exits_of(with_exits(plain(), put, KEPT))
    assert [(one.layer, one.threshold) for one in found] == [(2, 0.25), (4, 0.5)]
    for one, other in zip(put, found, strict=True):
        for arrays in zip((*one.weights, *one.biases), (*other.weights, *other.biases), strict=True):
            np.testing.assert_array_equal(*arrays)
    assert exits_of(plain()) == []


def test_who_stays_gets_the_answer_of_the_whole_model(tmp_path):
    exits = [exit_after(2, 0.0), exit_after(4, 0.0)]
    tag = onnx_tagger(written(with_exits(plain(), exits, KEPT), tmp_path / "exits"))
    whole = onnx_tagger(written(plain(), tmp_path / "whole"))
    assert tag(SENTENCES[:40], [0.0] * 40) == whole(SENTENCES[:40], [0.0] * 40)


def test_who_leaves_is_kept_unless_less_sure_corrections_are_asked_for(tmp_path):
    whole = onnx_tagger(written(plain(), tmp_path / "whole"))
    tag = onnx_tagger(written(with_exits(plain(), [exit_after(3, 2.0)], KEPT), tmp_path / "exits"))
    for sentence, tagging in zip(SENTENCES[:20], tag(SENTENCES[:20], [0.0] * 20), strict=True):
        assert tagging.labels == (KEEP,) * (len(sentence) + 1)
        assert tagging.probabilities == pytest.approx([1 - one for one in tagging.error_probabilities])
    assert tag(SENTENCES[:20], [-0.2] * 20) == whole(SENTENCES[:20], [-0.2] * 20)


def test_there_must_be_such_a_layer():
    with pytest.raises(GectorError, match="there is no layer 7 to leave the model after; it has 6"):
        with_exits(plain(), [exit_after(7, 0.1)], KEPT)


@pytest.mark.slow
def test_heads_are_trained(tmp_path):
    (tmp_path / "clean.txt").write_text("\n".join(" ".join(one) for one in SENTENCES), encoding="utf-8")
    wrong = [f"She have {number} cat and they goes home ." for number in range(2, 60)]
    pairs = "".join(f"{one}\t{one.replace('have', 'has').replace('goes', 'go')}\n" for one in wrong)
    (tmp_path / "pairs.tsv").write_text(pairs, encoding="utf-8")
    command = ["train", "exits", bundled_model(), tmp_path / "out", "--pairs", tmp_path / "pairs.tsv"]
    command += ["--clean", tmp_path / "clean.txt", "--lost", "0.2", "--layer", "3", "--layer", "4"]
    ran = CliRunner().invoke(grammared, list(map(str, command)), catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    assert "          3 " in ran.stdout and "          4 " in ran.stdout
    whole = onnx_tagger(written(plain(), tmp_path / "whole"))
    answers = onnx_tagger(tmp_path / "out")(SENTENCES, [0.0] * len(SENTENCES))
    pairs = list(zip(answers, whole(SENTENCES, [0.0] * len(SENTENCES)), strict=True))
    left = [ours for ours, theirs in pairs if ours != theirs]
    assert 0 < len(left) < len(SENTENCES)
    assert all(set(one.labels) == {KEEP} for one in left)


def test_thresholds_need_mistakes(tmp_path):
    with pytest.raises(GectorError, match="too few to choose thresholds by; give more sentences"):
        train_exits(bundled_model(), tmp_path / "out", SENTENCES[:20])
