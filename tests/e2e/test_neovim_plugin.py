"""The Neovim plugin, for real: one Neovim and one server, in which everything is done as a person would."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess

import pytest

from lsp_server.documents import kinds
from tests.e2e.neovim import PATIENCE, PLUGIN, WORDS, Neovim

pytestmark = pytest.mark.editor

SPEC = importlib.util.spec_from_file_location("generate_editors", PLUGIN.parent / "generate.py")
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)

NAMED_OTHERWISE = {
    "x.ipynb": "all JSON would be sent: Neovim shows a notebook as the JSON that it is",
    "x.m": "MATLAB's, unless the text says otherwise",
    "x.mm": "nroff's macros",
    "x.tf": "TinyFugue's, unless the text says otherwise",
    **{f"x.{section}": "told by its text" for section in range(1, 9)},
}
"""Names by which Neovim cannot see the kind that the server would."""
THREE = "I dont know the answer.\n\nHe is a honest man.\n\nShe go to school every day.\n"
FLOATS = """vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_config(window).relative ~= ''
end, vim.api.nvim_list_wins())"""


@pytest.fixture(scope="module")
def nvim(tmp_path_factory):
    nvim = Neovim(tmp_path_factory.mktemp("nvim"))
    yield nvim
    nvim.quit()


@pytest.fixture
def three(nvim, tmp_path):
    """A file with three findings, open."""
    nvim.told()
    nvim.write(tmp_path / "letter.md", THREE)
    nvim.wait("#vim.diagnostic.get(0) == 3")
    yield tmp_path / "letter.md"
    nvim.lua(f"for _, window in ipairs({FLOATS}) do vim.api.nvim_win_close(window, true) end")
    nvim.command("silent! only! | %bwipeout!")


def at(nvim, line, column):
    nvim.lua(f"vim.api.nvim_win_set_cursor(0, {{ {line}, {column} }})")


def shown_below(nvim):
    """The messages that are shown below lines: line by line."""
    return nvim.lua("""
        local shown = {}
        for name, namespace in pairs(vim.api.nvim_get_namespaces()) do
            if name:find('virtual_lines') then
                local marks = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })
                for _, mark in ipairs(marks) do
                    for _, line in ipairs(mark[4].virt_lines or {}) do
                        local words = vim.tbl_map(function(part) return part[1] end, line)
                        table.insert(shown, { mark[2] + 1, table.concat(words) })
                    end
                end
            end
        end
        return shown
    """)


def test_the_generated_files_are_current():
    """If not: python editors/generate.py."""
    for path, text in generate.files().items():
        assert path.read_text(encoding="utf-8") == text, path


def test_the_lua_is_clean():
    luacheck = shutil.which("luacheck")
    assert luacheck, "this test needs luacheck: apt-get install lua-check"
    done = subprocess.run(
        [luacheck, "--no-color", "."], cwd=PLUGIN, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_files_get_filetypes_that_the_server_reads(nvim, tmp_path):
    names = [f"x.{ending}" for ending in kinds.BY_ENDING] + list(kinds.BY_NAME)
    found = nvim.lua(f"""
        local found = {{}}
        vim.lsp.enable('grammared', false)
        for _, name in ipairs(vim.json.decode([==[{json.dumps(names)}]==])) do
            vim.cmd.edit('{tmp_path}/' .. name)
            found[name] = vim.bo.filetype
        end
        vim.cmd('%bwipeout!')
        vim.lsp.enable('grammared')
        return found
    """)
    ours = set(generate.filetypes())
    wrong = {
        name: filetype
        for name, filetype in found.items()
        if name not in NAMED_OTHERWISE
        and (filetype not in ours or kinds.kind_of_identifier(filetype) != kinds.kind_of_name(name))
    }
    assert not wrong


def test_a_filetype_of_the_users_own_stays(nvim):
    assert (
        nvim.lua("""
        vim.filetype.add({ extension = { mdx = 'markdown' } })
        dofile(vim.api.nvim_get_runtime_file('ftdetect/grammared.lua', false)[1])
        local found = vim.filetype.match({ filename = 'a.mdx' })
        vim.filetype.add({ extension = { mdx = 'mdx' } })
        return found
    """)
        == "markdown"
    )


def test_it_attaches_to_every_filetype(nvim, tmp_path):
    checked = nvim.lua(f"""
        local files = {{}}
        for index, filetype in ipairs(require('grammared.filetypes')) do
            vim.cmd.edit('{tmp_path}/' .. index)
            vim.bo.filetype = filetype
            files[vim.uri_from_bufnr(0)] = filetype
        end
        local checked = {{}}
        vim.wait({PATIENCE}000, function()
            local status = require('grammared').server_status()
            for _, one in ipairs(status and status.findings or {{}}) do
                checked[files[one.uri] or ''] = one.count
            end
            return vim.tbl_count(checked) >= vim.tbl_count(files)
        end, 50)
        vim.cmd('%bwipeout!')
        checked[''] = nil
        return checked
    """)
    assert checked == dict.fromkeys(generate.filetypes(), 0)
    assert {kinds.kind_of_identifier(name) for name in checked} == set(kinds._KINDS) - {"notebook"}


def test_messages_are_shown_below_the_line_of_the_cursor(nvim, three):
    at(nvim, 3, 0)
    nvim.lua("vim.api.nvim_exec_autocmds('CursorMoved', { buffer = 0 })")
    ((line, message),) = shown_below(nvim)
    assert line == 3
    assert "an" in message
    assert nvim.lua("return vim.diagnostic.config().virtual_lines") is False  # of other servers


@pytest.mark.parametrize(("messages", "lines"), [("lines", [1, 3, 5]), ("none", []), ("sideways", [1])])
def test_messages_as_the_user_wants_them(nvim, tmp_path, messages, lines):
    nvim.told()
    nvim.lua(f"vim.g.grammared = {{ messages = '{messages}' }}")
    nvim.write(tmp_path / f"{messages}.md", THREE)
    nvim.wait("#vim.diagnostic.get(0) == 3")
    assert sorted(line for line, _ in shown_below(nvim)) == lines
    assert ("it can be float, line, lines, none, text" in nvim.told()) == (messages == "sideways")
    nvim.lua("vim.g.grammared = nil; vim.cmd('%bwipeout!')")


def test_messages_in_a_window_when_the_cursor_rests(nvim, tmp_path):
    nvim.lua("vim.g.grammared = { messages = 'float' }")
    nvim.write(tmp_path / "float.md", THREE)
    nvim.wait("#vim.diagnostic.get(0) == 3")
    at(nvim, 3, 6)
    nvim.lua("vim.api.nvim_exec_autocmds('CursorHold', { buffer = 0 })")
    nvim.wait(f"#{FLOATS} == 1")
    nvim.lua(f"vim.api.nvim_win_close({FLOATS}[1], true)")
    nvim.lua("vim.g.grammared = nil; vim.cmd('%bwipeout!')")


def test_diagnostics_follow_typing(nvim, tmp_path):
    nvim.write(tmp_path / "letter.md", "She goes home.\n")
    nvim.input("GoShe go to school every day.<Esc>")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    assert nvim.lua(f"return {WORDS}") == ["go"]
    nvim.input("ggO# A heading<CR><Esc>")
    nvim.wait("#vim.diagnostic.get(0) == 1 and vim.diagnostic.get(0)[1].lnum == 3")
    nvim.input("G^wcegoes<Esc>")
    nvim.wait("#vim.diagnostic.get(0) == 0")


def test_positions_with_emoji_and_undo(nvim, tmp_path):
    text = "# ñ 漢字 😀\n\n😀👩‍👩‍👧 She go to school every day. 😀\n"
    nvim.write(tmp_path / "emoji.md", text)
    nvim.wait("#vim.diagnostic.get(0) == 1")
    assert nvim.lua(f"return {WORDS}") == ["go"]
    nvim.command("Grammared fix-all")
    nvim.wait("vim.api.nvim_buf_get_lines(0, 2, 3, true)[1]:find('goes') ~= nil")
    assert nvim.lines() == text.replace("go", "goes").splitlines()
    nvim.wait("#vim.diagnostic.get(0) == 0")
    nvim.input("u")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    assert nvim.lines() == text.splitlines()
    assert nvim.lua(f"return {WORDS}") == ["go"]
    nvim.command("bwipeout!")


def test_gra_works_anywhere_on_the_line(nvim, three):
    nvim.lua("""
        vim.ui.select = function(items, options, choose)
            _G.offered = vim.tbl_map(options.format_item, items)
            choose(items[1], 1)
        end
    """)
    at(nvim, 5, 20)  # the finding is at the line's beginning
    nvim.input("gra")
    nvim.wait("vim.api.nvim_buf_get_lines(0, 4, 5, true)[1] == 'She goes to school every day.'")
    offered = nvim.lua("return _G.offered")
    assert offered[0].startswith("Replace “go” with “goes”")
    assert any("Ignore “go”" in title for title in offered)


def test_fix_all(nvim, three):
    nvim.command("Grammared fix-all")
    nvim.wait("#vim.diagnostic.get(0) == 0")
    assert (
        nvim.lines()
        == THREE.replace("dont", "don't").replace("a hon", "an hon").replace("go", "goes").splitlines()
    )


def test_fix_on_save(nvim, three):
    nvim.command("write")
    assert three.read_text() == THREE  # nobody asked for it
    nvim.lua("vim.g.grammared = { fix_on_save = true }")
    nvim.command("write")
    nvim.lua("vim.g.grammared = nil")
    assert "She goes to school every day." in three.read_text()
    assert "".join(f"{line}\n" for line in nvim.lines()) == three.read_text()


def test_hover(nvim, three):
    at(nvim, 3, 6)
    nvim.command("Grammared explain")
    nvim.wait(f"#{FLOATS} == 1")
    lines = nvim.lua(
        f"return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf({FLOATS}[1]), 0, -1, false)"
    )
    assert "He is an honest man." in "\n".join(lines)


def test_dictionary_ignore_and_undo(nvim, three):
    at(nvim, 1, 3)
    nvim.command("Grammared add-word")
    nvim.wait("#vim.diagnostic.get(0) == 2")  # though it is not told to ask again
    assert (nvim.home / "config" / "dictionary.txt").read_text() == "dont\n"
    at(nvim, 3, 6)
    nvim.command("Grammared ignore")
    nvim.wait("#vim.diagnostic.get(0) == 1")
    assert "He is [" in (nvim.home / "config" / "ignored.txt").read_text()
    nvim.command("Grammared undo")
    nvim.wait("#vim.diagnostic.get(0) == 2")
    nvim.command("Grammared undo")
    nvim.wait("#vim.diagnostic.get(0) == 3")
    nvim.wait("#_G.told > 1")
    assert "took back the last change to" in nvim.told()


def test_a_settings_change_is_seen_without_an_edit(nvim, three):
    nvim.command("Grammared set severity=hint")
    nvim.wait("#vim.diagnostic.get(0, { severity = vim.diagnostic.severity.HINT }) == 3")
    nvim.command("Grammared set kinds.article=off severity=warning")
    nvim.wait("#vim.diagnostic.get(0, { severity = vim.diagnostic.severity.WARN }) == 2")
    nvim.command('Grammared set kinds={"article":"warning"}')
    nvim.wait("#vim.diagnostic.get(0) == 3")
    nvim.command("Grammared set strictness")
    assert "strictness is not NAME=VALUE" in nvim.told()


def test_status_line_pause_and_resume(nvim, three):
    status = "require('grammared').statusline()"
    nvim.lua("vim.o.statusline = \"%{v:lua.require'grammared'.statusline()}\"")
    nvim.wait(f"{status} == 'Grammared: 3'")
    assert nvim.lua("return vim.api.nvim_eval_statusline(vim.o.statusline, {}).str") == "Grammared: 3"
    nvim.command("Grammared pause")
    nvim.wait(f"{status} == 'Grammared: paused' and #vim.diagnostic.get(0) == 0")
    nvim.command("Grammared resume")
    nvim.wait(f"{status} == 'Grammared: 3' and #vim.diagnostic.get(0) == 3")
    nvim.command("Grammared pause all")
    nvim.wait(f"{status} == 'Grammared: paused'")
    nvim.command("Grammared resume all")
    nvim.wait(f"{status} == 'Grammared: 3'")
    nvim.command("new")
    assert nvim.lua(f"return {status}") == ""


def test_commands_that_tell(nvim, three):
    nvim.command("Grammared check")
    nvim.wait("#_G.told > 1 or _G.told[1] ~= ''")
    assert "3 findings" in nvim.told()
    nvim.command("Grammared")
    nvim.wait("#_G.told > 1")
    assert 'state = "ready"' in nvim.told()
    nvim.command("Grammared check-workspace")
    nvim.wait("#_G.told > 1")
    assert "files that are not open" in nvim.told()
    nvim.command("Grammared dance")
    assert "there is no command dance; there are add-word, " in nvim.told()
    nvim.command("Grammared log")
    nvim.wait("vim.bo.buftype == 'nofile' and vim.api.nvim_buf_get_lines(0, 0, 1, true)[1] ~= ''")


def test_commands_are_completed(nvim):
    complete = "return vim.fn.getcompletion('Grammared {}', 'cmdline')"
    assert nvim.lua(complete.format("re")) == ["reload-model", "restart", "resume"]
    assert nvim.lua(complete.format("pause ")) == ["all"]


def test_health(nvim, three):
    nvim.command("checkhealth grammared")
    report = "\n".join(nvim.lines())
    assert "OK switched on for" in report
    assert "OK ready, engine local" in report
    assert "ERROR" not in report
    assert "WARNING" not in report


def test_help(nvim):
    nvim.command("helptags ALL")
    for tag in (":Grammared", "g:grammared", "grammared-statusline"):
        nvim.command(f"help {tag}")
        assert nvim.lua("return vim.fn.expand('%:t')") == "grammared.txt"
        assert f"*{tag}*" in nvim.lua("return vim.api.nvim_get_current_line()")
    said = "\n".join(nvim.lines())
    commands = nvim.lua("return vim.tbl_keys(require('grammared.commands').commands)")
    assert [name for name in commands if f"\n:Grammared {name}" not in said] == []
    nvim.command("helpclose")


def test_the_server_comes_back_when_it_dies(nvim, three):
    (before,) = nvim.servers()
    nvim.kill_server()
    nvim.wait("#vim.lsp.get_clients({ bufnr = 0, name = 'grammared' }) == 1")
    nvim.wait("#vim.diagnostic.get(0) == 3")
    (after,) = nvim.servers()
    assert after != before
    nvim.command("Grammared fix-all")
    nvim.wait("#vim.diagnostic.get(0) == 0")


def test_restart(nvim, three):
    (before,) = nvim.servers()
    nvim.command("Grammared restart")
    nvim.wait("#vim.lsp.get_clients({ bufnr = 0, name = 'grammared' }) == 1")
    nvim.wait("#vim.diagnostic.get(0) == 3")
    (after,) = nvim.servers()
    assert after != before
