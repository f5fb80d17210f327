"""`--fix` and `--diff`: the right bytes, whatever the file is like, and never half a file."""

import codecs
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lsp_server.cli.fix import encoded_like, fixed, patch, replace_file
from lsp_server.documents import DocumentSnapshot, Span
from lsp_server.errors import InputError
from lsp_server.findings import ErrorKind, Finding, Suggestion
from lsp_server.results import CheckResult

WRONG = "You should of told me.\n\nIts great.\n"
RIGHT = "You should have told me.\n\nIt's great.\n"


def test_fixed_and_stable(run):
    Path("notes.md").write_text(WRONG)
    code, out, err = run("lint", "--fix", "notes.md")
    assert (code, out) == (0, "")
    assert "2 put right" in err
    assert Path("notes.md").read_text() == RIGHT
    before = Path("notes.md").stat().st_mtime_ns
    assert run("lint", "--fix", "notes.md")[0] == 0
    assert Path("notes.md").stat().st_mtime_ns == before


def test_standard_input_is_corrected_to_standard_output(run):
    assert run("lint", "--fix", "-", stdin=WRONG.encode())[:2] == (0, RIGHT)


def test_standard_input_never_becomes_the_file_it_is_named_after(run):
    Path("notes.md").write_text(WRONG)
    text = WRONG + "\nThere are less people here.\n"  # found, but not sure enough to be put right
    flags = ("--fix", "--fix-confidence", "0.9", "--stdin-filename", "notes.md")
    code, out, _ = run("lint", *flags, "-", stdin=text.encode())
    assert (code, out) == (1, text.replace(WRONG, RIGHT))  # the text alone: findings would spoil it
    assert Path("notes.md").read_text() == WRONG
    assert run("lint", *flags, "-", stdin=WRONG.encode())[:2] == (0, RIGHT)
    assert Path("notes.md").read_text() == WRONG


def test_a_patch_that_git_takes(run):
    Path("notes.md").write_bytes(WRONG.rstrip("\n").replace("\n", "\r\n").encode())
    Path("docs").mkdir()
    Path("docs/more notes.md").write_text(WRONG)
    code, out, _ = run("lint", "--diff", "notes.md", "docs")
    assert code == 0
    assert Path("docs/more notes.md").read_text() == WRONG
    subprocess.run(["git", "apply", "-"], input=out.encode(), check=True)
    assert Path("docs/more notes.md").read_text() == RIGHT
    assert Path("notes.md").read_bytes() == RIGHT.rstrip("\n").replace("\n", "\r\n").encode()


def test_only_what_is_sure_enough(run):
    Path("notes.md").write_text(WRONG)
    assert run("lint", "--fix", "--fix-confidence", "1", "notes.md")[0] == 1
    assert Path("notes.md").read_text() == WRONG


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "cp1252"),
    ],
)
def test_encoding_and_line_ends_stay(run, mark, encoding):
    text = "The café is — as ever — full. You should of come.\r\nIts great.\r\n"
    Path("notes.md").write_bytes(mark + text.encode(encoding))
    run("lint", "--fix", "notes.md")
    new = text.replace("should of", "should have").replace("Its", "It's")
    assert Path("notes.md").read_bytes() == mark + new.encode(encoding)


def test_an_uncertain_encoding_is_left_alone():
    with pytest.raises(InputError, match="encoding is not certain"):
        encoded_like(b"\x81\x8d oh", "\ufffd\ufffd oh", "oh")


def test_mode_and_link_stay(run, tmp_path):
    file = tmp_path / "real.md"
    file.write_text(WRONG)
    file.chmod(0o640)
    (tmp_path / "link.md").symlink_to(file)
    run("lint", "--fix", "link.md")
    assert (tmp_path / "link.md").is_symlink()
    assert file.read_text() == RIGHT
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_cannot_be_written_to(run, tmp_path, monkeypatch):
    (tmp_path / "notes.md").write_text(WRONG)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    code, _, err = run("lint", "--fix", "notes.md")
    assert code == 2
    assert "notes.md: not changed: no space left on device" in err
    assert (tmp_path / "notes.md").read_text() == WRONG


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The system refuses in the middle of writing."""
    file = tmp_path / "notes.md"
    file.write_text("old")
    code = f"""
import resource, signal
from pathlib import Path
from lsp_server.cli.fix import replace_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
replace_file(Path({str(file)!r}), b"x" * 5000)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "InputError: not changed: file too large" in run.stderr
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_killed_in_the_middle_the_file_is_whole(tmp_path):
    """Whenever the process dies, the file is the old one or the new one."""
    file = tmp_path / "notes.md"
    old, new = b"o" * 2_000_000, b"n" * 2_000_000
    code = f"""
import itertools
from pathlib import Path
from lsp_server.cli.fix import replace_file
print("ready", flush=True)
for data in itertools.cycle([{b"n"!r} * 2_000_000, {b"o"!r} * 2_000_000]):
    replace_file(Path({str(file)!r}), data)
"""
    for pause in (0.002, 0.011, 0.023, 0.037, 0.05):
        file.write_bytes(old)
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as run:
            run.stdout.readline()
            time.sleep(pause)
            os.kill(run.pid, signal.SIGKILL)
        assert file.read_bytes() in (old, new)


async def test_suggestions_that_undo_each_other_come_to_an_end():
    async def check(document):
        old, new = ("a", "b") if "a" in document.text else ("b", "a")
        at = document.text.index(old)
        suggestion = Suggestion(Span(at, at + 1), new)
        return CheckResult((Finding(suggestion.span, ErrorKind.SPELLING, "", (suggestion,), 1.0, ()),))

    document, _, count = await fixed(DocumentSnapshot("", "x a x", "plaintext"), check, lambda _: True)
    assert document.text == "x b x"
    assert count == 1


def test_no_change_no_patch():
    assert patch("a.md", "same\n", "same\n") == ""


def test_a_file_that_vanished(tmp_path):
    with pytest.raises(InputError, match="not changed"):
        replace_file(tmp_path / "missing" / "file.md", b"")
