"""Living with old text: baselines, and changed lines only. On real repositories, with the bundled model."""

import subprocess
from pathlib import Path

import pytest

WRONG = "She go to school every day."
OTHER = "I recieved a letter."
RIGHT = "She goes to school every day."


@pytest.fixture
def git(run):
    def git(*arguments):
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    git("init", "-q")
    return git


def write(name, *lines):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


# --- Baselines -------------------------------------------------------------------------------------------


def test_what_a_baseline_has_is_not_reported_and_what_is_new_is(run):
    write("a.md", WRONG, "", OTHER)
    code, _, err = run("lint", ".", "--write-baseline", "old.txt", "--exit-zero")
    assert code == 0
    assert "2 findings written to old.txt" in err
    lines = Path("old.txt").read_text().splitlines()
    assert lines[0].startswith("#")
    assert lines[-1].startswith("# The end")
    assert lines[1:-1] == sorted(lines[1:-1])
    assert any("spelling  " in line and line.endswith("[recieved] a letter.") for line in lines)
    assert run("lint", ".", "--baseline", "old.txt") == (0, "", "No findings in 1 file\n")

    write("docs/moved.md", "# Title", "", "Some more text comes first.", "", WRONG, "", WRONG, "", OTHER)
    Path("a.md").unlink()
    code, out, err = run("lint", ".", "--baseline", "old.txt", "--format", "concise")
    assert code == 1
    assert out.startswith("docs/moved.md:7:5: ")  # the second: one is known
    assert len(out.splitlines()) == 1


def test_what_is_gone_from_the_text_is_said(run):
    write("a.md", WRONG, "", OTHER)
    run("lint", ".", "--write-baseline", "old.txt")
    write("a.md", RIGHT, "", OTHER)
    code, _, err = run("lint", ".", "--baseline", "old.txt")
    assert code == 0
    assert "1 finding of the baseline is not in what was checked" in err
    for part in (["a.md"], [".", "--select", "spelling"], [".", "--max-findings", "5"]):
        assert "baseline" not in run("lint", *part, "--baseline", "old.txt")[2]


def test_what_the_baseline_has_is_not_put_right(run):
    write("a.md", WRONG)
    run("lint", ".", "--write-baseline", "old.txt")
    write("a.md", WRONG, "", OTHER)
    code, _, err = run("lint", ".", "--baseline", "old.txt", "--fix")
    assert (code, Path("a.md").read_text()) == (0, f"{WRONG}\n\nI received a letter.\n")
    assert "1 put right" in err


@pytest.mark.parametrize("content", ["nonsense\n", "9:0123456789abcdef  spelling  x\n", "1:zz\n", "\0\1"])
def test_a_damaged_baseline_is_said_and_never_trusted(run, content):
    write("a.md", WRONG)
    Path("old.txt").write_text(content)
    code, out, err = run("lint", ".", "--baseline", "old.txt")
    assert (code, out) == (2, "")
    assert "old.txt, line 1: not a line of a baseline; make it anew with --write-baseline old.txt" in err


def test_a_baseline_that_was_cut_off_at_a_line_end_is_damaged(run):
    write("a.md", WRONG, "", OTHER)
    run("lint", ".", "--write-baseline", "old.txt")
    lines = Path("old.txt").read_text().splitlines(keepends=True)
    Path("old.txt").write_text("".join(lines[:-2]))
    code, _, err = run("lint", ".", "--baseline", "old.txt")
    assert code == 2
    assert "old.txt: its end is missing" in err


def test_a_baseline_that_is_not_there_is_said(run):
    write("a.md", WRONG)
    code, _, err = run("lint", ".", "--baseline", "old.txt")
    assert code == 2
    assert "old.txt: there is no such baseline; make one with --write-baseline old.txt" in err


# --- Changed lines ---------------------------------------------------------------------------------------


def test_only_lines_that_have_changed_since_a_revision(run, git):
    write("a.md", WRONG, "", "Fine words.")
    write("ä b.md", WRONG)
    write("same.md", WRONG)
    git("add", "-A")
    git("commit", "-qm", "first")
    write("a.md", WRONG, "", "Fine words.", "", OTHER)
    git("mv", "ä b.md", 'ö "b".md')
    write('ö "b".md', WRONG, "", OTHER)
    write("unknown.md", WRONG)
    code, out, _ = run("lint", "--diff-from", "HEAD", "--format", "concise")
    assert code == 1
    assert [line.rpartition(" [")[0].rsplit(":", 3)[0:2] for line in out.splitlines()] == [
        ["a.md", "5"],
        ['ö "b".md', "3"],
    ]
    git("commit", "-qam", "second")
    assert run("lint", "--diff-from", "HEAD") == (0, "", "No findings in 0 files\n")
    assert run("lint", "same.md", "--diff-from", "HEAD~1") == (0, "", "No findings in 0 files\n")


def test_lines_that_look_like_a_patch_are_text(run, git):
    write("a.md", "Fine words.", "-- a line", "", "Fine words.")
    git("add", "-A")
    git("commit", "-qm", "first")
    write("a.md", "Fine words.", "++ b/other.md", "", "Fine words.", "", OTHER)
    code, out, _ = run("lint", "--diff-from", "HEAD", "--format", "concise")
    assert (code, out.partition(": ")[0]) == (1, "a.md:6:3")


def test_what_is_staged_counts_not_what_is_on_disk(run, git):
    write("a.md", "Fine words.")
    git("add", "-A")
    git("commit", "-qm", "first")
    write("a.md", "Fine words.", "", OTHER)
    git("add", "a.md")
    write("a.md", WRONG)
    write("b.md", WRONG)
    code, out, _ = run("lint", "--staged", "--format", "concise")
    assert code == 1
    assert out.startswith("a.md:3:3: ")
    assert len(out.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--diff-from", "nowhere"), "Git says: bad revision 'nowhere'"),
        (("--diff-from", "--output=x"), "--output=x is no revision"),
        (("--staged", "--fix"), "--staged and --diff-from go with neither --fix"),
        (("--staged", "--diff-from", "HEAD"), "only one of --staged and --diff-from"),
        ((), "name files or folders to check, or - for standard input"),
    ],
)
def test_what_cannot_be_is_said(run, git, arguments, said):
    write("a.md", WRONG)
    code, out, err = run("lint", *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_without_a_repository_it_is_said(run):
    write("a.md", WRONG)
    code, _, err = run("lint", "--staged")
    assert code == 2
    assert "Git says: not a git repository" in err


# --- Flags -----------------------------------------------------------------------------------------------


def test_settings_have_flags_of_the_same_names(run):
    write("a.md", "The colour is nice.", "", WRONG)
    code, out, _ = run("lint", "a.md", "--dialect", "us", "--severity", "hint", "--format", "jsonl")
    assert code == 1
    assert out.count('"severity": "hint"') + out.count('"severity":"hint"') == 2
    assert run("lint", "a.md", "--min-confidence", "1")[0] == 0


def test_only_what_is_included(run):
    write("docs/a.md", WRONG)
    write("b.md", WRONG)
    _, out, _ = run("lint", ".", "--include", "docs/", "--format", "concise")
    assert [line.partition(":")[0] for line in out.splitlines()] == ["docs/a.md"]
