"""Which files are linted."""

import os
from pathlib import Path

import pytest

from lsp_server.cli.files import text_files
from lsp_server.documents.kinds import kind_of_name
from lsp_server.errors import InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Makes files by their paths; a value is the content."""
    monkeypatch.chdir(tmp_path)

    def make(*paths, **contents):
        for path in paths:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()
        for path, content in contents.items():
            (tmp_path / path).write_text(content)
        return tmp_path

    return make


def found(*paths, exclude=()):
    return [
        str(f) if isinstance(f, InputError) else f.as_posix() for f in text_files(map(Path, paths), exclude)
    ]


def test_a_folder_gives_its_texts_in_order_and_nothing_hidden(folder):
    folder(
        "b.md", "a.txt", "sub/c.MD", "sub/code.py", ".hidden.md", ".git/d.md", "node_modules/e.md", "f.png"
    )
    assert found(".") == ["a.txt", "b.md", "sub/c.MD"]
    assert found("node_modules", "sub/code.py") == ["node_modules/e.md", "sub/code.py"]


def test_a_file_is_linted_once_however_often_it_is_named(folder):
    folder("docs/a.md", "docs/b.md")
    assert found("docs/b.md", "docs", "./docs/a.md", "docs") == ["docs/b.md", "docs/a.md"]


def test_git_ignores_count_the_nearest_first(folder):
    root = folder(
        ".git/HEAD", "a.md", "draft.md", "out/b.md", "docs/c.md", "docs/draft.md", "docs/deep/draft.md"
    )
    (root / ".gitignore").write_text("draft.md\nout/\n")
    (root / "docs" / ".gitignore").write_text("!draft.md\n/deep/\n")
    assert found(".") == ["a.md", "docs/c.md", "docs/draft.md"]
    assert found("docs") == ["docs/c.md", "docs/draft.md"]
    assert found("out") == ["out: no text files in this folder"], "the repository above counts"
    assert found("out/b.md") == ["out/b.md"], "but not for a file that was named"


def test_an_ignored_folder_above_the_repository_does_not_count(folder):
    root = folder("repository/.git/HEAD", "repository/a.md")
    (root / ".gitignore").write_text("*.md\n")
    assert found("repository") == ["repository/a.md"]


def test_excluded_patterns_are_like_those_of_git(folder):
    folder("a.md", "vendor/b.md", "docs/c.md", "docs/old/d.md")
    assert found(".", exclude=["vendor/", "/docs/old"]) == ["a.md", "docs/c.md"]


def test_what_leads_to_no_text_is_told(folder):
    folder("empty/code.py", "a.md")
    assert found("missing.md", "empty", "a.md") == [
        "missing.md: no such file or folder",
        "empty: no text files in this folder",
        "a.md",
    ]


def test_links_are_not_followed_in_circles(folder):
    root = folder("docs/a.md")
    (root / "docs" / "loop").symlink_to(root)
    (root / "docs" / "dangling.md").symlink_to(root / "nowhere")
    assert found("docs") == ["docs/a.md"]


def test_a_name_that_is_no_unicode_is_a_file_like_any_other(folder):
    root = folder()
    name = os.fsdecode(b"caf\xe9.md")
    (root / name).touch()
    assert found(".") == [name]


def test_standard_input_is_no_file(folder):
    folder("a.md")
    assert found("-", "a.md") == ["-", "a.md"]


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("a.md", "markdown"),
        ("x/README", "plaintext"),
        (".git/COMMIT_EDITMSG", "git-commit"),
        ("a.py", "python"),
        ("a.xyz", None),
    ],
)
def test_the_language_follows_from_the_name(name, language):
    assert kind_of_name(name) == language
