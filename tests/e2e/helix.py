"""A real Helix with our settings, in a real terminal (tmux), driven by keys, for tests and measurements."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e import get_helix
from tests.e2e.jupyter import write_command

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "editors" / "helix" / "languages.toml"
PATIENCE = 60
SIZE = ("-x", "130", "-y", "40")
STYLE = re.compile(r"\x1b\[([\d;:]*)m")
CURLY, PLAIN = "4:3", ("", "0", "24")
"""How a terminal is told to underline by a squiggle, and to stop it."""


class Helix:
    """Helix with a file, as long as a `with` lasts; `folder` has its settings and the server's."""

    def __init__(self, folder: Path, file: Path) -> None:
        hx, tmux = get_helix.command(), shutil.which("tmux")
        assert hx, "this needs Helix, of 25.01 or later: python -m tests.e2e.get_helix"
        assert tmux, "this needs tmux: apt-get install tmux"
        self.home = folder / "ours"
        self.settings = folder / "config" / "helix" / "languages.toml"
        self.settings.parent.mkdir(parents=True)
        shutil.copy(SETTINGS, self.settings)
        (self.settings.parent / "config.toml").touch()  # without one, `:config-reload` reads nothing anew
        write_command(folder / "bin" / "grammared")
        self._socket = Path(tempfile.mkdtemp(prefix="hx-")) / "tmux"  # a socket's path must be short
        self._tmux = [tmux, "-S", str(self._socket), "-f", "/dev/null"]
        variables = {
            "HOME": folder,
            "XDG_CONFIG_HOME": folder / "config",
            "XDG_CACHE_HOME": folder / "cache",
            "GRAMMARED_HOME": self.home,
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
        }
        words = [f"{name}={value}" for name, value in variables.items()]
        self._run("new-session", "-d", *SIZE, "env", *words, str(hx), str(file))

    def __enter__(self) -> Helix:
        return self

    def __exit__(self, *_: object) -> None:
        self._run("kill-server")
        shutil.rmtree(self._socket.parent, ignore_errors=True)

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other; a key is a letter or has a name of tmux's, like `Enter`."""
        for key in keys:
            self._run("send-keys", key)

    def command(self, command: str) -> None:
        """Type a command."""
        self.type(f":{command}")
        self.keys("Enter")

    def escape(self, text: str) -> None:
        """Leave what shows a text, and wait until it is gone; a key before that would be one with Alt."""
        self.keys("Escape")
        self.wait(lambda: not any(text in line for line in self.screen()))

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("send-keys", "-l", text)

    def screen(self) -> list[str]:
        """The lines that are to be seen."""
        return STYLE.sub("", self._styled()).splitlines()

    def underlined(self) -> list[str]:
        """The words with squiggles, from top to bottom."""
        text, *styled = STYLE.split(self._styled())
        curly, marked = False, " " * len(text)
        for codes, text in zip(styled[::2], styled[1::2], strict=True):
            for code in codes.split(";"):
                curly = code == CURLY or (curly and code not in PLAIN)
            marked += text if curly else " " * len(text)
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

    def choose(self, title: str) -> None:
        """Choose the entry of the menu at the cursor that begins so."""
        self.keys("Space", "a")
        self.wait_for(title)
        lines = self.screen()
        row, column = next((at, line.index(title)) for at, line in enumerate(lines) if title in line)
        above = 0
        while re.match(r" [A-Z]", lines[row - above - 1][column - 1 :]):  # another entry
            above += 1
        self.keys(*["Down"] * above, "Enter")

    def _styled(self) -> str:
        return self._run("capture-pane", "-p", "-e")

    def _run(self, *arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        done = subprocess.run([*self._tmux, *arguments], env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()
