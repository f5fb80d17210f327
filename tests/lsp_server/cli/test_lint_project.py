"""`grammared lint` in a project: its settings, words, ignored findings and directives count."""

import json

import pytest
from click.testing import CliRunner

from lsp_server.cli.commands import grammared
from lsp_server.settings.places import HOME

TINY = "tests/fixtures/models/tiny-gector"
TEXT = "He go to the the school every day.\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    (tmp_path / "project" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def lint(project, request):
    """Runs it with a tiny model that finds fault with everything."""
    model = request.config.rootpath / TINY

    def run(*arguments, code=1, **more):
        flags = ["--model", str(model), "--set", "minErrorProb=0", "--strictness", "high", "--format", "json"]
        result = CliRunner().invoke(grammared, ["lint", *arguments, *flags], standalone_mode=False, **more)
        assert result.return_value == code, result.output
        report = json.loads(result.stdout)
        return {
            one["path"]: [found["kind"] for found in one["findings"]] for one in report["files"]
        }, result.stderr

    return run


def test_kinds_that_the_project_has_switched_off(project, lint):
    (project / "a.md").write_text(TEXT)
    found, _ = lint("a.md")
    kinds = set(found["a.md"])
    assert kinds
    off = "\n".join(f'{kind} = "off"' for kind in kinds)
    (project / "grammared.toml").write_text(f'model = "evil"\n[kinds]\n{off}\n')
    found, errors = lint("a.md", code=0)
    assert found == {"a.md": []}
    assert errors.count("a project cannot set model;") == 1
    found, _ = lint("a.md", "--set", f"kinds.{min(kinds)}=hint")
    assert set(found["a.md"]) == {min(kinds)}


def test_the_files_that_the_project_includes(project, lint):
    (project / "vendor").mkdir()
    for name in ("a.md", "b.page", "c.txt", "vendor/d.md"):
        (project / name).write_text(TEXT)
    (project / "grammared.toml").write_text(
        'exclude = ["vendor/", "*.txt"]\n[languages]\n"*.page" = "markdown"\n'
    )
    assert set(lint(".")[0]) == {"a.md", "b.page"}
    assert set(lint("vendor/d.md")[0]) == {"vendor/d.md"}, "what is named is meant"


def test_a_kind_that_is_none_is_told(project, lint):
    (project / "a.page").write_text(TEXT)
    (project / "b.page").write_text(TEXT)
    (project / "grammared.toml").write_text('[languages]\n"*.page" = "markdwon"\n')
    found, errors = lint("a.page", "b.page", code=2)
    assert found == {}
    assert errors.count("languages: no kind of text is called markdwon") == 1


def test_standard_input_has_the_settings_of_its_name(project, lint):
    (project / "grammared.toml").write_text('[[overrides]]\npaths = ["quiet/"]\nminConfidence = 1.0\n')
    assert lint("-", "--stdin-filename", "loud/a.md", input=TEXT)[0]["loud/a.md"]
    assert lint("-", "--stdin-filename", "quiet/a.md", input=TEXT, code=0)[0] == {"quiet/a.md": []}


def test_directives_and_what_is_wrong_with_them(project, lint):
    (project / "a.md").write_text(f"<!-- grammared: off -->\n\n{TEXT}")
    assert lint("a.md", code=0)[0] == {"a.md": []}
    (project / "a.md").write_text("<!-- grammared: off -->\n")
    assert lint("a.md")[0] == {"a.md": ["directive"]}


def test_the_users_own_settings(project, lint, tmp_path):
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "grammared.toml").write_text("minConfidence = 1.0\nspeed = 1\n")
    (project / "a.md").write_text(TEXT)
    found, errors = lint("a.md", code=0)
    assert found == {"a.md": []}
    assert errors.count('unknown setting "speed"') == 1
