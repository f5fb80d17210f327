"""Emacs with Eglot, for real: see what is wrong, silence it, ask why, put it right, change a setting.

Needs Emacs with Eglot: `apt-get install emacs-nox elpa-eglot`, or Emacs 29, which brings it along.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.editor

ROOT = Path(__file__).parents[2]
PATIENCE = 60
SETUP = """
(require 'eglot)
(require 'flymake)
(setq eglot-autoshutdown nil eglot-sync-connect 30 eglot-events-buffer-size 0)
(setq last-nonmenu-event ?x)  ; a key was pressed, so that no menu pops up
(setq eglot-send-changes-idle-time 0 eglot-confirm-server-initiated-edits nil)
(add-to-list 'eglot-server-programs '(text-mode . (%(command)s)))
(find-file "%(file)s")
(call-interactively #'eglot)

(defun wait-for (what)
  "Wait until WHAT gives non-nil, and return that."
  (let ((end (time-add nil %(patience)d)) (found nil))
    (while (and (not (setq found (funcall what))) (time-less-p nil end))
      (accept-process-output nil 0.05))
    (or found (error "waited in vain"))))

(defun underlined ()
  "The words under diagnostics."
  (flymake-start)
  (mapcar (lambda (d) (buffer-substring-no-properties (flymake-diagnostic-beg d) (flymake-diagnostic-end d)))
          (flymake-diagnostics)))

(defun wait-for-words (&rest words)
  (wait-for (lambda () (equal (sort (underlined) #'string<) (sort (copy-sequence words) #'string<)))))

(defun choose (title kind)
  "Choose the entry TITLE of the menu at point."
  (cl-letf (((symbol-function 'completing-read) (lambda (&rest _) title)))
    (eglot-code-actions (point) (point) kind t)))

(defvar said nil)
"""
STEPS = """
(wait-for-words "a" "dont" "go")
(goto-char 4)
(choose "Add “dont” to your dictionary" nil)
(wait-for-words "a" "go")
(search-forward "is a")
(let* ((params (eglot--TextDocumentPositionParams))
       (answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover params)))
  (setq said (plist-get (plist-get answer :contents) :value)))
(choose "Ignore “a” here and wherever it stands like this" nil)
(wait-for-words "go")
(setq-default eglot-workspace-configuration '(:grammared (:severity "hint")))
(eglot-signal-didChangeConfiguration (eglot--current-server-or-lose))
(wait-for (lambda () (flymake-start)
  (seq-find (lambda (d) (eq (flymake-diagnostic-type d) 'eglot-note)) (flymake-diagnostics))))
(jsonrpc-request (eglot--current-server-or-lose) :workspace/executeCommand '(:command "grammared.undo"))
(wait-for-words "a" "go")
(goto-char (point-min))
(cl-letf (((symbol-function 'completing-read) (lambda (_ all &rest _) (caar all))))
  (eglot-code-actions (point-min) (point-max) "source.fixAll.grammared" t))
(eglot--signal-textDocument/didChange)
(wait-for-words)
(save-buffer)
(princ (json-encode (list :said said)))
(eglot-shutdown (eglot--current-server-or-lose))
"""


def test_silence_explain_fix_and_change_settings(tmp_path):
    emacs = shutil.which("emacs")
    assert emacs, "this test needs Emacs with Eglot: apt-get install emacs-nox elpa-eglot"
    letter = tmp_path / "letter.txt"
    letter.write_text("I dont know the answer.\n\nHe is a honest man.\n\nShe go to school every day.\n")
    command = [sys.executable, "-m", "lsp_server.cli", "serve", "--stdio"]
    setup = SETUP % {
        "command": " ".join(json.dumps(word) for word in command),
        "file": letter,
        "patience": PATIENCE,
    }
    script = tmp_path / "test.el"
    script.write_text(";;; -*- lexical-binding: t; coding: utf-8 -*-\n" + setup + STEPS, encoding="utf-8")
    ours = tmp_path / "ours"
    done = subprocess.run(
        [emacs, "--batch", "-q", "--eval", "(package-initialize)", "-l", str(script)],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "GRAMMARED_HOME": str(ours),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=4 * PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert "He is an honest man." in json.loads(done.stdout[done.stdout.index("{") :])["said"]
    assert (ours / "config" / "dictionary.txt").read_text() == "dont\n"
    assert letter.read_text().splitlines()[2] == "He is an honest man."
