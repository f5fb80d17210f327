"""The launcher's parts that need no server."""

import json

import pytest

from triton_server.launcher import docker, http, loading, repository
from triton_server.launcher.config import ModelConfig, Tensor
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.places import Places
from triton_server.launcher.startup import Options, warnings


def test_a_configuration_is_what_triton_reads():
    one = ModelConfig(
        "a",
        'Says "b".\nAnd c.',
        (Tensor("x", "FP32", (-1, 3), optional=True),),
        (Tensor("y", "STRING"),),
        max_batch_size=8,
        instances=2,
        device="gpu",
        parameters={"path": ('C:\\new "x"\n', "Odd.")},
    )
    read = repository.parse(one.pbtxt())
    assert (read.name, read.backend, read.max_batch_size) == ("a", "python", 8)
    assert (list(read.input[0].dims), read.input[0].optional) == ([-1, 3], True)
    assert (read.instance_group[0].count, read.instance_group[0].kind) == (2, 1)
    assert read.parameters["path"].string_value == 'C:\\new "x"\n'


@pytest.mark.parametrize(
    "wrong", [{"max_batch_size": 0}, {"instances": 0}, {"inputs": (Tensor("y", "FP32"),)}]
)
def test_impossible_configurations(wrong):
    with pytest.raises(ValueError, match=r"must be at least 1|same name"):
        ModelConfig("a", "", **{"inputs": (), "outputs": (Tensor("y", "FP32"),)} | wrong)


def test_what_is_overridden_when_a_model_is_loaded():
    read = repository.read(repository.SHIPPED, "gector_roberta")
    assert loading.override(read, {}) is None
    changed = json.loads(loading.override(read, {"model": "/models/mine"}, device="cuda"))
    assert changed["parameters"]["model"] == {"string_value": "/models/mine"}
    assert changed["instance_group"] == [{"count": 2, "kind": "KIND_GPU"}]
    assert changed["max_batch_size"] == 16


def test_a_broken_configuration_is_named_with_its_place(tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "config.pbtxt").write_text('name: "m"\nmax_batch: 1\n')
    with pytest.raises(LauncherError, match=r"config\.pbtxt is no valid model configuration: 2:1"):
        repository.read(tmp_path, "m")


def test_requirements_of_the_shipped_models():
    def of(name):
        return repository.requirements(repository.read(repository.SHIPPED, name))

    assert (of("gector_distilbert"), of("gector_roberta")) == ([], ["torch"])


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (
            "load failed for model 'a': version 1 is at UNAVAILABLE state: Internal: X: no\nAt:\n /m.py(3)",
            "X: no",
        ),
        ("Internal: X: why\nbecause\n\nAt:\n  /m.py(3): f", "X: why because"),
        ("failed to poll", "failed to poll"),
        (
            "Internal: ModuleNotFoundError: No module named 'transformers.models'\nAt:\n  /m.py(3): f",
            "ModuleNotFoundError: No module named 'transformers.models': write parameters { key: "
            '"requirements" value { string_value: "transformers" } } into its config.pbtxt, '
            "then stop and start",
        ),
        (
            "instance group a_0 of model a specifies invalid or unsupported gpu id 3. GPUs with at least:",
            "instance group a_0 of model a specifies invalid or unsupported gpu id 3: `--device cpu`, or one "
            "that nvidia-smi lists where the server runs (Docker: --gpus=all)",
        ),
        ("", ""),
    ],
)
def test_the_line_of_a_failure_that_tells(said, line):
    assert http.in_one_line(said) == line


def test_the_smallest_real_request_for_any_model():
    inputs = [
        {"name": "a", "data_type": "TYPE_FP32", "dims": ["-1", "2"]},
        {"name": "b", "data_type": "TYPE_STRING", "dims": ["1"], "optional": True},
    ]
    assert http.sample_inputs({"input": inputs, "max_batch_size": 4}) == [
        {"name": "a", "shape": [1, 1, 2], "datatype": "FP32", "data": [0, 0]}
    ]


def test_a_port_without_a_server():
    with pytest.raises(http.HttpError):
        http.call("http://127.0.0.1:1", "/v2")


def test_the_docker_command(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    places = Places(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    command = docker.run_command(
        "triton:test",
        [tmp_path / "ours", tmp_path / "mine"],
        places,
        ["torch"],
        "127.0.0.1",
        [9000, 9001],
        ["--x=y"],
        gpus=True,
    )
    line = " ".join(command)
    assert command[:3] == ["docker", "run", "--detach"]
    assert "--publish=127.0.0.1:9000:8000 --publish=127.0.0.1:9001:8001" in line
    assert f"--volume={tmp_path}/mine:/opt/grammared/repositories/1:ro" in line
    assert f"--volume={tmp_path}/cache:/models/.cache" in line
    assert "--env=HF_TOKEN" in command
    assert "secret" not in line
    assert "--gpus=all" in command
    assert command[-4:-1] == ["triton:test", "bash", "-c"]
    assert "-r /opt/grammared/packages/triton_server/launcher/requirements-torch.txt" in command[-1]
    assert command[-1].endswith("--model-repository=/opt/grammared/repositories/1 --x=y")


def test_without_a_docker_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not docker.is_available()
    monkeypatch.delenv("PATH")
    assert not docker.is_running("no-such-container")


def test_the_users_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path))
    assert Places.of_user() == Places(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    monkeypatch.delenv("GRAMMARED_HOME")
    assert Places.of_user().data.name == "grammared"


@pytest.mark.parametrize(
    ("options", "lacks"),
    [
        ({"address": "127.0.0.1"}, None),
        ({"address": "::1"}, None),
        ({"address": "0.0.0.0"}, "other machines, without a key for loading models and unencrypted: "),
        (
            {"address": "::", "server_options": ["--grpc-use-ssl=true"]},
            "other machines, without a key for loading models: ",
        ),
    ],
)
def test_who_listens_beyond_the_machine_is_warned(options, lacks):
    found = warnings(Options(**options))
    assert found == [] if lacks is None else lacks in found[0]
