"""What tests of several areas share: real Triton servers."""

import atexit
import os
import shutil
import signal
import tempfile
import textwrap
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from lsp_server.engines import triton as triton_engine
from triton_server import launcher
from triton_server.launcher import http, process
from triton_server.launcher.config import GECTOR_INPUTS, GECTOR_OUTPUTS, ModelConfig, Tensor

# The words, settings and cache of whoever runs the tests must not change what they find.
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="grammared-config-")
os.environ["GRAMMARED_CACHE"] = f"{os.environ['XDG_CONFIG_HOME']}/cache"
atexit.register(shutil.rmtree, os.environ["XDG_CONFIG_HOME"], ignore_errors=True)

# A shell's background job ignores interrupts, and what the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Of no test is it said how fast it must be: a server may be slow to say that it lives, beside other tests.
triton_engine._SIGN_OF_LIFE = 10.0

# The same examples in every run, so that none fails by chance; new ones are sought with
# `pytest --hypothesis-profile=explore`.
hypothesis.settings.register_profile("same", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("same")

LONG = ("triton", "editor", "reference", "slow")
"""Marks of tests that take long, the longest first."""


def pytest_collection_modifyitems(items):
    """Files with long tests come first: in the end there is something short for each worker to do."""
    ranks = {}
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        rank = next((rank for rank, name in enumerate(LONG) if name in marks), len(LONG))
        ranks[item.path] = min(rank, ranks.get(item.path, len(LONG)))
    items.sort(key=lambda item: ranks[item.path])


RULES_MODEL = """
    import json, time
    import triton_python_backend_utils as pb_utils
    from triton_server.backend import adapter
    from triton_server.backend.gector import GectorBackend, ModelCard
    from triton_server.gector.types import Decoding, Tagging

    class TritonPythonModel:
        \"\"\"Real in all but the weights: says what to do about three words.\"\"\"

        def initialize(self, args):
            parameters = adapter.model_arguments(args).parameters
            self.pause = float(parameters["pause"])
            decoding = Decoding(0.0, 0.1, 3)
            card = ModelCard(parameters["identity"], {"low": decoding, "normal": decoding, "high": decoding})
            self.backend = GectorBackend(self.tag, card)

        def tag(self, sentences, bias):
            time.sleep(self.pause)
            rules = {"go": "$REPLACE_goes", "an": "$REPLACE_a", "very": "$DELETE"}
            rows = [["$KEEP", *(rules.get(word, "$KEEP") for word in words)] for words in sentences]
            if any("explode" in words for words in sentences):
                raise RuntimeError("the model exploded")
            return [Tagging(tuple(row), (0.9,) * len(row), (0.8,) * len(row)) for row in rows]

        def execute(self, requests):
            return adapter.execute(pb_utils, self.backend, requests)
"""
ECHO_MODEL = """
    import triton_python_backend_utils as pb_utils

    class TritonPythonModel:
        def execute(self, requests):
            inputs = [pb_utils.get_input_tensor_by_name(one, "INPUT").as_numpy() for one in requests]
            return [pb_utils.InferenceResponse([pb_utils.Tensor("OUTPUT", tensor)]) for tensor in inputs]
"""
BROKEN_MODEL = """
    class TritonPythonModel:
        def initialize(self, args):
            raise RuntimeError("these weights are broken")
"""


def write_model(repository, config, source):
    folder = repository / config.name / "1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.py").write_text(textwrap.dedent(source))
    (folder.parent / "config.pbtxt").write_text(config.pbtxt())


def held_model(gate, log):
    """The rules, but no answer while there is no file `gate`; `log` gets the first word of each sentence."""
    held = f"""open({str(log)!r}, "a").write(" ".join(words[0] for words in sentences) + "\\n")
            import os
            while not os.path.exists({str(gate)!r}):
                time.sleep(0.01)"""
    return RULES_MODEL.replace("time.sleep(self.pause)", held)


def rules_config(name, pause="0", identity="rules@1"):
    parameters = {"pause": (pause, "Seconds."), "identity": (identity, "What it calls itself.")}
    return ModelConfig(name, "Rules.", GECTOR_INPUTS, GECTOR_OUTPUTS, parameters=parameters)


def wait_until(condition):
    while not condition():
        time.sleep(0.01)


def pending(server, model):
    """How many requests are in the model's queue, by the server's metrics."""
    address = f"http://127.0.0.1:{server.metrics_port}/metrics"
    with urllib.request.urlopen(address, timeout=60) as response:
        lines = response.read().decode().splitlines()
    name = "nv_inference_pending_request_count{"
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name) and f'"{model}"' in line)


def counted(server, model, rows=0):
    """What Triton counted for version 1 of a model: `rows` at least, since it answers before it counts."""
    while (found := http.statistics(server.http, model, "1"))["inference_count"] < rows:
        time.sleep(0.01)
    return found


def unload(url, model):
    """Unload a model, and wait until it is: Triton answers before that."""
    http.call(url, f"/v2/repository/models/{model}/unload", post=True)
    while any(one.state != "UNAVAILABLE" for one in http.models(url) if one.name == model):
        time.sleep(0.01)


@pytest.fixture(scope="session")
def triton_data(request):
    """Where the server's environment is: built once, kept from run to run."""
    home = os.environ.get("GRAMMARED_HOME")
    return Path(home) / "data" if home else Path(request.config.cache.mkdir("triton"))


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """A model repository: the bundled model, and small ones that behave in all ways."""
    folder = tmp_path_factory.mktemp("repository")
    shipped = launcher.Options().repository / "gector_distilbert"
    (folder / "gector_distilbert").symlink_to(shipped, target_is_directory=True)
    write_model(folder, rules_config("rules"), RULES_MODEL)
    write_model(folder, rules_config("slow", pause="1.5"), RULES_MODEL)
    echo = ModelConfig("echo", "Echo.", (Tensor("INPUT", "STRING"),), (Tensor("OUTPUT", "STRING"),))
    write_model(folder, echo, ECHO_MODEL)
    write_model(folder, replace(echo, name="broken"), BROKEN_MODEL)
    return folder


@pytest.fixture
def start_triton(triton_data, repository, tmp_path):
    """Starts a server of the test's own, on free ports; every one of them is ended after the test."""
    started = []

    def start(*models, report=lambda line: None, **options):
        places = launcher.Places(triton_data, tmp_path / f"state{len(started)}", tmp_path / "cache")
        started.append(places)
        ports = {"http_port": 0, "grpc_port": 0, "metrics_port": None} | options
        chosen = launcher.Options(**{"models": models, "repository": repository, "use_docker": False} | ports)
        return launcher.start(chosen, places, report), places

    yield start
    for places in started:
        launcher.stop(places, seconds=0)


@pytest.fixture(scope="session")
def triton(triton_data, repository, tmp_path_factory):
    """A server with the bundled model and the small ones, for tests that leave it as it is."""
    places = launcher.Places(triton_data, tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("cache"))
    models = ("gector_distilbert", "rules", "slow", "echo")
    options = launcher.Options(models, repository, http_port=0, grpc_port=0, metrics_port=0, use_docker=False)
    health = launcher.start(options, places, lambda line: None)
    yield health.server
    launcher.stop(places, seconds=0)


@pytest.fixture
def kill_stub():
    """Kills the process that runs a model of a server, given by its pid, and waits until it is gone."""

    def kill(server, model):
        for pid in process.children(server):
            if f"/{model}/".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                while process.start_time(pid):
                    time.sleep(0.01)
                return
        raise AssertionError(f"{server} runs no stub of {model}")

    return kill
