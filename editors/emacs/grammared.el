;;; grammared.el --- A grammar checker for English  -*- lexical-binding: t -*-

;; Author: The Grammared authors
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1"))
;; Keywords: wp, languages
;; URL: https://github.com/grammared/grammared
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; Makes Grammared's language server known to Eglot and lsp-mode, whichever is loaded:
;;
;;     (add-to-list 'load-path "~/src/grammared/editors/emacs")
;;     (require 'grammared)
;;     (add-hook 'text-mode-hook #'eglot-ensure)     ; or #'lsp-deferred
;;
;; Eglot has one server for a buffer, so that there Grammared is set up for texts only; lsp-mode runs it beside the
;; server of a programming language, and it checks the comments.

;;; Code:

(require 'cl-lib)
(require 'seq)
(require 'subr-x)

(defgroup grammared nil
  "A grammar checker for English."
  :group 'text
  :prefix "grammared-")

(defcustom grammared-command '("grammared" "serve" "--stdio")
  "The command that starts the server, and its arguments."
  :type '(repeat string))

(defcustom grammared-settings nil
  "Settings of the server that differ from the defaults, as a plist.
Such as (:dialect \"gb\" :kinds (:spelling \"hint\")).  What they are is told in
Grammared's docs/settings.md.  While the server runs use `grammared-set'."
  :type 'plist)

(defconst grammared-texts
  '((markdown-mode . "markdown") (gfm-mode . "markdown") (org-mode . "org") (rst-mode . "restructuredtext")
    (adoc-mode . "asciidoc") (latex-mode . "latex") (LaTeX-mode . "latex") (html-mode . "html")
    (mhtml-mode . "html") (nxml-mode . "xml") (bibtex-mode . "bibtex") (typst-ts-mode . "typst")
    (mediawiki-mode . "mediawiki") (nroff-mode . "roff") (po-mode . "gettext") (message-mode . "mail")
    (mail-mode . "mail") (git-commit-mode . "git-commit") (text-mode . "plaintext"))
  "Modes for texts, and what the server calls them.\nThose come first from which no other is derived.")

(defconst grammared-code
  '("ada" "c" "cpp" "csharp" "css" "clojure" "cmake" "crystal" "dart" "dockerfile" "elixir" "elm" "erlang"
    "fsharp" "gdscript" "go" "groovy" "haskell" "java" "javascript" "javascriptreact" "jsonc" "julia" "kotlin"
    "less" "lua" "nim" "nix" "objective-c" "ocaml" "perl" "php" "powershell" "purescript" "python" "r" "racket"
    "ruby" "rust" "sass" "scala" "scss" "shellscript" "sql" "svelte" "swift" "terraform" "typescript"
    "typescriptreact" "verilog" "vhdl" "vim" "vue" "yaml" "zig")
  "What lsp-mode calls programming languages whose comments the server reads.")

(defconst grammared-setting-names
  '("engine" "model" "triton" "fallback" "strictness" "keepConfidence" "minErrorProb" "maxPasses"
    "sentencePipeline" "debounce" "severity" "threads" "dialect" "kinds" "minConfidence" "words" "dictionaries"
    "ignoreFile" "include" "exclude" "languages" "frontMatter" "latexCommands" "stringLiterals" "notebookCode"
    "skipParts" "check" "cache" "maxCharacters" "workspaceDiagnostics" "maxFindings" "overrides")
  "All settings: lsp-mode must be told of each that it may send.\nTheir values are in `grammared-settings'.")

(defvar grammared--statuses (make-hash-table :test 'equal)
  "What the servers said last.\nThe number of findings by address, the state under t, what is paused.")

;;; Of the two clients, of which there may be only one

(defvar eglot-server-programs)
(defvar eglot-workspace-configuration)
(declare-function eglot-current-server "eglot")
(declare-function eglot-code-actions "eglot")
(declare-function eglot-signal-didChangeConfiguration "eglot")
(declare-function eglot--apply-workspace-edit "eglot")
(declare-function eglot--TextDocumentIdentifier "eglot")
(declare-function jsonrpc-request "jsonrpc")
(defvar lsp-auto-execute-action)
(defvar lsp-language-id-configuration)
(defvar lsp--cur-workspace)
(declare-function lsp-register-client "lsp-mode")
(declare-function lsp-register-custom-settings "lsp-mode")
(declare-function lsp-configuration-section "lsp-mode")
(declare-function lsp--set-configuration "lsp-mode")
(declare-function lsp-find-workspace "lsp-mode")
(declare-function lsp-request "lsp-mode")
(declare-function lsp--buffer-uri "lsp-mode")
(declare-function lsp-execute-code-action-by-kind "lsp-mode")
(declare-function lsp-activate-on "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function make-lsp-client "lsp-mode")

;;; Whichever client there is

(defun grammared--eglot-server ()
  "The server of this buffer under Eglot; nil if there is none."
  (and (fboundp 'eglot-current-server) (eglot-current-server)))

(defun grammared--lsp-workspace ()
  "The server of this buffer under lsp-mode; nil if there is none."
  (and (bound-and-true-p lsp-mode) (fboundp 'lsp-find-workspace) (lsp-find-workspace 'grammared)))

(defun grammared--execute (command &optional argument)
  "Have the server do COMMAND, with ARGUMENT, a plist; what it answers."
  (let ((params (list :command (concat "grammared." command) :arguments (if argument (vector argument) []))))
    (cond
     ((grammared--eglot-server)
      (jsonrpc-request (grammared--eglot-server) :workspace/executeCommand params))
     ((grammared--lsp-workspace)
      (let ((lsp--cur-workspace (grammared--lsp-workspace))) (lsp-request "workspace/executeCommand" params)))
     (t (user-error "Grammared does not check this buffer")))))

(defun grammared--uri ()
  "The address of this buffer's file."
  (if (grammared--eglot-server)
      (plist-get (eglot--TextDocumentIdentifier) :uri)
    (lsp--buffer-uri)))

(defun grammared--document (all)
  "What stands for this document in a command; nothing when ALL are meant."
  (unless all (list :uri (grammared--uri))))

;;; Commands

(defun grammared-fix-all ()
  "Fix all that is surely wrong in this file."
  (interactive)
  (if (grammared--eglot-server)
      (pcase (eglot-code-actions (point-min) (point-max) "source.fixAll.grammared")
        (`(,action . ,_) (eglot--apply-workspace-edit (plist-get action :edit)))
        (_ (message "There is nothing that is surely wrong")))
    (let ((lsp-auto-execute-action t))
      (lsp-execute-code-action-by-kind "source.fixAll.grammared"))))

(defun grammared-pause (&optional all)
  "Check this file no more; with a prefix argument, ALL files."
  (interactive "P")
  (grammared--execute "pause" (grammared--document all)))

(defun grammared-resume (&optional all)
  "Check this file again; with a prefix argument, ALL files."
  (interactive "P")
  (grammared--execute "resume" (grammared--document all)))

(defun grammared-undo ()
  "Take back the last word added, finding ignored or kind switched off."
  (interactive)
  (let ((file (grammared--execute "undo")))
    (message "%s" (if file (format "Took back the last change to %s" file) "There is nothing to take back"))))

(defun grammared-restart ()
  "Load the model, or connect to Triton, anew."
  (interactive)
  (grammared--execute "restart"))

(defun grammared-check-workspace ()
  "Check the files of the project that are not open, too."
  (interactive)
  (grammared--execute "checkWorkspace"))

(defun grammared-show-log ()
  "Show what the server has logged."
  (interactive)
  (with-current-buffer-window "*grammared log*" nil nil
    (insert (string-join (append (grammared--execute "showLog") nil) "\n"))))

(defun grammared-set (name value)
  "Set the setting NAME, such as :strictness, to VALUE, also in the running server."
  (setq grammared-settings (plist-put (copy-sequence grammared-settings) name value))
  (when (grammared--eglot-server)
    (grammared--tell-eglot-settings)
    (eglot-signal-didChangeConfiguration (grammared--eglot-server)))
  (when (grammared--lsp-workspace)
    (let ((lsp--cur-workspace (grammared--lsp-workspace)))
      (lsp--set-configuration (lsp-configuration-section "grammared")))))

;;; Status

(defun grammared--told-status (state findings paused)
  "Keep STATE, FINDINGS and PAUSED of the server for the mode line."
  (clrhash grammared--statuses)
  (puthash t state grammared--statuses)
  (puthash 'paused (append paused nil) grammared--statuses)
  (seq-doseq (one findings)
    (puthash (grammared--field one "uri") (grammared--field one "count") grammared--statuses))
  (force-mode-line-update t))

(defun grammared--field (object name)
  "The field NAME of OBJECT, a plist or a hash table, as clients read JSON."
  (if (hash-table-p object) (gethash name object) (plist-get object (intern (concat ":" name)))))

(defun grammared-mode-line ()
  "A few words for the mode line.\nPut (:eval (grammared-mode-line)) into `mode-line-misc-info'."
  (if (not (or (grammared--eglot-server) (grammared--lsp-workspace)))
      ""
    (let ((state (gethash t grammared--statuses)) (uri (grammared--uri)))
      (cond
       ((or (equal state "paused") (member uri (gethash 'paused grammared--statuses))) "Grammared: paused")
       ((member state '(nil "loading" "failed")) (format "Grammared: %s" (or state "starting")))
       (t (format "Grammared: %d" (gethash uri grammared--statuses 0)))))))

;;; Eglot

(defun grammared--contact (&rest _)
  "The command, as Eglot wants it."
  (append grammared-command (list :initializationOptions (or grammared-settings (make-hash-table)))))

(defun grammared--tell-eglot-settings ()
  "Let Eglot answer with our settings when the server asks for them."
  (let ((others (default-value 'eglot-workspace-configuration)))
    (when (or (null others) (keywordp (car-safe others)))
      (setq-default eglot-workspace-configuration
                    (plist-put (copy-sequence others) :grammared grammared-settings)))))

(with-eval-after-load 'eglot
  ;; Each mode has an entry of its own: to those of one entry Eglot gives one server, and one name of language.
  (pcase-dolist (`(,mode . ,language) (reverse grammared-texts))
    (push `((,mode :language-id ,language) . grammared--contact) eglot-server-programs))
  (when grammared-settings (grammared--tell-eglot-settings))
  (cl-defmethod eglot-handle-notification
    (_server (_method (eql 'grammared/status)) &key state findings paused &allow-other-keys)
    "Keep what the server says of itself."
    (grammared--told-status state findings (plist-get paused :documents))))

;;; lsp-mode

(defun grammared--setting (name)
  "A function that gives the value of the setting NAME."
  (lambda () (plist-get grammared-settings (intern (concat ":" name)))))

(defun grammared--lsp-status (_workspace params)
  "Keep what the server says of itself in PARAMS."
  (let ((paused (grammared--field params "paused")))
    (grammared--told-status (grammared--field params "state") (grammared--field params "findings")
                            (grammared--field paused "documents"))))

(defun grammared--register-with-lsp-mode ()
  "Make the server known to lsp-mode, beside all others."
  ;; These stand behind what is there: others' names for a mode stay.
  (setq lsp-language-id-configuration (append lsp-language-id-configuration grammared-texts))
  (lsp-register-custom-settings
   (mapcar (lambda (name) (list (concat "grammared." name) (grammared--setting name))) grammared-setting-names))
  (let ((statuses (make-hash-table :test 'equal)))
    (puthash "grammared/status" #'grammared--lsp-status statuses)
    (lsp-register-client
     (make-lsp-client
      :new-connection (lsp-stdio-connection (lambda () grammared-command))
      :activation-fn (apply #'lsp-activate-on (append (mapcar #'cdr grammared-texts) '("markdown") grammared-code))
      :add-on? t
      :priority -1
      :server-id 'grammared
      ;; lsp-mode counts characters, whatever it says: with UTF-16, places after an emoji would be off.
      :custom-capabilities '((general . ((positionEncodings . ["utf-32"]))))
      :initialization-options (lambda () (or grammared-settings (make-hash-table)))
      :notification-handlers statuses))))

(with-eval-after-load 'lsp-mode
  (grammared--register-with-lsp-mode))

(provide 'grammared)
;;; grammared.el ends here
