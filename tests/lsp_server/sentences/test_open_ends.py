"""Which ends may stay open: greetings, closings, labels, lead-ins and fragments; no others."""

import pytest

from lsp_server.sentences.open_ends import may_end_open
from triton_server.segmentation import words_of


def is_open(text):
    return may_end_open([word.text for word in words_of(text)])


@pytest.mark.parametrize(
    "text",
    [
        "Dear Mrs Smith,",
        "Dear Mrs Smith",
        "Hi Ann",
        "To whom it may concern,",
        "Best regards",
        "Yours sincerely, Ann Lee",
        "Many thanks, Ann",
        "Note:",
        "You need the following things:",
        "It is easy —",
        "Then we went home :-)",
        "See the list at https://example.org/list",
        "Write to ann@example.org",
        "Notes on the Third Edition",
        "How We Built It in Ten Days",
        "Frequently asked questions",
        "Part 2 of 3",
        "do not list what is hidden by the pattern",
        "License: whatever the authors have told us in their last mail",
        "Upstream-Name: what it is called by those who make it",
        "--all means that nothing is left out",
        "What you set has the form name = value",
        "Copyright © 2020 of all who have written it and were named",
    ],
)
def test_may_end_open(text):
    assert is_open(text)


@pytest.mark.parametrize(
    "text",
    [
        "He left early.",
        "Why?",
        "“He left.”",
        "(He left.)",
        "It was so. [13]",
        "I love it",
        "i love it",
        "“They have left”",
        "Dear me, what a day that was for all of us",
        "We stayed at home",
        "He don't like it",
        "Thanks to the rain we could not go out and play",
        "The results of our last test are shown below",
        "Last summer my whole family went to the sea by train and bus",
        'She said "I know"',
        "It was late (very late)",
    ],
)
def test_must_be_stopped(text):
    assert not is_open(text)
