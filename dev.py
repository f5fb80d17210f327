#!/usr/bin/env python3
"""Set everything up and do one of the project's tasks: `python3 dev.py demo`, `python3 dev.py test`.

Needs nothing but Python 3.10 to 3.13 with its `venv` module. It puts nox into `.venv` and hands over to the
tasks in noxfile.py: `python3 dev.py TASK [-- ARGUMENTS]`; `python3 dev.py --list` names them all.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
NOX = "nox>=2025.2,<2027"


def main() -> int:
    """Make the environment if it is not there, then run nox in it."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        running = ".".join(map(str, sys.version_info[:2]))
        return fail(f"Grammared needs Python 3.10 to 3.13, and this is {running}. Run: python3.12 dev.py …")
    arguments = sys.argv[1:] or ["--list"]
    if not has_nox():
        say("setting up .venv (once)")
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]):
            return fail(
                "Python cannot make a virtual environment. On Debian or Ubuntu: apt install python3-venv"
            )
        if subprocess.call([str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", NOX]):
            return fail("pip could not install nox: is the package index reachable? See pip's message above.")
    if not arguments[0].startswith("-"):
        arguments = ["--tags", *arguments]
    return subprocess.call([str(PYTHON), "-m", "nox", "--reuse-venv=yes", *arguments], cwd=ROOT)


def has_nox() -> bool:
    """Whether `.venv` is there and whole: an interrupted set-up leaves one without nox."""
    if not PYTHON.exists():
        return False
    return subprocess.call([str(PYTHON), "-c", "import nox"], stderr=subprocess.DEVNULL) == 0


def say(text: str) -> None:
    """Tell the user what is going on, beside the tasks' own output."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> int:
    """Say what is missing; the exit code of a failure."""
    say(text)
    return 2


if __name__ == "__main__":
    sys.exit(main())
