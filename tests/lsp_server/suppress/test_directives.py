"""Directives in the comments of each language, and what they switch off."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Span
from lsp_server.findings import ErrorKind
from lsp_server.settings import Settings
from lsp_server.suppress import Suppression
from lsp_server.suppress.comments import comment
from lsp_server.suppress.directives import directives_of, insertion, top_of
from tests.lsp_server.suppress.strategies import finding_at, snapshot_of

SAMPLES = {
    "markdown": "<!-- grammared: {} -->",
    "quarto": "[//]: # (grammared: {})",
    "mdx": "{{/* grammared: {} */}}",
    "html": "<!--grammared:{}-->",
    "latex": "% grammared: {}",
    "tex": "%% grammared: {}",
    "restructuredtext": ".. grammared: {}",
    "asciidoc": "// grammared: {}",
    "org": "# grammared: {}",
    "typst": "// grammared: {}",
    "python": "# grammared: {}",
    "shellscript": "## grammared: {}",
    "rust": "/// grammared: {}",
    "c": "/* grammared: {} */",
    "javascript": "/** grammared: {} */",
    "css": "/* grammared: {} */",
    "sql": "-- grammared: {}",
    "lua": "-- grammared: {}",
    "haskell": "{{- grammared: {} -}}",
    "lisp": ";; grammared: {}",
    "ocaml": "(* grammared: {} *)",
    "roff": '.\\" grammared: {}',
    "jinja": "{{# grammared: {} #}}",
    "plaintext": "# grammared: {}",
    "a language that nobody knows": "// grammared: {}",
}


def silenced(text, language="markdown"):
    """The wrong words of a text, `bad1`, `bad2` …, that are not reported."""
    suppression = Suppression.of(snapshot_of(text, language), Settings())
    words = [f"bad{number}" for number in range(1, 10) if f"bad{number}" in text]
    return [word for word in words if not suppression.keeps(finding_at(text, word))]


def problems(text, language="markdown", kind=ErrorKind.ARTICLE, settings=None):
    suppression = Suppression.of(snapshot_of(text, language), settings or Settings())
    for number in range(1, 10):
        if f"bad{number}" in text:
            suppression.keeps(finding_at(text, f"bad{number}", kind))
    return [
        (finding.span.of(text), finding.message, finding.suggestions[0].replacement)
        for finding in suppression.problems()
    ]


@pytest.mark.parametrize(("language", "form"), SAMPLES.items())
def test_each_language_has_them_in_its_comments(language, form):
    text = f"bad1 here\n\n{form.format('off')}\n\nbad2 here\n\n  {form.format('on')}\n\nbad3 here\n"
    assert silenced(text, language) == ["bad2"]
    assert problems(text, language) == []


@pytest.mark.parametrize("language", SAMPLES)
def test_the_comments_that_we_write_are_read(language):
    text = f"{comment(language, 'grammared: off article')}\nbad1\n"
    assert silenced(text, language) == ["bad1"]


TEXT = "bad1\nbad2 {}\nbad3\nbad4\n\nbad5\nbad6\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("off", ["bad3", "bad4", "bad5", "bad6"]),
        ("off-line", ["bad2"]),
        ("off-next-line", ["bad3"]),
        ("off-block", ["bad3", "bad4"]),
        ("off-file", ["bad1", "bad2", "bad3", "bad4", "bad5", "bad6"]),
        ("off-file article", ["bad1", "bad2", "bad3", "bad4", "bad5", "bad6"]),
        ("off-line spelling article", ["bad2"]),
        ("off-line spelling, article", ["bad2"]),
        ("off-line spelling", []),
        ("off-line artcle", []),
        ("of-line", []),
    ],
)
def test_how_far_one_reaches(body, expected):
    assert silenced(TEXT.format(f"<!-- grammared: {body} -->")) == expected
    assert silenced(TEXT.format(f"<!-- grammared: {body} -->").replace("\n", "\r\n")) == expected


def test_blank_lines_before_the_next_line_do_not_count():
    assert silenced("<!-- grammared: off-next-line -->\n\n \nbad1\nbad2") == ["bad1"]
    assert silenced("<!-- grammared: off-next-line -->") == []


def test_kinds_are_switched_on_again_one_by_one():
    text = (
        "<!-- grammared: off article, spelling -->\nbad1\n<!-- grammared: on spelling -->\nbad2\n"
        "<!-- grammared: on -->\nbad3\n"
    )
    assert silenced(text) == ["bad1", "bad2"]
    suppression = Suppression.of(snapshot_of(text), Settings())
    assert not suppression.keeps(finding_at(text, "bad1", ErrorKind.SPELLING))
    assert suppression.keeps(finding_at(text, "bad2", ErrorKind.SPELLING))


def test_examples_in_code_are_none():
    text = "```md\n<!-- grammared: off -->\n```\nUse `x <!-- grammared: off --> y` for it. bad1\n"
    assert silenced(text) == []
    assert problems(text) == []


@pytest.mark.parametrize(
    "front",
    [
        "---\ngrammared: off\n---\n",
        "---\ntitle: T\ngrammared: off article\n---\n",
        '---\ngrammared: "off"\n---\n',
        "---\ngrammared:\n  off: true\nother: 1\n---\n",
        "---\ngrammared:\n  off: [article, spelling]\n---\n",
        "---\ngrammared:\n  off:\n    - article\n    - spelling\n---\n",
        '+++\ngrammared = "off"\n+++\n',
        '+++\n[grammared]\noff = ["article"]\n+++\n',
        "---\r\ngrammared: off\r\n---\r\n",
    ],
)
def test_front_matter(front):
    assert silenced(f"{front}bad1\n") == ["bad1"]
    assert problems(f"{front}bad1\n") == []
    assert silenced(f"text\n\n{front}bad1\n") == []


def test_front_matter_that_says_nothing_of_us_or_not_off():
    assert silenced("---\ntitle: grammared\n---\nbad1") == []
    assert silenced("---\ngrammared:\n  off: false\n---\nbad1") == []


@pytest.mark.parametrize(
    "text",
    [
        "<!-- grammared: words: kubectl, San Marco -->\nkubectl, San Marco",
        "---\ngrammared:\n  words: [kubectl, 'San Marco']\n---\nkubectl, San Marco",
        "---\ngrammared:\n  words:\n    - kubectl\n    - San Marco\n---\nkubectl, San Marco",
        '+++\n[grammared]\nwords = ["kubectl", "San Marco"]\n+++\nkubectl, San Marco',
    ],
)
def test_words_of_a_text(text):
    suppression = Suppression.of(snapshot_of(text), Settings())
    assert suppression.words.entries >= {"kubectl", "San Marco"}
    assert suppression.problems() == ()
    body = text.rindex("kubectl")
    assert not suppression.keeps(
        dataclasses.replace(finding_at(text, "kubectl", ErrorKind.SPELLING), span=Span(body, body + 7))
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<!-- grammared: of -->", ("of", 'Unknown directive "of"; did you mean "off"?', "off")),
        (
            "<!-- grammared: disable-next -->",
            (
                "disable-next",
                'Unknown directive "disable-next"; did you mean "off-next-line"?',
                "off-next-line",
            ),
        ),
        (
            "<!-- grammared: enable -->",
            ("enable", 'Unknown directive "enable"; did you mean "on"?', "on"),
        ),
        (
            "<!-- grammared: zzz -->",
            (
                "zzz",
                'Unknown directive "zzz"; there are off, on, off-line, off-next-line, off-block, '
                "off-file, words, dialect, strictness, minConfidence",
                "",
            ),
        ),
        (
            "<!-- grammared: off artcle -->",
            ("artcle", 'Unknown kind of error "artcle"; did you mean "article"?', "article"),
        ),
        (
            "<!-- grammared: off -->\nfine",
            ("<!-- grammared: off -->", "Nothing is found here that this switches off.", ""),
        ),
        (
            "<!-- grammared: off spelling -->\nbad1",
            ("<!-- grammared: off spelling -->", "Nothing is found here that this switches off.", ""),
        ),
        (
            "<!-- grammared: on -->",
            ("<!-- grammared: on -->", "Nothing is switched off here by this name.", ""),
        ),
        (
            "<!-- grammared: words: kubectl -->",
            ("<!-- grammared: words: kubectl -->", "Not in this text: kubectl.", ""),
        ),
        ("<!-- grammared: words: -->", ("<!-- grammared: words: -->", "This directive names no words.", "")),
        (
            "<!-- grammared: -->",
            (
                "<!-- grammared: -->",
                'Unknown directive ""; there are off, on, off-line, off-next-line, off-block, off-file, '
                "words, dialect, strictness, minConfidence",
                "",
            ),
        ),
    ],
)
def test_what_means_nothing_is_reported(text, problem):
    assert problems(text) == [problem]
    assert problems(text, settings=Settings(kinds=(("directive", "off"),))) == []


@pytest.mark.parametrize(
    "text",
    [
        "<!-- grammared: dialect: gb -->\n<!-- grammared: strictness low -->\n"
        "<!-- grammared: minConfidence=0.5 -->",
        "---\ngrammared:\n  dialect: gb\n  strictness: low\n  minConfidence: 0.5\n---\n",
        '+++\n[grammared]\ndialect = "gb"\nstrictness = "low"\nminConfidence = 0.5\n+++\n',
    ],
)
def test_settings_of_a_text(text):
    suppression = Suppression.of(snapshot_of(text), Settings(dialect="us", severity="hint"))
    assert suppression.settings == Settings(
        dialect="gb", strictness="low", min_confidence=0.5, severity="hint"
    )
    assert suppression.problems() == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dialect: uk", 'dialect must be one of "auto", "us", "gb", "ca", "au", "nz", "in", not "uk".'),
        ("minConfidence: 2", "minConfidence must be a number from 0 to 1, not 2.0."),
        ("engine: triton", 'Unknown directive "engine"'),
        ("dialekt: gb", 'Unknown directive "dialekt"; did you mean "dialect"?'),
    ],
)
def test_what_a_text_may_not_say(text, message):
    suppression = Suppression.of(snapshot_of(f"<!-- grammared: {text} -->"), Settings())
    assert suppression.settings == Settings()
    assert [finding.message.startswith(message) for finding in suppression.problems()] == [True]


def test_nothing_is_found_in_a_directive_itself():
    text = "# grammared: off-next-line bad1\nbad2\n# grammared: on bad3\n"
    assert silenced(text, "python") == ["bad1", "bad3"]


def test_what_is_unused_is_known_only_when_all_was_checked():
    suppression = Suppression.of(snapshot_of("<!-- grammared: off -->"), Settings())
    assert suppression.problems(is_complete=False) == ()
    assert len(suppression.problems()) == 1


@pytest.mark.parametrize("language", ["markdown", "python", "plaintext"])
def test_one_is_put_above_a_line(language):
    snapshot = snapshot_of("first\n    bad1 and more\n", language)
    span, new = insertion(snapshot, snapshot.text.index("and"), "off-next-line article")
    text = snapshot.text[: span.start] + new + snapshot.text[span.end :]
    assert text.startswith("first\n    ") and silenced(text, language) == ["bad1"]


@pytest.mark.parametrize("head", ["", "---\ntitle: x\n---\n"])
def test_one_is_put_at_the_top(head):
    snapshot = snapshot_of(f"{head}bad1\n")
    span, new = insertion(snapshot, top_of(snapshot), "off-file")
    assert span == Span(len(head), len(head))
    assert silenced(head + new + "bad1\n") == ["bad1"]


WORDS = "<!-- --> grammared : off on ` ``` - --- words # // .. article , [ x +++ off-block é"


def test_of_directives_in_one_another_the_first_counts():
    text = "<!-- grammared: off-line <!-- grammared: off-file --> bad1\nbad2\n"
    assert [said.kinds for said in directives_of(snapshot_of(text)).found] == []
    assert problems("# grammared: words: x # grammared: off\nx", "python") == [
        ("# grammared: words: x # grammared: off", "Not in this text: #, grammared:, off.", "")
    ]
    assert directives_of(snapshot_of("<!-- grammared: " * 50_000)).found == ()


PIECES = [*WORDS.split(), " ", "\n", "\r\n", "\ud800"]


@given(
    st.lists(st.sampled_from(PIECES)).map("".join),
    st.sampled_from(["markdown", "python", "plaintext", "restructuredtext", "c"]),
)
def test_no_text_makes_trouble(text, language):
    suppression = Suppression.of(snapshot_of(text, language), Settings())
    for finding in suppression.problems():
        assert 0 <= finding.span.start < finding.span.end <= len(text)
    for directive in directives_of(snapshot_of(text, language)).found:
        assert 0 <= directive.area.start <= directive.area.end <= len(text)
