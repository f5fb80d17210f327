"""What becomes of findings, as the server counts it while an editor edits and changes its settings."""

from __future__ import annotations

import pytest
import pytest_asyncio

from lsp_server.trials import ledger_file, report

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "He go home. I recieve mail."
COMPARING = {"debounce": 0, "engine": "triton", "triton": {"versions": {"1": 90, "2": 10}}}


@pytest_asyncio.fixture(loop_scope="session")
async def editor(start, tmp_path, monkeypatch):
    """Whose server keeps its counts in a place of its own."""
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path))
    return await start(pull=False, configuration=COMPARING)


async def open_text(editor):
    editor.open(TEXT)
    assert len(await editor.diagnostics()) == 2


async def replace(editor, old, new, expected):
    """Edit; so many findings are there then."""
    editor.replace(old, new)
    assert len(await editor.diagnostics()) == expected


async def configure(editor, expected, **settings):
    """Change the settings; so many findings are there then."""
    editor.configure(COMPARING | settings)
    assert len(await editor.diagnostics()) == expected


async def counted(editor, **expected):
    """These are the counts when all is over, of one document."""
    assert await editor.stop() == 0
    counts = report.read(ledger_file())["tiny:1"].counts
    shown = {name: number for name, number in counts.items() if number}
    assert shown == {"documents": 1, "words": 8, "found": 2} | expected


async def test_a_fix_that_is_undone_and_made_again(editor):
    await open_text(editor)
    for _ in range(2):
        await replace(editor, "go", "goes", 1)
        await replace(editor, "goes", "go", 2)
    await replace(editor, "go", "goes", 1)
    editor.close()
    await counted(editor, accepted=1, ignored=1)


async def test_settings_that_show_less(editor):
    await open_text(editor)
    await replace(editor, "go", "goes", 1)
    await configure(editor, 0, strictness="low")
    await counted(editor, accepted=1, gone=1)


async def test_settings_that_are_taken_back(editor):
    await open_text(editor)
    await configure(editor, 0, strictness="low")
    await configure(editor, 2, strictness="normal")
    await configure(editor, 2, engine="local")
    await configure(editor, 2)
    await replace(editor, "go", "goes", 1)
    await counted(editor, accepted=1, ignored=1)


async def test_an_engine_that_is_not_compared(editor):
    await open_text(editor)
    await replace(editor, "go", "goes", 1)
    await configure(editor, 1, engine="local")
    await replace(editor, "recieve", "receive", 0)
    editor.close()
    await open_text(editor)
    await counted(editor, accepted=1, gone=1)


async def test_a_document_that_is_open_before_anything_is_compared(start, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path))
    editor = await start(pull=False, configuration={"debounce": 0})
    await open_text(editor)
    await configure(editor, 2)
    await counted(editor, ignored=2)
