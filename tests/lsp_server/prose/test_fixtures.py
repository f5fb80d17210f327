"""Documents in `tests/fixtures/LANGUAGE/` beside the blocks that a reader finds in them."""

from pathlib import Path

import pytest

from lsp_server.prose import extract
from tests.lsp_server.prose.readable import readable

FIXTURES = Path(__file__).parents[2] / "fixtures"
EXPECTATIONS = sorted([*FIXTURES.glob("markdown/*.blocks"), *FIXTURES.glob("plaintext/*.blocks")])


@pytest.mark.parametrize("expected", EXPECTATIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_blocks_are_as_expected(expected: Path):
    (document,) = (path for path in expected.parent.glob(f"{expected.stem}.*") if path != expected)

    blocks = extract(document.read_bytes().decode(), expected.parent.name)

    assert readable(blocks) == expected.read_text(encoding="utf-8")


def test_every_document_has_its_expectation():
    documents = {path.with_suffix("") for path in FIXTURES.glob("markdown/*.md")}
    documents |= {path.with_suffix("") for path in FIXTURES.glob("plaintext/*.txt")}

    assert documents == {path.with_suffix("") for path in EXPECTATIONS}
    assert len(documents) > 15
