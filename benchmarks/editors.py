"""How long it takes from opening a file to the first squiggle, in each editor that the tests drive.

    python -m benchmarks.editors [--repeat 3] [--editor "VS Code"]

The server starts with the file, so that its start and the loading of the model count; the time that an editor
takes to start itself does not. VS Code starts it with its window, a moment before; it needs what
`python3 dev.py vscode` has made.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.e2e.emacs import EGLOT, LSP_MODE, run_emacs
from tests.e2e.helix import Helix
from tests.e2e.jupyter import ROOT, Jupyter, write_command
from tests.e2e.neovim import Neovim
from tests.e2e.vim import run_vim

if TYPE_CHECKING:
    from collections.abc import Callable

VSCODE = ROOT / "editors" / "vscode"
TEXT = "She go to school every day.\n"


def neovim(folder: Path) -> float:
    nvim = Neovim(folder)
    try:
        return nvim.lua(f"""
            local began = vim.uv.hrtime()
            vim.cmd.edit('{folder / "letter.md"}')
            vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 5)
            return (vim.uv.hrtime() - began) / 1e9
        """)
    finally:
        nvim.quit()


def eglot(folder: Path) -> float:
    return emacs(EGLOT, folder)


def lsp_mode(folder: Path) -> float:
    return emacs(LSP_MODE, folder)


def emacs(client: str, folder: Path) -> float:
    steps = '(wait-for-words "go") (setq said (- (float-time) began))'
    return run_emacs(client, steps, folder / "letter.txt", folder)


def vim(folder: Path) -> float:
    steps = "  call Wait('len(Found()) > 0')\n  call add(g:said, reltimefloat(reltime(g:began)))"
    return run_vim(steps, folder / "letter.md", folder)[0]


def helix(folder: Path) -> float:
    """With the start of Helix itself, which takes no time."""
    began = time.perf_counter()
    with Helix(folder, folder / "letter.md") as editor:
        editor.wait(editor.underlined)
        return time.perf_counter() - began


def jupyter(folder: Path) -> float:
    with Jupyter(folder) as server:
        began = time.perf_counter()
        server.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        server.send("initialized", {})
        document = {"uri": "file:///letter.md", "languageId": "markdown", "version": 1, "text": TEXT}
        server.send("textDocument/didOpen", {"textDocument": document})
        server.diagnostics(1)
        return time.perf_counter() - began


def vscode(folder: Path) -> float:
    command = folder / "bin" / "grammared"
    write_command(command)
    environment = os.environ | {"PATH": f"{command.parent}:{os.environ['PATH']}"}
    run = ["node", str(VSCODE / "tests" / "host" / "run.mjs"), "squiggle"]
    said = subprocess.run(run, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    return int(re.findall(r"first squiggle on the screen: (\d+) ms", said)[0]) / 1000


EDITORS: dict[str, Callable[[Path], float]] = {
    "Neovim": neovim,
    "Emacs, Eglot": eglot,
    "Emacs, lsp-mode": lsp_mode,
    "Vim, ALE": vim,
    "Helix": helix,
    "Jupyter": jupyter,
    "VS Code": vscode,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--editor", action="append", choices=EDITORS, help="only this one; may be repeated")
    options = parser.parse_args()
    print("| editor | seconds to the first squiggle (median) | least | most |\n|---|---|---|---|")
    for name in options.editor or EDITORS:
        times = [measured(EDITORS[name]) for _ in range(options.repeat)]
        print(f"| {name} | {median(times):.1f} | {min(times):.1f} | {max(times):.1f} |", flush=True)


def measured(measure: Callable[[Path], float]) -> float:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("letter.md", "letter.txt"):
            (folder / file).write_text(TEXT, encoding="utf-8")
        return measure(folder)


if __name__ == "__main__":
    main()
