"""What the README shows as a mistake is found by what is shipped."""

import re
from pathlib import Path

import pytest

from lsp_server.documents import DocumentSnapshot
from lsp_server.opening import open_checker
from lsp_server.settings import Settings

README = Path(__file__).parents[1] / "README.md"
EXAMPLE = re.compile(r"\*([A-Z][^*]+[.!?])\*")
"""A whole sentence in italics."""


@pytest.mark.slow
async def test_every_example_of_a_mistake_is_found():
    examples = [" ".join(text.split()) for text in EXAMPLE.findall(README.read_text(encoding="utf-8"))]
    assert len(examples) >= 5
    checker = await open_checker(Settings(cache=False), lambda what, degraded: None)
    missed = [
        example
        for example in examples
        if not (await checker.check(DocumentSnapshot("", example, "plaintext"))).findings
    ]
    await checker.engine.close()
    assert not missed
