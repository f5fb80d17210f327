"""The Python API, on the bundled model, and the examples of its guide."""

import asyncio
import doctest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import lsp_server.api
from lsp_server.api import AsyncGrammared, Checked, Finding, Grammared, GrammaredError

ROOT = Path(__file__).parents[2]
TEXT = "She go to school every day. I recieved teh letter."
RIGHT = "She goes to school every day. I received the letter."


@pytest.fixture(scope="module")
def grammared():
    with Grammared() as opened:
        yield opened


def test_the_examples_of_the_guide_and_the_module():
    for name, module in (("docs/api.md", None), (None, lsp_server.api)):
        if module:
            failed, tried = doctest.testmod(module)
        else:
            failed, tried = doctest.testfile(str(ROOT / name), module_relative=False, encoding="utf-8")
        assert tried > 2
        assert failed == 0


def test_every_suggestion_stands_in_place_of_what_is_underlined(grammared):
    text = "He is good teacher. The the cat ,and I recieved it."
    checked = grammared.check(text)
    assert len(checked.findings) >= 4
    for finding in checked.findings:
        assert 0 <= finding.start < finding.end <= len(text)
        for suggestion in finding.suggestions:
            assert suggestion != text[finding.start : finding.end]
    assert checked.corrected() == "He is a good teacher. The cat, and I received it."
    assert checked.corrected(1.01) == text


def test_only_what_is_sure(grammared):
    checked = grammared.check("She go to school every day. I recieved a gizmoo.")
    assert checked.corrected() == "She goes to school every day. I received a gizmo."
    assert checked.surely_corrected() == "She goes to school every day. I received a gizmoo."


def test_positions_count_code_points(grammared):
    checked = grammared.check("😀 I recieved 漢字 it.")
    [finding] = checked.findings
    assert checked.text[finding.start : finding.end] == "recieved"


def test_many_texts_keep_their_order(grammared):
    texts = [TEXT, "", "All is well.", TEXT] * 10
    assert [one.corrected() for one in grammared.check_many(texts)] == [RIGHT, "", "All is well.", RIGHT] * 10


def test_from_several_threads(grammared):
    with ThreadPoolExecutor(4) as pool:
        assert {one.corrected() for one in pool.map(grammared.check, [TEXT] * 12)} == {RIGHT}


def test_inside_a_running_loop_as_in_a_notebook(grammared):
    async def cell():
        return grammared.check(TEXT).corrected()

    assert asyncio.run(cell()) == RIGHT


def test_with_an_event_loop():
    async def main():
        async with AsyncGrammared(dialect="gb") as checker:
            return await checker.check("The color is nice.")

    [finding] = asyncio.run(main()).findings
    assert finding.suggestions[0] == "colour"


def test_it_shows_itself_in_a_notebook():
    checked = Checked("<b> teh", "plaintext", (Finding(4, 7, "spelling", 'No "word"', 0.9, ("the",)),), "m")
    html = checked._repr_html_()
    assert "&lt;b&gt; <mark" in html
    assert 'title="No &quot;word&quot; (the)"' in html


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"strictnes": "low"}, 'unknown setting "strictnes"; did you mean "strictness"?'),
        ({"min_confidence": 7}, "minConfidence must be a number from 0 to 1"),
    ],
)
def test_wrong_settings_are_said(settings, said):
    with pytest.raises(GrammaredError, match=said.replace("?", r"\?")):
        Grammared(**settings)


def test_what_cannot_be_is_said(grammared, tmp_path):
    with pytest.raises(GrammaredError, match="no kind of text is called markdwon; did you mean markdown"):
        grammared.check("x", kind="markdwon")
    with pytest.raises(GrammaredError, match="not open"):
        Grammared().check("x")
    with (
        pytest.raises(GrammaredError, match="There is no model folder"),
        Grammared(model=str(tmp_path / "none")),
    ):
        pass


def test_a_file_is_checked_with_the_settings_of_its_project(tmp_path):
    (tmp_path / "grammared.toml").write_text('words = ["widgit"]\n')
    (tmp_path / "a.md").write_text("\ufeff# A widgit\n\nShe go home. `he go`\n", encoding="utf-8")
    with Grammared() as grammared:
        checked = grammared.check_file(tmp_path / "a.md")
        with pytest.raises(GrammaredError, match="nothing"):
            grammared.check_file(tmp_path / "nothing.md")
    assert checked.kind == "markdown"
    assert [checked.text[one.start : one.end] for one in checked.findings] == ["go"]


def test_the_project_of_a_folder_counts(tmp_path):
    (tmp_path / "grammared.toml").write_text('strictness = "high"\nwords = ["widgit"]\n')
    assert Grammared(project=tmp_path)._own.settings.strictness == "high"


def test_tags_say_what_the_model_thinks_of_each_word():
    text = "# A title\n\nShe **go** to school every day.\n"
    with Grammared() as grammared:
        tags = grammared.tags(text, "markdown")
    words = [text[tag.start : tag.end] for tag in tags if tag.end > tag.start]
    assert words == ["A", "title", "She", "go", "to", "school", "every", "day", "."]
    wrong = max(tags, key=lambda tag: tag.error_probability)
    assert (text[wrong.start : wrong.end], wrong.label) == ("go", "$TRANSFORM_VERB_VB_VBZ")
