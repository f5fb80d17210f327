"""The table of patterns: its own examples are its tests."""

import pytest

from lsp_server.patterns import load, pattern_proposals
from triton_server.segmentation import sentences_in

PATTERNS = load()
TABLE = [pattern for pattern in PATTERNS if not pattern.id.startswith("phrase: ")]
PHRASES = [pattern for pattern in PATTERNS if pattern.id.startswith("phrase: ")]


def found(text):
    return [(proposal, offset) for offset, s in sentences_in(text) for proposal in pattern_proposals(s)]


def corrected(text):
    for proposal, offset in reversed(found(text)):
        text = text[: offset + proposal.start] + proposal.replacements[0] + text[offset + proposal.end :]
    return text


@pytest.mark.parametrize("pattern", TABLE, ids=lambda pattern: pattern.id)
def test_a_pattern_finds_what_is_wrong_and_leaves_alone_what_is_right(pattern):
    assert len(pattern.wrong) >= 2
    assert len(pattern.right) >= 1
    for text in pattern.wrong:
        assert pattern.id in [proposal.source for proposal, _ in found(text)], text
        assert pattern.id not in [proposal.source for proposal, _ in found(corrected(text))], text
    for text in pattern.right:
        assert pattern.id not in [proposal.source for proposal, _ in found(text)], text


def test_there_are_enough_fixed_phrases_and_each_is_found_and_settled():
    assert len(PHRASES) >= 600
    for pattern in PHRASES:
        for text in pattern.wrong:
            assert pattern.id in [proposal.source for proposal, _ in found(text)], text
            assert pattern.id not in [proposal.source for proposal, _ in found(corrected(text))], text


def test_ids_are_unique():
    assert len({pattern.id for pattern in PATTERNS}) == len(PATTERNS)


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
