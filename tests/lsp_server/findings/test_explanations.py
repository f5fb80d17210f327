"""Every kind of error is explained, and its pages are those of its explanation."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lsp_server.cli.commands import grammared
from lsp_server.documents import DocumentSnapshot
from lsp_server.findings.explanations import explanation_of, index_page, page_file, page_of
from lsp_server.findings.kinds import ErrorKind
from lsp_server.opening import open_checker
from lsp_server.settings import Settings

PAGES = Path(__file__).parents[3] / "docs" / "kinds"


@pytest.mark.parametrize("kind", ErrorKind, ids=lambda kind: kind.code)
def test_every_kind_is_explained_on_its_page(kind):
    explanation = explanation_of(kind)
    assert explanation.why, f"{kind.code} needs a text in lsp_server/findings/explanations.py"
    assert all(wrong != right for wrong, right in explanation.examples)
    page = PAGES / f"{kind.code}.md"
    assert page.read_text(encoding="utf-8") == page_of(kind), "run `grammared kinds --write docs/kinds`"
    assert page_file(kind) == page


def test_the_folder_holds_these_pages_and_their_index():
    assert {page.stem for page in PAGES.iterdir()} == {"README"} | {kind.code for kind in ErrorKind}
    assert (PAGES / "README.md").read_text(encoding="utf-8") == index_page()


def test_grammared_explain():
    result = CliRunner().invoke(grammared, ["explain", "missing-article"])
    assert result.exit_code == 0
    assert result.output == page_of(ErrorKind.MISSING_ARTICLE)
    result = CliRunner().invoke(grammared, ["explain", "missing-artikle"])
    assert result.exit_code == 2
    assert 'did you mean "missing-article"' in result.output
    result = CliRunner().invoke(grammared, ["explain", "xxx"])
    assert "`grammared kinds` lists them" in result.output


def test_grammared_kinds_lists_all():
    lines = CliRunner().invoke(grammared, ["kinds"]).output.splitlines()
    assert [line.split()[0] for line in lines] == [kind.code for kind in ErrorKind]


@pytest.mark.slow
async def test_the_examples_are_found():
    """Nine of ten by the shipped model: those that are not show what a kind is about, all the same."""
    checker = await open_checker(Settings(), lambda what, degraded: None)
    examples = [example for kind in ErrorKind for example in explanation_of(kind).examples]
    missed = []
    for wrong, right in examples:
        if not (await checker.check(DocumentSnapshot("", wrong, "plaintext"))).findings:
            missed.append(wrong)
        assert not (await checker.check(DocumentSnapshot("", right, "plaintext"))).findings, right
    await checker.engine.close()
    assert len(missed) <= len(examples) // 10, missed
