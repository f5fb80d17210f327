"""From drafts to edits: tables of spacing, and properties over random sentences and labels."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_server.gector.draft import draft_of, relabelled, words_of
from triton_server.gector.edits import apply, edits_of
from triton_server.gector.spacing import spaced, styled
from triton_server.gector.types import KEEP
from triton_server.segmentation.types import Sentence, Word


def sentence_of(text, words=None, **rest):
    """A sentence of `words` (by default, split at spaces), found one after another in `text`."""
    found, done = [], 0
    for word in words or text.split():
        start = text.index(word, done)
        done = start + len(word)
        found.append(Word(word, start, done))
    return Sentence(text, tuple(found), **rest)


def labelled(sentence, *passes):
    """The draft after passes given as {position: label}; position 0 is $START."""
    draft = draft_of(sentence)
    for number, given_labels in enumerate(passes, 1):
        count = len(words_of(draft)) + 1
        labels = [given_labels.get(position, KEEP) for position in range(count)]
        draft = relabelled(draft, sentence, labels, [0.9] * count, number)
    return draft


def changes(text, words, *passes):
    sentence = sentence_of(text, words)
    edits = edits_of(sentence, labelled(sentence, *passes))
    return [(text[e.start : e.end], e.replacement) for e in edits], apply(text, edits)


# Words are separated by blanks where they stand in the text as they are, by | where they touch.
@pytest.mark.parametrize(
    ("text", "labels", "right", "edits"),
    [
        # insertions
        ("at station", {1: "$APPEND_the"}, "at the station", [("", "the ")]),
        ("Station", {0: "$APPEND_The"}, "The Station", [("", "The ")]),
        ("at the", {2: "$APPEND_station"}, "at the station", [("", " station")]),
        ("However I", {1: "$APPEND_,"}, "However, I", [("", ",")]),
        ("come here|!", {2: "$APPEND_now"}, "come here now!", [("", " now")]),
        ("my friend car", {2: "$APPEND_'s"}, "my friend's car", [("", "'s")]),
        ("I do know", {2: "$APPEND_n't"}, "I don't know", [("", "n't")]),
        ("it cost 5 now", {2: "$APPEND_$"}, "it cost $5 now", [("", "$")]),
        ("sales of 5 now", {3: "$APPEND_%"}, "sales of 5% now", [("", "%")]),
        ("the dog )|", {1: "$APPEND_("}, "the (dog )", [("", "(")]),
        ("well known man", {1: "$APPEND_-"}, "well-known man", [(" ", "-")]),
        ('say hello"', {1: "$APPEND_``"}, 'say "hello"', [("", '"')]),
        ("go\nstation", {1: "$APPEND_to"}, "go\nto station", [("", "to ")]),
        # deletions eat one side
        ("the very good", {2: "$DELETE"}, "the good", [("very ", "")]),
        ("The very good", {1: "$DELETE"}, "very good", [("The ", "")]),
        ("very good", {2: "$DELETE"}, "very", [(" good", "")]),
        ("go home|.", {2: "$DELETE"}, "go.", [(" home", "")]),
        ("Hello very , world", {2: "$DELETE"}, "Hello , world", [(" very", "")]),
        ("(|very good|)", {2: "$DELETE"}, "(good)", [("very ", "")]),
        ("the very\ngood", {2: "$DELETE"}, "the\ngood", [(" very", "")]),
        ("the\nvery good", {2: "$DELETE"}, "the\ngood", [("very ", "")]),
        ("well|-|known", {2: "$DELETE"}, "well known", [("-", " ")]),
        ("is, I", {1: "$DELETE"}, "I", [("is, ", "")]),
        # replacements
        ("He go home", {2: "$REPLACE_goes"}, "He goes home", [("go", "goes")]),
        ("do not go", {2: "$REPLACE_n't"}, "don't go", [(" not", "n't")]),
        ("do|n't go", {2: "$REPLACE_not"}, "do not go", [("n't", " not")]),
        ("can|not go", {1: "$REPLACE_could"}, "could not go", [("can", "could ")]),
        ("here , and", {2: "$REPLACE_."}, "here . and", [(",", ".")]),
        ("here|, and", {2: "$REPLACE_or"}, "here or and", [(",", " or")]),
        ("here or and", {2: "$REPLACE_,"}, "here, and", [(" or", ",")]),
        # merges and splits
        ("every day life", {1: "$MERGE_SPACE"}, "everyday life", [(" ", "")]),
        ("well known man", {1: "$MERGE_HYPHEN"}, "well-known man", [(" ", "-")]),
        ("a b c d", {1: "$MERGE_SPACE", 2: "$MERGE_SPACE", 3: "$MERGE_SPACE"}, "abcd", [(" b c ", "bc")]),
        ("do|n't go", {1: "$MERGE_SPACE"}, "don't go", []),
        ("every day", {2: "$MERGE_SPACE"}, "every day", []),
        ("every day", {1: "$MERGE_SPACE", 2: "$DELETE"}, "every", [(" day", "")]),
        ("well-known man", {1: "$TRANSFORM_SPLIT_HYPHEN"}, "well known man", [("-", " ")]),
        # neighbours
        (
            "He go he",
            {2: "$REPLACE_goes", 3: "$REPLACE_home"},
            "He goes home",
            [("go", "goes"), ("he", "home")],
        ),
        ("she do|nt go", {2: "$REPLACE_does", 3: "$REPLACE_n't"}, "she doesn't go", [("dont", "doesn't")]),
        ("more easy", {1: "$DELETE", 2: "$REPLACE_easier"}, "easier", [("more easy", "easier")]),
        ("of big", {0: "$APPEND_many", 1: "$DELETE"}, "many big", [("of", "many")]),
        # text that looks like a label is text
        ("$DELETE $START $MERGE_SPACE x", {4: "$REPLACE_y"}, "$DELETE $START $MERGE_SPACE y", [("x", "y")]),
    ],
)
def test_one_pass(text, labels, right, edits):
    words = [word for chunk in text.split() for word in chunk.split("|") if word]
    assert changes(text.replace("|", ""), words, labels) == (edits, right)


@pytest.mark.parametrize(
    ("text", "passes", "right", "edits"),
    [
        # chained labels at one place are one edit
        ("He go school", [{2: "$REPLACE_goes"}, {2: "$APPEND_to"}], "He goes to school", [("go", "goes to")]),
        ("at old house", [{1: "$APPEND_a"}, {2: "$REPLACE_an"}], "at an old house", [("", "an ")]),
        ("we of go", [{2: "$DELETE"}, {1: "$APPEND_will"}], "we will go", [("of", "will")]),
        # what a later pass undoes is no edit
        ("at house", [{1: "$APPEND_a"}, {2: "$DELETE"}], "at house", []),
        ("He goes", [{2: "$REPLACE_go"}, {2: "$REPLACE_goes"}], "He goes", []),
        ("we of go", [{2: "$DELETE"}, {1: "$APPEND_of"}], "we of go", []),
        # a merged word goes on as one
        ("every days", [{1: "$MERGE_SPACE"}, {1: "$REPLACE_daily"}], "daily", [("every days", "daily")]),
        ("a lot of", [{1: "$MERGE_SPACE"}, {1: "$APPEND_,"}], "alot, of", [("a lot", "alot,")]),
        ("x y", [{1: "$APPEND_the"}, {2: "$MERGE_SPACE"}], "x they", [("y", "they")]),
    ],
)
def test_more_passes(text, passes, right, edits):
    assert changes(text, None, *passes) == (edits, right)


def test_an_edit_says_which_labels_made_it_and_how_sure_they_were():
    sentence = sentence_of("He go school")
    first = [KEEP, KEEP, "$TRANSFORM_VERB_VB_VBZ", KEEP]
    draft = relabelled(draft_of(sentence), sentence, first, [0.9, 0.9, 0.7, 0.9], 1)
    draft = relabelled(draft, sentence, [KEEP, KEEP, "$APPEND_to", KEEP], [0.9, 0.9, 0.6, 0.9], 2)
    (edit,) = edits_of(sentence, draft)
    assert edit.labels == ("$TRANSFORM_VERB_VB_VBZ", "$APPEND_to")
    assert edit.confidence == 0.6


@pytest.mark.parametrize(
    ("text", "labels", "right"),
    [
        ("It’s my friend car", {3: "$APPEND_'s"}, "It’s my friend’s car"),
        ("It's my friend car", {3: "$APPEND_'s"}, "It's my friend's car"),
        ("a “word” say hello”", {3: "$APPEND_``"}, "a “word” say “hello”"),
    ],
)
def test_insertions_follow_the_style_of_the_text(text, labels, right):
    assert changes(text, None, labels)[1] == right


# --- Properties ---------------------------------------------------------------------------------------------

WORDS = [
    "I",
    "do",
    "n't",
    "go",
    "goes",
    "the",
    "children",
    "to",
    "every",
    "day",
    "well-known",
    "$DELETE",
    "É",
    "5",
]
MARKS = [",", ".", "(", ")", "-", "'s", "%"]
LABELS = [
    *[KEEP] * 6,
    "<OOV>",
    "$DELETE",
    "$DELETE",
    *[f"$APPEND_{word}" for word in ("the", "to", ",", ".", "(", "-", "n't", "'s")],
    *[f"$REPLACE_{word}" for word in ("went", "n't", ",", ".", "not", "(", "-")],
    "$TRANSFORM_CASE_CAPITAL",
    "$TRANSFORM_VERB_VB_VBZ",
    "$TRANSFORM_AGREEMENT_PLURAL",
    "$TRANSFORM_AGREEMENT_SINGULAR",
    "$TRANSFORM_SPLIT_HYPHEN",
    "$MERGE_SPACE",
    "$MERGE_HYPHEN",
]
some_words = st.lists(st.sampled_from(WORDS + MARKS), min_size=1, max_size=10)
seeds = st.integers(0, 2**32)


@st.composite
def sentences(draw):
    words = draw(some_words)
    gaps = draw(
        st.lists(st.sampled_from(["", " ", " ", "  ", "\n", " \t"]), min_size=len(words), max_size=len(words))
    )
    text, placed = gaps[0], []
    for word, gap in zip(words, [*gaps[1:], ""], strict=True):
        placed.append(Word(word, len(text), len(text) + len(word)))
        text += word + gap
    untouchable = frozenset(draw(st.sets(st.integers(0, len(words) - 1), max_size=2)))
    return Sentence(text, tuple(placed), draw(st.booleans()), untouchable)


def random_draft(sentence, seed):
    """The draft after one to four passes of random labels, stopping before all words are gone."""
    chance = random.Random(seed)
    draft = draft_of(sentence)
    for number in range(1, chance.randint(1, 4) + 1):
        count = len(words_of(draft)) + 1
        labels = [chance.choice(LABELS) for _ in range(count)]
        after = relabelled(draft, sentence, labels, [chance.random() for _ in range(count)], number)
        draft = after if words_of(after) else draft
    return draft


@given(sentences(), seeds)
def test_edits_are_in_order_and_apart(sentence, seed):
    edits = edits_of(sentence, random_draft(sentence, seed))
    for edit in edits:
        assert 0 <= edit.start <= edit.end <= len(sentence.text)
        assert sentence.text[edit.start : edit.end] != edit.replacement
        assert edit.labels
        assert 0 <= edit.confidence <= 1
    for edit, following in pairwise(edits):
        assert edit.end <= following.start
        if edit.start == edit.end or following.start == following.end:
            assert edit.end < following.start


@given(sentences(), seeds)
def test_edits_give_exactly_the_corrected_words(sentence, seed):
    draft = random_draft(sentence, seed)
    corrected = apply(sentence.text, edits_of(sentence, draft))
    words = [styled(word, sentence.text) for word in words_of(draft)]
    assert "".join(corrected.split()) == "".join(words)


@given(sentences(), seeds)
def test_what_has_no_label_is_left_alone(sentence, seed):
    """No edit reaches into an unchanged word, nor between two that are still neighbours."""
    draft = random_draft(sentence, seed)
    edits = edits_of(sentence, draft)
    left_alone = set()
    for piece in draft:
        if len(piece.origin) == 1 and not piece.marks:
            word = sentence.words[piece.origin[0]]
            assert not any(edit.start < word.end and word.start < edit.end for edit in edits)
        if not piece.marks:
            left_alone |= set(range(piece.first, piece.last + 1))
    for index, (word, following) in enumerate(pairwise(sentence.words)):
        if {2 * index + 1, 2 * index + 2, 2 * index + 3} <= left_alone:
            inside = [e for e in edits if word.end <= e.start <= e.end <= following.start]
            # at the very edges an edit belongs to the words beyond, which nothing separates from these
            assert not inside


@given(sentences(), seeds)
def test_untouchable_words_stay(sentence, seed):
    edits = edits_of(sentence, random_draft(sentence, seed))
    for index in sentence.untouchable:
        word = sentence.words[index]
        assert not any(edit.start < word.end and word.start < edit.end for edit in edits)


@given(some_words, seeds)
def test_usual_spacing_stays_usual(words, seed):
    text = spaced(words)
    sentence = sentence_of(text, words)
    draft = random_draft(sentence, seed)
    assert apply(text, edits_of(sentence, draft)) == spaced(words_of(draft))


@given(sentences(), seeds)
def test_a_heading_gets_no_full_stop(sentence, seed):
    heading = Sentence(sentence.text.rstrip(" .!?"), sentence.words[:1], may_end_open=True)
    if heading.text and heading.words[0].end <= len(heading.text):
        draft = random_draft(heading, seed)
        ended = apply(heading.text, edits_of(heading, draft)).endswith((".", "!", "?"))
        assert not ended or heading.text.endswith((".", "!", "?"))
