"""What becomes of findings, told from changes of the text."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Span
from lsp_server.findings import Finding, Suggestion
from lsp_server.findings.kinds import ErrorKind
from lsp_server.trials import Followed, Tally

KIND = next(iter(ErrorKind))
TEXT = "She go to to school. He have an car."
FOUND = [("go", "goes"), ("to to", "to"), ("have", "has"), ("an", "a")]


def findings(text, found=FOUND, model="1"):
    """All that a model knows to be wrong, wherever it stands."""
    made = []
    for wrong, right in found:
        for match in re.finditer(rf"\b{wrong}\b", text):
            span = Span(*match.span())
            made.append(
                Finding(span, KIND, "", (Suggestion(span, right),), 0.9, (f"{wrong}>{right}",), model)
            )
    return made


def followed(text=TEXT):
    document = Followed()
    document.checked(text, findings(text))
    return document


def tally(document, model="1"):
    tally = document.tallies()[model]
    assert tally.found == tally.accepted + tally.edited + tally.gone + tally.ignored
    return {name: value for name, value in dataclasses.asdict(tally).items() if value}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (TEXT, {"found": 4, "ignored": 4}),
        (TEXT.replace("go", "goes"), {"found": 4, "accepted": 1, "ignored": 3}),
        (TEXT.replace("to to", "to"), {"found": 4, "accepted": 1, "ignored": 3}),
        ("She goes to school. He has a car.", {"found": 4, "accepted": 4}),
        (TEXT.replace("have", "had"), {"found": 4, "edited": 1, "ignored": 3}),
        ("Well! " + TEXT, {"found": 4, "ignored": 4}),
        (TEXT + " Well!", {"found": 4, "ignored": 4}),
        (TEXT.replace("She go", "She ,go"), {"found": 4, "ignored": 4}),
        ("", {"found": 4, "edited": 4}),
    ],
)
def test_one_change(after, expected):
    document = followed()
    document.changed(TEXT, after)
    assert tally(document) == expected


GOES = TEXT.replace("go", "goes")
RIGHT = "She goes to school. He has a car."


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Oh. " + TEXT, "😀 Oh. " + TEXT, "😀 Oh. " + GOES], {"found": 4, "accepted": 1, "ignored": 3}),
        ([GOES, TEXT], {"found": 4, "ignored": 4}),
        ([GOES, TEXT, GOES], {"found": 4, "accepted": 1, "ignored": 3}),
        ([GOES, TEXT, GOES, TEXT], {"found": 4, "ignored": 4}),
        ([GOES, TEXT, TEXT.replace("go", "went")], {"found": 4, "edited": 1, "ignored": 3}),
        ([TEXT.replace("go", "went"), TEXT, GOES], {"found": 4, "accepted": 1, "ignored": 3}),
        ([GOES, GOES + " Well!", "Well! " + TEXT + " Well!"], {"found": 4, "ignored": 4}),
        ([TEXT.replace("an car", "a car"), TEXT], {"found": 4, "ignored": 4}),
        ([TEXT.replace("to to", "to"), TEXT], {"found": 4, "ignored": 4}),
        ([RIGHT, TEXT], {"found": 4, "ignored": 4}),
        ([RIGHT, GOES, TEXT], {"found": 4, "ignored": 4}),
        ([RIGHT, TEXT, RIGHT], {"found": 4, "accepted": 4}),
        (["", TEXT], {"found": 4, "ignored": 4}),
        (["She", TEXT, "She", TEXT, GOES], {"found": 4, "accepted": 1, "ignored": 3}),
        (["*" + TEXT + "*"], {"found": 4, "ignored": 4}),
        ([GOES, GOES + " They go on."], {"found": 5, "accepted": 1, "ignored": 4}),
        ([GOES, GOES + " They go", GOES + " They goes"], {"found": 5, "accepted": 2, "ignored": 3}),
        ([TEXT + " I go on.", GOES + " I go on."], {"found": 5, "accepted": 1, "ignored": 4}),
    ],
    ids=[
        "moved",
        "undone",
        "undone and redone",
        "undone twice",
        "undone and edited",
        "edited and accepted",
        "taken back by hand later",
        "a shorter one undone",
        "a deletion undone",
        "all undone at once",
        "all undone in steps",
        "all undone and redone",
        "everything deleted and undone",
        "deleted and undone twice",
        "all rewritten, and all still there",
        "the same mistake again elsewhere",
        "the same mistake again, accepted again",
        "the same mistake twice",
    ],
)
def test_a_finding_counts_once_for_how_it_ends(texts, expected):
    document, before = followed(), TEXT
    for text in texts:
        document.changed(before, text)
        document.checked(text, findings(text))
        before = text
    assert tally(document) == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ([3], {"found": 4, "gone": 1, "ignored": 3}),
        ([3, 4], {"found": 4, "ignored": 4}),
        ([0, 4, 0], {"found": 4, "gone": 4}),
        ([3, 4, 2, 4], {"found": 4, "ignored": 4}),
    ],
)
def test_what_is_no_longer_found_is_gone_until_it_is_found_again(shown, expected):
    """As when the strictness changes, or the text around."""
    document = followed()
    for number in shown:
        document.checked(TEXT, findings(TEXT, FOUND[:number]))
    assert tally(document) == expected


def test_what_is_gone_is_not_edited_and_comes_back_from_where_it_has_moved():
    document = followed()
    document.checked(TEXT, [])
    document.changed(TEXT, "Well! " + GOES)
    assert tally(document) == {"found": 4, "gone": 4}
    document.checked("Well! " + GOES, findings("Well! " + GOES))
    assert tally(document) == {"found": 4, "gone": 1, "ignored": 3}


def test_each_model_has_its_own_tally():
    document = Followed()
    document.checked(TEXT, [*findings(TEXT, FOUND[:1], "1"), *findings(TEXT, FOUND[3:], "2")])
    document.changed(TEXT, GOES)
    assert document.tallies() == {"1": Tally(found=1, accepted=1), "2": Tally(found=1, ignored=1)}


def test_a_finding_belongs_to_the_model_that_showed_it_last():
    """Another takes over, and it is that one's suggestion that is accepted or not."""
    document = followed()
    document.checked(TEXT, findings(TEXT, model="2"))
    document.changed(TEXT, GOES)
    assert tally(document, "1") == {"found": 4, "gone": 4}
    assert tally(document, "2") == {"found": 4, "accepted": 1, "ignored": 3}
    document.checked(GOES, findings(GOES))
    assert tally(document, "1") == {"found": 4, "gone": 1, "ignored": 3}
    assert tally(document, "2") == {"found": 4, "accepted": 1, "gone": 3}


def test_an_insertion_is_accepted_too():
    text, place = "I am at home", Span(12, 12)
    document = Followed()
    missing = Finding(Span(8, 12), KIND, "", (Suggestion(place, "."),), 0.9, (), "1")
    document.checked(text, [missing])
    document.changed(text, text + ".")
    assert tally(document) == {"found": 1, "accepted": 1}
    document.changed(text + ".", text)
    document.checked(text, [missing])
    assert tally(document) == {"found": 1, "ignored": 1}


CHANGE = st.tuples(st.integers(0, 40), st.integers(0, 12), st.sampled_from(["", "a", "to ", "go", "😀"]))


def changed(text, change):
    start, length, new = change
    return text[:start] + new + text[start + length :]


@given(st.lists(st.tuples(CHANGE, st.booleans())))
def test_whatever_is_typed_every_finding_ends_in_one_way(changes):
    document, text = followed(), TEXT
    for change, check in changes:
        after = changed(text, change)
        document.changed(text, after)
        if check:
            document.checked(after, findings(after))
        text = after
    assert tally(document)["found"] >= 4


@given(CHANGE)
def test_any_change_that_is_undone_leaves_all_as_it_was(change):
    document, after = followed(), changed(TEXT, change)
    document.changed(TEXT, after)
    document.changed(after, TEXT)
    document.checked(TEXT, findings(TEXT))
    assert tally(document) == {"found": 4, "ignored": 4}


@given(st.text("ab", max_size=12), st.data())
def test_applying_any_suggestion_anywhere_is_seen(text, data):
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    right = data.draw(st.text("abc", max_size=5).filter(lambda right: right != span.of(text)))
    document = Followed()
    document.checked(text, [Finding(span, KIND, "", (Suggestion(span, right),), 0.9, (), "1")])
    document.changed(text, text[:start] + right + text[span.end :])
    assert tally(document) == {"found": 1, "accepted": 1}
