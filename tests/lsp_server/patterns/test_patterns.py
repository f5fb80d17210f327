"""The table of patterns: its own examples are its tests."""

import json

import pytest

from lsp_server.patterns import load, pattern_proposals
from lsp_server.patterns.compile import compiled, examples, parts_in, read_table
from lsp_server.patterns.parts import PARTS
from lsp_server.patterns.slips import confused_words, slips_of
from lsp_server.patterns.table import packed, phrases
from triton_server.segmentation import sentences_in

EXAMPLES = list(examples(read_table()))
TABLE = [example for example in EXAMPLES if not example.pattern.phrase]
PHRASES = [example for example in EXAMPLES if example.pattern.id.startswith("phrase: ")]


def found(text):
    return [(proposal, offset) for offset, s in sentences_in(text) for proposal in pattern_proposals(s)]


def corrected(text):
    for proposal, offset in reversed(found(text)):
        text = text[: offset + proposal.start] + proposal.replacements[0] + text[offset + proposal.end :]
    return text


def test_what_is_packed_is_the_table():
    assert json.loads(json.dumps(compiled(read_table()))) == packed()


@pytest.mark.parametrize("example", TABLE, ids=lambda example: example.pattern.id)
def test_a_pattern_finds_what_is_wrong_and_leaves_alone_what_is_right(example):
    name = example.pattern.id
    assert len(example.wrong) >= 2
    assert len(example.right) >= 2
    for text in example.wrong:
        assert name in [proposal.source for proposal, _ in found(text)], text
        assert name not in [proposal.source for proposal, _ in found(corrected(text))], text
    for text in example.right:
        assert name not in [proposal.source for proposal, _ in found(text)], text


def test_there_are_enough_fixed_phrases_and_each_is_found_and_settled():
    assert len(PHRASES) >= 600
    for example in PHRASES:
        name = example.pattern.id
        for text in example.wrong:
            assert name in [proposal.source for proposal, _ in found(text)], text
            assert name not in [proposal.source for proposal, _ in found(corrected(text))], text
        for text in example.right:
            assert name not in [proposal.source for proposal, _ in found(text)], text


def test_each_packed_slip_is_one_of_an_expression_of_the_table():
    expressions = read_table()["expressions"]
    made = slips_of(expressions["right"].split("\n")[1:-1], confused_words(expressions["confused"]))
    packed_slips = [one for one in phrases().values() if one.id.startswith("expression: ")]
    assert len(packed_slips) > 4000
    for slip in packed_slips:
        assert made[slip.wrong.lower()].right == slip.right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "On hand it is good, on other hand it is late.",
            "On hand it is good, on the other hand it is late.",
        ),
        ("It was a waist of time.", "It was a waste of time."),
        (
            "We must face the musics and get to no each other.",
            "We must face the musics and get to know each other.",
        ),
        ("It is back on the drawing board.", "It is back to the drawing board."),
        ("Out of a blue sky it fell.", None),
        ("He plays a role and leaves.", None),
        ("In that case we go.", None),
    ],
)
def test_slips_of_expressions(text, right):
    assert corrected(text) == (right or text)


@pytest.mark.parametrize(
    ("word", "part", "is_one"),
    [
        ("table", "NOUN", True),
        ("set", "NOUN", False),
        ("went", "PAST", True),
        ("found", "PAST", False),
        ("explained", "PASTFORM", True),
        ("put", "PASTFORM", False),
        ("go", "BASE", True),
        ("work", "BASE", False),
        ("explains", "THIRD", True),
        ("works", "THIRD", False),
        ("quickly", "ADVERB", True),
        ("xyzzy", "NOUN", False),
    ],
)
def test_parts_of_speech(word, part, is_one):
    assert PARTS[part](word) is is_one


def test_parts_of_speech_are_counted_in_tagged_text():
    lines = (
        ["The_DT works_NNS go_VBP on_IN"] * 9 + ["It_PRP works_VBZ at_IN Paris_NNP"] * 6 + ["Rare_JJ go_VB"]
    )
    assert parts_in(lines) == ["at\tX", "go\tV", "on\tX", "works\tpz"]


def test_ids_are_unique():
    ids = [pattern.id for pattern in load() if not pattern.id.startswith("expression: ")]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The the report is here.", "The report is here."),
        ("It is in the the\nbox.", "It is in the\nbox."),
        ("He had had enough of it.", None),
        ("I know that that is right.", None),
        ("It is very very good.", None),
        ("Duran Duran played there.", None),
        ("They shouted: go go go!", None),
    ],
)
def test_doubled_words(text, right):
    assert corrected(text) == (right or text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("You should of told me.", "You should have told me."),
        ("SHOULD OF is wrong, and Its great.", "SHOULD OF is wrong, and Its great."),
        ("“It’s here”, he said, and dont leave.", "“It’s here”, he said, and don’t leave."),
    ],
)
def test_capitals_and_apostrophes_follow_the_text(text, right):
    assert corrected(text) == right


def test_what_must_not_be_touched_is_not():
    from dataclasses import replace

    ((_, sentence),) = sentences_in("You should of told me.")
    assert pattern_proposals(sentence)
    assert not pattern_proposals(replace(sentence, untouchable=frozenset({2})))
