"""Vim with ALE, for real: see what is wrong, silence it, ask why, fix it, change a setting.

Needs `apt-get install vim vim-ale`.
"""

from __future__ import annotations

import pytest

from tests.e2e.vim import run_vim

pytestmark = pytest.mark.editor

STEPS = """
  call Wait('sort(Underlined()) == ["a", "dont", "go"]')
  call cursor(1, 3)
  call Choose('Add “dont” to your dictionary')
  call Wait('sort(Underlined()) == ["a", "go"]')
  call cursor(3, 7)
  ALEHover
  call Wait('join(getbufline("ALEPreviewWindow", 1, "$")) =~# "He is an honest man"')
  pclose
  call Choose('Ignore “a” here')
  call Wait('Underlined() == ["go"]')
  call add(g:said, Found()[0].text)
  call add(g:said, Found()[0].type)
  let g:grammared_settings = {'severity': 'error'}
  ALELint
  call Wait('len(Found()) == 1 && Found()[0].type is# "E"')
  call cursor(5, 5)
  call Choose('Replace “go” with “goes”')
  call Wait('getline(5) is# "She goes to school every day."')
  ALELint
  call Wait('Underlined() == []')
  call append('$', ['', 'He go home. Üñ 😀 She go to school every day.'])
  ALELint
  call Wait('Underlined() == ["go", "go"]')
  call cursor(7, 4)
  call Choose('Fix 2 sure findings in the file')
  call Wait('getline(7) is# "He goes home. Üñ 😀 She goes to school every day."')
  write
"""


def test_silence_explain_fix_and_change_settings(tmp_path):
    letter = tmp_path / "letter.md"
    letter.write_text("I dont know the answer.\n\nHe is a honest man.\n\nShe go to school every day.\n")
    message, severity = run_vim(STEPS, letter, tmp_path)
    assert "verb" in message
    assert severity == "W"
    assert (tmp_path / "ours" / "config" / "dictionary.txt").read_text() == "dont\n"
    assert letter.read_text().splitlines()[4:] == [
        "She goes to school every day.",
        "",
        "He goes home. Üñ 😀 She goes to school every day.",
    ]
