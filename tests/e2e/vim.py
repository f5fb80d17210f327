"""A real Vim with ALE and our settings, which does what a script says, for tests and measurements."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 180
SERVER = [sys.executable, "-m", "lsp_server.cli", "serve", "--stdio", "--positions", "utf-8"]
PACKAGES = "/usr/share/vim/vimfiles"
"""Where Debian puts ALE."""
VIMRC = """
set nocompatible encoding=utf-8 noswapfile viminfo= hidden
set packpath+=%(packages)s runtimepath+=%(ours)s
filetype plugin indent on
let g:grammared_command = %(command)s
let g:ale_linters_explicit = 0
packadd ale
let g:said = []
let g:began = reltime()

function! Wait(what) abort
  let l:end = reltimefloat(reltime()) + %(patience)s
  while !eval(a:what)
    if reltimefloat(reltime()) > l:end
      throw 'waited in vain: ' . a:what
    endif
    sleep 50m
  endwhile
endfunction

function! Found() abort
  return filter(copy(ale#engine#GetLoclist(bufnr(''))), 'v:val.linter_name is# "grammared"')
endfunction

function! Underlined() abort
  return map(Found(), 'getline(v:val.lnum)[v:val.col - 1 : v:val.end_col - 1]')
endfunction

" Choose the entry of the menu at the cursor.
function! Choose(title) abort
  let g:title = a:title
  let g:chosen = 0
  call ale#codefix#Execute(0, function('Chosen'))
  call Wait('g:chosen')
endfunction

function! Chosen(data, items) abort
  for [l:kind, l:item] in a:items
    if l:item.title =~# g:title
      call ale#codefix#ApplyLSPCodeAction(a:data, l:item)
      let g:chosen = 1
      return
    endif
  endfor
  call add(g:said, map(copy(a:items), 'v:val[1].title'))
endfunction

function! Try(timer) abort
  try
    call Steps()
    let g:failure = ''
  catch
    let g:failure = v:exception . ' in ' . v:throwpoint
  endtry
  let l:answer = {'said': g:said, 'failure': g:failure, 'underlined': Underlined()}
  call writefile([json_encode(l:answer)], '%(answer)s')
  qall!
endfunction

function! Steps() abort
%(steps)s
endfunction

autocmd VimEnter * call timer_start(1, 'Try')
"""


def run_vim(steps: str, file: Path, home: Path) -> list[object]:
    """Open a file in a new Vim, do the steps, and give what is then in `g:said`."""
    vim = shutil.which("vim")
    assert vim, "this needs Vim: apt-get install vim vim-ale"
    assert list(Path(PACKAGES).glob("pack/*/opt/ale")), "this needs ALE: apt-get install vim-ale"
    answer, vimrc = home / "answer.json", home / "vimrc"
    values = {
        "packages": PACKAGES,
        "ours": ROOT / "editors" / "vim",
        "command": json.dumps(SERVER),
        "patience": PATIENCE,
        "answer": answer,
        "steps": steps,
    }
    vimrc.write_text(VIMRC % values, encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "GRAMMARED_HOME": str(home / "ours"),
        "PYTHONPATH": str(ROOT),
    }
    screen, terminal = pty.openpty()
    threading.Thread(
        target=_read_all, args=(screen,), daemon=True
    ).start()  # or Vim would wait for its screen
    process = subprocess.Popen(
        [vim, "-N", "-u", str(vimrc), str(file)],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=environment,
    )
    os.close(terminal)
    process.wait(4 * PATIENCE)
    done = json.loads(answer.read_text(encoding="utf-8"))
    assert not done["failure"], done
    return done["said"]


def _read_all(screen: int) -> None:
    try:
        while os.read(screen, 65536):
            pass
    except OSError:
        pass  # Vim has ended
    finally:
        os.close(screen)
