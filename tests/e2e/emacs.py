"""A real Emacs with our settings, which does what a script in Lisp says, for tests and measurements."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 180
SERVER = [sys.executable, "-m", "lsp_server.cli", "serve", "--stdio"]
SETUP = """;;; -*- lexical-binding: t; coding: utf-8 -*-
(add-to-list 'load-path "%(ours)s")
(setq last-nonmenu-event ?x)  ; a key was pressed, so that no menu pops up
(require 'grammared)
(setq grammared-command '(%(command)s))
(defvar said nil)
(defvar began nil "When the file was opened.")

(defun wait-for (what)
  "Wait until WHAT gives non-nil, and return that."
  (let ((end (time-add nil %(patience)d)) (found nil))
    (while (and (not (setq found (funcall what))) (time-less-p nil end))
      (accept-process-output nil 0.05))
    (or found (error "waited in vain"))))

(defun wait-for-words (&rest words)
  (wait-for (lambda () (equal (sort (underlined) #'string<) (sort (copy-sequence words) #'string<)))))
"""
EGLOT = """
(require 'eglot)
(require 'flymake)
(setq eglot-autoshutdown nil eglot-sync-connect 30 eglot-events-buffer-size 0)
(setq eglot-send-changes-idle-time 0 eglot-confirm-server-initiated-edits nil)

(defun underlined ()
  "The words under diagnostics."
  (flymake-start)
  (mapcar (lambda (d) (buffer-substring-no-properties (flymake-diagnostic-beg d) (flymake-diagnostic-end d)))
          (flymake-diagnostics)))

(defun choose (title kind)
  "Choose the entry TITLE of the menu at point."
  (cl-letf (((symbol-function 'completing-read) (lambda (&rest _) title)))
    (eglot-code-actions (point) (point) kind t)))

(defun flush () (eglot--signal-textDocument/didChange))

(defun severities ()
  (mapcar #'flymake-diagnostic-type (progn (flymake-start) (flymake-diagnostics))))

(defun explained ()
  "What the server says of what is at point."
  (let* ((params (eglot--TextDocumentPositionParams))
         (answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover params)))
    (plist-get (plist-get answer :contents) :value)))

(defun leave () (eglot-shutdown (eglot--current-server-or-lose)))

(setq began (float-time))
(find-file "%(file)s")
(call-interactively #'eglot)
"""
LSP_MODE = """
(require 'lsp-mode)
(setq lsp-session-file (expand-file-name "session" (getenv "HOME")) lsp-auto-guess-root nil)
(setq lsp-diagnostics-provider :none lsp-restart 'ignore lsp-enable-file-watchers nil lsp-idle-delay 0)
(setq lsp-enable-snippet nil lsp-modeline-diagnostics-enable nil lsp-headerline-breadcrumb-enable nil)
(setq lsp-modeline-code-actions-enable nil lsp-eldoc-enable-hover nil lsp-enable-folding nil)

(defun found ()
  "The diagnostics of this buffer."
  (gethash (lsp--fix-path-casing buffer-file-name) (lsp-diagnostics t)))

(defun underlined ()
  "The words under diagnostics."
  (mapcar (lambda (one)
            (let ((place (lsp--range-to-region (lsp:diagnostic-range one))))
              (buffer-substring-no-properties (car place) (cdr place))))
          (found)))

(defun severities () (mapcar #'lsp:diagnostic-severity? (found)))

(defun choose (title kind)
  "Choose the entry TITLE of the menu at point."
  (lsp-execute-code-action
   (seq-find (lambda (one) (equal (lsp:code-action-title one) title)) (lsp-code-actions-at-point kind))))

(defun flush () (lsp--flush-delayed-changes))

(defun explained ()
  "What the server says of what is at point."
  (let ((answer (lsp-request "textDocument/hover" (lsp--text-document-position-params))))
    (gethash "value" (gethash "contents" answer))))

(defun leave () (lsp-workspace-shutdown (lsp-find-workspace 'grammared)))

(lsp-workspace-folders-add "%(folder)s")
(setq began (float-time))
(find-file "%(file)s")
(lsp)
"""


def run_emacs(client: str, steps: str, file: Path, home: Path) -> object:
    """Open a file in a new Emacs with one of the clients, do the steps, and give what is then in `said`."""
    emacs = shutil.which("emacs")
    assert emacs, (
        "this needs Emacs with Eglot and lsp-mode: apt-get install emacs-nox elpa-eglot elpa-lsp-mode"
    )
    values = {
        "command": " ".join(json.dumps(word) for word in SERVER),
        "file": file,
        "folder": file.parent,
        "ours": ROOT / "editors" / "emacs",
        "patience": PATIENCE,
    }
    script = home / "test.el"
    script.write_text(
        (SETUP + client) % values + steps + "\n(princ (json-encode said))\n(leave)\n", encoding="utf-8"
    )
    done = subprocess.run(
        [emacs, "--batch", "-q", "--eval", "(package-initialize)", "-l", str(script)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "GRAMMARED_HOME": str(home / "ours"),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=4 * PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
