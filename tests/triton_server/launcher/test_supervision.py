"""A supervised server: sick models are loaded again, a dead server is started again, or given up loudly."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.engines import TritonEngine
from tests.conftest import RULES_MODEL, rules_config, wait_until, write_model
from tests.triton_server.conftest import NEW_PORTS
from triton_server import launcher
from triton_server.launcher import http, process, server, supervision
from triton_server.launcher.errors import LauncherError

pytestmark = pytest.mark.triton


@pytest.fixture
def supervised(start_triton, repository):
    """Starts a server; gives its health, its places, its supervisor, and what that says."""

    def start(*models, **options):
        health, places = start_triton(*models, **options)
        said = []
        chosen = launcher.Options(
            models, options.get("repository", repository), use_docker=False, metrics_port=None
        )
        return health, places, launcher.Supervisor(chosen, places, health, said.append, seconds=3), said

    return start


def test_a_sick_model_is_loaded_again(supervised, kill_stub):
    health, places, supervisor, said = supervised("rules", "echo")
    assert supervisor.look()
    assert said == []
    kill_stub(health.server.pid, "rules")
    while not said:  # a busy machine may be late to say so
        supervisor.look()
    assert re.fullmatch(r"rules: .*is not healthy.*; it is loaded again", said[0])
    while said[-1] != "rules is well again":
        supervisor.look()
    assert launcher.status(places).is_well


def test_a_hung_model_is_loaded_again(supervised, kill_stub):
    health, places, supervisor, said = supervised("rules", "echo")
    [stub] = [pid for pid in process.children(health.server.pid) if b"/rules/" in cmdline(pid)]
    os.kill(stub, signal.SIGSTOP)
    while not said:  # it is late, which counts at the second time, or Triton itself gives it up
        supervisor.look()
    while said[-1] != "rules is well again":  # on a busy machine it may be slow more than once
        supervisor.look()
    for line in said[:-1]:
        assert re.fullmatch(r"rules: (slow: no answer .*|.*is not healthy.*); it is loaded again", line)
    # A process that was stopped and goes on may take the whole server with it: then that is started again.
    os.kill(stub, signal.SIGCONT)
    for _ in range(3):
        supervisor.look()
    assert launcher.status(places).is_well


def cmdline(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_dead_server_is_started_again_with_the_models_it_had(supervised, monkeypatch):
    health, places, supervisor, said = supervised("rules")
    http.load(health.server.http, "echo", None, 60)
    supervisor.look()
    os.kill(health.server.pid, signal.SIGKILL)
    assert process.wait(health.server.pid, health.server.started, 60)
    supervisor.look()
    assert [line.partition(":")[0] for line in said] == ["Triton died", "Triton is back"]
    assert said[0].endswith("; it is started again in 1 s")
    again = launcher.status(places)
    assert again.is_well
    assert {model.name for model in again.models} == {"rules", "echo"}
    assert (again.server.http_port, again.server.grpc_port) == (
        health.server.http_port,
        health.server.grpc_port,
    )


def test_a_hung_server_is_killed_and_started_again(supervised):
    health, places, supervisor, said = supervised("rules")
    os.kill(health.server.pid, signal.SIGSTOP)
    while not said:
        supervisor.look()
    assert said[0] == "Triton gave no sign of life for 3 s and was killed; it is started again in 1 s"
    assert said[1:] == ["Triton is back"]
    assert launcher.status(places).is_well


def die(places):
    running = launcher.find(places)
    if not running:
        return
    os.kill(running.pid, signal.SIGKILL)
    process.wait(running.pid, running.started, 60)


def test_what_dies_again_and_again_is_given_up(supervised, monkeypatch):
    monkeypatch.setattr(supervision, "_FIRST_WAIT", 0.0)
    _, places, supervisor, said = supervised("rules")
    with pytest.raises(
        LauncherError,
        match=r"^Triton is given up: started 5 times within 10 minutes, and never served for 30 s\. ",
    ):
        for _ in range(6):
            die(places)
            supervisor.look()  # finds it dead, and starts it
            supervisor.look()  # finds it well: that is not enough
    # On a busy machine one of the starts may fail, and counts as well.
    assert sum("it is started again" in line for line in said) == 5
    assert said.count("Triton is back") >= 1


def test_what_has_served_well_in_between_is_not_given_up(supervised, monkeypatch):
    monkeypatch.setattr(supervision, "_SERVED_WELL", 0.2)
    _, places, supervisor, said = supervised("rules")
    for _ in range(6):
        die(places)
        supervisor.look()
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            supervisor.look()
    assert said.count("Triton is back") == 6
    # No wait has grown either.
    assert sum(line.endswith("; it is started again in 1 s") for line in said) == 6


def test_a_model_that_was_well_in_between_is_not_given_up(supervised, kill_stub, monkeypatch):
    monkeypatch.setattr(supervision, "_SERVED_WELL", 0.2)
    health, places, supervisor, said = supervised("rules")
    for times in range(1, 7):
        kill_stub(health.server.pid, "rules")
        while said.count("rules is well again") < times:
            supervisor.look()
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            supervisor.look()
    assert sum("it is loaded again" in line for line in said) == 6
    assert launcher.status(places).is_well


def test_a_model_that_stays_sick_is_given_up_and_the_others_serve_on(supervised, tmp_path, monkeypatch):
    monkeypatch.setattr(supervision, "_FIRST_WAIT", 0.0)
    once = tmp_path / "once"
    sick = RULES_MODEL.replace(
        "time.sleep(self.pause)", f"import os; os.path.exists({str(once)!r}) and os._exit(1)"
    )
    folder = tmp_path / "models"
    write_model(folder, rules_config("sick"), sick)
    write_model(folder, rules_config("rules"), RULES_MODEL)
    health, places, supervisor, said = supervised("sick", "rules", repository=folder)
    once.touch()
    for _ in range(8):
        assert supervisor.look()
    assert sum("it is loaded again" in line for line in said) == 5
    assert said[-1].startswith(
        "sick is given up: loaded 5 times within 10 minutes, never well for 30 s, and still: "
    )
    sick_ones = [one.name for one in launcher.status(places).models if one.problem]
    assert sick_ones == ["sick"]
    once.unlink()
    launcher.reload(health.server, "sick", 60)
    supervisor.look()
    assert said[-1] == "sick is well again"


def test_a_load_that_never_ends_takes_a_new_server(start_triton, tmp_path, kill_stub):
    gate = tmp_path / "gate"
    waits = f"""import os
            while os.path.exists({str(gate)!r}):
                time.sleep(0.05)
            self.pause ="""
    write_model(tmp_path / "models", rules_config("rules"), RULES_MODEL.replace("self.pause =", waits, 1))
    health, places = start_triton("rules", repository=tmp_path / "models")
    said = []

    def report(line):
        said.append(line)
        if "was killed" in line:
            gate.unlink()

    options = launcher.Options(
        ("rules",), tmp_path / "models", use_docker=False, metrics_port=None, timeout=15
    )
    supervisor = launcher.Supervisor(options, places, health, report, seconds=3)
    gate.touch()
    kill_stub(health.server.pid, "rules")
    while "Triton is back" not in said:
        supervisor.look()
    assert "it is loaded again" in said[0]
    assert any(line.startswith("rules was not loaded ") and "was killed" in line for line in said)
    assert launcher.status(places).is_well


def test_a_version_that_is_being_loaded_is_left_alone(supervised):
    health, _, supervisor, said = supervised("rules")
    [well] = health.models
    comes = replace(well, version="2", problem="loading")
    for model in (well, comes):
        supervisor._see(health, model)
    assert said == []


async def test_clients_pass_over_a_dead_instance(start_triton, tmp_path, kill_stub):
    folder = tmp_path / "models"
    write_model(folder, replace(rules_config("rules"), instances=2), RULES_MODEL)
    health, _ = start_triton("rules", repository=folder)
    kill_stub(health.server.pid, "rules")
    engine = TritonEngine(health.server.grpc, "rules", retries=0)
    await engine.start()
    for _ in range(10):
        [tagging] = await engine.tag([["He", "go", "."]], 0.0)
        assert tagging.labels[2] == "$REPLACE_goes"
    await engine.close()


def test_the_command_supervises_until_it_is_stopped(cli, repository, kill_stub):
    command = [sys.executable, "-m", "lsp_server.cli", "triton", "start", "--supervise", *NEW_PORTS]
    started = subprocess.Popen(
        [*command, f"--repository={repository}", "--model=rules"],
        env=os.environ | {"GRAMMARED_HOME": str(cli.home)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in started.stderr])
    reader.start()

    def until(text):
        while text not in (line := lines.get(timeout=120)):
            pass
        return line

    until("Triton is supervised: Ctrl-C stops it")
    places = launcher.Places(cli.home / "data", cli.home / "state", cli.home / "cache")
    kill_stub(launcher.find(places).pid, "rules")
    until("it is loaded again")
    until("rules is well again")
    os.kill(launcher.find(places).pid, signal.SIGKILL)
    until("it is started again in 1 s")
    until("Triton is back")
    assert cli("stop") == (0, "Triton has stopped\n", "")
    until("Triton was stopped")
    assert started.wait(60) == 0
    reader.join(60)
    started.stderr.close()
    assert not server.is_wanted(places)
    wait_until(lambda: launcher.find(places) is None)
