"""What is no whole sentence gets no full stop and no capital: as the command line says it, for each kind."""

from pathlib import Path

import pytest

FRAGMENTS = {
    "a caption in a span": ("a.md", '<span class="caption">the lamp of the cellar</span>\n'),
    "a caption of a figure": (
        "a.md",
        "<figure>\n<figcaption>the lamp of the cellar</figcaption>\n</figure>\n",
    ),
    "a caption in HTML": ("a.html", '<img src="a.png" alt="the lamp"><p class="caption">the old lamp</p>\n'),
    "a caption of a table": ("a.html", "<table><caption>lamps of the cellar</caption></table>\n"),
    "a reference at the end": ("a.md", "The lamp is lit, as was said before [1]\n"),
    "a reference after a preposition": ("a.rst", "The lamp is lit, as is said in [1]_\n"),
    "a code span at the end": ("a.md", "To see all lamps of the cellar, use `lamp --list`\n"),
    "a link at the end": ("a.md", "The lamp is described in [the guide](https://example.org)\n"),
    "a line that stands alone": ("a.md", "He was happy and he did not know what to say\n"),
    "an alt text": ("a.rst", "A lamp.\n\n.. image:: a.png\n   :alt: the lamp of the cellar\n"),
    "a simple table": (
        "a.rst",
        "====  ================\nName  What it is\n====  ================\nwick  it burns oil and\n"
        "      is trimmed\nlamp  old\n====  ================\n",
    ),
    "cells": ("a.md", "| Name | What it is |\n|---|---|\n| wick | burns oil |\n"),
    "a list of terms": ("a.adoc", "wick:: what burns\nlamp:: what is lit\n"),
    "a merge": ("COMMIT_EDITMSG", "Merge branch 'lamp' into main\n\n* lamp:\n  light it twice\n"),
    "a revert": ("COMMIT_EDITMSG", 'Revert "lamp: light it twice"\n\nThis reverts commit 0123abcd.\n'),
    "a subject with two prefixes": ("COMMIT_EDITMSG", "doc: lamp: not just for yesterday\n"),
    "a conventional subject": ("COMMIT_EDITMSG", "feat(lamp)!: light it twice\n"),
    "the title of a commit": (
        "COMMIT_EDITMSG",
        'lamp: light it\n\nThis goes back to 0123abc4 ("lamp: burn\noil", 2024-05-05).\n',
    ),
    "a reference in a commit": (
        "COMMIT_EDITMSG",
        "lamp: light it\n\nThe lamp is lit now, see [1].\n\n[1] https://example.org\n",
    ),
    "tags of Javadoc": (
        "a.java",
        "/**\n * @param lamp the lamp that is lit\n * @return whether it burns\n */\n",
    ),
    "sections of NumPy": (
        "a.py",
        'def f():\n    """Light it.\n\n    Returns\n    -------\n    int\n        the time\n    """\n',
    ),
    "a comment behind code": ("a.rs", "let x = 5; // how long it burns\n"),
}


@pytest.mark.parametrize(("name", "text"), FRAGMENTS.values(), ids=FRAGMENTS)
def test_nothing_is_missing_in_a_fragment(run, name, text):
    Path(name).write_text(text)

    assert run("lint", name)[:2] == (0, "")


def test_the_last_sentence_of_a_paragraph_has_a_full_stop(run):
    Path("a.md").write_text("We saw him there. He was happy and he did not know what to say\n")
    code, out, _ = run("lint", "a.md", "--strictness=high")
    assert (code, "Missing full stop after “say”" in out) == (1, True)
