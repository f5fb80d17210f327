"""From bytes to text."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.cli.texts import BinaryError, decode, read_bytes
from lsp_server.errors import InputError

ENGLISH = "The café’s owner don’t like the “naïve” approach — and £5 is to much.\r\n"


@given(st.text())
def test_utf_8_is_kept_to_the_last_character(text):
    if "\0" not in text and not text.startswith("\ufeff"):
        assert decode(text.encode()) == (text, None)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides_and_is_no_part_of_the_text(mark, encoding):
    assert decode(mark + f"{ENGLISH}😀".encode(encoding)) == (f"{ENGLISH}😀", None)


def test_a_damaged_text_with_a_mark_is_read_with_replacements():
    text, note = decode(codecs.BOM_UTF16_LE + "abc".encode("utf-16-le")[:-1])
    assert text == "ab\ufffd"
    assert note == "not all of it is UTF-16-LE; the rest was replaced"


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (ENGLISH, "cp1252", "cp1252"),
        ("Résumé of a naïve fiancée\n", "latin-1", "cp1252"),
        ("Привет, как дела? Это тест.", "cp1251", "cp1251"),
        (ENGLISH, "utf-16-le", "utf-16-le"),
    ],
)
def test_another_encoding_is_found_and_told(text, encoding, name):
    assert decode(text.encode(encoding)) == (text, f"not UTF-8; read as {name}")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89",
        b"\x7fELF\x02\x01\x01\0" + bytes(range(256)) * 4,
        bytes([0x1F, 0x8B, 8, 3, 1, 2, 3, 4, 5, 6, 255, 254, 200]),
        b"text\0with nul",
    ],
)
def test_what_is_no_text_is_refused(data):
    with pytest.raises(BinaryError, match=r"not a text \(binary\)"):
        decode(data)


@given(st.binary())
def test_any_bytes_give_a_text_or_a_refusal(data):
    try:
        text, _ = decode(data)
    except BinaryError:
        return
    text.encode()  # no lone surrogates


def test_line_ends_and_form_feeds_are_kept(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\rthree\n\x0cfour\xc2\x85")
    assert decode(read_bytes(tmp_path / "a.txt")) == ("one\r\ntwo\rthree\n\x0cfour\x85", None)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(InputError, match=r"^is a directory$"):
        read_bytes(tmp_path)
    with pytest.raises(InputError, match=r"^no such file or directory$"):
        read_bytes(tmp_path / "missing")
