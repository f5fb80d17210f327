"""Models that cannot be loaded say in one line why; each is really tried."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.triton_server import tiny_huggingface as tiny
from triton_server.backend.adapter import ModelArguments
from triton_server.backend.tasks import source as source_module
from triton_server.backend.tasks.loading import MODEL_CLASSES, load
from triton_server.backend.tasks.source import LoadError, Source, source_of

CLASSIFIER = MODEL_CLASSES["text-classification"]


@pytest.fixture
def broken(folders, tmp_path):
    """A copy of the tiny classifier, to be broken."""
    return Path(shutil.copytree(folders["text-classification"], tmp_path / "broken"))


def asked(parameters, folder, device="cpu", instances=1):
    """What the parameters of a model ask for."""
    return source_of(ModelArguments("mine", "1", device, folder, parameters, instances))


def complaint(folder, class_name=CLASSIFIER, **source):
    with pytest.raises(LoadError) as caught:
        load(Source(str(folder), **source), class_name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["fp32", "bf16", "fp16", "int8"])
def test_every_number_format_loads_and_runs(folders, dtype):
    from triton_server.backend.tasks.text_classification import text_classification

    loaded = load(Source(str(folders["text-classification"]), dtype=dtype), CLASSIFIER)
    (row,) = text_classification(loaded)([{"text": "Hello, world.", "top_k": 3}])
    reference = load(Source(str(folders["text-classification"])), CLASSIFIER)
    (exact,) = text_classification(reference)([{"text": "Hello, world.", "top_k": 3}])
    by_label = dict(zip(row["labels"], row["scores"], strict=True))
    assert [by_label[label] for label in exact["labels"]] == pytest.approx(exact["scores"], abs=0.1)
    unquantised = any(type(module) is torch.nn.Linear for module in loaded.model.modules())
    assert unquantised == (dtype != "int8")


@pytest.mark.slow
def test_a_model_of_another_task_is_refused(folders):
    assert "was not trained for this task" in complaint(folders["custom"])
    said = complaint(folders["token-classification"], MODEL_CLASSES["question-answering"])
    assert "is for token-classification, not question-answering" in said


@pytest.mark.slow
def test_a_head_of_the_same_shape_is_not_enough(folders, tmp_path):
    """A classifier of tokens has the weights that one of texts wants, but for the pooling before them."""
    folder = Path(shutil.copytree(folders["token-classification"], tmp_path / "tokens"))
    assert "is for token-classification, not text-classification" in complaint(folder)
    change_config(folder, architectures=None)
    assert "pooler" in complaint(folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_file_is_a_wrong_format(broken, name):
    path = broken / name
    path.write_bytes(path.read_bytes()[:100])
    assert "wrong format" in complaint(broken)


@pytest.mark.slow
@pytest.mark.parametrize("kept", [[], ["tokenizer_config.json"]])
def test_a_folder_without_a_tokenizer_says_so(broken, kept):
    for path in broken.glob("*token*"):
        if path.name not in kept:
            path.unlink()
    assert "has no fast tokenizer" in complaint(broken)


@pytest.mark.slow
def test_a_folder_without_a_model_says_so(broken, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no config.json" in complaint(tmp_path / "empty")
    change_config(broken, vocab_size=50)
    assert "wrong format" in complaint(broken)
    change_config(broken, model_type="nobody-knows")
    assert "wrong format" in complaint(broken)
    (broken / "model.safetensors").unlink()
    change_config(broken, model_type="bert")
    assert "wrong format" in complaint(broken)


@pytest.mark.slow
def test_code_of_a_model_runs_only_where_the_configuration_says_so(broken):
    mark = broken / "it-ran"
    (broken / "own.py").write_text(
        "from pathlib import Path\n"
        "from transformers import BertConfig\n"
        f"Path({str(mark)!r}).touch()\n"
        "class OwnConfig(BertConfig):\n"
        "    model_type = 'own'\n"
    )
    change_config(broken, model_type="own", auto_map={"AutoConfig": "own.OwnConfig"})
    assert "set trust_remote_code if you trust it" in complaint(broken)
    assert not mark.exists()
    complaint(broken, trust_remote_code=True)  # there is no model class for it, but its code was run
    assert mark.exists()


@pytest.mark.slow
def test_too_little_memory_is_said_to_be_that(folders, tmp_path):
    folder = tiny.text_classifier(tmp_path / "large", positions=400_000)
    script = (
        "import resource\n"
        "from triton_server.backend.tasks.loading import load\n"
        "from triton_server.backend.tasks.source import LoadError, Source\n"
        f"load(Source({str(folders['text-classification'])!r}), {CLASSIFIER!r})  # all that is imported is\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 30_000_000,) * 2)\n"
        "try:\n"
        f"    load(Source({str(folder)!r}), {CLASSIFIER!r})\n"
        "except LoadError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=200
    )
    assert ran.stdout.startswith("out of memory: "), ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("parameters", "device", "expected"),
    [
        ({}, "cpu", "no parameter model"),
        ({"model": "a/b", "dtype": "int4"}, "cpu", "int4 is none of fp32"),
        ({"model": "a/b", "dtype": "int8"}, "cuda:0", "int8 runs on the CPU only"),
        ({"model": "a/b", "offline": "maybe"}, "cpu", "offline must be true or false"),
        ({"model": "a/b", "trust_remote_code": "1"}, "cpu", "trust_remote_code must be true or false"),
    ],
)
def test_wrong_parameters_are_named(parameters, device, expected, tmp_path):
    with pytest.raises(LoadError, match=expected):
        asked(parameters, tmp_path, device)


@pytest.mark.parametrize(("instances", "of_each"), [(1, 8), (2, 4), (3, 2), (16, 1)])
def test_instances_share_the_cores_unless_told_otherwise(instances, of_each, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(8))
    assert asked({"model": "a/b"}, tmp_path, instances=instances).threads == of_each
    assert asked({"model": "a/b", "threads": "3"}, tmp_path, instances=instances).threads == 3


def test_parameters_and_environment_say_where_a_model_is(tmp_path, monkeypatch):
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", "/somewhere")
    cores = len(os.sched_getaffinity(0))
    assert asked({"model": "a/b"}, tmp_path) == Source("a/b", threads=cores)
    monkeypatch.setenv("HF_TOKEN", "hf_x")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "weights").mkdir()
    parameters = {"model": "weights", "revision": "v1", "trust_remote_code": "true", "cache": "/cache"}
    parameters["threads"] = "1"
    assert asked(parameters, tmp_path) == Source(
        str(tmp_path / "weights"),
        revision="v1",
        threads=1,
        offline=True,
        trust_remote_code=True,
        cache=Path("/cache"),
        token="hf_x",
    )


def test_a_container_has_its_own_cache_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "CONTAINER_CACHE", tmp_path)
    monkeypatch.delenv("HF_HOME", raising=False)
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    assert asked({"model": "a/b"}, tmp_path).cache == tmp_path
    monkeypatch.setenv("HF_HOME", "/somewhere")
    assert asked({"model": "a/b"}, tmp_path).cache is None
