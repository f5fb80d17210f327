"""Settings for editors that no package has for our tests: their shape, and what they say of the server."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from lsp_server import __version__
from lsp_server.documents.kinds import kind_of_identifier

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

EDITORS = Path(__file__).parents[2] / "editors"
COMMAND = ["grammared", "serve", "--stdio"]


def read_json(name):
    return json.loads((EDITORS / name).read_text(encoding="utf-8"))


def read_toml(name):
    return tomllib.loads((EDITORS / name).read_text(encoding="utf-8"))


def all_known(identifiers):
    return [name for name in identifiers if not kind_of_identifier(name)] == []


def test_helix():
    settings = read_toml("helix/languages.toml")
    server = settings["language-server"]["grammared"]
    assert [server["command"], *server["args"]] == COMMAND
    languages = settings["language"]
    assert all_known(language["name"] for language in languages)
    for language in languages:
        # A language that Helix does not have needs a scope and names of files.
        assert set(language) in (
            {"name", "language-servers"},
            {"name", "language-servers", "scope", "file-types"},
        )
        assert "grammared" in language["language-servers"]


def test_kate():
    servers = read_json("kate/settings.json")["servers"]
    for name, server in servers.items():
        assert server["command"] == COMMAND
        assert server["documentLanguageId"] == name
        assert server["settings"] == {"grammared": {}}
    assert all_known(servers)


def test_sublime():
    (client,) = read_json("sublime/LSP.sublime-settings")["clients"].values()
    assert client["command"] == COMMAND
    # The LSP package calls a document by the last part of its scope, apart from a few.
    ids = {"text.plain": "txt", "text.html.basic": "html"}
    scopes = client["selector"].split(" | ")
    assert all_known(
        ids.get(scope, scope.rpartition(".")[2]) for scope in scopes if scope != "text.git.commit"
    )
    assert kind_of_identifier("commit") == "git-commit"


def test_zed():
    manifest = read_toml("zed/extension.toml")
    assert {"id", "name", "version", "schema_version", "authors", "description", "repository"} <= set(
        manifest
    )
    server = manifest["language_servers"]["grammared"]
    assert sorted(server["languages"]) == sorted(server["language_ids"])
    assert all_known(server["language_ids"].values())
    assert manifest["version"] == read_toml("zed/Cargo.toml")["package"]["version"] == __version__


def test_jetbrains():
    template = read_json("jetbrains/grammared/template.json")
    assert template["programArgs"]["default"].split() == COMMAND
    mappings = template["fileTypeMappings"]
    assert all_known(mapping["languageId"] for mapping in mappings)
    patterns = [pattern for mapping in mappings for pattern in mapping["fileType"]["patterns"]]
    assert len(patterns) == len(set(patterns))
    assert {"*.md", "*.txt", "*.py", "COMMIT_EDITMSG"} <= set(patterns)


def test_mason():
    text = (EDITORS / "upstream" / "mason" / "packages" / "grammared" / "package.yaml").read_text(
        encoding="utf-8"
    )
    package = yaml.safe_load(text)
    assert set(package) == {
        *("name", "description", "homepage", "licenses", "languages", "categories", "source", "bin", "neovim")
    }
    assert package["source"] == {"id": f"pkg:pypi/grammared@{__version__}"}
    assert package["bin"] == {"grammared": "pypi:grammared"}
    assert package["neovim"] == {"lspconfig": "grammared"}


def test_coc():
    (server,) = read_json("upstream/coc/coc-settings.json")["languageserver"].values()
    assert [server["command"], *server["args"]] == COMMAND
    assert all_known(server["filetypes"])


def test_the_tests_that_the_table_of_editors_names_are_there():
    page = (EDITORS.parent / "docs" / "editors.md").read_text(encoding="utf-8")
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (EDITORS.parent / "tests" / "e2e").glob("*.py")
    )
    named = set(re.findall(r"`(test_\w+)(?:\[[\w-]+\])?`", page))
    assert len(named) > 5
    assert [name for name in named if f"def {name}(" not in tests] == []
    # Each footnote is defined, and each is used.
    notes = re.findall(r"\[\^(\w+)\](:?)", page)
    assert {note for note, colon in notes if colon} == {note for note, colon in notes if not colon}


@pytest.mark.parametrize("name", ["neovim", "zed", "jetbrains", "upstream"])
def test_who_comes_upon_a_folder_is_told_what_it_is(name):
    assert (EDITORS / name / "README.md").read_text(encoding="utf-8").startswith("# ")
