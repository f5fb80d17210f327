"""Documents in `tests/fixtures/LANGUAGE/` beside the blocks that a reader finds in them."""

from pathlib import Path

import pytest

from lsp_server.prose import extract
from lsp_server.prose.languages import LANGUAGES
from tests.lsp_server.prose.readable import readable
from tests.lsp_server.prose.test_extract import editable_words

FIXTURES = Path(__file__).parents[2] / "fixtures"
EXPECTATIONS = sorted(FIXTURES.glob("*/*.blocks"))


@pytest.mark.parametrize("expected", EXPECTATIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_blocks_are_as_expected(expected: Path):
    (document,) = (path for path in expected.parent.glob(f"{expected.stem}.*") if path != expected)

    blocks = extract(document.read_bytes().decode(), expected.parent.name)

    assert readable(blocks) == expected.read_text(encoding="utf-8")


def test_every_document_has_its_expectation_and_every_language_a_document():
    documents = {
        path for name in LANGUAGES for path in FIXTURES.glob(f"{name}/*") if path.suffix != ".blocks"
    }

    assert {path.with_suffix("") for path in documents} == {path.with_suffix("") for path in EXPECTATIONS}
    shown = {path.parent.name for path in documents}
    assert shown >= set(LANGUAGES) - {"html-fragment", "quarto", "rmd", "letter"}  # tested elsewhere


@pytest.mark.parametrize("expected", EXPECTATIONS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_putting_a_word_right_touches_no_markup(expected: Path):
    language = expected.parent.name
    (path,) = (path for path in expected.parent.glob(f"{expected.stem}.*") if path != expected)
    document = path.read_bytes().decode()
    blocks = extract(document, language)
    for index, block in enumerate(blocks):
        for word in editable_words(block)[-1:]:
            span = block.document_span(*word.span(), "replaced")
            if span is None:
                continue
            edited = extract(document[: span.start] + "replaced" + document[span.end :], language)
            shown = [block.text for block in blocks]
            shown[index] = block.text[: word.start()] + "replaced" + block.text[word.end() :]
            assert [block.text for block in edited] == shown
