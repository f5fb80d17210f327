"""Completion of commands and options, asked of the real shells."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def environment(tmp_path):
    command = tmp_path / "bin" / "grammared"
    command.parent.mkdir()
    # Click asks for completion by the name of the program.
    program = "import sys; from lsp_server.cli import main; sys.exit(main())"
    command.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{program}' \"$@\"\n")
    command.chmod(0o755)
    return {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}


def output(*command, env):
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    return run.stdout + run.stderr


def test_bash(environment):
    script = """
eval "$(_GRAMMARED_COMPLETE=bash_source grammared)"
COMP_WORDS=(grammared lint --inter); COMP_CWORD=2
_grammared_completion grammared
echo "${COMPREPLY[@]}"
complete -p grammared
"""
    shown = output("bash", "-c", script, env=environment)
    assert "--interactive" in shown
    assert "_grammared_completion" in shown


def test_zsh(environment):
    script = """
autoload -Uz compinit && compinit -u
eval "$(_GRAMMARED_COMPLETE=zsh_source grammared)"
print -r -- $_comps[grammared]
COMP_WORDS="grammared do" COMP_CWORD=1 _GRAMMARED_COMPLETE=zsh_complete grammared
"""
    shown = output("zsh", "-f", "-c", script, env=environment)
    assert "_grammared_completion" in shown
    assert "doctor" in shown


def test_fish(environment):
    script = """
_GRAMMARED_COMPLETE=fish_source grammared | source
complete --do-complete "grammared lint --verb"
"""
    assert "--verbose" in output("fish", "--no-config", "-c", script, env=environment)
