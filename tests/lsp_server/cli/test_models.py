"""`grammared models` and `grammared doctor`, on the bundled model and on folders made here."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.triton_server.backend.tasks.test_hub import Hub
from tests.triton_server.tiny_gector import tiny_gector
from triton_server.gector.model_files import bundled_model


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GRAMMARED_CACHE", str(tmp_path / "cache"))


def copy_of_the_bundled_model(folder):
    shutil.copytree(bundled_model(), folder)
    return folder


def test_models_are_listed_with_what_was_downloaded(run, tmp_path):
    copy_of_the_bundled_model(tmp_path / "home" / "models" / "somebody--else")
    (tmp_path / "home" / "models" / "broken").mkdir()
    code, out, _ = run("models", "list")
    rows = [re.split(r"  +", line) for line in out.splitlines()]
    assert code == 0
    assert [row[0] for row in rows] == ["gector-distilbert", "broken", "somebody--else"]
    assert rows[1][1] == "cannot be used"
    assert rows[0][1] == rows[2][1]


def test_info_says_what_a_model_is(run):
    code, out, _ = run("models", "info")
    assert code == 0
    assert re.search(r"labels +5,00\d", out)
    assert "strictness normal" in out
    assert re.search(r"model.onnx +\d+\.\d MB", out)


def test_a_model_is_verified_by_what_it_answers(run, tmp_path):
    code, out, _ = run("models", "verify")
    assert (code, "finds the mistake" in out) == (0, True)
    rotated = copy_of_the_bundled_model(tmp_path / "rotated")
    path = rotated / "config.json"
    config = json.loads(path.read_text())
    labels = list(config["label2id"])
    first = config["label2id"][labels[0]]
    count = sum(label != "<PAD>" for label in labels)
    config["label2id"] = {
        label: (number - first + 50) % count + first if label != "<PAD>" else number
        for label, number in config["label2id"].items()
    }
    path.write_text(json.dumps(config))
    code, out, err = run("models", "verify", rotated)
    assert (code, out) == (2, "")
    assert "answers, but not as a grammar model does" in err
    code, _, err = run("models", "verify", "nowhere")
    assert (code, err.count("\n")) == (2, 1)
    assert "There is no model folder nowhere" in err


@pytest.mark.slow
def test_a_model_is_downloaded_made_ready_and_used(tmp_path):
    """From a hub on this machine, in a process that knows no other one."""
    pytest.importorskip("onnxscript")
    hub = Hub({"owner/tiny": tiny_gector(tmp_path / "tiny")})
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    variables |= {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_DISABLE_XET": "1"}

    def grammared(*arguments):
        command = [sys.executable, "-m", "lsp_server.cli", *arguments]
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=300, check=False
        )
        return done.returncode, done.stdout, done.stderr.strip().splitlines()[-1:]

    try:
        code, out, err = grammared("models", "download", "owner/tiny")
        assert (code, "owner--tiny: ready; use it with --model" in out) == (0, True), err
        code, out, err = grammared("models", "download", "owner/missing")
        assert (code, out) == (2, "")
        assert "owner/missing" in err[0]
    finally:
        hub.shutdown()
        hub.server_close()
    assert "owner--tiny" in grammared("models", "list")[1]
    assert "identity           owner--tiny@" in grammared("models", "info", "owner/tiny")[1]


def test_a_name_that_is_none_is_said(run):
    assert "is not OWNER/NAME" in run("models", "download", "gector")[2]


@pytest.mark.slow
def test_pytorch_weights_are_converted_and_used(run, tmp_path):
    pytest.importorskip("onnxscript")
    from triton_server.export.dequantise import dequantise

    weights = dequantise(bundled_model(), tmp_path / "weights")
    code, out, err = run("models", "convert", weights, tmp_path / "made")
    assert code == 0, err
    assert "use it with --model" in out
    assert run("models", "verify", tmp_path / "made")[0] == 0


def test_the_doctor_finds_all_well(run):
    code, out, _ = run("doctor")
    assert code == 0, out
    assert "checking a sentence: ok: local:gector-distilbert@" in out
    assert out.endswith("All is well.\n")


def test_the_doctor_says_what_is_wrong_and_names_no_secret(run, monkeypatch, tmp_path):
    monkeypatch.setenv("GRAMMARED_TRITON_TOKEN", "a-very-secret-token")
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("project").mkdir()
    monkeypatch.chdir("project")
    Path("grammared.toml").write_text('strictnes = "high"\n')
    code, out, err = run("doctor", "--triton-url", "localhost:1", "--set", "triton.deadline=2")
    assert code == 2
    assert "settings: wrong: " in out
    assert "strictnes" in out
    assert "checking a sentence: wrong: " in out
    assert "grammared triton status" in out
    assert "a-very-secret-token" not in out + err
    assert str(tmp_path) not in out
    assert "2 of these are wrong." in out
