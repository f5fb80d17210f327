"""Two versions compared in use: an editor, the command line, and the report."""

import json
import os
import subprocess
import sys

import pytest

from lsp_server.engines.split import arm_of
from tests.conftest import RULES_MODEL, rules_config, write_model
from tests.lsp_server.server.editor import Editor, capabilities
from triton_server.launcher import promotion, versions

pytestmark = pytest.mark.triton

WEIGHTS = {"1": 50, "2": 50}
TEXT = "He go home. We saw a very dog."


@pytest.fixture
def url(tmp_path, start_triton, monkeypatch):
    """A server with two versions of a model."""
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path / "home"))
    write_model(tmp_path / "models", rules_config("rules"), RULES_MODEL)
    folder = tmp_path / "models" / "rules"
    promotion.promote(folder, versions.install(folder, {"identity": "rules@2"}), None)
    return start_triton("rules", repository=folder.parent)[0].server.grpc


def grammared(*arguments):
    command = [sys.executable, "-m", "lsp_server.cli", *arguments]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)


def report():
    return json.loads(grammared("triton", "ab", "report", "--format=json").stdout)


def identity(version):
    return f"triton:rules:{version}:rules@{version}"


def settings(url, versions, **more):
    triton = {"url": url, "model": "rules", "versions": versions}
    return {"engine": "triton", "fallback": False, "debounce": 0, "triton": triton} | more


async def start_editor(configuration):
    editor = Editor()
    await editor.start(
        capabilities("visual-studio-code", pull=False),
        command=(sys.executable, "-m", "lsp_server.cli", "serve"),
        options=configuration,
        configuration=configuration,
    )
    return editor


async def test_in_an_editor(url):
    editor = await start_editor(settings(url, WEIGHTS))
    expected = {version: {"documents": 0, "found": 0, "accepted": 0, "ignored": 0} for version in WEIGHTS}
    while not all(counts["documents"] for counts in expected.values()):
        editor.open(TEXT, "plaintext")
        version = arm_of(editor.uri, WEIGHTS)
        found = await editor.diagnostics()
        assert [one.data["model"] for one in found] == [identity(version)] * 2
        editor.replace("go", "goes")  # the quick fix, whatever sent it
        assert len(await editor.diagnostics()) == 1
        editor.close()
        for name, number in (("documents", 1), ("found", 2), ("accepted", 1), ("ignored", 1)):
            expected[version][name] += number
    assert await editor.stop() == 0
    arms = report()
    for version, counts in expected.items():
        arm = arms[identity(version)]
        assert {name: arm[name] for name in counts} == counts
        assert arm["requests"] >= 2
        assert arm["p50_ms"] > 0


async def test_a_document_that_moves_to_another_version(url):
    """What the first has shown is gone, ignored by nobody; each has its own words to be measured by."""
    editor = await start_editor(settings(url, {"1": 1}))
    editor.open(TEXT, "plaintext")
    assert len(await editor.diagnostics()) == 2
    editor.configure(settings(url, {"2": 1}))
    assert [one.data["model"] for one in await editor.diagnostics()] == [identity("2")] * 2
    editor.replace("go", "goes")
    assert len(await editor.diagnostics()) == 1
    editor.configure(settings(url, {"2": 1}, minErrorProb=0.9))
    assert not await editor.diagnostics()
    assert await editor.stop() == 0
    arms = report()
    shown = {version: {"documents": 1, "words": 10, "found": 2, "ignored": 0} for version in WEIGHTS}
    shown["1"] |= {"accepted": 0, "gone": 2}
    shown["2"] |= {"accepted": 1, "gone": 1}
    for version, counts in shown.items():
        assert {name: arms[identity(version)][name] for name in counts} == counts


def test_on_the_command_line(url, tmp_path):
    names = []
    for i in range(20):
        path = tmp_path / f"{i}.txt"
        path.write_text(TEXT)
        names.append(str(path))
    flags = [
        f"--triton-url={url}",
        "--set=triton.model=rules",
        f"--set=triton.versions={json.dumps(WEIGHTS)}",
    ]
    linted = grammared("lint", "--format=json", "--set=fallback=false", *flags, *names)
    assert linted.returncode == 1
    for file in json.loads(linted.stdout)["files"]:
        arm = arm_of((tmp_path / file["path"]).as_uri(), WEIGHTS)
        assert {finding["model"] for finding in file["findings"]} == {identity(arm)}
    arms = report()
    assert sum(arm["documents"] for arm in arms.values()) == 20
    assert sum(arm["found"] for arm in arms.values()) == 40
    shown = grammared("triton", "ab", "report").stdout
    assert "findings in 1,000 words" in shown
    grammared("triton", "ab", "reset")
    assert grammared("triton", "ab", "report").stdout.startswith("nothing was counted yet")
