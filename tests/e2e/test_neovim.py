"""Neovim, for real: open a file, see what is wrong, fix it, save it, a Neovim for each test."""

from __future__ import annotations

import pytest

from tests.e2e.neovim import ROOT, WORDS, Neovim

pytestmark = pytest.mark.editor

LETTER = "# Ünïcode 😀\n\n😀 She go to school every day.\n\n```\nShe go home.\n```\n\nI dont know.\f 漢字\n"
RIGHT = LETTER.replace("She go to", "She goes to").replace("dont", "don't")
THAT_CAN_BE_TOLD = """vim.lsp.config('grammared', { capabilities = {
    workspace = { diagnostics = { refreshSupport = true } },
} })"""
"""What makes the server wait for pulls, as later versions say of themselves."""


@pytest.fixture
def start(tmp_path):
    """Starts Neovim; it is ended after the test."""
    started = []

    def start_neovim(*arguments, **options):
        started.append(Neovim(tmp_path / "nvim", *arguments, **options))
        return started[0]

    (tmp_path / "nvim").mkdir()
    yield start_neovim
    started[0].quit()


@pytest.mark.parametrize(
    ("more", "pulls"),
    [("", False), (THAT_CAN_BE_TOLD, True)],
    ids=["push", "pull"],
)
def test_see_fix_and_save(start, tmp_path, more, pulls):
    nvim, letter = start(more), tmp_path / "letter.md"
    nvim.write(letter, LETTER)
    nvim.wait("#vim.diagnostic.get(0) == 2")
    assert nvim.lua(f"return {WORDS}") == ["go", "dont"]
    assert nvim.lua("return vim.lsp.get_clients()[1].offset_encoding") == "utf-8"
    pulled = "return vim.lsp.get_clients()[1]:supports_method('textDocument/diagnostic', 0)"
    assert nvim.lua(pulled) is pulls

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


def test_settings_of_the_user_count(start, tmp_path):
    nvim = start("vim.lsp.config('grammared', { settings = { grammared = { severity = 'hint' } } })")
    nvim.write(tmp_path / "letter.md", "She go to school every day.\n")
    nvim.wait("#vim.diagnostic.get(0, { severity = vim.diagnostic.severity.HINT }) == 1")


def test_the_file_for_nvim_lspconfig_needs_no_plugin(start, tmp_path):
    folder = ROOT / "editors" / "upstream" / "nvim-lspconfig"
    nvim = start(f"vim.opt.runtimepath:append('{folder}'); vim.lsp.enable('grammared')", when="opt")
    nvim.write(tmp_path / "letter.md", "She go to school every day.\n")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    assert nvim.lua("return vim.g.loaded_grammared == nil")


def test_a_missing_command_is_told_once(start, tmp_path):
    nvim = start(server=["grammared-that-is-not-there"])
    nvim.write(tmp_path / "a.md", "She go to school every day.\n")
    nvim.write(tmp_path / "b.md", "She go to school every day.\n")
    told = nvim.told()
    assert told.count("there is no command `grammared-that-is-not-there`") == 1
    assert "pipx install grammared" in told
    nvim.command("Grammared fix-all")
    nvim.command("Grammared check")
    assert "no server checks this buffer" in nvim.told()
    nvim.command("checkhealth grammared")
    assert "ERROR there is no command" in "\n".join(nvim.lines())


def test_it_can_be_left_off(start, tmp_path):
    nvim = start("vim.g.grammared = { enable = false }")
    nvim.write(tmp_path / "letter.md", "She go to school every day.\n")
    nvim.lua("vim.wait(200)")
    assert not nvim.servers()


def test_it_can_be_loaded_late(start, tmp_path):
    """As by lazy.nvim, when the first file is open already."""
    nvim = start(when="opt")
    nvim.write(tmp_path / "letter.md", "She go to school every day.\n")
    nvim.command("packadd grammared")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    nvim.wait("require('grammared').statusline() == 'Grammared: 1'")


def test_a_server_that_always_dies_is_given_up(start, tmp_path):
    nvim = start(server=["sh", "-c", "exit 3"])
    nvim.write(tmp_path / "letter.md", "She go to school every day.\n")
    nvim.wait("table.concat(_G.told, ' '):find('again and again') ~= nil")
    assert nvim.told().count("quit with exit code 3") == 5  # the first time, and four times more
