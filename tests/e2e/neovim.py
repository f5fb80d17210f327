"""A real Neovim with our plugin, as a user would have it, for tests and measurements."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "editors" / "neovim"
NVIM = Path(sys.executable).parent / "nvim"
SERVER = [sys.executable, "-m", "lsp_server.cli", "serve", "--stdio"]
PATIENCE = 180
WORDS = """
    vim.tbl_map(function(d)
        return vim.api.nvim_buf_get_text(0, d.lnum, d.col, d.end_lnum, d.end_col, {})[1]
    end, vim.diagnostic.get(0))
"""
"""What each diagnostic underlines."""
INIT = """
    _G.told = {{}}
    vim.notify = function(message) table.insert(_G.told, message) end
    vim.lsp.config('grammared', {{ cmd = {{ {command} }}, cmd_cwd = '{root}' }})
    {more}
"""


class Neovim:
    """A headless Neovim in a process of its own, driven through its command line.

    The plugin is a package in its data folder, loaded when it starts, or (`when` is "opt") by `packadd`;
    `more` is the end of its `init.lua`.
    """

    def __init__(
        self, folder: Path, more: str = "", server: list[str] = SERVER, *, when: str = "start"
    ) -> None:
        self.home = folder / "ours"
        self._folder = folder
        self._address = str(folder / "nvim.sock")
        variables = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        plugin = folder / "DATA" / "nvim" / "site" / "pack" / "grammared" / when / "grammared"
        shutil.copytree(PLUGIN, plugin, ignore=shutil.ignore_patterns("node_modules"))
        init = folder / "CONFIG" / "nvim" / "init.lua"
        init.parent.mkdir(parents=True)
        command = ", ".join(map(json.dumps, server))
        init.write_text(INIT.format(command=command, root=ROOT, more=more), encoding="utf-8")
        self._process = subprocess.Popen(
            [NVIM, "--headless", "-n", "--listen", self._address],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(folder),
                "LANG": "C.UTF-8",
                "GRAMMARED_HOME": str(self.home),
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        limit = time.monotonic() + PATIENCE
        while self._remote("--remote-expr", "1", check=False) != "1" and time.monotonic() < limit:
            time.sleep(0.01)  # its socket may be there, and nobody listen yet

    def lua(self, code: str) -> object:
        """Run some Lua, and give what it returns."""
        script = self._folder / "script.lua"
        script.write_text(
            f"local value = (function() {code} end)()\nreturn vim.json.encode(value)", encoding="utf-8"
        )
        return json.loads(self._remote("--remote-expr", f"luaeval('dofile(_A)', '{script}')"))

    def command(self, command: str) -> None:
        """Type a command."""
        self.lua(f"vim.cmd({json.dumps(command)})")

    def input(self, keys: str) -> None:
        """Type."""
        self._remote("--remote-send", keys)

    def wait(self, condition: str) -> None:
        """Wait until some Lua is true."""
        assert self.lua(f"return (vim.wait({PATIENCE}000, function() return {condition} end, 20))"), condition

    def open(self, path: Path) -> None:
        """Open a file."""
        self.lua(f"vim.cmd.edit('{path}')")

    def write(self, path: Path, text: str) -> None:
        """Write a file, and open it."""
        path.write_text(text, encoding="utf-8")
        self.open(path)

    def lines(self) -> list[str]:
        """The text of the current buffer."""
        return self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)")

    def told(self) -> str:
        """What was said to the user since this was last asked."""
        return "\n".join(
            self.lua("local told = _G.told; _G.told = { '' }; return #told > 0 and told or { '' }")
        )

    def servers(self) -> list[int]:
        """The processes of the servers that it started."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children]

    def kill_server(self) -> None:
        """End the server as no program should be ended, and wait until it is gone."""
        (server,) = self.servers()
        os.kill(server, signal.SIGKILL)
        while server in self.servers():
            time.sleep(0.01)

    def quit(self) -> None:
        """Leave; the server goes with its client."""
        self._remote(
            "--remote-send", "<C-\\><C-n>:qall!<CR>", check=False
        )  # it may be gone before it answers
        self._process.wait(PATIENCE)

    def _remote(self, *arguments: str, check: bool = True) -> str:
        command = [NVIM, "--server", self._address, *arguments]
        done = subprocess.run(command, capture_output=True, check=False, timeout=2 * PATIENCE, text=True)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout
