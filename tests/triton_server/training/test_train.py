"""A tiny model learns, goes on after a kill to the same weights, and gets thresholds."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lemminflect")

from click.testing import CliRunner  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from lsp_server.cli.commands import grammared  # noqa: E402
from tests.triton_server.tiny_gector import PLAN_HEAD, tiny_gector  # noqa: E402
from triton_server.gector.model_files import open_model  # noqa: E402
from triton_server.gector.onnx_model import onnx_tagger  # noqa: E402
from triton_server.gector.types import GectorError, Tagging  # noqa: E402
from triton_server.training.average import average  # noqa: E402
from triton_server.training.examples import Maker, Mix, chunks  # noqa: E402
from triton_server.training.plan import read_plan  # noqa: E402
from triton_server.training.texts import Pair  # noqa: E402
from triton_server.training.train import Options, Schedule, train  # noqa: E402
from triton_server.training.tune import tune  # noqa: E402

PAIRS = "he go to school\the goes to school\nthey goes home\tthey goes home\nshe is home\tshe is home\n" * 3


@pytest.fixture
def folder(tmp_path):
    tiny_gector(tmp_path / "tiny")
    (tmp_path / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    (tmp_path / "clean.txt").write_text(
        "he goes to school\nshe is home and they are home\n" * 4, encoding="utf-8"
    )
    return tmp_path


def mix(folder, **values):
    return Mix(folder / "tiny", (), (folder / "pairs.tsv",), **{"subwords": 256, **values})


PLAIN = Options(workers=0, compiled=False, bf16=False)


def test_it_learns_and_the_result_is_a_model(folder):
    reports = []
    options = replace(PLAIN, freeze_embeddings=False)
    train(mix(folder), Schedule(steps=150, rate=1e-2, warm_up=5), options, folder / "out", reports.append)
    first, *_, last = reports
    assert last.loss < first.loss / 2
    assert last.recall > 0.9
    assert last.precision > 0.9
    assert last.rate < first.rate
    lines = (folder / "out" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [50, 100, 150]
    assert load_file(folder / "out" / "model.safetensors")["label_proj_layer.weight"].dtype == torch.float16


def test_a_chunk_is_always_the_same_whoever_makes_it(folder):
    data = Mix(folder / "tiny", (folder / "clean.txt",), (folder / "pairs.tsv",), seed=5)
    here = chunks(data, first=2, workers=0)
    there = chunks(data, first=2, workers=2)
    for _ in range(2):
        for one, other in zip(next(here), next(there), strict=True):
            for name in ("input_ids", "attention_mask", "words", "labels", "wrong"):
                assert (getattr(one, name) == getattr(other, name)).all()
    assert (Maker(data).chunk(2)[0].input_ids.shape) == (
        next(chunks(data, first=2, workers=0))[0].input_ids.shape
    )


PLAN = f"""{PLAN_HEAD}
[[stage]]
sentences = ["clean.txt"]
rates = "dense"
steps = 60
decay = 0
subwords = 256
checkpoint-minutes = 0
[[stage]]
pairs = ["pairs.tsv"]
steps = 60
subwords = 256
checkpoint-minutes = 0
"""


@pytest.mark.slow
def test_killed_and_begun_again_it_comes_to_the_same_weights(folder):
    plan = folder / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    command = [sys.executable, "-m", "lsp_server.cli", "train", "model", str(plan), "--no-export"]
    subprocess.run([*command, str(folder / "whole")], check=True, capture_output=True)

    broken = folder / "broken"
    process = subprocess.Popen([*command, str(broken)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    metrics = broken / "stage-2" / "metrics.jsonl"
    while process.poll() is None and not (metrics.exists() and metrics.stat().st_size):
        time.sleep(0.01)
    assert process.poll() is None, process.stdout.read()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (broken / "stage-2" / "model.safetensors").exists()
    subprocess.run([*command, str(broken)], check=True, capture_output=True)

    whole = load_file(folder / "whole" / "stage-2" / "model.safetensors")
    again = load_file(broken / "stage-2" / "model.safetensors")
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_a_folder_with_another_training_is_left_alone(folder):
    schedule = Schedule(steps=2)
    train(mix(folder), schedule, PLAIN, folder / "out")
    with pytest.raises(GectorError, match="holds another training"):
        train(mix(folder, seed=2), schedule, PLAIN, folder / "out")


def test_a_damaged_checkpoint_is_said(folder):
    train(mix(folder), Schedule(steps=2), PLAIN, folder / "out")
    (folder / "out" / "checkpoint.pt").write_bytes(b"half of it")
    with pytest.raises(GectorError, match=r"Cannot go on from .*checkpoint\.pt") as caught:
        train(mix(folder), Schedule(steps=2), PLAIN, folder / "out")
    assert "\n" not in str(caught.value)


def test_no_device_and_no_length_are_said(folder):
    with pytest.raises(GectorError, match="cannot train on"):
        train(mix(folder), Schedule(steps=1), Options(device="cuda:99"), folder / "out")
    with pytest.raises(GectorError, match="either steps or minutes"):
        train(mix(folder), Schedule(), PLAIN, folder / "out")


def test_the_mean_of_models(folder):
    tiny_gector(folder / "other", seed=1)
    average([folder / "tiny", folder / "other"], folder / "mean")
    parts = [load_file(folder / name / "model.safetensors") for name in ("tiny", "other", "mean")]
    for name, mean in parts[2].items():
        assert torch.allclose(mean.float(), (parts[0][name] + parts[1][name]) / 2, atol=1e-3)
    tiny_gector(folder / "official", official=True)
    parts = load_file(folder / "official" / "model.safetensors")
    (folder / "official" / "model.safetensors").write_bytes(b"")
    with pytest.raises(GectorError, match="Cannot read the weights"):
        average([folder / "tiny", folder / "official"], folder / "mean")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("steps = 60", "step = 60"), r"\[\[stage\]\]: step is not known: did you mean steps\?"),
        (("workers = 0", "worker = 0"), r"\[options\]: worker is not known: did you mean workers\?"),
        (('model = "tiny"', ""), "a plan names a model"),
        (('pairs = ["pairs.tsv"]', "pairs = 3"), "expected paths, found 3"),
        (("[options]", "[options"), "Cannot read the plan"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(folder, change, said):
    plan = folder / "plan.toml"
    plan.write_text(PLAN.replace(*change), encoding="utf-8")
    with pytest.raises(GectorError, match=said):
        read_plan(plan)


def test_thresholds_keep_to_the_bound():
    """A tagger that is right about verbs, and about commas only when it is very sure."""

    def tag(sentences, keep):
        return [one(words) for words in sentences]

    def one(words):
        labels, sure = ["$KEEP"] * (len(words) + 1), [1.0] * (len(words) + 1)
        for i, word in enumerate(words, 1):
            if word == "go":
                labels[i], sure[i] = "$TRANSFORM_VERB_VB_VBZ", 0.55
            elif word == "Today":
                labels[i], sure[i] = "$APPEND_,", 0.95
            elif word == "red":
                labels[i], sure[i] = "$APPEND_,", 0.7
        return Tagging(tuple(labels), tuple(sure), (0.9,) * len(labels))

    pairs = [Pair(("Today", "he", "go"), ("Today", ",", "he", "goes"))] * 20
    clean = [("a", "red", "car")] * 20
    for tuned in tune(tag, pairs, clean).values():
        assert tuned.alarms == 0
        assert tuned.thresholds["verb"] <= 0.55
        assert 0.7 < tuned.thresholds["append-comma"] <= 0.95
    assert tune(tag, pairs, clean)["normal"].f05 > 0.8


def test_what_is_put_right_before_the_model_reads_counts():
    def tag(sentences, keep):
        lengths = [len(words) + 1 for words in sentences]
        return [Tagging(("$KEEP",) * n, (1.0,) * n, (0.0,) * n) for n in lengths]

    def put_right(words):
        return tuple({"teh": "the", "iff": "if"}.get(word, word) for word in words)

    pairs = [Pair(("teh", "cars", "is"), ("the", "cars", "are")), Pair(("iff", "so"), ("iff", "so"))]
    clean = [("iff", "it", "is"), ("it", "is", "so", "now")]
    normal = tune(tag, pairs, clean, put_right=put_right)["normal"]
    assert (normal.precision, normal.recall) == (0.5, 0.5)
    assert normal.alarms == pytest.approx(1000 / 7)
    assert tune(tag, pairs, clean)["normal"].alarms == 0


@pytest.mark.slow
def test_from_files_to_a_tuned_model_by_the_commands(folder):
    """As the guide tells it."""

    def run(*arguments):
        result = CliRunner().invoke(grammared, ["train", *map(str, arguments)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    (folder / "text.txt").write_text(
        "He goes to school and she is home. They are home and he was there.", encoding="utf-8"
    )
    assert "2 sentences" in run("sentences", folder / "text.txt", "--out", folder / "s.txt.gz")
    assert "2 pairs" in run("corrupt", folder / "s.txt.gz", "--rates", "dense", "--out", folder / "c.tsv")
    assert "11 pairs" in run("pairs", folder / "c.tsv", folder / "pairs.tsv", "--out", folder / "all.tsv")
    run("label", folder / "all.tsv", "--out", folder / "labels.txt")
    assert "$START|$KEEP he|$KEEP go|$TRANSFORM_VERB_VB_VBZ" in (folder / "labels.txt").read_text()
    plan = folder / "plan.toml"
    plan.write_text(PLAN.replace("steps = 60", "steps = 20"), encoding="utf-8")
    assert "wrote" in run("model", plan, folder / "trained")
    model = folder / "trained" / "model"
    assert len(onnx_tagger(model)([("he", "go")], [0.0])[0].labels) == 3
    out = run("tune", model, "--pairs", folder / "pairs.tsv", "--clean", folder / "clean.txt")
    assert "normal" in out
    assert open_model(model).decodings["normal"].min_error_prob > 0
