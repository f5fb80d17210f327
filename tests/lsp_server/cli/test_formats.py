"""What other programs read, held against what defines it."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lsp_server.cli.reporters import REPORTS
from lsp_server.cli.reporters.report import FileReport
from lsp_server.documents import DocumentSnapshot, Span
from lsp_server.findings import ErrorKind, Finding, Suggestion
from lsp_server.findings.fixes import applied
from lsp_server.results import CheckResult

TEXT = "😀 She go home, 100% sure.\nTwo hour | passed.\r\n"


def report(text=TEXT, name="docs/a b,c.md"):
    findings = []
    for old, new, kind in (("go", "goes", ErrorKind.AGREEMENT), ("hour", "hours", ErrorKind.NOUN_NUMBER)):
        span = Span(text.index(old), text.index(old) + len(old))
        suggestions = (Suggestion(span, new), Suggestion(span, "other"))
        findings.append(Finding(span, kind, f"“{old}”: 100%\x1b wrong", suggestions, 0.9, ()))
    document = DocumentSnapshot("file:///a.md", text, "markdown")
    return FileReport(name, document, CheckResult(tuple(findings)))


CLEAN = FileReport("clean.md", DocumentSnapshot("file:///c.md", "Fine.", "markdown"), CheckResult(()))


def made(form):
    return REPORTS[form]([report(), CLEAN])


@pytest.mark.parametrize("form", REPORTS)
def test_every_format_takes_anything(form):
    odd = FileReport("b\udcff.md", report("\ud800 go hour\x00").document, report("\ud800 go hour\x00").result)
    for reports in ([], [CLEAN], [odd]):
        REPORTS[form](reports).encode("utf-8", "surrogateescape" if form != "jsonl" else "strict")


def test_concise():
    first, second = made("concise").splitlines()
    assert first == "docs/a b,c.md:1:7: “go”: 100%\ufffd wrong → goes | other [subject-verb-agreement]"
    assert second.startswith("docs/a b,c.md:2:5: ")


def test_jsonl():
    one, other = map(json.loads, made("jsonl").splitlines())
    assert (one["line"], one["column"], one["endColumn"], one["replacements"]) == (1, 7, 9, ["goes", "other"])
    assert one["fingerprint"] != other["fingerprint"]


def test_sarif_can_be_carried_out():
    """Rules, places and fixes fit together; the fixes give the corrected text."""
    log = json.loads(made("sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    text = TEXT
    for result in reversed(run["results"]):
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        (change,) = result["fixes"][0]["artifactChanges"]
        (replacement,) = change["replacements"]
        region = replacement["deletedRegion"]
        lines = text.split("\n")
        assert region["startLine"] == region["endLine"]
        line = lines[region["startLine"] - 1]
        new = replacement["insertedContent"]["text"]
        start, end = region["startColumn"] - 1, region["endColumn"] - 1
        lines[region["startLine"] - 1] = line[:start] + new + line[end:]
        text = "\n".join(lines)
    assert text == TEXT.replace("go", "goes").replace("hour", "hours")
    assert (
        run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        == "docs/a%20b%2Cc.md"
    )


def test_github():
    first, _ = made("github").splitlines()
    command, _, message = first.removeprefix("::").partition("::")
    kind, _, rest = command.partition(" ")
    properties = dict(pair.split("=") for pair in rest.split(","))
    assert (kind, properties["file"], properties["line"]) == ("warning", "docs/a b%2Cc.md", "1")
    assert "100%25" in message


def test_gitlab_tells_equal_findings_apart():
    twice = report()
    issues = json.loads(REPORTS["gitlab"]([twice, twice]))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 4
    assert issues[0]["severity"] in ("info", "minor", "major", "critical", "blocker")
    assert issues[0]["location"] == {"path": "docs/a b,c.md", "lines": {"begin": 1, "end": 1}}


def test_checkstyle():
    root = ET.fromstring(made("checkstyle"))
    assert [file.get("name") for file in root] == ["docs/a b,c.md", "clean.md"]
    assert [error.get("line") for error in root[0]] == ["1", "2"]
    assert len(root[1]) == 0


def test_junit():
    root = ET.fromstring(made("junit"))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite[0].find("failure") is not None
    assert suite[1].find("failure") is None


def test_rdjson_counts_bytes():
    diagnostics = json.loads(made("rdjson"))["diagnostics"]
    assert diagnostics[0]["location"]["range"]["start"] == {"line": 1, "column": len("😀 She ".encode()) + 1}
    assert diagnostics[0]["severity"] in ("ERROR", "WARNING", "INFO")


def test_markdown_is_a_table_that_nothing_breaks():
    rows = [line for line in made("markdown").splitlines() if line.startswith("|")]
    assert {len(row.replace("\\|", "").split("|")) for row in rows} == {7}
    assert "Nothing was found" in REPORTS["markdown"]([CLEAN])


def test_suggestions_are_applied_together():
    result = report().result
    assert applied(TEXT, [finding.suggestions[0] for finding in result.findings]) == TEXT.replace(
        "go", "goes"
    ).replace("hour", "hours")


def test_reports_go_to_files_too(run):
    Path("notes.md").write_text("You should of told me.\n")
    code, out, _ = run(
        "lint", "notes.md", "--output", "sarif:out.sarif", "--output", "text:out.txt", "--quiet"
    )
    assert code == 1
    assert json.loads(Path("out.sarif").read_text())["runs"][0]["results"]
    assert Path("out.txt").read_text() == out
    code, _, err = run("lint", "notes.md", "--output", "sarif")
    assert code == 2
    assert "FORMAT:FILE" in err
    code, _, err = run("lint", "notes.md", "--output", "sarif:missing/out.sarif")
    assert code == 2
    assert "missing/out.sarif: no such file" in err


def test_html_needs_nothing_else_and_marks_what_is_wrong():
    page = made("html")
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == []
    assert re.findall(r"<mark [^>]*>(.*?)</mark>", page) == ["go", "hour"]
    assert "2 findings in 2 files" in page
    assert "clean.md" not in page
    evil = report("<script>go</script> hour & more", '"><img onerror=x>.md')
    shown = REPORTS["html"]([evil])
    assert shown.count("<script>") == 1  # our own
    assert "<img" not in shown


def test_html_shows_lines_with_findings_and_those_around():
    text = "".join(f"Line {number}.\n" for number in range(50)) + "I go.\n" + "\n" * 30 + "An hour.\n"
    page = REPORTS["html"]([report(text)])
    shown = [int(number) for number in re.findall(r'<div class="line"><span>(\d+)</span>', page)]
    assert shown == [50, 51, 52, 81, 82, 83]
    assert page.count('class="lines"') == 2
