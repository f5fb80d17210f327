"""What people and programs see of findings."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from lsp_server.cli.reporters.json import report_json
from lsp_server.cli.reporters.report import FileReport
from lsp_server.cli.reporters.text import finding_lines, report_text
from lsp_server.documents import DocumentSnapshot, Span
from lsp_server.findings import Finding, Suggestion
from lsp_server.findings.kinds import ErrorKind
from lsp_server.results import CheckResult

KIND = ErrorKind.AGREEMENT


def reported(text, wrong, right, *, insert_at=None, name="notes.md"):
    """A report with one finding at the first `wrong` of the text."""
    span = Span(text.index(wrong), text.index(wrong) + len(wrong))
    place = span if insert_at is None else Span(insert_at, insert_at)
    finding = Finding(
        span, KIND, "The verb does not agree", (Suggestion(place, right),), 0.874, ("$KEEP",), "triton:m:1"
    )
    return FileReport(name, DocumentSnapshot("file:///notes.md", text, "markdown"), CheckResult((finding,)))


def shown(report, width=80):
    [finding] = report.result.findings
    return [line.plain for line in finding_lines(report.name, report.document, finding, width)]


def test_a_finding_is_where_what_the_line_underlined_and_the_suggestion():
    assert shown(reported("A title\n\nShe go to school.\r\nMore.\n", "go", "goes")) == [
        "notes.md:3:5: The verb does not agree [subject-verb-agreement] (confidence 87%)",
        "    She go to school.",
        "        ^^",
        "    go → goes",
    ]


def test_an_insertion_is_shown_beside_the_word():
    assert shown(reported("However he left.", "However", ",", insert_at=7))[-1] == "    However → However,"


def test_a_deletion_is_shown_as_nothing():
    assert shown(reported("I saw the him.", "the", ""))[-1] == "    the → (nothing)"


@pytest.mark.parametrize(
    ("before", "cells"),
    [
        ("plain ", 6),
        ("日本 ", 5),
        ("😀👍🏽 ", 5),
        ("cafe\u0301 ", 5),
        ("\tx ", 6),
        ("a\x0cb ", 4),
        ("\ud83d ", 2),
    ],
)
def test_the_underline_stands_below_the_word_whatever_is_before(before, cells):
    _, line, underline, _ = shown(reported(f"{before}go home", "go", "goes"))
    assert underline == "    " + " " * cells + "^^"
    assert cell_len(line[: line.index("go")]) == 4 + cells


def test_a_wide_word_gets_a_wide_underline():
    assert shown(reported("一 日本 go", "日本", "x"))[2] == "       ^^^^"


def test_a_long_line_is_cut_around_the_word():
    line, underline = shown(reported("before " * 100 + "go" + " after" * 100, "go", "goes"), width=60)[1:3]
    assert line.startswith("    …") and line.endswith("…")
    assert cell_len(line) <= 60
    assert line[underline.index("^") :].startswith("go after")


def test_a_span_over_several_lines_is_underlined_to_the_end_of_the_first():
    lines = shown(reported("He have\ngone home.", "have\ngone", "went"))
    assert lines[1:] == ["    He have", "       ^^^^", "    have gone → went"]


def test_nothing_reaches_the_terminal_that_could_steer_it():
    report = reported("He \x1b[2Jgo\u202e home\x9b", "go\u202e", "\x07goes", name="a\x1b]0;x\x07.md")
    output = "\n".join(shown(report))
    assert not set(output) & set("\x1b\x07\x9b\u202e")


@given(
    st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[]), min_size=1)
)
def test_any_text_is_shown_in_its_width_and_written_as_json(before, wrong):
    report = reported(before + wrong + before, wrong, wrong)
    for line in shown(report, width=50)[1:3]:
        assert len(line.splitlines()) <= 1
        assert cell_len(line) <= 50
    assert json.loads(report_json([report], []))["files"][0]["findings"][0]["text"] == wrong


@pytest.mark.parametrize("colours", [True, False])
def test_colours_are_for_terminals(colours):
    out = io.StringIO()
    report_text(reported("She go.", "go", "goes"), Console(file=out, force_terminal=colours, width=80))
    assert ("\x1b[" in out.getvalue()) == colours
    assert "subject-verb-agreement" in out.getvalue()


def test_json_says_all_in_lines_from_1_and_offsets_from_0_of_code_points():
    report = reported("😀\r\nHowever he go.", "However", ",", insert_at=10)
    failed = FileReport("b.md", report.document, CheckResult((), (Span(0, 1),)))
    assert json.loads(report_json([report, failed], ["c.md: no such file or folder"])) == {
        "version": 1,
        "files": [
            {
                "path": "notes.md",
                "language": "markdown",
                "findings": [
                    {
                        "span": {
                            "start": {"line": 2, "column": 1, "offset": 3},
                            "end": {"line": 2, "column": 8, "offset": 10},
                        },
                        "text": "However",
                        "kind": "subject-verb-agreement",
                        "message": "The verb does not agree",
                        "confidence": 0.874,
                        "model": "triton:m:1",
                        "suggestions": [
                            {
                                "span": {
                                    "start": {"line": 2, "column": 8, "offset": 10},
                                    "end": {"line": 2, "column": 8, "offset": 10},
                                },
                                "replacement": ",",
                            }
                        ],
                    }
                ],
                "unchecked": [],
            },
            {
                "path": "b.md",
                "language": "markdown",
                "findings": [],
                "unchecked": [
                    {
                        "start": {"line": 1, "column": 1, "offset": 0},
                        "end": {"line": 1, "column": 2, "offset": 1},
                    }
                ],
            },
        ],
        "failures": ["c.md: no such file or folder"],
    }


def test_json_is_ascii_even_with_halves_of_surrogate_pairs():
    written = report_json([reported("He \ud83d go", "go", "\udc00", name="caf\udce9.md")], [])
    assert written.isascii()
    assert json.loads(written)["files"][0]["path"] == "caf\udce9.md"
