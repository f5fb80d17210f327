"""Versions on a real server: promoted and rolled back under load, and on disk what becomes of them."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner

from lsp_server.cli.triton_versions import versions as list_versions
from lsp_server.engines import TritonEngine
from tests.conftest import RULES_MODEL, rules_config, unload, write_model
from triton_server import launcher
from triton_server.launcher import process, promotion, repository, versions
from triton_server.launcher.errors import LauncherError

MADE = "self.backend = GectorBackend(self.tag, card)"
COUNTED = "self.counters = Counters(pb_utils, adapter.model_arguments(args))"
WARM_MODEL = (
    RULES_MODEL.replace(MADE, f"{COUNTED}; {MADE[:-1]}, self.counters.add); self.backend.warm_up()")
    + "\n    from triton_server.backend.metrics import Counters\n"
)
"""As every real model of ours: when it takes over, it is ready, and it counts."""


@pytest.fixture
def folder(tmp_path):
    """A model with one version, in a repository of its own."""
    write_model(tmp_path / "models", rules_config("rules"), WARM_MODEL)
    return tmp_path / "models" / "rules"


POLICIES = [
    ("", [3]),
    ("version_policy { all { } }", [1, 2, 3]),
    ("version_policy: { latest { num_versions: 2 } }", [2, 3]),
    ("version_policy {\n  specific {\n    versions: [ 1,\n 3 ]\n  }\n}", [1, 3]),
    ("version_policy { specific { versions: 2 versions: 9 } }", [2]),
]


@pytest.mark.parametrize(("policy", "expected"), POLICIES)
def test_what_the_configuration_asks_to_serve(folder, policy, expected):
    for number in "23":
        shutil.copytree(folder / "1", folder / number)
    (folder / "notes").mkdir()
    config = folder / "config.pbtxt"
    config.write_text(config.read_text() + policy)
    assert versions.on_disk(folder) == [1, 2, 3]
    assert versions.served(folder) == expected


@pytest.mark.parametrize(("policy", "_"), POLICIES)
def test_the_rest_of_the_configuration_stays(folder, policy, _):
    before = (folder / "config.pbtxt").read_text()
    once = versions.with_policy(f"{before}{policy}\n# The end.\n", [2, 5])
    assert once.startswith(before)
    assert "# The end." in once
    assert list(repository.parse(once).version_policy.specific.versions) == [2, 5]
    again = versions.with_policy(once, [7])
    assert again == once.replace("[ 2, 5 ]", "[ 7 ]")


def test_a_configuration_that_cannot_be_changed():
    odd = 'name: "odd" backend: "python" version_policy { all { } }'
    with pytest.raises(LauncherError, match=r"is no valid model configuration: .*version_policy"):
        versions.with_policy(odd, [1])


def test_a_version_takes_over_and_adds_parameters(folder):
    assert versions.install(folder, {"identity": "two", "pause": "0.5"}) == 2
    assert versions.install(folder, {"identity": "three"}, base=2) == 3
    assert versions.parameters_of(folder, 3) == {"identity": "three", "pause": "0.5"}
    assert (folder / "3" / "model.py").read_text() == (folder / "1" / "model.py").read_text()


def test_versions_of_one_model_are_told_apart(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path / "home"))
    with (folder / "config.pbtxt").open("a") as config:
        for name in ("dtype", "revision"):
            config.write(f'parameters {{ key: "{name}" value {{ string_value: "" }} }}\n')
    versions.install(folder, {"dtype": "int8", "pause": "1"})
    versions.install(folder, {"model": "owner/model", "revision": "v2"}, base=1)
    ran = CliRunner().invoke(list_versions, ["rules", f"--repository={folder.parent}"])
    rows = [line.rpartition("  ")[2] for line in ran.output.splitlines()[1:]]
    assert rows == ["its own", "its own, dtype=int8, pause=1", "owner/model@v2"]


def test_a_model_folder_is_copied_into_its_version_and_no_other(folder, tmp_path):
    weights = tmp_path / "better"
    weights.mkdir()
    (weights / "config.json").write_text("{}")
    assert versions.install(folder, {"model": str(weights)}) == 2
    assert versions.install(folder, {"pause": "1"}, base=2) == 3
    shutil.rmtree(weights)
    for number in (2, 3):
        assert versions.parameters_of(folder, number)["model"] == "2/better"
    assert (folder / "2" / "better" / "config.json").exists()
    assert not (folder / "3" / "better").exists()


def test_back_and_further_back_without_a_server(folder):
    for name in ("two", "three"):
        promotion.promote(folder, versions.install(folder, {"identity": name}), None)
    assert versions.served(folder) == [2, 3]
    assert promotion.rollback(folder, None) == [1, 2]
    assert promotion.rollback(folder, None) == [1]
    with pytest.raises(LauncherError, match="rules has no earlier state to go back to"):
        promotion.rollback(folder, None)
    actions = [entry["action"] for entry in json.loads(versions.history_file(folder).read_text())["log"]]
    assert actions == ["promote", "promote", "rollback", "rollback"]


def test_what_was_deleted_is_not_gone_back_to(folder):
    for name in ("two", "three"):
        promotion.promote(folder, versions.install(folder, {"identity": name}), None, alone=True)
    versions.remove(folder, 2)
    assert promotion.rollback(folder, None) == [1]


def test_a_version_that_is_not_there(folder):
    with pytest.raises(LauncherError, match="rules has no version 7; it has 1"):
        promotion.serve(folder, [7], None, "pin")


def test_the_package_itself_is_never_changed(tmp_path):
    places = launcher.Places(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    name = repository.DEFAULT_MODEL
    folder = versions.find(name, places, None)
    assert folder == places.models / name
    promotion.promote(folder, versions.install(folder, {"threads": "1"}), None)
    assert versions.on_disk(repository.SHIPPED / name) == [1]
    assert name not in repository.names(repository.lay_out(places))  # the user's own counts
    assert versions.find(name, places, None) == folder


def stubs(server):
    """The processes that run models."""
    return {pid for pid in process.children(server.pid) if process.start_time(pid)}


@asynccontextmanager
async def load(server, model, clients=6):
    """Ask from several clients all the time; which version answered how often, and what failed."""
    answered, failed = Counter(), []

    async def ask(version=""):
        engine = TritonEngine(server.grpc, model, version, deadline=60, retries=0)
        await engine.start()
        try:
            while not done.is_set():
                tagging = await engine.tag([["go"], ["very", "good"]], 0.0)
                assert tagging[0].labels == ("$KEEP", "$REPLACE_goes")
                answered[engine.identity] += 1
                news.set()
        except Exception as error:
            failed.append(error)
            news.set()
        await engine.close()

    async def until(identity, more=20):
        """Wait until this one has answered so many more times."""
        goal = answered[identity] + more
        while answered[identity] < goal and not failed:
            news.clear()
            await asyncio.wait_for(news.wait(), 60)

    done, news = asyncio.Event(), asyncio.Event()
    running = [asyncio.create_task(ask()) for _ in range(clients)]
    try:
        yield answered, failed, until
    finally:
        done.set()
        await asyncio.gather(*running)


@pytest.fixture
def start(triton_data, tmp_path):
    """Starts a server with places of its own, the environment aside, and ends it."""
    places = launcher.Places(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    places.data.mkdir()
    (places.data / "triton").symlink_to(triton_data / "triton", target_is_directory=True)

    def start(folder):
        options = launcher.Options(
            ("rules",), folder, http_port=0, grpc_port=0, metrics_port=0, use_docker=False
        )
        return launcher.start(options, places, lambda line: None).server, places

    yield start
    launcher.stop(places, seconds=5)


@pytest.mark.triton
@pytest.mark.parametrize("shipped", [False, True], ids=["own", "shipped"])
async def test_promoted_and_rolled_back_under_load(start, folder, shipped, monkeypatch):
    if shipped:
        monkeypatch.setattr(repository, "SHIPPED", folder.parent)
    server, places = start(folder.parent)
    one, two = "triton:rules:1:rules@1", "triton:rules:2:rules@2"
    async with load(server, "rules") as (answered, failed, until):
        await until(one)
        folder = await asyncio.to_thread(versions.find, "rules", places, server)
        assert folder.is_relative_to(places.models) == shipped
        number = await asyncio.to_thread(versions.install, folder, {"identity": "rules@2"})
        promoted = await asyncio.to_thread(promotion.promote, folder, number, server)
        assert promoted.served == [1, 2]
        await until(two)
        assert await asyncio.to_thread(promotion.rollback, folder, server) == [1]
        await until(one)
        promoted = await asyncio.to_thread(promotion.promote, folder, 2, server, alone=True)
        assert promoted.served == [2]
        await until(two)
        assert await asyncio.to_thread(promotion.rollback, folder, server) == [1]
        await until(one)
        for _ in range(3):
            await asyncio.to_thread(promotion.promote, folder, 2, server)
            await until(two)
            await asyncio.to_thread(promotion.rollback, folder, server)
            await until(one)
    assert failed == []
    assert set(answered) == {one, two}
    # What was rolled back is no fault, and a start anew serves the same.
    assert [(model.version, model.problem) for model in launcher.status(places).models] == [("1", "")]


@pytest.mark.triton
async def test_a_version_that_does_not_load_changes_nothing(start_triton, folder):
    health, _ = start_triton("rules", repository=folder.parent)
    async with load(health.server, "rules") as (answered, failed, until):
        await until("triton:rules:1:rules@1")
        shutil.copytree(folder / "1", folder / "2")  # by hand: that will do, too
        (folder / "2" / "model.py").write_text("raise RuntimeError('these weights are broken')")
        with pytest.raises(
            LauncherError, match=r"rules version 2 did not load: .*broken \(version 1 still serves\)"
        ):
            await asyncio.to_thread(promotion.promote, folder, 2, health.server)
        await until("triton:rules:1:rules@1")
    assert failed == []
    assert set(answered) == {"triton:rules:1:rules@1"}
    assert versions.previous(folder) == []


@pytest.mark.triton
def test_a_version_that_serves_is_not_loaded_anew_when_others_come_and_go(start_triton, folder):
    """Also since Triton may crash when it gives up one that it has just loaded, for another that failed."""
    health, _ = start_triton("rules", repository=folder.parent)
    served = stubs(health.server)
    broken = versions.install(folder, {})
    (folder / str(broken) / "model.py").write_text("raise RuntimeError('these weights are broken')")
    with pytest.raises(LauncherError, match=r"version 2 did not load: .*broken \(version 1 still serves\)"):
        promotion.promote(folder, broken, health.server)
    assert stubs(health.server) >= served
    promotion.promote(folder, versions.install(folder, {}, base=1), health.server)
    assert stubs(health.server) > served


@pytest.mark.triton
def test_a_version_whose_folder_is_gone_while_it_serves_holds_up_no_other(start_triton, folder):
    health, _ = start_triton("rules", repository=folder.parent)
    number = versions.install(folder, {"identity": "rules@2"})
    shutil.rmtree(folder / "1")
    assert promotion.promote(folder, number, health.server).served == [2]


@pytest.mark.triton
def test_versions_are_loaded_one_after_the_other(start_triton, folder):
    for number in (2, 3, 4):
        versions.install(folder, {"identity": f"rules@{number}"}, base=1)
    broken = folder / "3" / "model.py"
    source = broken.read_text()
    broken.write_text("raise RuntimeError('these weights are broken')")
    promotion.serve(folder, [2, 3, 4], None, "pin")
    health, places = start_triton("rules", repository=folder.parent)
    started = [(model.version, model.problem) for model in health.models]
    assert started == [("2", ""), ("3", "RuntimeError: these weights are broken"), ("4", "")]
    serving = stubs(health.server)
    assert len(serving) == 2

    with pytest.raises(
        LauncherError, match=r"version 3 did not load: .*broken \(versions 2, 4 still serve\)"
    ):
        promotion.serve(folder, [1, 3], health.server, "pin")
    assert stubs(health.server) >= serving  # and version 1, for a moment more
    broken.write_text(source)
    assert promotion.serve(folder, [1, 3], health.server, "pin") == [1, 3]
    states = launcher.status(places).models
    assert [(model.version, model.problem) for model in states] == [("1", ""), ("3", "")]


@pytest.mark.triton
def test_a_version_that_takes_the_server_with_it(start, folder):
    server, _ = start(folder.parent)
    before = (folder / "config.pbtxt").read_text()
    shutil.copytree(folder / "1", folder / "2")
    (folder / "2" / "model.py").write_text("import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n")
    try:
        with pytest.raises(LauncherError, match=r"timed out \(version 1 does not answer any more: stop and"):
            promotion.promote(folder, 2, server, seconds=10)
        assert (folder / "config.pbtxt").read_text() == before
    finally:
        os.kill(server.pid, signal.SIGCONT)


@pytest.mark.triton
def test_versions_keep_what_the_model_was_started_with(start_triton, folder):
    health, _ = start_triton(
        "rules", repository=folder.parent, parameters={"rules": {"identity": "as started"}}
    )
    promotion.promote(folder, versions.install(folder, {"pause": "0"}), health.server)
    both = [(1, "READY", False, "as started"), (2, "READY", True, "as started")]

    def listed():
        listed = promotion.versions(folder, health.server)
        return [(one.number, one.state, one.is_default, one.model) for one in listed]

    assert listed() == both
    unload(health.server.http, "rules")
    promotion.serve(folder, [1, 2], health.server, "pin")
    assert listed() == both


def with_rotated_labels(model, folder):
    """A model whose labels belong to other weights: it answers, and nothing of it is right."""
    shutil.copytree(model, folder)
    config = json.loads((folder / "config.json").read_text())
    labels = [label for label in config["label2id"] if label not in ("<OOV>", "$KEEP", "<PAD>")]
    ids = [config["label2id"][label] for label in labels]
    config["label2id"].update(zip(labels, ids[50:] + ids[:50], strict=True))
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def without_last_label(model, folder):
    """A model with a label less than its weights know."""
    shutil.copytree(model, folder)
    config = json.loads((folder / "config.json").read_text())
    ids = {label: number for label, number in config["label2id"].items() if label != "<PAD>"}
    config["label2id"] = {label: number for label, number in ids.items() if number < len(ids) - 1}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.triton
def test_the_commands_on_the_shipped_model(tmp_path, triton_data):
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    (home / "data" / "triton").symlink_to(triton_data / "triton", target_is_directory=True)
    weights = tmp_path / "retrained"
    shutil.copytree(repository.SHIPPED.parent / "models" / "gector-distilbert", weights)

    def triton(*arguments):
        command = [sys.executable, "-m", "lsp_server.cli", "triton", *arguments]
        environment = os.environ | {"GRAMMARED_HOME": str(home)}
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
        return ran.returncode, ran.stdout, ran.stderr

    try:
        assert triton("start", "--http-port=0", "--grpc-port=0", "--no-metrics", "--no-docker")[0] == 0
        name = repository.DEFAULT_MODEL
        promoted = triton("promote", name, f"--model={weights}")
        same = "it answers 0% of the sentences otherwise than the version before\n"
        assert promoted == (0, f"{name} serves versions 1, 2; 2 is the default\n{same}", "")
        _, listed, _ = triton("versions", name)
        rows = [line.split() for line in listed.splitlines()[1:-1]]
        named = [(row[0], row[-1].partition("@")[0]) for row in rows]
        assert named == [
            ("1", "gector-distilbert"),
            ("*", "retrained"),
        ]
        assert listed.splitlines()[-1] == "rollback would serve version 1"
        assert triton("rollback", name) == (0, f"{name} serves version 1; 1 is the default\n", "")
        assert triton("pin", name, "2") == (0, f"{name} serves version 2; 2 is the default\n", "")
        rotated = with_rotated_labels(weights, tmp_path / "rotated")
        code, out, err = triton("promote", name, f"--model={rotated}")
        assert (code, out) == (2, "")
        assert re.search(
            r"version 3 answers \d+% of 30 sentences otherwise than version 2, more than 50%", err
        )
        assert err.endswith("--force promotes it all the same (version 2 still serves)\n")
        assert versions.on_disk(home / "data" / "model_repository" / name) == [1, 2]
        code, out, err = triton("promote", name, f"--model={without_last_label(weights, tmp_path / 'less')}")
        assert (code, out) == (2, "")
        assert re.search(r"version 3 did not load: .* are for 5001 labels, and config\.json has 5000", err)
        (tmp_path / "empty").mkdir()
        code, out, err = triton("promote", name, f"--model={tmp_path / 'empty'}")
        assert (code, out) == (2, "")
        assert err.startswith(f"grammared: {name} version 3 did not load: ")
        assert versions.on_disk(home / "data" / "model_repository" / name) == [1, 2]
        code, out, err = triton("status")
        assert (code, err) == (0, "")
        assert f"{name} 2: healthy" in out
    finally:
        triton("stop")
