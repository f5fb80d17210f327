"""`grammared lint` from arguments to exit code, on the bundled model."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from lsp_server.documents import Span
from triton_server.gector.model_files import bundled_model

ROOT = Path(__file__).parents[3]
WRONG = "She go to school every day."
RIGHT = "She goes to school every day."


def corrected(report, text):
    """The text with every suggestion of a JSON report applied."""
    [file] = json.loads(report)["files"]
    suggestions = [finding["suggestions"][0] for finding in file["findings"]]
    for suggestion in sorted(suggestions, key=lambda s: s["span"]["start"]["offset"], reverse=True):
        span = Span(suggestion["span"]["start"]["offset"], suggestion["span"]["end"]["offset"])
        text = text[: span.start] + suggestion["replacement"] + text[span.end :]
    return text


def test_findings_are_printed_and_give_1(run):
    Path("notes.md").write_text(f"# Notes\n\n{WRONG}\n")
    code, out, err = run("lint", "notes.md")
    place, line, underline, suggestion = out.splitlines()
    assert code == 1
    assert place.startswith("notes.md:3:5: ") and "[subject-verb-agreement] (confidence " in place
    assert (line, underline, suggestion) == (f"    {WRONG}", "        ^^", "    go → goes")
    assert err == "1 finding in 1 file\n"


def test_nothing_found_gives_0(run):
    Path("notes.md").write_text(f"# Notes\n\n{RIGHT}\n")
    assert run("lint", ".") == (0, "", "No findings in 1 file\n")


def test_the_example_has_many_findings_and_none_outside_its_prose(run):
    example = ROOT / "docs" / "example.md"
    code, out, _ = run("lint", "--format", "json", example)
    [file] = json.loads(out)["files"]
    assert code == 1
    assert {finding["kind"] for finding in file["findings"]} >= {
        "article",
        "subject-verb-agreement",
        "noun-number",
        "verb-form",
        "confused-word",
    }
    silent = ("| Kind", "$ backup-tool", "https://", "backup@example.org")
    text = example.read_text(encoding="utf-8")
    places = [(text.index(part), text.index(part) + len(part)) for part in silent]
    for finding in file["findings"]:
        start = finding["span"]["start"]["offset"]
        assert not any(first <= start < end for first, end in places)


def test_standard_input_has_the_name_and_the_language_it_is_given(run):
    stdin = f"{WRONG}\n\n    {WRONG}\n".encode()
    code, out, err = run("lint", "-", stdin=stdin)
    assert (code, err) == (1, "2 findings in 1 file\n")
    assert out.startswith("<stdin>:1:5: ")
    code, out, err = run("lint", "-", "--stdin-filename", "a.md", stdin=stdin)
    assert (code, err) == (1, "1 finding in 1 file\n"), "indented code in Markdown"
    assert out.startswith("a.md:1:5: ")
    assert run("lint", "-", "--language", "markdown", stdin=stdin)[2] == "1 finding in 1 file\n"


def test_json_is_one_document_whose_offsets_are_those_of_the_text(run):
    text = f"\ufeff😀 é\r\n\r\n{WRONG}\r\n\x0c\r\nIt was a honest mistake.\r\n"
    Path("notes.txt").write_bytes(text.encode())
    code, out, err = run("lint", "notes.txt", "--format", "json")
    assert (code, err) == (1, "")
    assert corrected(out, text[1:]) == f"😀 é\r\n\r\n{RIGHT}\r\n\x0c\r\nIt was an honest mistake.\r\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_cannot_be_read_fails_after_the_rest_was_checked(run, form):
    Path("notes.md").write_text(WRONG)
    Path("empty").mkdir()
    Path("image.md").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.md")
        code, out, err = run(
            "lint", "missing.md", "empty", "image.md", "socket.md", "notes.md", "--format", form
        )
    assert code == 2
    assert "subject-verb-agreement" in out
    failures = [
        "missing.md: no such file or folder",
        "empty: no text files in this folder",
        "image.md: not a text (binary)",
        "socket.md: no such device or address",
    ]
    assert err.splitlines()[:4] == [f"grammared: {failure}" for failure in failures]
    assert err.splitlines()[4:] == (["1 finding in 1 file, 4 failures"] if form == "text" else [])
    if form == "json":
        assert json.loads(out)["failures"] == failures


def test_a_binary_file_in_a_folder_is_told_and_no_failure(run):
    Path("image.txt").write_bytes(b"\0\1\2\3")
    Path("notes.txt").write_text(RIGHT)
    assert run("lint", ".") == (0, "", "grammared: image.txt: not a text (binary)\nNo findings in 1 file\n")


def test_another_encoding_is_told_and_checked(run):
    Path("notes.txt").write_bytes("The café’s owner don’t like it. She go home.".encode("cp1252"))
    code, out, err = run("lint", "notes.txt")
    assert code == 1
    assert "The café’s owner don’t like it." in out
    assert err.startswith("grammared: notes.txt: not UTF-8; read as cp1252\n")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("\n" * 1000, 0, id="only line ends"),
        pytest.param("word " * 4000, None, id="a line of 20,000 characters"),
        pytest.param("x" * 20_000, None, id="a word of 20,000 characters"),
        pytest.param("I saw him and " * 130 + "it was a honest mistake.", 1, id="a sentence of 400 words"),
        pytest.param(f"{RIGHT}\r\n\x0c{WRONG}\r", 1, id="mixed line ends"),
        pytest.param(f"👩‍👩‍👧 {WRONG} e\u0301\u0301\u0301", 1, id="emoji and combining marks"),
        pytest.param(f"\u202e{WRONG}\u200b\ufeff", 1, id="invisible characters"),
    ],
)
def test_odd_texts_are_checked_like_others(run, content, code):
    Path("odd.md").write_text(content, newline="")
    result, _, err = run("lint", "odd.md")
    assert result in ((0, 1) if code is None else (code,))
    assert err.count("\n") == 1, "only the summary"


@pytest.mark.slow
def test_a_file_of_5_megabytes_is_checked_to_its_end(run):
    text = f"{RIGHT}\n\n" * (5_000_000 // len(RIGHT)) + WRONG
    Path("large.md").write_text(text)
    code, out, err = run("lint", "large.md")
    assert (code, err) == (1, "1 finding in 1 file\n")
    assert out.startswith(f"large.md:{text.count(chr(10)) + 1}:5: ")


def test_settings_reach_the_check(run):
    Path("notes.md").write_text("The cat sleep on the old sofa.\n")  # what only the model finds
    assert run("lint", "notes.md", "--set", "minErrorProb=1")[0] == 0
    assert run("lint", "notes.md", "--set", "minErrorProb=1", "--set", "minErrorProb=0.1")[0] == 1


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--set", "maxPases=3"], '--set: unknown setting "maxPases"; did you mean "maxPasses"?'),
        (["--set", "maxPasses"], "--set: maxPasses has no value; write maxPasses=VALUE"),
        (
            ["--set", "triton.deadline=soon"],
            '--set: triton.deadline must be a number from 0.05 to 600, not "soon"',
        ),
        (["--set", "sentencePipeline=xx_none"], "spaCy pipeline 'xx_none' is neither an installed package"),
        (["--model", "nowhere"], "nowhere"),
        (["--engine", "triton", "--triton-url", "127.0.0.1:1", "--set", "fallback=false"], "127.0.0.1:1"),
    ],
)
def test_wrong_settings_are_one_line_and_give_2(run, arguments, line):
    Path("notes.md").write_text(WRONG)
    code, out, err = run("lint", "notes.md", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("grammared: ") and line in err
    assert err.count("\n") == 1


def test_a_triton_that_is_down_is_replaced_and_that_is_told(run):
    Path("notes.md").write_text(WRONG)
    code, out, err = run("lint", "notes.md", "--triton-url", "127.0.0.1:1")
    assert code == 1
    assert "go → goes" in out
    told, summary = err.splitlines()
    assert told.startswith("grammared: ") and "127.0.0.1:1" in told and "local engine takes over" in told
    assert summary == "1 finding in 1 file"


def truncated(folder):
    model = folder / "model.onnx"
    model.write_bytes(model.read_bytes()[:100_000])


def of_another_format(folder):
    (folder / "config.json").write_text('{"model_type": "bert", "architectures": ["BertForMaskedLM"]}')


def without_tokenizer(folder):
    (folder / "tokenizer.json").unlink()


def empty(folder):
    shutil.rmtree(folder)
    folder.mkdir()


@pytest.mark.parametrize("damage", [truncated, of_another_format, without_tokenizer, empty])
def test_a_damaged_model_is_one_line_and_gives_2(run, damage):
    Path("notes.md").write_text(WRONG)
    shutil.copytree(bundled_model(), "model")
    damage(Path("model"))
    code, out, err = run("lint", "notes.md", "--model", "model")
    assert (code, out) == (2, "")
    assert err.startswith("grammared: ") and "model" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["--format", "xml", "a.md"], ["--nonsense", "a.md"], ["--strictness", "utter", "a.md"]],
)
def test_wrong_usage_gives_2(run, arguments):
    code, out, err = run("lint", *arguments)
    assert (code, out) == (2, "")
    assert "Usage: grammared lint" in err


def test_colours_when_they_are_asked_for(run, monkeypatch):
    Path("notes.md").write_text(WRONG)
    assert "\x1b[" not in run("lint", "notes.md")[1]
    assert "\x1b[" in run("lint", "notes.md", "--color", "always")[1]


def test_kinds_are_selected_and_ignored(run):
    Path("notes.md").write_text("You should of told me.\n\nIts great.\n")
    expected = {
        (): 2,
        ("--select", "contraction"): 1,
        ("--ignore", "contraction"): 1,
        ("--ignore", "contraction,confused-word"): 0,
        ("--max-findings", "1"): 1,
    }
    for flags, count in expected.items():
        assert run("lint", "notes.md", "--format", "concise", *flags)[1].count("\n") == count
    code, _, err = run("lint", "notes.md", "--select", "contractions")
    assert code == 2
    assert 'did you mean "contraction"?' in err


def test_exit_codes(run):
    Path("notes.md").write_text("Its great.\n")
    assert run("lint", "notes.md", "--exit-zero")[0] == 0
    assert run("lint", "notes.md", "--fail-on", "error")[0] == 0
    assert run("lint", "notes.md", "--fail-on", "warning")[0] == 1
    assert run("lint", "notes.md", "--statistics", "--quiet")[2] == "1  contraction\n1  notes.md\n"


def test_a_text_says_itself_what_it_is_and_a_flag_takes_any_name_for_it(run):
    Path("script").write_text('#!/bin/sh\necho "He go home." # He go home.\n')
    Path("page.txt").write_text(".. vim: ft=rst\n\nHe ``go`` home. He go home.\n")
    code, out, _ = run("lint", "script", "page.txt")
    assert code == 1
    assert [line.split(":")[:3] for line in out.splitlines() if "[" in line] == [
        ["script", "2", "25"],
        ["page.txt", "3", "20"],
    ]
    assert run("lint", "--language", "sh", "script")[1] == run("lint", "script")[1]
    code, _, err = run("lint", "--language", "markdwon", "script")
    assert code == 2
    assert "no kind of text is called markdwon; did you mean markdown?" in err


def test_a_notebook_is_put_right_and_stays_byte_for_byte_what_it_was(run):
    before = (
        b'{"cells": [\n {"cell_type": "markdown", "source": ["# A\\u00e9\\n",\r\n'
        b'  "\\"Now\\" it is. He go home.\\n"]},\n'
        b'\t{"source": ["# He go home."], "cell_type": "code"}], "nbformat": 4}'
    )
    Path("a.ipynb").write_bytes(before)
    code, out, _ = run("lint", "a.ipynb")
    assert (code, out.split(" ")[0]) == (1, "a.ipynb:3:22:")
    run("lint", "--fix", "a.ipynb")
    assert Path("a.ipynb").read_bytes() == before.replace(b"it is. He go ", b"it is. He goes ")


def test_of_a_patch_what_it_adds_is_checked_when_it_is_named(run):
    Path("a.patch").write_text("+++ b/a.md\n@@ -1,1 +1,2 @@\n He go home.\n+She go home.\n")
    assert run("lint", "a.patch")[1].split(" ")[0] == "a.patch:4:6:"
    Path("a.md").write_text("He goes home.\n")
    assert run("lint", ".")[0] == 0


def test_settings_say_what_else_is_read(run):
    texts = {
        "a.md": "---\ntitle: He go home.\n---\n\nAll is well.\n",
        "b.tex": "\\begin{document}\n\\aside{He go home.}\n\\end{document}\n",
        "c.py": 'x = "He go home."\n',
        "d.ipynb": '{"cells": [{"cell_type": "code", "source": ["# He go home."]}]}',
    }
    for name, text in texts.items():
        Path(name).write_text(text)
    assert run("lint", *texts)[0] == 0
    Path("grammared.toml").write_text(
        'frontMatter = ["title"]\nlatexCommands = ["aside"]\nstringLiterals = true\nnotebookCode = true\n'
    )
    code, out, _ = run("lint", *texts)
    assert code == 1
    assert [line.split(":")[0] for line in out.splitlines() if "[" in line and line[0] != " "] == [*texts]


def test_an_unknown_kind_is_not_plain_text(run):
    Path("code.xyz").write_text("// He go home.\n")
    Path("notes").write_text("He go home.\n")
    Path("script").write_text("#!/opt/odd\n# He go home.\n")
    code, out, err = run("lint", "code.xyz", "script")
    assert (code, out) == (2, "")
    assert "code.xyz: not checked, since its kind of text is not known; name it with --language" in err
    assert run("lint", "notes")[0] == 1
    assert run("lint", "code.xyz", "--language", "plaintext")[0] == 1
    Path("notes.md").write_text("He goes home.\n")
    assert run("lint", ".")[0] == 0  # a folder may hold anything
