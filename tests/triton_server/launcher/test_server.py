"""A real server: started, asked, ended, and everything that can go wrong on the way."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RULES_MODEL, rules_config, write_model
from triton_server import launcher
from triton_server.launcher import docker, environment, http, loading, process
from triton_server.launcher.errors import LauncherError

pytestmark = pytest.mark.triton


def quiet(line):
    pass


def grammared(home, *arguments):
    command = [sys.executable, "-m", "lsp_server.cli", "triton", *arguments]
    ran = subprocess.run(
        command, env=os.environ | {"GRAMMARED_HOME": str(home)}, capture_output=True, text=True, timeout=280
    )
    return ran.returncode, ran.stdout, ran.stderr


def shared_memory(server):
    return list(Path("/dev/shm").glob(f"{server.shared_memory}?*"))


@pytest.fixture
def home(tmp_path, triton_data):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "data").symlink_to(triton_data)
    yield tmp_path / "home"
    grammared(tmp_path / "home", "stop")


def test_the_command_line_from_start_to_stop(home, repository):
    ports = ["--http-port=0", "--grpc-port=0", "--no-metrics", "--no-docker"]
    code, out, err = grammared(
        home, "start", f"--repository={repository}", "--model=rules", "--model=broken", *ports
    )
    assert (code, "Triton 2.51.0 serves rules at 127.0.0.1:" in out) == (1, True)
    assert err.splitlines()[-1] == "broken: RuntimeError: these weights are broken"

    code, out, err = grammared(home, "start", f"--repository={repository}", *ports)
    assert (code, out) == (2, "")
    assert err.startswith("grammared: Triton is already running at 127.0.0.1:")

    code, out, err = grammared(home, "status")
    assert (code, err) == (1, "broken: RuntimeError: these weights are broken\n")
    assert "rules 1: healthy" in out
    assert re.search(r"\d rows in \d batches \(mean \d\.\d\), queue \d+\.\d ms, 0 cache hits", out)

    code, out, err = grammared(home, "status", "--format=json")
    assert {one["name"]: one["version"] for one in json.loads(out)["models"]}["rules"] == "1"

    code, out, err = grammared(home, "logs", "-n", "3")
    assert (code, len(out.splitlines())) == (0, 3)

    assert grammared(home, "stop") == (0, "Triton has stopped\n", "")
    assert grammared(home, "status") == (3, "Triton is not running\n", "")
    assert grammared(home, "stop") == (0, "Triton is not running\n", "")


def test_the_command_line_tells_of_a_server_that_died(home, repository):
    ports = ["--http-port=0", "--grpc-port=0", "--no-metrics", "--no-docker"]
    grammared(home, "start", f"--repository={repository}", "--model=rules", *ports)
    server = json.loads(grammared(home, "status", "--format=json")[1])["server"]
    os.kill(server["pid"], signal.SIGSEGV)
    assert process.wait(server["pid"], server["started"], 60)
    code, out, err = grammared(home, "status")
    assert (code, err) == (3, "")
    assert re.fullmatch(r"Triton died: .*Signal \(11\).* \(all of it in .*triton\.log\)\n", out)

    grammared(home, "start", f"--repository={repository}", "--model=rules", *ports)
    server = json.loads(grammared(home, "status", "--format=json")[1])["server"]
    os.kill(server["pid"], signal.SIGKILL)
    assert process.wait(server["pid"], server["started"], 60)
    assert "Triton died: it was killed, perhaps for want of memory (" in grammared(home, "status")[1]


def test_parameters_change_when_a_model_is_loaded(start_triton):
    health, _ = start_triton("rules", parameters={"rules": {"identity": "rules@2"}})
    answer = http.probe(health.server.http, "rules")
    assert "rules@2" in str(answer)


def test_who_listens_beyond_this_machine_is_warned(start_triton):
    told = []
    start_triton("rules", address="0.0.0.0", report=told.append)
    assert any("0.0.0.0 can be reached from other machines, without a key" in line for line in told)
    told.clear()
    start_triton("rules", report=told.append)
    assert not any("Warning" in line for line in told)


def test_a_taken_port_is_named(start_triton):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            LauncherError, match=rf"cannot listen on 127.0.0.1:{port} \(.*in use\).*--grpc-port"
        ):
            start_triton("rules", grpc_port=port)


def test_when_no_model_serves_the_reason_is_given_and_nothing_runs(start_triton):
    with pytest.raises(
        LauncherError, match=r"^broken cannot be served: RuntimeError: these weights are broken$"
    ):
        start_triton("broken")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"models": ["nope"]}, "there is no model nope; there are broken, echo"),
        ({"server_options": ["bogus"]}, "'bogus' is no option of tritonserver: they begin with --"),
        (
            {"server_options": ["--http-restricted-api=model-repository,statistics:key=s3"]},
            "start loads the models over HTTP and has no key",
        ),
        ({"parameters": {"echo": {"a": "b"}}}, "parameters are given for echo, which is not to be loaded"),
        ({"use_docker": True}, "`docker info` fails"),
    ],
)
def test_wrong_options(tmp_path, triton_data, repository, options, complaint, monkeypatch):
    monkeypatch.setattr(docker, "is_available", lambda: False)
    chosen = launcher.Options(**{"models": ["rules"], "repository": repository} | options)
    with pytest.raises(LauncherError, match=complaint):
        launcher.start(chosen, launcher.Places(triton_data, tmp_path, tmp_path), quiet)


def test_a_missing_repository(tmp_path):
    with pytest.raises(LauncherError, match="there is no model repository at"):
        launcher.start(
            launcher.Options(repository=tmp_path / "no"), launcher.Places(tmp_path, tmp_path, tmp_path), quiet
        )


def test_a_server_that_dies_while_it_loads(start_triton, tmp_path):
    def kill(line):
        if line.startswith("Loading"):
            server = launcher.find(launcher.Places(tmp_path, tmp_path / "state0", tmp_path))
            os.kill(server.pid, signal.SIGKILL)
            assert process.wait(server.pid, server.started, 60)

    with pytest.raises(LauncherError, match=r"^Triton died: .* \(all of it in .*triton\.log\)$"):
        start_triton("rules", report=kill)


def test_a_wrong_server_option_is_named(start_triton):
    with pytest.raises(LauncherError, match=r"^Triton died: .*unrecognized option '--bogus=1'"):
        start_triton("rules", server_options=["--bogus=1"])


def test_a_broken_configuration_among_all_models_stops_none_of_the_others(start_triton, tmp_path):
    folder = tmp_path / "mixed"
    write_model(folder, rules_config("rules"), RULES_MODEL)
    write_model(folder, rules_config("torn"), RULES_MODEL)
    (folder / "torn" / "config.pbtxt").write_text("name: ")
    write_model(folder, rules_config("bare"), RULES_MODEL)
    (folder / "bare" / "1" / "model.py").unlink()  # Triton itself would wait for it for ever
    health, _ = start_triton(repository=folder)
    found = {model.name: model.problem for model in health.models}
    assert found.keys() == {"rules", "torn", "bare"}
    assert found["rules"] == ""
    assert "torn/config.pbtxt is no valid model configuration" in found["torn"]
    assert "bare has no 1/model.py" in found["bare"]
    with pytest.raises(LauncherError, match=r"bare has no 1/model\.py$"):
        start_triton("bare", repository=folder)


def test_what_does_not_load_in_time_is_named(start_triton, tmp_path):
    folder = tmp_path / "late"
    late = RULES_MODEL.replace('self.pause = float(parameters["pause"])', "time.sleep(60)")
    write_model(folder, rules_config("late"), late)
    with pytest.raises(LauncherError, match=r"^late cannot be served: not loaded within 10 s$"):
        start_triton("late", repository=folder, timeout=10)


def test_one_dead_instance_of_several_is_found_out(start_triton, tmp_path, kill_stub):
    folder = tmp_path / "twins"
    write_model(folder, replace(rules_config("twins"), instances=2), RULES_MODEL)
    health, places = start_triton("twins", repository=folder)
    kill_stub(health.server.pid, "twins")
    for _ in range(4):
        assert "is not healthy" in launcher.status(places).models[0].problem


def test_a_dead_stub_is_found_out(start_triton, kill_stub):
    health, places = start_triton("rules", "echo")
    kill_stub(health.server.pid, "rules")
    models = {model.name: model for model in launcher.status(places).models}
    assert not models["echo"].problem
    assert "not healthy" in models["rules"].problem
    launcher.reload(health.server, "rules", 30)
    assert not any(model.problem for model in launcher.status(places).models)


def test_a_model_that_is_loaded_again_is_still_as_start_was_told(home, repository, tmp_path, kill_stub):
    own = tmp_path / "own"
    for name in ("rules", "echo"):
        shutil.copytree(repository / name, own / name)
    changes = ["--parameter=rules.identity=rules@2", "--profile=cpu"]
    ports = ["--http-port=0", "--grpc-port=0", "--no-metrics", "--no-docker"]
    assert grammared(home, "start", f"--repository={own}", "--model=rules", *changes, *ports)[0] == 0
    server = launcher.find(launcher.Places(home / "data", home / "state", home / "cache"))

    def as_loaded():
        config = http.call(server.http, "/v2/models/rules/config")
        parameters = {key: value["string_value"] for key, value in config["parameters"].items()}
        parameters.pop("reloaded", None)
        return parameters, int(config["dynamic_batching"]["priority_levels"])

    assert as_loaded() == ({"identity": "rules@2", "pause": "0"}, 2)

    kill_stub(server.pid, "rules")
    code, out, err = grammared(home, "test", "rules", "--reload", "--text=He go.")
    assert (code, "corrected_text: He goes." in out, err) == (0, True, "")
    assert as_loaded() == ({"identity": "rules@2", "pause": "0"}, 2)

    config = own / "rules" / "config.pbtxt"
    config.write_text(config.read_text().replace('key: "pause"', 'key: "rest"'))
    model = own / "rules" / "1" / "model.py"
    model.write_text(
        model.read_text().replace('"pause"', '"rest"').replace('"$REPLACE_goes"', '"$REPLACE_went"')
    )
    code, out, err = grammared(home, "test", "rules", "--reload", "--text=He go.")
    assert (code, "corrected_text: He went." in out, err) == (0, True, "")
    assert as_loaded() == ({"identity": "rules@2", "rest": "0"}, 2)

    echo = json.loads(loading.config_of(server, "echo"))
    assert "priority_levels" not in echo["dynamic_batching"]  # start was not told to load it


def test_a_cache_that_answers_for_what_a_model_was_is_told_of(home, repository, tmp_path):
    own = tmp_path / "own"
    shutil.copytree(repository / "rules", own / "rules")
    start = ["start", f"--repository={own}", "--model=rules", "--profile=throughput"]
    start += ["--http-port=0", "--grpc-port=0", "--no-metrics", "--no-docker"]
    assert grammared(home, *start)[0] == 0
    assert grammared(home, "test", "rules", "--text=He go.")[0::2] == (0, "")
    model = own / "rules" / "1" / "model.py"
    model.write_text(model.read_text().replace('"$REPLACE_goes"', '"$REPLACE_went"'))
    code, out, err = grammared(home, "test", "rules", "--reload", "--text=He go.")
    assert (code, "corrected_text: He goes." in out) == (0, True)
    assert err.startswith("rules has a response cache: what was asked before is answered as before")
    grammared(home, "stop")
    assert grammared(home, *start)[0] == 0
    assert "corrected_text: He went." in grammared(home, "test", "rules", "--text=He go.")[1]


def test_dead_processes_show_through_the_cache_and_are_all_replaced(start_triton, kill_stub):
    health, places = start_triton("rules", profile="throughput")
    server = health.server
    kill_stub(server.pid, "rules")
    launcher.reload(server, "rules", 30)
    for _ in range(10):
        http.probe(server.http, "rules")
    for pid in process.children(server.pid):
        with contextlib.suppress(ProcessLookupError):  # one of those that were replaced
            os.kill(pid, signal.SIGKILL)
    assert "not healthy" in launcher.status(places).models[0].problem


def test_stop_leaves_no_process_behind(start_triton):
    health, places = start_triton("rules")
    children = process.children(health.server.pid)
    assert children
    assert launcher.stop(places) == launcher.Ended(by_itself=True)
    assert all(process.start_time(pid) is None for pid in [health.server.pid, *children])


def test_a_killed_server_leaves_nothing_behind_and_another_one_alone(start_triton):
    (killed, places), (other, others) = start_triton("slow", "gector_distilbert"), start_triton("rules")
    models = {model.name: model for model in launcher.status(places, seconds=0.5).models}
    assert models["slow"].problem == "slow: no answer within 0.5 s"
    started = {pid: process.start_time(pid) for pid in process.children(killed.server.pid)}
    with ThreadPoolExecutor() as pool:
        # Stubs that nobody asks anything end by themselves.
        asked = [
            pool.submit(http.probe, killed.server.http, model.name) for model in killed.models for _ in "123"
        ]
        while not http.call(killed.server.http, "/v2/models/slow/stats")["model_stats"][0]["inference_count"]:
            pass
        os.kill(killed.server.pid, signal.SIGKILL)
    assert any(one.exception() for one in asked)
    assert len(started) == 3  # of the tagger two
    assert all(process.wait(pid, at, 60) for pid, at in started.items())
    assert shared_memory(killed.server) == []
    assert launcher.status(places) is None
    assert launcher.stop(places) is None
    assert shared_memory(other.server)
    assert launcher.status(others).is_well


def test_stop_removes_the_memory_of_a_server_that_was_killed_with_its_session(start_triton):
    health, places = start_triton("rules")
    os.killpg(os.getpgid(health.server.pid), signal.SIGKILL)
    assert process.wait(health.server.pid, health.server.started, 60)
    assert shared_memory(health.server)
    assert launcher.stop(places) is None
    assert shared_memory(health.server) == []


def test_a_stopped_server_is_killed_in_the_end(start_triton):
    health, places = start_triton("rules")
    os.kill(health.server.pid, signal.SIGSTOP)
    assert shared_memory(health.server)
    assert launcher.stop(places, seconds=0.5) == launcher.Ended(by_itself=False)
    assert process.start_time(health.server.pid) is None
    assert shared_memory(health.server) == []


def test_another_process_with_the_same_pid_is_left_alone(start_triton, tmp_path):
    _, places = start_triton("rules")
    state = places.state / "triton.json"
    with subprocess.Popen(["sleep", "60"]) as other:
        fields = {"pid": other.pid, "started": "1", "address": "127.0.0.1", "http_port": 1, "grpc_port": 2}
        elsewhere = launcher.Places(tmp_path, tmp_path / "elsewhere", tmp_path)
        elsewhere.state.mkdir()
        (elsewhere.state / "triton.json").write_text(json.dumps(fields | {"metrics_port": None, "log": ""}))
        assert launcher.stop(elsewhere) is None
        assert other.poll() is None
        other.kill()
    assert state.exists()


@pytest.mark.triton
def test_an_environment_reached_by_another_path_stays_as_it_is(triton, triton_data, tmp_path):
    """Another server that starts at that moment finds all of its parts."""
    (tmp_path / "triton").symlink_to(triton_data / "triton", target_is_directory=True)
    made = environment.ensure(launcher.Places(triton_data, tmp_path, tmp_path), [], quiet)
    links = [*(made.backends / "python").iterdir(), made.site_packages / "triton_server"]
    before = [link.lstat().st_ino for link in links if link.is_symlink()]
    environment.ensure(launcher.Places(tmp_path, tmp_path, tmp_path), [], quiet)
    assert [link.lstat().st_ino for link in links if link.is_symlink()] == before
    assert len(before) == 4


def test_an_environment_that_cannot_be_built(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        LauncherError, match="packages for Triton could not be installed: No matching distribution"
    ):
        environment.ensure(launcher.Places(tmp_path, tmp_path, tmp_path), [], quiet)


def test_an_interpreter_that_the_server_cannot_use(monkeypatch):
    monkeypatch.setattr(environment, "SUPPORTED_PYTHONS", ("3.1",))
    with pytest.raises(LauncherError, match=r"needs Python 3\.10, 3\.11 or 3\.12"):
        environment.find_interpreter()
