"""What `grammared lint` does on a real terminal: questions, and files that change while it watches."""

import os
import sys
from pathlib import Path

import pexpect
import pytest

TEXT = "She go to school every day.\n\nI recieved a letter.\n\nHe have a widgit.\n"


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Starts `grammared lint` on a terminal, in a folder that is a project."""
    monkeypatch.chdir(tmp_path)
    Path("grammared.toml").write_text("")
    children = []

    def start(*arguments):
        child = pexpect.spawn(
            sys.executable,
            ["-m", "lsp_server.cli", "lint", *arguments],
            timeout=120,
            dimensions=(50, 150),
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
            encoding="utf-8",
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)


def code_of(child):
    child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus


def test_each_finding_is_decided_about(start):
    Path("a.md").write_text(TEXT, newline="")
    child = start("a.md", "--interactive")
    child.expect("go → goes")
    child.expect("quit")
    child.send("x")  # no such key: asked again
    child.expect("quit")
    child.send("\r")
    child.expect("recieved → received")
    child.expect("quit")
    child.send("e")
    child.expect("Write instead.*: ")
    child.sendline("got")
    child.expect("have → has")
    child.expect("quit")
    child.send("s")
    child.expect("widgit")
    child.expect("quit")
    child.send("a")
    child.expect("2 put right")
    assert code_of(child) == 1  # what was skipped is still there
    assert (
        Path("a.md").read_text() == "She goes to school every day.\n\nI got a letter.\n\nHe have a widgit.\n"
    )
    dictionary = next(Path().rglob("dictionary.txt"))
    assert "widgit" in dictionary.read_text()


def test_what_is_ignored_is_not_asked_again_and_quitting_keeps_what_was_taken(start):
    Path("a.md").write_text(TEXT)
    child = start("a.md", "--interactive")
    child.expect("quit")
    child.send("i")
    child.expect("recieved → received")
    child.expect("quit")
    child.send("1")
    child.expect("quit")
    child.send("q")
    assert code_of(child) == 1
    assert Path("a.md").read_text() == TEXT.replace("recieved", "received")
    child = start("a.md", "--interactive")
    child.expect("have → has")  # the first was ignored, the second put right
    child.expect("quit")
    child.send("\x03")
    assert code_of(child) == 130
    assert "He have" in Path("a.md").read_text()


def test_there_must_be_somebody_to_ask(run):
    Path("a.md").write_text(TEXT)
    code, _, err = run("lint", "a.md", "--interactive")
    assert code == 2
    assert "--interactive asks on a terminal, and this is none" in err


def test_what_changes_is_checked_again(start):
    Path("docs").mkdir()
    Path("docs/a.md").write_text("All is well here.\n")
    Path("docs/b.md").write_text("All is well here, too.\n")
    child = start("docs", "--watch", "--verbose", "--color", "never")
    child.expect("No findings in 2 files")
    Path("docs/a.md").write_text("She go to school every day.\n")
    child.expect("(?s)a.md:1:5: .*go → goes.*1 finding in 1 file")
    assert "b.md" not in child.before
    Path("docs/new.md").write_text("I recieved a letter.\n")
    child.expect("new.md:1:3: ")
    child.expect("1 finding in 1 file")
    child.sendintr()
    assert code_of(child) == 130


def test_verbose_tells_the_kind_of_text_and_the_model(run):
    Path("a.md").write_text("All is well here.\n")
    Path("b.txt").write_text("")
    code, out, err = run("lint", "a.md", "b.txt", "--verbose")
    assert (code, out) == (0, "")
    assert "grammared: a.md: markdown, 5 words, local:gector-distilbert@" in err
    assert "grammared: b.txt: plaintext, 0 words, no prose" in err


def test_files_are_reported_in_their_order_whichever_is_done_first(run):
    names = [f"{number:02}.md" for number in range(12)]
    for number, name in enumerate(names):
        Path(name).write_text(
            f"Page {number}.\n\n" * (300 if number == 0 else 1) + "She go to school every day.\n"
        )
    _, out, err = run("lint", *names, "--format", "concise")
    assert [line.split(":")[0] for line in out.splitlines()] == names
    assert "12 findings in 12 files" in err
