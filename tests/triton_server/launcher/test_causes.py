"""Failures keep their model, their cause and their cure, and come at once."""

import os
import re
import socket
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from tests.conftest import RULES_MODEL, rules_config, write_model
from tests.triton_server.conftest import NEW_PORTS
from triton_server import launcher
from triton_server.launcher import environment, startup
from triton_server.launcher.errors import LauncherError, why


def test_a_taken_port_shows_before_an_environment_is_made(tmp_path, repository, monkeypatch):
    monkeypatch.setattr(environment, "ensure", lambda *_: pytest.fail("the environment was made"))
    places = launcher.Places(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = launcher.Options(("rules",), repository, grpc_port=port, http_port=0, use_docker=False)
        with pytest.raises(LauncherError, match=f"cannot listen on 127.0.0.1:{port}"):
            launcher.start(options, places, lambda _: None)


def test_a_gpu_that_is_not_there_shows_before_an_environment_is_made(tmp_path, repository, monkeypatch):
    monkeypatch.setattr(environment, "ensure", lambda *_: pytest.fail("the environment was made"))
    places = launcher.Places(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    options = launcher.Options(("rules",), repository, device="cuda", use_docker=False)
    with pytest.raises(LauncherError, match="rules asks for a GPU, and NVIDIA's driver is not loaded here"):
        launcher.start(options, places, lambda _: None)


def test_a_disk_that_is_full_is_told_of_in_words(tmp_path):
    """A limit on the size of files makes the same exception of `shutil`, which holds a list of tuples."""
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "weights").write_bytes(b"x" * 200_000)
    script = f"""
        import resource, shutil, signal
        from triton_server.launcher.errors import why
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            shutil.copytree({str(tmp_path / "from")!r}, {str(tmp_path / "to")!r})
        except OSError as error:
            print(why(error))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout == f"File too large ({tmp_path / 'to' / 'weights'})\n"
    assert why(OSError(28, "No space left on device")) == "No space left on device"


@pytest.mark.triton
def test_unknown_requirements_name_the_model(start_triton, tmp_path):
    config = rules_config("mine")
    wrong = replace(config, parameters={**config.parameters, "requirements": ("jax", "What it needs.")})
    write_model(tmp_path / "models", wrong, RULES_MODEL)
    with pytest.raises(
        LauncherError, match=r"^mine asks for the requirements jax, and there are transformers, torch: "
    ):
        start_triton("mine", repository=tmp_path / "models")


@pytest.mark.triton
def test_a_package_that_is_missing_comes_with_its_cure(cli, tmp_path):
    folder = tmp_path / "models"
    for name, package in (("mine", "torch.nowhere"), ("other", "nowhere_to_be_found")):
        write_model(folder, rules_config(name), f"    import {package}\n{RULES_MODEL}")
    write_model(folder, rules_config("rules"), RULES_MODEL)
    code, _, err = cli("start", f"--repository={folder}", "--all-models", *NEW_PORTS)
    said = {line.partition(":")[0]: line for line in err.splitlines()}
    assert code == 1
    cure = 'parameters { key: "requirements" value { string_value: "torch" } }'
    assert re.search(
        r"No module named 'torch(\.nowhere)?': write ", said["mine"]
    )  # another test may install it
    assert said["mine"].endswith(f"{cure} into its config.pbtxt, then stop and start")
    assert said["other"].endswith(
        "No module named 'nowhere_to_be_found': install it where the server runs: see docs/triton-models.md, "
        "Packages"
    )


@pytest.mark.triton
def test_one_model_that_lacks_a_gpu_does_not_hinder_the_others(start_triton, tmp_path):
    write_model(tmp_path / "models", rules_config("rules"), RULES_MODEL)
    write_model(tmp_path / "models", replace(rules_config("mine"), device="gpu", gpus=(3,)), RULES_MODEL)
    health, _ = start_triton(repository=tmp_path / "models")
    problems = {one.name: one.problem for one in health.models}
    assert problems["rules"] == ""
    assert "mine has kind KIND_GPU" in problems["mine"] or "unsupported gpu id 3" in problems["mine"]
    assert "`--device cpu`, or one that nvidia-smi lists" in problems["mine"]


@pytest.mark.triton
def test_all_lines_of_a_cause_survive(start_triton, tmp_path):
    """As the libraries of the hub have them: what in the first line, what to do in the last."""
    raises = 'raise OSError("cannot reach the hub for owner/model.\\nCheck your connection.")'
    broken = RULES_MODEL.replace('self.pause = float(parameters["pause"])', raises)
    write_model(tmp_path / "models", rules_config("mine"), broken)
    with pytest.raises(LauncherError) as raised:
        start_triton("mine", repository=tmp_path / "models")
    assert str(raised.value) == (
        "mine cannot be served: OSError: cannot reach the hub for owner/model. Check your connection."
    )


def test_a_hub_that_cannot_be_reached_is_told_of_at_once(monkeypatch):
    for name in [one for one in os.environ if one.lower().endswith("_proxy") or one == "HF_HUB_OFFLINE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    said = []
    assert startup._without_hub([], said.append) == {}
    assert startup._without_hub(["torch"], said.append) == {"HF_HUB_OFFLINE": "1"}
    assert said[0].startswith("Warning: 127.0.0.1 cannot be reached; until the next start, models come")
    with socket.create_server(("127.0.0.1", 0)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{hub.getsockname()[1]}")
        assert startup._without_hub(["torch"], said.append) == {}
