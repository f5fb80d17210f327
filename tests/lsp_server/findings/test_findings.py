"""Edits explained, and findings put on the document."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import Span
from lsp_server.findings import ErrorKind, Suggestion, explain, findings_of
from triton_server.gector.types import Edit
from triton_server.segmentation.types import Sentence, Word


def sentence_of(text):
    """A sentence; `|` marks a border of words where there is no blank."""
    words, plain = [], ""
    for chunk in text.split(" "):
        plain += " " if plain else ""
        for word in filter(None, chunk.split("|")):
            words.append(Word(word, len(plain), len(plain) + len(word)))
            plain += word
    return Sentence(plain, tuple(words))


def edit_of(sentence, old, new, *labels, after=""):
    """The edit that makes `new` of the first `old` behind `after`."""
    start = sentence.text.index(after) + len(after)
    start = sentence.text.index(old, start)
    return Edit(start, start + len(old), new, labels or ("$REPLACE_x",), 0.5)


INSERTIONS = [
    # text, where it goes (behind this), inserted, kind, message, underlined
    (
        "met at station|.",
        "at ",
        "the ",
        "missing-article",
        "Missing article: “the” before “station”.",
        "station",
    ),
    ("met at |.", "at", " noon", "missing-word", "Missing word: “noon” after “at”.", "at"),
    ("However I left", "However", ",", "missing-comma", "Missing comma after “However”.", "However"),
    ("I left", "left", ".", "punctuation", "Missing full stop after “left”.", "left"),
    ("go school", "go ", "to ", "preposition", "Missing “to” before “school”.", "school"),
    ("go Monday", "go ", "on ", "preposition", "Missing preposition: “on” before “Monday”.", "Monday"),
    ("He going", "He ", "is ", "missing-word", "Missing verb: “is” before “going”.", "going"),
    ("I saw going", "saw ", "him ", "pronoun", "Missing pronoun: “him” before “going”.", "going"),
    ("was (|good", "good", ")", "punctuation", "Missing bracket after “good”.", "good"),
]


@pytest.mark.parametrize(("text", "behind", "inserted", "kind", "message", "underlined"), INSERTIONS)
def test_insertions(text, behind, inserted, kind, message, underlined):
    sentence = sentence_of(text)
    explained = explain(
        sentence, edit_of(sentence, "", inserted, f"$APPEND_{inserted.strip()}", after=behind)
    )
    assert (explained.kind.code, explained.message) == (kind, message)
    assert sentence.text[explained.start : explained.end] == underlined


DELETIONS = [
    ("I am agree with", "am ", "extra-word", "Unneeded word: leave out “am” before “agree”.", "am"),
    ("in the the box", "the ", "repeated-word", "Repeated word: “the” stands here twice.", "the"),
    ("in the nature", "the ", "article", "Unneeded article: leave out “the” before “nature”.", "the"),
    ("I discussed about it", " about", "preposition", "Unneeded “about” before “it”: leave it out.", "about"),
    ("he|, said", ",", "punctuation", "Unneeded comma after “he”.", ","),
    (
        "it is so very so",
        "so very ",
        "extra-word",
        "Unneeded words: leave out “so very” before “so”.",
        "so very",
    ),
]


@pytest.mark.parametrize(("text", "deleted", "kind", "message", "underlined"), DELETIONS)
def test_deletions(text, deleted, kind, message, underlined):
    sentence = sentence_of(text)
    explained = explain(sentence, edit_of(sentence, deleted, "", "$DELETE"))
    assert (explained.kind.code, explained.message) == (kind, message)
    assert sentence.text[explained.start : explained.end] == underlined


AGREE = "The verb should agree with its subject: "
CHANGES = [
    (
        "He go home",
        "go",
        "goes",
        "$TRANSFORM_VERB_VB_VBZ",
        "subject-verb-agreement",
        AGREE + "“goes” instead of “go”.",
    ),
    ("There is two", "is", "are", "$REPLACE_are", "subject-verb-agreement", AGREE + "“are” instead of “is”."),
    (
        "She do|n't",
        "do",
        "does",
        "$TRANSFORM_VERB_VB_VBZ",
        "subject-verb-agreement",
        AGREE + "“doesn't” instead of “don't”.",
    ),
    (
        "a list of value",
        "value",
        "values",
        "$TRANSFORM_VERB_VB_VBZ",
        "noun-number",
        "Use the plural: “values” instead of “value”.",
    ),
    (
        "new plant could",
        "plant",
        "plants",
        "$TRANSFORM_VERB_VB_VBZ",
        "noun-number",
        "Use the plural: “plants” instead of “plant”.",
    ),
    (
        "the main reason is",
        "reason",
        "reasons",
        "$TRANSFORM_VERB_VB_VBZ",
        "noun-number",
        "Use the plural: “reasons” instead of “reason”.",
    ),
    (
        "he will comes",
        "comes",
        "come",
        "$TRANSFORM_VERB_VBZ_VB",
        "verb-form",
        "After “will” comes the base form of the verb: “come” instead of “comes”.",
    ),
    (
        "I did not went",
        "went",
        "go",
        "$TRANSFORM_VERB_VBD_VB",
        "verb-form",
        "After “did not” comes the base form of the verb: “go” instead of “went”.",
    ),
    (
        "I ca|n't goes",
        "goes",
        "go",
        "$TRANSFORM_VERB_VBZ_VB",
        "verb-form",
        "After “can't” comes the base form of the verb: “go” instead of “goes”.",
    ),
    (
        "I have went",
        "went",
        "gone",
        "$TRANSFORM_VERB_VBD_VBN",
        "verb-form",
        "Wrong verb form: “gone” instead of “went”.",
    ),
    (
        "Once I go",
        "go",
        "went",
        "$TRANSFORM_VERB_VB_VBD",
        "verb-tense",
        "Check the tense of the verb: “went” instead of “go”.",
    ),
    (
        "two hour",
        "hour",
        "hours",
        "$TRANSFORM_AGREEMENT_PLURAL",
        "noun-number",
        "Use the plural: “hours” instead of “hour”.",
    ),
    (
        "The childs",
        "childs",
        "children",
        "$REPLACE_children",
        "noun-number",
        "Use the plural: “children” instead of “childs”.",
    ),
    (
        "a honest man",
        "a",
        "an",
        "$REPLACE_an",
        "article",
        "Use the article “an” instead of “a” before “honest”.",
    ),
    (
        "afraid from dogs",
        "from",
        "of",
        "$REPLACE_of",
        "preposition",
        "Use the preposition “of” instead of “from”.",
    ),
    ("Him is", "Him", "He", "$REPLACE_He", "pronoun", "Use the pronoun “He” instead of “Him”."),
    (
        "in there house",
        "there",
        "their",
        "$REPLACE_their",
        "confused-word",
        "Easily confused words: “their” instead of “there”.",
    ),
    (
        "its good",
        "its",
        "it is",
        "$APPEND_is",
        "confused-word",
        "Easily confused words: “it is” instead of “its”.",
    ),
    ("did a mistake", "did", "made", "$REPLACE_made", "word-choice", "Use “made” instead of “did”."),
    (
        "I recieved it",
        "recieved",
        "received",
        "$REPLACE_received",
        "spelling",
        "Spelling: “received” instead of “recieved”.",
    ),
    (
        "in london",
        "london",
        "London",
        "$TRANSFORM_CASE_CAPITAL",
        "capitalisation",
        "Write “London” with a capital letter.",
    ),
    ("at nasa", "nasa", "NASA", "$TRANSFORM_CASE_UPPER", "capitalisation", "Write “NASA” in capitals."),
    ("at The end", "The", "the", "$TRANSFORM_CASE_LOWER", "capitalisation", "Write “the” in lower case."),
    (
        "Do|nt go",
        "nt",
        "n't",
        "$REPLACE_n't",
        "contraction",
        "Missing apostrophe: “Don't” instead of “Dont”.",
    ),
    ("Do|nt go", "Dont", "Doesn't", "$REPLACE_n't", "contraction", "Use “Doesn't” instead of “Dont”."),
    ("every day life", " ", "", "$MERGE_SPACE", "compound", "Write “everyday” as one word."),
    ("every well known man", " ", "-", "$MERGE_HYPHEN", "compound", "Write “every-well” with a hyphen."),
    ("alot of", "alot", "a lot", "$REPLACE_lot", "compound", "Write “a lot” as separate words."),
    ("so|, he", ",", ".", "$REPLACE_.", "punctuation", "Use “.” instead of “,”."),
    ("he goed", "goed", "is going", "$REPLACE_going", "grammar", "Use “is going” instead of “goed”."),
]


@pytest.mark.parametrize(("text", "old", "new", "label", "kind", "message"), CHANGES)
def test_changes(text, old, new, label, kind, message):
    sentence = sentence_of(text)
    explained = explain(sentence, edit_of(sentence, old, new, label))
    assert (explained.kind.code, explained.message) == (kind, message)


def test_every_kind_has_a_code_and_an_example():
    codes = [kind.code for kind in ErrorKind]
    assert len(set(codes)) == len(codes) == len(ErrorKind.__members__)
    for kind in ErrorKind:
        assert set(kind.code) <= set(string.ascii_lowercase + "-")
        assert kind.wrong != kind.right
        assert ErrorKind(kind.code) is kind


def test_the_tables_above_name_every_kind():
    told = {row[3] for row in INSERTIONS} | {row[2] for row in DELETIONS} | {row[4] for row in CHANGES}
    assert told == {kind.code for kind in ErrorKind} - {ErrorKind.DIRECTIVE.code}  # no edit of a sentence


# --- On the document ----------------------------------------------------------------------------------------


def shifted(start, end, replacement=None):
    return Span(start + 100, end + 100)


def test_an_insertion_underlines_its_neighbour_and_is_made_in_its_place():
    sentence = sentence_of("met at station")
    (finding,) = findings_of(sentence, [edit_of(sentence, "", "the ", "$APPEND_the", after="at ")], shifted)
    assert finding.span == Span(107, 114)
    assert finding.suggestions == (Suggestion(Span(107, 107), "the "),)
    assert finding.labels == ("$APPEND_the",)
    assert finding.confidence == 0.5


def test_an_edit_that_cannot_be_made_exactly_gives_no_finding():
    sentence = sentence_of("He go at station")
    edits = [edit_of(sentence, "go", "goes"), edit_of(sentence, "", "the ", after="at ")]

    def only_insertions(start, end, replacement=None):
        return Span(start, end) if start == end or replacement is None else None

    assert [f.suggestions[0].replacement for f in findings_of(sentence, edits, only_insertions)] == ["the "]


def test_where_the_whole_word_cannot_be_underlined_the_edit_is():
    sentence = sentence_of("Do|nt go")
    edit = edit_of(sentence, "nt", "n't")

    def never_from_the_start(start, end, replacement=None):
        return Span(start, end) if start else None

    (finding,) = findings_of(sentence, [edit], never_from_the_start)
    assert finding.span == Span(2, 4)


def test_an_insertion_with_nothing_to_underline_gives_no_finding():
    sentence = sentence_of("go school")

    def only_places(start, end, replacement=None):
        return Span(start, end) if start == end else None

    assert findings_of(sentence, [edit_of(sentence, "", "to ", after="go ")], only_places) == []


# --- Properties ---------------------------------------------------------------------------------------------

some_words = st.lists(
    st.sampled_from(["He", "go", "the", "do|n't", "“|x|”", ",", ".", "(|é", "$DELETE", "nt"]), min_size=1
)


@given(some_words, st.data())
def test_every_edit_is_explained(words, data):
    sentence = sentence_of(" ".join(words))
    start = data.draw(st.integers(0, len(sentence.text)))
    end = data.draw(st.integers(start, len(sentence.text)))
    new = data.draw(st.text(alphabet="ab ,.'’-\n", max_size=6))
    label = data.draw(
        st.sampled_from(["$DELETE", "$TRANSFORM_VERB_VB_VBZ", "$TRANSFORM_AGREEMENT_PLURAL", "$APPEND_x"])
    )
    explained = explain(sentence, Edit(start, end, new, (label,), 0.5))
    assert 0 <= explained.start < explained.end <= len(sentence.text)
    assert explained.message.endswith(".")
    assert "\n" not in explained.message
    assert "$TRANSFORM" not in explained.message
