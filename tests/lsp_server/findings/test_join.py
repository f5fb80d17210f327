"""What is repaired before the model sees a sentence, and the way back from its edits."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.findings import ErrorKind
from lsp_server.findings.join import repaired
from lsp_server.findings.proposal import Proposal
from triton_server.segmentation import words_of
from triton_server.segmentation.types import Sentence


def proposal(start, end, new):
    return Proposal(start, end, ErrorKind.SPELLING, "", (new,), 0.9, "test")


def sentence(text, untouchable=()):
    return Sentence(text, words_of(text), untouchable=frozenset(untouchable))


def test_without_proposals_nothing_changes():
    one = sentence("He is here.")
    assert repaired(one, ()).sentence is one
    assert repaired(one, ()).original(3, 5) == (3, 5)


def test_the_way_back():
    fixed = repaired(sentence("We dont know wich one."), (proposal(3, 7, "don't"), proposal(13, 17, "which")))
    assert fixed.sentence.text == "We don't know which one."
    assert fixed.original(0, 2) == (0, 2)
    assert fixed.original(9, 13) == (8, 12)  # know
    assert fixed.original(20, 23) == (18, 21)  # one
    assert fixed.original(3, 6) is None
    assert fixed.original(3, 6, widen=True) == (3, 7)
    assert fixed.original(9, 19, widen=True) == (8, 17)  # know which
    assert [fixed.sentence.words[i].text for i in sorted(fixed.sentence.untouchable)] == [
        "do",
        "n't",
        "which",
    ]


def test_what_was_untouchable_stays_so():
    fixed = repaired(sentence("We dont know Foo.", {4}), (proposal(3, 7, "don't"),))
    assert "Foo" in [fixed.sentence.words[i].text for i in fixed.sentence.untouchable]


def test_a_deletion():
    fixed = repaired(sentence("The the cat sat."), (proposal(3, 7, ""),))
    assert fixed.sentence.text == "The cat sat."
    assert fixed.original(4, 7) == (8, 11)


@given(st.data())
def test_what_was_not_repaired_is_the_same_text(data):
    words = data.draw(st.lists(st.sampled_from(["aa", "bbb", "c"]), min_size=1, max_size=8))
    text = " ".join(words)
    chosen = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    proposals, at = [], 0
    for word, is_wrong in zip(words, chosen, strict=True):
        if is_wrong:
            proposals.append(
                proposal(at, at + len(word), data.draw(st.sampled_from(["", "x", "yyyy", "z z"])))
            )
        at += len(word) + 1
    fixed = repaired(sentence(text), tuple(proposals))
    new = fixed.sentence.text
    for start in range(len(new)):
        for end in range(start + 1, len(new) + 1):
            place = fixed.original(start, end)
            if place is not None:
                assert text[slice(*place)] == new[start:end]
            wide = fixed.original(start, end, widen=True)
            assert wide is not None
            assert 0 <= wide[0] <= wide[1] <= len(text)
