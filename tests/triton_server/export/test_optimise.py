"""Finding the fastest way to serve a model, on a tiny one with random weights."""

import subprocess
import sys

import pytest

from tests.triton_server.tiny_gector import FIXTURE, tiny_gector
from triton_server.authoring.new_model import NewModel, write
from triton_server.export import optimise
from triton_server.export.optimise import Setting, Trial
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.launcher import repository
from triton_server.launcher.errors import LauncherError


def trial(precision, speed, agreement):
    return Trial(Setting(precision, 2, 16), speed, agreement)


def test_the_fastest_within_the_loss_wins():
    trials = [trial("original", 1, 1), trial("fp32", 2, 0.999), trial("int8", 3, 0.99)]
    chosen = [optimise._best(trials, loss).setting.precision for loss in (0, 0.005, 0.02)]
    assert chosen == ["original", "fp32", "int8"]


def test_speeds_are_ratios_of_work_done_in_turns():
    turns = []
    speeds = optimise._speeds([lambda: turns.append("a"), lambda: turns.append("b")], repeats=2)
    assert turns == ["a", "b"] * 3  # one turn each warms up
    assert speeds[0] == 1
    assert len(speeds) == 2


@pytest.fixture
def home(tmp_path):
    """A user's repository with a tiny model on PyTorch."""
    weights = tiny_gector(tmp_path / "weights")
    write(NewModel("mine", task="gector", model=str(weights)), tmp_path / "home/data/model_repository")
    return tmp_path / "home"


def grammared(home, *arguments):
    ran = subprocess.run(
        [sys.executable, "-m", "lsp_server.cli", "triton", "optimize", *arguments],
        env={"PATH": "/usr/bin:/bin", "GRAMMARED_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.slow
def test_a_model_on_pytorch_becomes_one_on_onnx_with_the_table_of_what_was_tried(home, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("He go to school and it is home.\n" * 12)
    options = ["--text", str(text), "--repeats=1", "--no-server"]
    code, out, err = grammared(home, "mine", *options, "--max-loss=100")
    assert (code, err.splitlines()[0]) == (0, "Exporting weights to fp32, fp16, int8 …")
    models = home / "data" / "model_repository"
    made = models / "mine_optimized"
    for tried in ("original", "fp32", "fp16", "int8"):
        assert f"\n| {tried} | " in out
    assert out.splitlines()[-1].startswith(f"wrote {made}: ")
    assert out.rpartition("\n\n")[0] in (made / "README.md").read_text()
    read = repository.read(models, "mine_optimized")
    assert read.parameters["model"].string_value == "onnx"
    assert "/tmp" not in (made / "config.pbtxt").read_text()
    [tagging] = onnx_tagger(made / "onnx")([["he", "go"]], [0.0])
    assert len(tagging.labels) == 3

    code, out, err = grammared(home, "mine", *options)
    assert (code, out) == (2, "")
    assert "mine_optimized exists already" in err


def test_what_cannot_be_optimised(tmp_path):
    with pytest.raises(LauncherError, match="ner_bert is no GECToR model: only those can be optimised"):
        optimise.original_of(repository.SHIPPED / "ner_bert")
    write(NewModel("tiny", task="gector", model=str(FIXTURE)), tmp_path)
    assert optimise.original_of(tmp_path / "tiny") == FIXTURE


def test_the_sample_has_sentences_enough():
    sentences = optimise.sample()
    assert len(sentences) > 100
    assert min(map(len, sentences)) > 3
