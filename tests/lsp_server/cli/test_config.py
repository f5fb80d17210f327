"""`grammared config`, `dictionary` and `ignore`."""

import json

import pytest
from click.testing import CliRunner

from lsp_server.cli import main
from lsp_server.cli.commands import grammared
from lsp_server.settings.places import HOME
from lsp_server.suppress.entries import add_entry, entries_of

TINY = "tests/fixtures/models/tiny-gector"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    (tmp_path / "project" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def run(*arguments):
    result = CliRunner().invoke(grammared, arguments)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return result


def test_show_names_each_value_with_its_origin(project, tmp_path):
    (project / "grammared.toml").write_text(
        'severity = "hint"\nengine = "triton"\n[kinds]\narticle = "off"\n'
    )
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "grammared.toml").write_text('debounce = 7\n[triton]\ntoken = "s3cr3t"\n')
    result = run("config", "show", "a.md", "--strictness", "low", "--changed")
    lines = [line.split("#") for line in result.stdout.splitlines()[1:]]
    own, ours = str(tmp_path / "home" / "config" / "grammared.toml"), str(project / "grammared.toml")
    assert {line[0].strip(): line[1].strip() for line in lines} == {
        'severity = "hint"': ours,
        'kinds = {"article": "off"}': ours,
        "debounce = 7": own,
        'triton.token = "***"': own,
        'strictness = "low"': "command line",
    }
    assert f"{ours}: a project cannot set engine;" in result.stderr
    report = json.loads(run("config", "show", "a.md", "--format", "json").stdout)
    assert report["settings"]["engine"] == {"value": "local", "origin": ["default"]}
    assert report["files"] == [own, ours] and report["checked"] and len(report["problems"]) == 1


def test_show_says_that_a_file_is_left_out(project):
    (project / "grammared.toml").write_text('exclude = ["vendor/"]\n')
    assert "It is not checked" in run("config", "show", "vendor/a.md").output


def test_init_writes_a_file_that_is_right_and_no_other_over_it(project, capsys):
    run("config", "init")
    assert main(["config", "show", "a.md"]) == 0
    assert "grammared: " not in capsys.readouterr().err
    assert main(["config", "init"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_init_in_pyproject_keeps_what_is_there(project, capsys):
    (project / "pyproject.toml").write_text('[project]\nname = "x"\n')
    run("config", "init", "--pyproject")
    text = (project / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "x"\n\n') and "[tool.grammared]" in text
    result = run("config", "show", "a.md", "--changed")
    assert str(project / "pyproject.toml") in result.stdout and not result.stderr
    assert main(["config", "init", "--pyproject"]) == 2


def test_words_go_to_the_project_or_to_the_user(project, tmp_path, capsys):
    run("dictionary", "add", "kubectl", "San  Marco")
    run("dictionary", "add", "--user", "Ada")
    assert entries_of(project / ".grammared" / "dictionary.txt") == {"kubectl", "San Marco"}
    assert entries_of(tmp_path / "home" / "config" / "dictionary.txt") == {"Ada"}
    assert run("dictionary", "list").output == "kubectl\nSan Marco\n"
    assert run("dictionary", "list", "--all").output == "Ada\nkubectl\nSan Marco\n"
    run("dictionary", "remove", "kubectl")
    assert main(["dictionary", "remove", "kubectl"]) == 2
    assert "not in" in capsys.readouterr().err


def test_outside_a_project_words_are_the_users(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    (tmp_path / "stray").mkdir()
    monkeypatch.chdir(tmp_path / "stray")
    run("dictionary", "add", "kubectl")
    assert entries_of(tmp_path / "home" / "config" / "dictionary.txt") == {"kubectl"}
    run("dictionary", "add", "--project", "nginx")
    assert run("dictionary", "list", "--project").output == "nginx\n"


def test_no_word_is_written_through_a_link_out_of_the_project(project, tmp_path, capsys):
    (tmp_path / "precious").write_text("mine\n")
    (project / ".grammared").mkdir()
    (project / ".grammared" / "dictionary.txt").symlink_to(tmp_path / "precious")
    assert main(["dictionary", "add", "kubectl"]) == 2
    assert "leads out of the project; it is not written" in capsys.readouterr().err
    assert (tmp_path / "precious").read_text() == "mine\n"


def test_import(project, capsys):
    (project / "accept.txt").write_text("kubectl\n[Pp]y.*\n")
    result = run("dictionary", "import", "accept.txt")
    assert result.stdout.startswith("1 word added to ")
    assert "left out, since they are no words: [Pp]y.*" in result.stderr
    (project / "cspell.json").write_text("{")
    assert main(["dictionary", "import", "cspell.json"]) == 2
    assert "is no dictionary of the format cspell" in capsys.readouterr().err


def test_pruning_keeps_what_is_still_found(project, request):
    model = request.config.rootpath / TINY
    from lsp_server.suppress import fingerprint_of

    (project / "a.md").write_text("He go to the the school every day.\n")
    found = _findings(project / "a.md", model)
    ignored = project / ".grammared" / "ignored.txt"
    for finding, text in found[:1]:
        add_entry(ignored, fingerprint_of(finding, text), "still there")
    kept = entries_of(ignored)
    add_entry(ignored, "1:0000000000000000", "long gone")
    assert "1:0000000000000000  # long gone" in run("ignore", "list").output
    arguments = ["ignore", "prune", "--model", str(model), "--strictness", "high", "--set", "minErrorProb=0"]
    assert run(*arguments, "--dry-run").stdout == "1:0000000000000000\n"
    assert len(entries_of(ignored)) == len(kept) + 1
    run(*arguments)
    assert entries_of(ignored) == kept and kept


def _findings(path, model):
    import asyncio

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.opening import open_checker
    from lsp_server.settings import Settings

    async def check():
        checker = await open_checker(
            Settings(model=str(model), strictness="high", min_error_prob=0.0), lambda *_: None
        )
        text = path.read_text()
        result = await checker.check(DocumentSnapshot(path.as_uri(), text, "markdown"))
        await checker.engine.close()
        return [(finding, text) for finding in result.findings]

    return asyncio.run(check())
