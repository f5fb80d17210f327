"""A real Helix with our settings, driven by keys, for tests and measurements."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.e2e import get_helix
from tests.e2e.jupyter import write_command
from tests.e2e.terminal import Terminal

SETTINGS = Path(__file__).parents[2] / "editors" / "helix" / "languages.toml"


class Helix(Terminal):
    """Helix with a file, as long as a `with` lasts; `folder` has its settings and the server's."""

    def __init__(self, folder: Path, file: Path) -> None:
        hx = get_helix.command()
        assert hx, "this needs Helix, of 25.01 or later: python -m tests.e2e.get_helix"
        self.home = folder / "ours"
        self.settings = folder / "config" / "helix" / "languages.toml"
        self.settings.parent.mkdir(parents=True)
        shutil.copy(SETTINGS, self.settings)
        (self.settings.parent / "config.toml").touch()  # without one, `:config-reload` reads nothing anew
        write_command(folder / "bin" / "grammared")
        variables = {
            "HOME": folder,
            "XDG_CONFIG_HOME": folder / "config",
            "XDG_CACHE_HOME": folder / "cache",
            "GRAMMARED_HOME": self.home,
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
        }
        super().__init__([str(hx), str(file)], variables)

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
