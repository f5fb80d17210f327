"""Small sites, built by the real Sphinx and the real MkDocs, and a package tested by the real pytest."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

WRONG = "She go to school every day.\n\nAll is well here.\n\nI recieved a letter.\n"


@pytest.fixture
def site(tmp_path):
    """A folder with a project file that knows a word and leaves out a kind."""
    (tmp_path / "grammared.toml").write_text('words = ["widgit"]\n')
    return tmp_path


def build(*command, cwd):
    run = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )
    return run.returncode, re.sub(r"\x1b\[[0-9;]*m", "", run.stdout + run.stderr)


def test_sphinx_warns_and_can_be_told_not_to(site):
    (site / "conf.py").write_text(
        'project = "A"\nextensions = ["lsp_server.integrations.sphinx"]\nexclude_patterns = ["out*"]\n'
    )
    (site / "index.rst").write_text(f"A page\n======\n\n{WRONG}\nA widgit, ``he go``.\n\n.. He go.\n")
    code, out = build("sphinx", "-b", "html", ".", "out", cwd=site)
    assert code == 0, out
    found = re.findall(r"index\.rst:(\d+): WARNING: (.*?) → (\w+)", out)
    assert [(line, right) for line, _, right in found] == [("4", "goes"), ("8", "received")]
    assert Path(site / "out" / "index.html").exists()

    code, out = build("sphinx", "-b", "html", ".", "out", cwd=site)
    assert "WARNING" not in out  # nothing has changed

    assert build("sphinx", "-W", "-E", "-b", "html", ".", "out2", cwd=site)[0] != 0
    options = ["-D", "suppress_warnings=grammared.spelling,grammared.subject-verb-agreement"]
    code, out = build("sphinx", "-W", "-E", *options, "-b", "html", ".", "out3", cwd=site)
    assert code == 0, out


def test_mkdocs_warns_and_fails_when_strict(site):
    (site / "mkdocs.yml").write_text("site_name: A\nplugins: [grammared]\n")
    (site / "docs").mkdir()
    (site / "docs" / "index.md").write_text(f"# A page\n\n{WRONG}\nA widgit, `he go`.\n")
    code, out = build("mkdocs", "build", cwd=site)
    assert code == 0, out
    found = re.findall(r"WARNING +- +index\.md:(\d+): .*? → (\w+) \[([\w-]+)\]", out)
    assert found == [("3", "goes", "subject-verb-agreement"), ("7", "received", "spelling")]
    assert build("mkdocs", "build", "--strict", cwd=site)[0] != 0


def test_pytest_fails_for_doc_strings_and_comments_with_mistakes(site):
    (site / "good.py").write_text('"""All is well here."""\n\nWRONG = "She go to school."\n')
    (site / "bad.py").write_text('"""She go to school every day."""\n\n# I recieved a widgit.\nONE = 1\n')
    (site / "test_it.py").write_text("def test_it():\n    pass\n")
    plugin = ["-p", "no:pytest-lsp", "-p", "no:cacheprovider"]  # pytest-lsp takes tests for functions
    code, out = build("pytest", *plugin, "--grammared", cwd=site)
    assert code == 1
    found = re.findall(r"bad\.py:(\d+): .*? → (\w+) \[([\w-]+)\]", out)
    assert sorted(set(found)) == [("1", "goes", "subject-verb-agreement"), ("3", "received", "spelling")]
    assert "1 failed, 3 passed" in out
    code, out = build("pytest", *plugin, cwd=site)
    assert (code, "1 passed" in out) == (0, True)
