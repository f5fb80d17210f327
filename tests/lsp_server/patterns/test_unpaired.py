"""Brackets and quotes without a partner, and all that only looks so."""

import pytest

from lsp_server.patterns import alone_in, unpaired


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("The list (see below is long.", "("),
        ("The list, see below) is long.", ")"),
        ("A pointer to a RECT) structure.", ")"),
        ("He said “yes and left.", "“"),
        ("He said yes” and left.", "”"),
        ('He said "yes and left.', '"'),
        ('He said yes" and left.', '"'),
        ('He said "yes", and she "no and left.', '"'),
        ("One (two (three) four.", "("),
    ],
)
def test_a_mark_without_a_partner(text, alone):
    assert [mark.text for mark in unpaired(text)] == [alone]


@pytest.mark.parametrize(
    "text",
    [
        'One (two) and “three” and "four".',
        "One (two (three) four) five.",
        "We need a) bread, b) butter and 3) jam.",
        "1) Bread. 2.1) Butter. iv) Jam.",
        "That is great :) and sad :-( at once.",
        "I like it (a lot :).",
        "A semicolon (;) and a colon (:) are marks.",
        "The interval [0, 1) and (2, 3].",
        'A screen of 15" and one of 17”.',
        "The children's toys and the boys' ones, rock 'n' roll.",
        "Type “(” first, then ')'.",
        "call setup({ then end.",
        "Call foo(bar and so on.",
        "He asked “why „not“.",
        "Er sagte: „Ja“, und ging.",
        'The mark " or \' may be meant: ".',
        "Amendment X) is one (at 8).",
        "Both ways ) and ( are odd.",
        "The following ones (",
    ],
)
def test_what_only_looks_alone(text):
    assert unpaired(text) == ()


def test_code_does_not_count():
    assert unpaired("Call f( here.", ((5, 7),)) == ()


def test_speech_goes_on_in_the_next_paragraph():
    speech = [("“It was late. We left.", ()), ("“Then it rained.”", ())]
    assert alone_in(speech, 0) == []
    assert [mark.text for mark in alone_in(speech[:1], 0)] == ["“"]
    straight = [('"It was late. We left.', ()), ('"Then it rained."', ())]
    assert alone_in(straight, 0) == []


def test_a_tale_goes_on_after_a_break():
    tale = [("“It was late. We left.", ()), ("Nobody spoke.", ()), ("“Then it rained, and we ran.", ())]
    assert alone_in(tale, 2) == []
    assert [mark.text for mark in alone_in(tale[1:], 1)] == ["“"]


def test_a_bracket_may_be_closed_after_a_list():
    texts = [("We have two of them (that is what", ()), ("one,", ()), ("two).", ())]
    assert [alone_in(texts, at) for at in range(3)] == [[], [], []]


@pytest.mark.parametrize("text", ["(" * 9_000, '"' * 9_001, "( a " * 2_400, ":) " * 3_000, "“" * 200_000])
def test_no_text_takes_long(text):
    assert unpaired(text) == ()
