"""The image's files and options, and its health check on a real Triton."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose
from dockerfile_parse import DockerfileParser

from tests.conftest import unload
from triton_server import launcher
from triton_server.deploy import health
from triton_server.launcher import docker, http
from triton_server.launcher.startup import _server_options

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "triton_server" / "deploy"


@pytest.fixture(scope="module")
def instructions():
    parser = DockerfileParser(path=str(DEPLOY / "Dockerfile"))
    return [(one["instruction"], one["value"]) for one in parser.structure]


@pytest.fixture(scope="module")
def context():
    """What a build is given: the files that Dockerfile.dockerignore lets through."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [file for file in files.splitlines() if not is_ignored(file, rules)]


def is_ignored(file, rules):
    """As Docker does it: from the top of the folder, with all that is in one, the last rule that fits."""
    ignored = False
    for rule in rules:
        pattern = re.escape(rule.removeprefix("!")).replace(r"\*\*/", "(.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(f"{pattern}(/.*)?", file):
            ignored = not rule.startswith("!")
    return ignored


def test_the_build_gets_the_package_and_nothing_else(context):
    assert {"pyproject.toml", "README.md", "LICENSE"} <= set(context)
    assert "triton_server/models/gector-distilbert/model.onnx" in context
    assert "triton_server/deploy/health.py" in context
    assert "lsp_server/__init__.py" in context  # the version is read from it
    tops = {file.partition("/")[0] for file in context}
    assert tops <= {"LICENSE", "NOTICE", "README.md", "pyproject.toml", "lsp_server", "triton_server"}
    assert not [file for file in context if file.startswith("triton_server/deploy/kubernetes")]


def test_what_is_copied_is_there(instructions, context):
    sources = [one for name, value in instructions if name == "COPY" for one in value.split()[:-1]]
    assert len(sources) == 3
    assert all(source == "." or source in context for source in sources)


def test_the_image_is_the_one_that_the_launcher_runs(instructions):
    arguments = dict(value.split("=") for name, value in instructions if name == "ARG")
    [image] = [value for name, value in instructions if name == "FROM"]
    assert image.replace("${TRITON}", arguments["TRITON"]) == docker.IMAGE


def test_nobody_is_root_at_the_end(instructions):
    assert [value for name, value in instructions if name == "USER"] == ["1000:1000"]


def test_the_launchers_options_are_the_containers(entry_point):
    """But for those that depend on the machine, or that the command gives."""
    given = {option.partition("=")[0] for option in entry_point}
    needed = {option.partition("=")[0] for option in _server_options(launcher.Options())}
    assert needed - given <= {"--log-verbose", "--allow-gpu-metrics"}


def composed():
    text = (DEPLOY / "docker-compose.yml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))


def validate(compose):
    PyCompose.from_json(json.dumps(compose)).validate()


def test_compose_is_valid():
    validate(composed())


@pytest.mark.parametrize(
    "change",
    [{"restart": "sometimes"}, {"shm_sise": "1g"}, {"stop_grace_period": "long"}, {"ports": ["80020:8000"]}],
)
def test_what_is_wrong_in_compose_would_be_found(change):
    wrong = composed()
    wrong["services"]["triton"] |= change
    with pytest.raises(ValueError, match=r"."):
        validate(wrong)


def test_compose_mounts_and_builds_what_is_there_and_listens_here_only():
    services = composed()["services"]
    assert {name: one["profiles"] for name, one in services.items()} == {
        "triton": ["cpu"],
        "triton-gpu": ["gpu"],
        "proxy": ["proxy"],
        "prometheus": ["monitoring"],
        "grafana": ["monitoring"],
        "alertmanager": ["alerts"],
    }
    for one in services.values():
        for mount in one["volumes"]:
            source = mount.partition(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).exists()
        assert all(port.startswith("127.0.0.1:") for port in one["ports"])
    build = services["triton"]["build"]
    assert (DEPLOY / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def check(url, *arguments):
    """The health check as a container runs it."""
    command = [
        sys.executable,
        "-m",
        "triton_server.deploy.health",
        f"--url={url}",
        "--seconds=20",
        *arguments,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=100)
    return ran.returncode, ran.stderr


@pytest.mark.triton
def test_on_processors(serve):
    services = composed()["services"]
    url, _ = serve(*services["triton"]["command"])
    assert check(url) == (0, "")
    assert check(url, "gector_distilbert") == (0, "")
    code, said = check(url, "gector_distilbert", "nope")
    assert (code, said.startswith("nope: "), len(said.splitlines())) == (1, True, 1)
    unload(url, "gector_distilbert")
    assert check(url) == (1, f"Triton at {url} has loaded no model\n")


@pytest.mark.triton
def test_the_options_for_gpus_are_understood(serve):
    """Without one the model cannot be loaded, yet the server runs and says why."""
    services = composed()["services"]
    url, _ = serve(*services["triton-gpu"]["command"])
    [state] = [one for one in http.models(url) if one.name == "gector_roberta" and one.state]
    assert "GPU" in state.reason
    assert check(url, "gector_roberta")[0] == 1


@pytest.mark.triton
def test_a_dead_stub_is_unhealthy_and_nobody_answers(start_triton, kill_stub):
    started, _ = start_triton("rules", "echo")
    url = started.server.http
    assert health.problems(url, [], 20) == []
    kill_stub(started.server.pid, "rules")
    [problem] = health.problems(url, [], 20)
    assert problem.startswith("rules: ")
    assert "not healthy" in problem
    assert check("http://127.0.0.1:1") == (
        1,
        "Triton at http://127.0.0.1:1 does not answer: [Errno 111] Connection refused\n",
    )
