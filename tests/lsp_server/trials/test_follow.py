"""What becomes of findings, told from changes of the text."""

import dataclasses

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


def finding(text, wrong, right, model="1"):
    start = text.index(wrong)
    span = Span(start, start + len(wrong))
    return Finding(span, KIND, "", (Suggestion(span, right),), 0.9, (f"{wrong}>{right}",), model)


def followed(text=TEXT, found=FOUND):
    document = Followed()
    document.checked([finding(text, *one) for one in found])
    return document


def tally(document):
    return {name: value for name, value in dataclasses.asdict(document.closed()["1"]).items() if value}


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


def test_a_finding_that_stays_from_check_to_check_counts_once_wherever_it_moves():
    document, text = followed(), TEXT
    for prefix in ("Oh. ", "😀 "):
        document.changed(text, prefix + text)
        text = prefix + text
        document.checked([finding(text, *one) for one in FOUND])
    document.changed(text, text.replace("have", "has"))
    assert tally(document) == {"found": 4, "accepted": 1, "ignored": 3}


def test_what_a_later_check_finds_no_more_is_gone():
    document = followed()
    document.changed(TEXT, "They" + TEXT.removeprefix("She"))
    document.checked([finding("They" + TEXT.removeprefix("She"), *one) for one in FOUND[1:]])
    assert tally(document) == {"found": 4, "gone": 1, "ignored": 3}


def test_each_model_has_its_own_tally():
    document = Followed()
    document.checked([finding(TEXT, "go", "goes", "1"), finding(TEXT, "an", "a", "2")])
    document.changed(TEXT, TEXT.replace("go", "goes"))
    assert document.closed() == {"1": Tally(found=1, accepted=1), "2": Tally(found=1, ignored=1)}


def test_an_insertion_is_accepted_too():
    text, place = "I am at home", Span(12, 12)
    document = Followed()
    document.checked([Finding(Span(8, 12), KIND, "", (Suggestion(place, "."),), 0.9, (), "1")])
    document.changed(text, text + ".")
    assert tally(document) == {"found": 1, "accepted": 1}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6), st.sampled_from(["", "a", "to ", "😀"]))))
def test_whatever_is_typed_every_finding_ends_in_one_way(changes):
    document, text = followed(), TEXT
    for start, length, new in changes:
        after = text[:start] + new + text[start + length :]
        document.changed(text, after)
        text = after
    counts = document.closed()["1"]
    assert counts.found == counts.accepted + counts.edited + counts.gone + counts.ignored == 4


@given(st.text("ab", max_size=12), st.data())
def test_applying_any_suggestion_anywhere_is_seen(text, data):
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))))
    right = data.draw(st.text("abc", max_size=5).filter(lambda right: right != span.of(text)))
    document = Followed()
    document.checked([Finding(span, KIND, "", (Suggestion(span, right),), 0.9, (), "1")])
    document.changed(text, text[:start] + right + text[span.end :])
    assert tally(document) == {"found": 1, "accepted": 1}
