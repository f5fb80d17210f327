"""Emacs, for real, with Eglot and with lsp-mode: see what is wrong, silence it, ask why, fix it, set things.

Needs `apt-get install emacs-nox elpa-eglot elpa-lsp-mode`.
"""

from __future__ import annotations

import re

import pytest

from lsp_server.documents.kinds import kind_of_identifier
from lsp_server.settings.schema import schema
from tests.e2e.emacs import EGLOT, LSP_MODE, ROOT, run_emacs

pytestmark = pytest.mark.editor

STEPS = """
(wait-for-words "a" "dont" "go")
(goto-char 4)
(choose "Add “dont” to your dictionary" nil)
(wait-for-words "a" "go")
(wait-for (lambda () (equal (grammared-mode-line) "Grammared: 2")))
(search-forward "is a")
(setq said (explained))
(choose "Ignore “a” here and wherever it stands like this" nil)
(wait-for-words "go")
(grammared-set :severity "hint")
(wait-for (lambda () (seq-intersection '(eglot-note 4) (severities))))
(grammared-pause)
(wait-for-words)
(wait-for (lambda () (equal (grammared-mode-line) "Grammared: paused")))
(grammared-resume)
(wait-for-words "go")
(grammared-undo)
(wait-for-words "a" "go")
(goto-char (point-min))
(grammared-fix-all)
(flush)
(wait-for-words)
(goto-char (point-max))
(insert "\\n😀 She go to school every day.\\n")
(flush)
(wait-for-words "go")
(search-backward "go to")
(choose "Replace “go” with “goes”" nil)
(flush)
(wait-for-words)
(save-buffer)
"""
LISP = (ROOT / "editors" / "emacs" / "grammared.el").read_text(encoding="utf-8")


@pytest.mark.parametrize("client", [EGLOT, LSP_MODE], ids=["eglot", "lsp-mode"])
def test_silence_explain_fix_and_change_settings(tmp_path, client):
    letter = tmp_path / "texts" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("I dont know the answer.\n\nHe is a honest man.\n\nShe go to school every day.\n")
    said = run_emacs(client, STEPS, letter, tmp_path)
    assert "He is an honest man." in said
    assert (tmp_path / "ours" / "config" / "dictionary.txt").read_text() == "dont\n"
    assert letter.read_text().splitlines() == [
        "I dont know the answer.",
        "",
        "He is an honest man.",
        "",
        "She goes to school every day.",
        "",
        "😀 She goes to school every day.",
    ]


def test_the_server_knows_all_languages_and_settings_that_are_named():
    texts, code = re.findall(r"\(defconst grammared-(?:texts|code)\n(.*?)\n  \"", LISP, re.DOTALL)
    named = [*re.findall(r'\. "([^"]+)"', texts), *re.findall(r'"([^"]+)"', code)]
    assert len(named) > 60
    assert [name for name in named if not kind_of_identifier(name)] == []
    (settings,) = re.findall(r"\(defconst grammared-setting-names\n(.*?)\n  \"", LISP, re.DOTALL)
    assert re.findall(r'"([^"]+)"', settings) == list(schema(for_project=False)["properties"])
