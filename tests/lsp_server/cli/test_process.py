"""`grammared` as a process: streams, signals, exit codes."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server import __version__

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
GRAMMARED = [sys.executable, "-m", "lsp_server.cli"]


def grammared(*arguments, **options):
    return subprocess.run(
        [*GRAMMARED, *arguments], capture_output=True, text=True, timeout=120, encoding="utf-8", **options
    )


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_the_commands(flag):
    run = grammared(flag)
    assert (run.returncode, run.stderr) == (0, "")
    assert all(f"\n  {command} " in run.stdout for command in ("lint", "serve", "settings", "triton"))


@pytest.mark.parametrize("command", ["lint", "serve", "settings", "triton"])
def test_each_command_has_help(command):
    run = grammared(command, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"Usage: grammared {command} ")


def test_version():
    shown = grammared("--version").stdout
    assert re.fullmatch(rf"grammared, version {__version__}, model gector-distilbert@[0-9a-f]{{12}}\n", shown)


def test_an_unknown_command_gives_2():
    run = grammared("lnt")
    assert (run.returncode, run.stdout) == (2, "")
    assert "No such command 'lnt'" in run.stderr


def test_findings_and_failures_go_to_streams_of_their_own():
    run = grammared("lint", "-", "missing.md", input="She go to school every day.\n")
    assert run.returncode == 2
    assert run.stdout.startswith("<stdin>:1:5: ")
    assert run.stderr == "grammared: missing.md: no such file or folder\n1 finding in 1 file, 1 failure\n"


def test_an_ascii_terminal_gets_what_it_can_show():
    run = grammared("lint", "-", input="😀 They was here.", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert run.returncode == 1
    assert r"\U0001f600 They was here." in run.stdout


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path):
    (tmp_path / "notes.md").write_text("She go to school every day.\n")
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        run = subprocess.run(
            [*GRAMMARED, "lint", tmp_path], stdout=closed, stderr=subprocess.PIPE, timeout=120
        )
    assert (run.returncode, run.stderr) == (1, b"")


@pytest.mark.parametrize("busy_with", ["-", "large.md"])
def test_an_interrupt_is_quiet_and_gives_130(busy_with, tmp_path):
    sentences = (f"The number {number} are not the last one.\n\n" for number in range(20_000))
    (tmp_path / "large.md").write_text("".join(sentences))
    pipe = subprocess.PIPE
    command = [*GRAMMARED, "lint", "missing.md", busy_with]
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=tmp_path, env=ENVIRONMENT
    ) as run:
        try:
            if busy_with == "-":
                run.stdin.write(b"She go home. " * 20_000)  # more than a pipe holds: returns while it is read
                run.stdin.flush()
            else:
                assert run.stderr.readline() == b"grammared: missing.md: no such file or folder\n"
            interrupt(run)
            assert (run.stdout.read(), run.stderr.read().strip()) == (b"", b"")
        finally:
            run.kill()


def interrupt(run):
    """Interrupts until it works: Python misses a signal that comes just between two reads.

    The first one gives 130. A further one may come while the process is about to exit, and ends it at once.
    """
    expected = {130}
    while True:
        run.send_signal(signal.SIGINT)
        try:
            assert run.wait(timeout=10) in expected
            return
        except subprocess.TimeoutExpired:
            expected = {130, -signal.SIGINT}


def test_a_full_disk_is_no_fault_of_ours():
    with Path("/dev/full").open("w") as full:
        run = subprocess.run([*GRAMMARED, "settings"], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert run.returncode == 2
    assert run.stderr == b"grammared: cannot write the output: No space left on device\n"


def test_a_fault_of_ours_is_one_line_unless_asked_for_more():
    fault = "import sys, lsp_server.cli as cli, lsp_server.cli.files as files; files.text_files = None; "
    fault += "sys.exit(cli.main(['lint', 'a.md']))"
    run = subprocess.run([sys.executable, "-c", fault], capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert run.stderr.startswith("grammared: internal error: TypeError: ")
    assert run.stderr.count("\n") == 1
    run = subprocess.run(
        [sys.executable, "-c", fault],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "GRAMMARED_DEBUG": "1"},
    )
    assert "Traceback" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--tcp", "x"], "x is not [HOST:]PORT"),
        (["--ws", "127.0.0.1:99999"], "127.0.0.1:99999 is not [HOST:]PORT"),
        (["--tcp", "1", "--stdio"], "only one of --stdio, --tcp, --ws and --http can be used"),
        (["--tcp", "192.0.2.1:0"], "grammared: cannot listen on 192.0.2.1:0: "),
        (["--set", "engin=local"], 'grammared: --set: unknown setting "engin"; did you mean "engine"?'),
    ],
)
def test_serve_tells_what_is_wrong_with_its_flags(arguments, line):
    run = grammared("serve", *arguments, stdin=subprocess.DEVNULL)
    assert (run.returncode, run.stdout) == (2, "")
    assert line in run.stderr.splitlines()[-1]


def test_long_work_shows_its_progress_on_a_terminal(tmp_path):
    sentences = (f"The number {number} are not the last one.\n\n" for number in range(20_000))
    (tmp_path / "large.md").write_text("".join(sentences))
    terminal, stderr = pty.openpty()
    command = [*GRAMMARED, "lint", "large.md"]
    with subprocess.Popen(
        command, stderr=stderr, stdout=subprocess.PIPE, cwd=tmp_path, env=ENVIRONMENT
    ) as run:
        os.close(stderr)
        try:
            shown = b""
            while not re.search(rb"large.md .*%", re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", shown)):
                shown += os.read(terminal, 1024)
            interrupt(run)
            assert run.stdout.read() == b""
        finally:
            run.kill()
            os.close(terminal)
