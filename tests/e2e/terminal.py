"""A program in a real terminal (tmux), driven by keys, as long as a `with` lasts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PATIENCE = 180
SIZE = ("-x", "130", "-y", "40")
STYLE = re.compile(r"\x1b\[([\d;:]*)m")
CURLY, PLAIN = "4:3", ("", "0", "24")
"""How a terminal is told to underline by a squiggle, and to stop it."""


class Terminal:
    """A terminal with a program, which has no other variables than these."""

    def __init__(self, command: list[str], variables: Mapping[str, object]) -> None:
        tmux = shutil.which("tmux")
        assert tmux, "this needs tmux: apt-get install tmux"
        self._folder = Path(tempfile.mkdtemp(prefix="tmux-"))
        self._tmux = [
            tmux,
            "-S",
            str(self._folder / "socket"),
            "-f",
            "/dev/null",
        ]  # a socket's path must be short
        words = [f"{name}={value}" for name, value in variables.items()]
        self._run("new-session", "-d", *SIZE, "env", "-i", "TERM=tmux-256color", *words, *command)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._run("kill-server")
        shutil.rmtree(self._folder, ignore_errors=True)

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other; a key is a letter or has a name of tmux's, like `Enter`."""
        for key in keys:
            self._run("send-keys", key)

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("send-keys", "-l", text)

    def command(self, command: str) -> None:
        """Type a command, as Vim and its like have them."""
        self.type(f":{command}")
        self.keys("Enter")

    def escape(self, text: str) -> None:
        """Leave what shows a text, and wait until it is gone; a key before that would be one with Alt."""
        self.keys("Escape")
        self.wait(lambda: not any(text in line for line in self.screen()))

    def screen(self) -> list[str]:
        """The lines that are to be seen."""
        return STYLE.sub("", self._styled()).splitlines()

    def underlined(self) -> list[str]:
        """The words with squiggles, from top to bottom."""
        text, *styled = STYLE.split(self._styled())
        curly, marked = False, " " * len(text)
        for codes, part in zip(styled[::2], styled[1::2], strict=True):
            for code in codes.split(";"):
                curly = code == CURLY or (curly and code not in PLAIN)
            marked += part if curly else " " * len(part)
        return marked.split()

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        limit = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < limit, "waited in vain, and saw:\n" + "\n".join(self.screen())
            time.sleep(0.05)

    def wait_for(self, text: str) -> None:
        """Wait until a text is to be seen."""
        self.wait(lambda: any(text in line for line in self.screen()))

    def _styled(self) -> str:
        return self._run("capture-pane", "-p", "-e")

    def _run(self, *arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        done = subprocess.run([*self._tmux, *arguments], env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()
