"""What kind of text a document is."""

import pytest

from lsp_server.documents.kinds import (
    CODE,
    kind_of_identifier,
    kind_of_name,
    kind_of_text,
    known_identifiers,
)
from lsp_server.prose.languages import LANGUAGES
from lsp_server.prose.scanners.syntaxes import SYNTAXES


def test_every_kind_has_its_reader_and_every_reader_its_kind():
    kinds = {kind_of_identifier(name) for name in known_identifiers()}

    assert kinds == set(LANGUAGES) - {"html-fragment", "letter"}  # parts of other kinds
    assert set(SYNTAXES) == CODE


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("typescriptreact", "javascript"),
        ("kotlin", "rust"),
        ("vim", "vim"),
        ("jj-commit", "git-commit"),
        ("hgcommit", "git-commit"),
        ("Makefile", "hash-comments"),
        ("scratch", None),
    ],
)
def test_an_identifier_of_an_editor_names_a_kind(identifier: str, kind: str | None):
    assert kind_of_identifier(identifier) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.md", "markdown"),
        ("x/README", "plaintext"),
        (".git/COMMIT_EDITMSG", "git-commit"),
        ("editor-a1b2.jjdescription", "git-commit"),
        ("hg-editor-x8f2.commit.hg.txt", "git-commit"),
        ("a.PY", "python"),
        ("CMakeLists.txt", "cmake"),
        ("lamp.1", "roff"),
        ("a.xyz", None),
        ("", None),
    ],
)
def test_the_kind_follows_from_the_name(name: str, kind: str | None):
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#!/bin/sh\necho", "shellscript"),
        ("#!/usr/bin/env python3.12\n", "python"),
        ("#! /usr/bin/env -S FOO=1 node --flag\n", "javascript"),
        ("#!/usr/bin/perl -w\n", "hash-comments"),
        ("#!/opt/odd\n", None),
        ("A text.\n\n.. vim: set ft=rst sw=3:\n", "restructuredtext"),
        ("# vim: filetype=markdown\nA text.", "markdown"),
        ("x\n" * 20 + "vim: ft=rst\n" + "x\n" * 20, None),
        ("-*- mode: org; fill-column: 80 -*-\nA text.", "org"),
        ("-*- fill-column: 80; mode: rst -*-\nA text.", "restructuredtext"),
        ("#!/bin/sh\n# -*- python -*-\n", "python"),
        ("<!-- -*- markdown-mode -*- -->", "markdown"),
        ("-*- coding: utf-8 -*-", None),
        ("", None),
        ("Some text that names vim: it is an editor.", None),
        ("-*-" * 100_000, None),
        ("vim: " * 100_000, None),
    ],
)
@pytest.mark.timeout(10)
def test_a_text_says_what_it_is(text: str, kind: str | None):
    assert kind_of_text(text) == kind
