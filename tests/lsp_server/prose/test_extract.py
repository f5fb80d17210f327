"""What holds for the prose of every document."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lsp_server.prose import BlockKind, extract, languages
from lsp_server.prose.extract import STAND_IN, shadow
from lsp_server.prose.scanners.syntaxes import SYNTAXES
from tests.lsp_server.prose.strategies import code, markdown, scraps

if TYPE_CHECKING:
    from markdown_it.token import Token

    from lsp_server.prose import ProseBlock

LANGUAGES = st.sampled_from([*languages.LANGUAGES, "unheard-of"])


@given(st.one_of(scraps, markdown, code), LANGUAGES)
def test_every_character_of_a_block_knows_where_it_stands(document: str, language: str):
    for block in extract(document, language):
        starts = [segment.start for segment in block.segments]
        assert starts[0] == 0
        assert all(a < b for a, b in pairwise([*starts, len(block.text)]))
        for segment, end in zip(block.segments, [*starts[1:], len(block.text)], strict=True):
            shown = block.text[segment.start : end]
            if segment.verbatim:
                assert shown == segment.document.of(document)
            else:
                assert len(segment.document) > 0
                assert shown == "\n" or any(
                    (span.start, span.end) == (segment.start, end) for span in block.stand_ins
                )


@given(st.one_of(scraps, markdown, code), LANGUAGES)
def test_segments_follow_the_document_and_never_overlap(document: str, language: str):
    blocks = extract(document, language)
    for block in blocks:
        assert all(a.document.end <= b.document.start for a, b in pairwise(block.segments))
    spans = sorted(
        (segment.document for block in blocks for segment in block.segments),
        key=lambda span: (span.start, span.end),
    )

    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(0 <= span.start <= span.end <= len(document) for span in spans)


@given(st.one_of(scraps, markdown, code), LANGUAGES)
def test_a_block_is_worth_reading(document: str, language: str):
    for block in extract(document, language):
        assert block.text == block.text.strip()
        assert any(map(str.isalpha, block.text))


@given(markdown, st.data())
@example("A **b** c.", None)
def test_replacing_a_word_changes_that_word_and_nothing_else(document: str, data: st.DataObject | None):
    blocks = extract(document, "markdown")
    words = [(index, word) for index, block in enumerate(blocks) for word in editable_words(block)]
    for index, word in [data.draw(st.sampled_from(words))] if data and words else words[:1]:
        block = blocks[index]
        span = block.document_span(*word.span(), "Replaced")
        assert span is not None
        edited = extract(document[: span.start] + "Replaced" + document[span.end :], "markdown")

        expected = [block.text for block in blocks]
        expected[index] = block.text[: word.start()] + "Replaced" + block.text[word.end() :]
        assert [block.text for block in edited] == expected


@given(code, st.sampled_from(sorted(SYNTAXES)), st.data())
def test_putting_a_word_of_a_comment_right_changes_nothing_else(
    document: str, kind: str, data: st.DataObject
):
    blocks = extract(document, kind)
    words = [(index, word) for index, block in enumerate(blocks) for word in editable_words(block)]
    for index, word in [data.draw(st.sampled_from(words))] if words else []:
        block = blocks[index]
        span = block.document_span(*word.span(), "lantern")
        if span is None:
            continue
        edited = extract(document[: span.start] + "lantern" + document[span.end :], kind)
        expected = [block.text for block in blocks]
        expected[index] = block.text[: word.start()] + "lantern" + block.text[word.end() :]
        assert [block.text for block in edited] == expected


@given(scraps, st.data())
def test_the_span_of_an_edit_covers_what_it_says(document: str, data: st.DataObject):
    for block in extract(document, "markdown"):
        start = data.draw(st.integers(0, len(block.text)))
        end = data.draw(st.integers(start, len(block.text)))
        span = block.document_span(start, end)
        if span is not None:
            shown, written = block.text[start:end], span.of(document)
            assert (
                shown == re.sub(r"[ \t\x0b\x0c]*(\r\n|\n|\r)[ \t\x0b\x0c>]*", "\n", written)
                or shown == written
            )


@given(markdown)
def test_the_words_are_those_that_another_parser_shows(document: str):
    assert words_of(extract(document, "markdown")) == words_shown(document)


@given(st.text())
def test_a_shadow_is_ascii_of_the_same_length(text: str):
    assert shadow(text).isascii()
    assert len(shadow(text)) == len(text)
    assert "\0" not in shadow(text)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("A text.", BlockKind.PARAGRAPH),
        ("> A text.", BlockKind.PARAGRAPH),
        ("# A text", BlockKind.HEADING),
        ("A text\n---", BlockKind.HEADING),
        ("* A text", BlockKind.LIST_ITEM),
        ("1) A text", BlockKind.LIST_ITEM),
        ("| A text |\n|---|", BlockKind.TABLE_CELL),
    ],
)
def test_a_block_has_its_kind(document: str, kind: BlockKind):
    (block,) = extract(document, "markdown")

    assert (block.kind, block.text.removesuffix(".")) == (kind, "A text")
    assert block.kind.has_full_sentences is (kind is BlockKind.PARAGRAPH)


@pytest.mark.parametrize(
    ("document", "cut"),
    [
        ("It gives\n\n```\ncode\n```\n\nand ends.", [(False, True), (True, False)]),
        ("It gives this:\n\n```\ncode\n```\n\nThen it ends.", [(False, True), (False, False)]),
        ("It gives this.\n\n```\ncode\n```\n\nand ends.", [(False, False), (False, False)]),
        ("It gives\n\nand ends.", [(False, False), (False, False)]),
    ],
)
def test_what_interrupts_a_sentence_is_noted(document: str, cut: list[tuple[bool, bool]]):
    blocks = extract(document, "markdown")

    assert [(block.begins_within, block.ends_within) for block in blocks] == cut


def editable_words(block: ProseBlock) -> list[re.Match[str]]:
    return [
        match
        for match in re.finditer(r"[a-z]{3,}", block.text)
        if not any(span.start < match.end() and match.start() < span.end for span in block.stand_ins)
    ]


def words_of(blocks: list[ProseBlock]) -> list[str]:
    words = []
    for block in blocks:
        if block.kind is BlockKind.LABEL:  # what markup holds
            continue
        text = block.text
        for span in reversed(block.stand_ins):
            if span.of(text) == STAND_IN:
                text = f"{text[: span.start]} {text[span.end :]}"
        words += re.findall(r"\w+", text)
    return words


def words_shown(document: str) -> list[str]:
    """The words that markdown-it-py shows, without what it does not know: formulas, footnotes, task lists."""
    document = re.sub(r"\$x_1\$|\$\$\s+x\s+\$\$|\[\^1\]|(?<=- )\[x\]", "", document)
    inlines = [token for token in _MARKDOWN_IT.parse(document) if token.type == "inline"]
    return [word for inline in inlines for word in re.findall(r"\w+", _shown(inline))]


def _shown(inline: Token) -> str:
    text = "".join(_SHOWN.get(child.type, child.content) for child in inline.children or [])
    return re.sub(r"https://\S+", " ", text)


_MARKDOWN_IT = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_SHOWN = {"code_inline": " ", "image": " ", "softbreak": " ", "hardbreak": " ", "html_inline": ""}
