"""Documents in documents: notebooks, mails, patches."""

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prose import extract
from lsp_server.prose.scanners.notebook import _after_the_last as after_the_last
from lsp_server.prose.scanners.notebook import _cells as cells_from
from tests.lsp_server.prose.strategies import code, markdown
from tests.lsp_server.prose.test_extract import editable_words
from tests.lsp_server.prose.test_unchecked import editable

KINDS = st.sampled_from(["notebook", "mail", "diff"])


def notebook(*sources, **options) -> str:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}, **options)


@given(markdown, st.booleans(), st.booleans(), st.data())
def test_a_notebook_reads_as_its_cells_and_a_fix_of_one_word_stays_one(document, in_lines, is_ascii, data):
    source = document.splitlines(keepends=True) if in_lines else document
    text = notebook(
        "A first cell.", source, ensure_ascii=is_ascii, indent=data.draw(st.sampled_from([None, 1]))
    )
    blocks = extract(text, "notebook")
    shown = [
        block.text for block in extract(document, "markdown") if any(map(str.isalpha, editable([block])))
    ]

    if not is_ascii:
        assert [block.text for block in blocks] == ["A first cell.", *shown]
    for index, block in enumerate(blocks):
        for word in editable_words(block)[:1]:
            span = block.document_span(*word.span(), "lantern")
            if span is None:
                continue
            edited = text[: span.start] + "lantern" + text[span.end :]
            expected = [block.text for block in blocks]
            expected[index] = block.text[: word.start()] + "lantern" + block.text[word.end() :]
            assert [block.text for block in extract(edited, "notebook")] == expected
            json.loads(edited)


JSON_BITS = [
    *('"', "{", "}", "[", "]", ",", ":", "x", "\\\\", "\n", "{}"),
    *('"source"', '"cells": [', '"cell_type": "code"'),
]


@given(
    st.lists(markdown, min_size=1, max_size=5),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(JSON_BITS)), max_size=5),
)
def test_after_edits_the_cells_of_a_notebook_are_those_that_a_whole_reading_finds(sources, edits):
    text = notebook(*sources, indent=1)
    after_the_last(text)
    for place, length, bit in edits:
        at = int(place * len(text))
        text = text[:at] + bit + text[at + length :]
        assert after_the_last(text) == list(cells_from(text, None))


@given(st.one_of(code, markdown, st.text()), KINDS)
def test_what_is_broken_does_not_crash(document: str, kind: str):
    for text in (
        document,
        f'{{"cells": [{{"cell_type": "markdown", "source": ["{document}',
        f"@@ -1 +1 @@\n+{document}",
    ):
        for block in extract(text, kind):
            for segment in block.segments:
                assert 0 <= segment.document.start <= segment.document.end <= len(text)


def test_what_json_would_escape_is_not_written():
    (block,) = extract(notebook('It is a "lamp" now.'), "notebook")
    start = block.text.index("now")

    assert block.document_span(start, start + 3, "then") is not None
    assert block.document_span(start, start + 3, '"then"') is None
    assert block.document_span(start, start + 3, "th\nen") is None


@pytest.mark.parametrize(
    "text",
    [
        '{"cells": [{"cell_type": "code", "source": ["# CODE here\\n"]}]}',
        '{"cells": [{"cell_type": "raw", "source": "CODE here"}]}',
        '{"cells": [{"cell_type": "markdown", "metadata": {"source": "CODE here"}, "source": []}]}',
        '{"cells": [{"cell_type": "markdown", "attachments": {"source": ["CODE here"]}}]}',
        '{"cells": [], "metadata": {"cell_type": "markdown", "source": "CODE here"}}',
        '{"a": [{"cell_type": "markdown", "source": "CODE here"}]}',
        '{"cells": [{"cell_type": "markdown", "source": ["CODE here',
        '{"cells": [{"cell_type": "markdown", "source": ["CODE here\\"',
    ],
)
def test_of_a_notebook_only_cells_of_markdown_are_read(text: str):
    assert extract(text, "notebook") == []


def test_old_notebooks_have_worksheets():
    text = '{"worksheets": [{"cells": [{"source": ["Some *text* here."], "cell_type": "markdown"}]}]}'

    assert [block.text for block in extract(text, "notebook")] == ["Some text here."]


@pytest.mark.parametrize(
    "mail",
    [
        "Subject: x\nContent-Type: application/json\n\n{CODE here}\n",
        "Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=none\n\nU29tZSBDT0RFIGhlcmU=\n",
        "Subject: x\nContent-Transfer-Encoding: base64\n\nU29tZSBDT0RFIGhlcmU\xe9=\n/w==",
        "Subject: =?no-such?Q?CODE_here?=\n\n",
        "Subject: x\n\n> CODE here\n\nOn Mon, 1 Jan 2024, Ann\n<CODE@x.org> wrote:\n> CODE\n-- \nCODE here\n",
        "Subject: x\nX-Note: Some CODE here.\n Some more CODE.\n\n",
        'Subject: x\nContent-Type: multipart/mixed; boundary="b"\n\nCODE\n--b\n\n> CODE\n--b--\nCODE\n',
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_of_a_mail_only_what_its_writer_says_is_read(mail: str, line_end: str):
    assert "CODE" not in editable(extract(mail.replace("\n", line_end), "mail"))


@given(st.text("aé中🎉 \n", max_size=200), st.sampled_from(["utf-8", "utf-16-le"]))
def test_what_is_in_base64_is_read_and_only_shown(said: str, charset: str):
    encoded = base64.encodebytes(said.encode(charset)).decode()
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n"
    mail = head + encoded
    blocks = extract(mail, "mail")

    assert [block.text for block in blocks] == [block.text for block in extract(said, "letter")]
    for block in blocks:
        for word in re.finditer(r"\S+", block.text):
            assert block.document_span(*word.span()) is None
            place = block.extent(*word.span())
            assert len(head) <= place.start < place.end <= len(mail)
            letters = re.sub(r"\s", "", mail[: place.end][len(head) :])
            assert word[0].encode(charset) in base64.b64decode(letters + "=" * (-len(letters) % 4) + "====")


def test_an_encoded_subject_is_read_and_only_shown():
    (block,) = extract("Subject: =?utf-8?Q?The_lamps_of_the_caf=C3=A9?=\n\n", "mail")

    assert block.text == "The lamps of the café"
    assert block.document_span(4, 9) is None
    assert block.extent(4, 9) == block.extent(0, 3)


def test_what_quoted_printable_would_encode_is_not_written():
    mail = "Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nA small lamp is here.\n"
    (block,) = extract(mail, "mail")

    assert block.document_span(2, 7, "big") is not None
    assert block.document_span(2, 7, "so-called “big”") is None
    assert block.document_span(2, 7, "a=b") is None


def test_a_mail_without_a_head_is_its_text():
    assert [block.text for block in extract("Some text.\n\n> quoted\n", "mail")] == ["Some text."]


@pytest.mark.timeout(10)
def test_a_string_that_does_not_end_takes_linear_time():
    assert extract('{"cells": [{"cell_type": "markdown", "source": ["' + '\\"' * 200_000, "notebook") == []


def test_boundaries_in_boundaries_end():
    mail = (
        "".join('Content-Type: multipart/mixed; boundary="b"\n\n--b\n' for _ in range(300)) + "\nSome text.\n"
    )

    extract(mail, "mail")


@pytest.mark.parametrize(
    ("patch", "read"),
    [
        ("--- a/x.md\n+++ b/x.md\n@@ -1 +1 @@\n-old text\n+Some text.\n", ["Some text."]),
        ("--- a/x.md\n+++ b/x.md\n@@ -1,2 +1 @@\n-old text\n Some text.\n", []),
        ("+++ b/x.py\n@@ -0,0 +1,2 @@\n+# Some text.\n+x = 'no text'\n", ["Some text."]),
        ("+++ b/x.xyz\n@@ -0,0 +1 @@\n+Some text.\n", []),
        (
            "+++ b/x.md\n@@ -1 +1 @@\n--- old\n+++ Some text.\n@@ -9 +9 @@\n+- More text.\n",
            ["++ Some text.", "More text."],
        ),
        ("Index: x.rst\n+++ x.rst\t2024-01-01\n@@ -1,0 +1 @@\n+Some ``code`` here.\n", ["Some Foo here."]),
        ("+++ b/x.md\r\n@@ -0,0 +1 @@\r\n+Some text.\r\n", ["Some text."]),
    ],
)
def test_of_a_patch_what_it_adds_is_read(patch: str, read: list[str]):
    assert [block.text for block in extract(patch, "diff")] == read


def test_a_patch_keeps_its_lines_and_what_it_does_not_add():
    text = "+++ b/x.md\n@@ -1,2 +1,3 @@\n An old line,\n+some text,\n+and more.\n An old line.\n"
    (block,) = extract(text, "diff")
    old, new, more = (block.text.index(word) for word in ("old", "some", "and"))

    assert block.document_span(old, old + 3, "new") is None
    assert block.document_span(new, new + 4, "more").of(text) == "some"
    assert block.document_span(more - 1, more + 3, "") is None
