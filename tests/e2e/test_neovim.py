"""Neovim, for real: open a file, see what is wrong, fix it, save it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.editor

ROOT = Path(__file__).parents[2]
NVIM = Path(sys.executable).parent / "nvim"
LETTER = "# Ünïcode 😀\n\n😀 She go to school every day.\n\n```\nShe go home.\n```\n\nI dont know.\f 漢字\n"
RIGHT = LETTER.replace("She go to", "She goes to").replace("dont", "don't")
SERVER = [sys.executable, "-m", "lsp_server.cli", "serve", "--stdio"]
PATIENCE = 60
WITHOUT_PULL = "before_init = function(params) params.capabilities.textDocument.diagnostic = nil end,"
WORDS = """
    vim.tbl_map(function(d)
        return vim.api.nvim_buf_get_text(0, d.lnum, d.col, d.end_lnum, d.end_col, {})[1]
    end, vim.diagnostic.get(0))
"""
"""What each diagnostic underlines."""


class Neovim:
    """A headless Neovim in a process of its own, driven through its command line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._address = str(folder / "nvim.sock")
        variables = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
        self._process = subprocess.Popen(
            [NVIM, "--clean", "--headless", "-n", "--listen", self._address],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(folder),
                "GRAMMARED_HOME": str(folder / "ours"),
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

    def input(self, keys: str) -> None:
        """Type."""
        self._remote("--remote-send", keys)

    def wait(self, condition: str) -> None:
        """Wait until some Lua is true."""
        assert self.lua(f"return (vim.wait({PATIENCE}000, function() return {condition} end, 20))"), condition

    def open(self, path: Path, more: str = "") -> None:
        """Open a file with the shipped configuration; only the command is our own."""
        command = ", ".join(map(json.dumps, SERVER))
        self.lua(f"""
            vim.opt.runtimepath:append('{ROOT / "editors" / "neovim"}')
            vim.lsp.config('grammared', {{ cmd = {{ {command} }}, cmd_cwd = '{ROOT}', {more} }})
            vim.lsp.enable('grammared')
            vim.cmd.edit('{path}')
        """)

    def quit(self) -> None:
        """Leave; the server goes with its client."""
        self._remote(
            "--remote-send", "<C-\\><C-n>:qall!<CR>", check=False
        )  # it may be gone before it answers
        self._process.wait(PATIENCE)

    def _remote(self, *arguments: str, check: bool = True) -> str:
        command = [NVIM, "--server", self._address, *arguments]
        return subprocess.run(
            command, capture_output=True, check=check, timeout=2 * PATIENCE, text=True
        ).stdout


@pytest.fixture
def nvim(tmp_path):
    nvim = Neovim(tmp_path)
    yield nvim
    nvim.quit()


@pytest.fixture
def letter(tmp_path):
    return tmp_path / "letter.md"


@pytest.mark.parametrize("more", ["", WITHOUT_PULL], ids=["pull", "push"])
def test_see_fix_and_save(nvim, letter, more):
    letter.write_text(LETTER, encoding="utf-8")
    nvim.open(letter, more)
    nvim.wait("#vim.diagnostic.get(0) == 2")
    assert nvim.lua(f"return {WORDS}") == ["go", "dont"]
    assert nvim.lua("return vim.lsp.get_clients()[1].offset_encoding") == "utf-8"

    nvim.lua("vim.api.nvim_win_set_cursor(0, { 3, 10 })")
    nvim.lua("""
        local preferred = function(action) return action.isPreferred end
        vim.lsp.buf.code_action({ context = { only = { 'quickfix' } }, filter = preferred, apply = true })
    """)
    nvim.wait("vim.api.nvim_buf_get_lines(0, 2, 3, true)[1]:find('goes') ~= nil")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    nvim.lua("vim.lsp.buf.code_action({ context = { only = { 'source.fixAll' } }, apply = true })")
    nvim.wait("#vim.diagnostic.get(0) == 0")
    nvim.lua("vim.cmd.write()")
    assert letter.read_text(encoding="utf-8") == RIGHT


def test_diagnostics_follow_typing(nvim, letter):
    letter.write_text("She goes home.\n", encoding="utf-8")
    nvim.open(letter)
    nvim.input("GoShe go to school every day.<Esc>")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    assert nvim.lua(f"return {WORDS}") == ["go"]
    nvim.input("ggO# A heading<CR><Esc>")
    nvim.wait("#vim.diagnostic.get(0) == 1 and vim.diagnostic.get(0)[1].lnum == 3")
    nvim.input("G^wcegoes<Esc>")
    nvim.wait("#vim.diagnostic.get(0) == 0")


def test_settings_of_the_user_count(nvim, letter):
    letter.write_text("She go to school every day.\n", encoding="utf-8")
    nvim.open(letter, "settings = { grammared = { severity = 'hint' } },")
    nvim.wait("#vim.diagnostic.get(0, { severity = vim.diagnostic.severity.HINT }) == 1")


def choose(nvim, title: str) -> None:
    """Choose an entry of the menu at the cursor."""
    nvim.lua(f"""
        local wanted = function(action) return action.title == '{title}' end
        vim.lsp.buf.code_action({{ filter = wanted, apply = true }})
    """)


def test_silence_explain_and_change_settings(nvim, letter, tmp_path):
    letter.write_text("I dont know the answer.\n\nHe is a honest man.\n\nShe go to school every day.\n")
    nvim.open(letter)
    nvim.wait("#vim.diagnostic.get(0) == 3")

    nvim.lua("vim.api.nvim_win_set_cursor(0, { 1, 3 })")
    choose(nvim, "Add “dont” to your dictionary")
    nvim.wait("#vim.diagnostic.get(0) == 2")  # though it is not told to ask again
    assert (tmp_path / "ours" / "config" / "dictionary.txt").read_text() == "dont\n"

    nvim.lua("vim.api.nvim_win_set_cursor(0, { 3, 6 })")
    nvim.lua("vim.lsp.buf.hover()")
    floats = "function(w) return vim.api.nvim_win_get_config(w).relative ~= '' end"
    popup = f"vim.tbl_filter({floats}, vim.api.nvim_list_wins())"
    nvim.wait(f"#{popup} == 1")
    lines = nvim.lua(f"return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf({popup}[1]), 0, -1, false)")
    assert "He is an honest man." in "\n".join(lines)
    nvim.lua(f"vim.api.nvim_win_close({popup}[1], true)")

    word = nvim.lua(f"return {WORDS}")[0]
    choose(nvim, f"Ignore “{word}” here and wherever it stands like this")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    assert "He is [" in (tmp_path / "ours" / "config" / "ignored.txt").read_text()

    nvim.lua("""
        local client = vim.lsp.get_clients()[1]
        client.settings = { grammared = { severity = 'hint' } }
        client:notify('workspace/didChangeConfiguration', { settings = client.settings })
    """)
    nvim.wait("#vim.diagnostic.get(0, { severity = vim.diagnostic.severity.HINT }) == 1")

    nvim.lua("vim.lsp.get_clients()[1]:exec_cmd({ title = '', command = 'grammared.undo' })")
    nvim.wait("#vim.diagnostic.get(0) == 2")
