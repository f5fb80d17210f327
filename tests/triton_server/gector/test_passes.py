"""Passes, their thresholds and their ends, with scripted taggings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_server.gector.edits import apply
from triton_server.gector.passes import Passes, correct, thresholded
from triton_server.gector.types import KEEP, Decoding, Tagging
from triton_server.segmentation.types import Sentence, Word


def sentence_of(text, **rest):
    words, done = [], 0
    for word in text.split():
        start = text.index(word, done)
        done = start + len(word)
        words.append(Word(word, start, done))
    return Sentence(text, tuple(words), **rest)


PLAIN = Decoding()


class Rules:
    """A real, tiny tagger: says `label` of a word wherever `word` follows `before` (None: anything)."""

    def __init__(self, *rules):
        self.rules = rules
        self.asked = []

    def __call__(self, sentences, keep_confidence):
        assert len(sentences) == len(keep_confidence)
        self.asked.append([tuple(words) for words in sentences])
        return [self.tag(words) for words in sentences]

    def tag(self, words):
        tokens = ["$START", *words]
        labels = [KEEP] * len(tokens)
        for index, token in enumerate(tokens):
            for before, word, label in self.rules:
                if token == word and before in (None, tokens[index - 1] if index else ""):
                    labels[index] = label
        return Tagging(tuple(labels), (0.8,) * len(tokens), (0.9,) * len(tokens))


def corrected(text, *rules, decoding=PLAIN, **rest):
    sentence = sentence_of(text, **rest)
    return apply(text, correct([sentence], Rules(*rules), decoding)[0])


def test_passes_go_on_until_nothing_changes():
    tagger = Rules((None, "go", "$REPLACE_goes"), (None, "goes", "$APPEND_to"))
    sentence = sentence_of("He go school")
    # "to" is put in once only: it would double the word that follows
    (edits,) = correct([sentence], tagger, Decoding())
    assert apply(sentence.text, edits) == "He goes to school"
    assert [words for batch in tagger.asked for words in batch] == [
        ("He", "go", "school"),
        ("He", "goes", "school"),
        ("He", "goes", "to", "school"),
    ]


def test_only_changed_sentences_are_tagged_again():
    tagger = Rules((None, "go", "$REPLACE_goes"))
    edits = correct([sentence_of("He goes"), sentence_of("He go"), sentence_of("")], tagger, Decoding())
    assert tagger.asked == [[("He", "goes"), ("He", "go")], [("He", "goes")]]
    assert [len(found) for found in edits] == [0, 1, 0]


def test_passes_are_limited():
    grows = (None, "x", "$APPEND_y"), ("x", "y", "$APPEND_z"), ("y", "z", "$REPLACE_x")
    sentence = sentence_of("x")
    for limit in range(4):
        passes = Passes([sentence], Decoding(max_passes=limit))
        while batch := passes.pending():
            passes.advance(Rules(*grows)(batch, [0.0] * len(batch)))
        assert passes.used() == [limit]


def test_a_label_that_changes_nothing_ends_the_passes():
    tagger = Rules(
        (None, "the", "$TRANSFORM_VERB_VB_VBZ"), (None, "go", "$REPLACE_go"), (None, "He", "<OOV>")
    )
    assert correct([sentence_of("He go the")], tagger, Decoding()) == [()]
    assert len(tagger.asked) == 1


def test_words_that_go_round_in_circles_are_left_alone():
    rules = [(None, "in", "$REPLACE_on"), (None, "on", "$REPLACE_at"), (None, "at", "$REPLACE_in")]
    assert corrected("I is in bed", (None, "is", "$REPLACE_am"), *rules) == "I am in bed"


def test_an_insertion_that_comes_and_goes_is_none():
    rules = [(None, "big", "$APPEND_red"), (None, "red", "$DELETE")]
    assert corrected("a big house", *rules) == "a big house"


def test_a_circle_does_not_undo_what_was_found_before():
    rules = [(None, "go", "$REPLACE_goes"), ("goes", "in", "$REPLACE_to"), ("goes", "to", "$REPLACE_in")]
    assert corrected("He go in school", *rules) == "He goes in school"


def test_a_sentence_is_never_deleted_whole():
    assert corrected("Go away", (None, "Go", "$DELETE"), (None, "away", "$DELETE")) == "Go away"


@pytest.mark.parametrize("label", ["$DELETE", "$REPLACE_x", "$MERGE_SPACE", "$TRANSFORM_CASE_UPPER"])
def test_untouchable_words_are_not_touched(label):
    sentence = sentence_of("the code runs", untouchable=frozenset({1}))
    assert correct([sentence], Rules((None, "code", label)), Decoding()) == [()]
    assert correct([sentence], Rules((None, "the", "$MERGE_SPACE")), Decoding()) == [()]


def test_words_go_in_beside_untouchable_words():
    rules = [("the", "code", "$APPEND_often"), (None, "the", "$APPEND_good")]
    assert corrected("the code runs", *rules, untouchable=frozenset({1})) == "the good code often runs"


@pytest.mark.parametrize(
    ("text", "may_end_open", "label", "right"),
    [
        ("I am glad", False, "$APPEND_.", "I am glad."),
        ("I am glad", True, "$APPEND_.", "I am glad"),
        ("I am glad", True, "$REPLACE_.", "I am glad"),
        ("I am glad", True, "$APPEND_?", "I am glad"),
        ("I am glad", False, "$APPEND_,", "I am glad"),
        ("I am glad", False, "$APPEND_:", "I am glad"),
        ("not glad", False, "$APPEND_.", "not glad"),
        ("I am : glad", False, "$APPEND_.", "I am : glad."),
        ("I am glad :", False, "$APPEND_.", "I am glad :"),
        ("I am glad .", False, "$APPEND_.", "I am glad ."),
        ("I am glad , so", False, "$APPEND_.", "I am glad , so"),
        ("(I am glad )", False, "$APPEND_.", "(I am glad. )"),
        ("I glad glad", False, "$APPEND_glad", "I glad glad"),
        ("I am glad 're", False, "$REPLACE_your", "I am glad 're"),
    ],
)
def test_odd_endings_and_doublings_are_not_believed(text, may_end_open, label, right):
    assert (
        corrected(text, (None, "glad", label), may_end_open=may_end_open, decoding=Decoding(max_passes=1))
        == right
    )


@pytest.mark.parametrize(
    ("text", "deleted", "right"),
    [
        ("It ( the cat ) ran", "(", "It ( the cat ) ran"),
        ("It ( the cat ) ran", "()", "It the cat ran"),
        ("It the cat ) ran", ")", "It the cat ) ran"),  # the other half may stand in the sentence before
        ("See [ 1 now", "[", "See [ 1 now"),
        ("See # 1 ' now", "#'", "See # 1 ' now"),
        ("my e - mail is", "e", "my e - mail is"),
        ("my e - mail is", "e-", "my e mail is"),
        ("Yes , it is", ",", "Yes it is"),
    ],
)
def test_no_deletion_leaves_half_of_something(text, deleted, right):
    rules = [(None, mark, "$DELETE") for mark in deleted]
    assert corrected(text, *rules, decoding=Decoding(max_passes=1)) == right


@pytest.mark.parametrize(
    ("word", "label"),
    [("not", "$DELETE"), ("also", "$DELETE"), ("Firstly", "$REPLACE_First"), ("which", "$REPLACE_that")],
)
def test_what_is_said_and_which_of_two_right_words_are_the_writers_choice(word, label):
    text = f"{word} this way"
    assert corrected(text, (None, word, label)) == text


@pytest.mark.parametrize("label", ["$TRANSFORM_CASE_CAPITAL", "$REPLACE_Yes"])
def test_a_cell_or_heading_may_begin_small(label):
    assert corrected("yes or no", (None, "yes", label), may_end_open=True) == "yes or no"
    assert corrected("yes or no", (None, "yes", label)) == "Yes or no"


@pytest.mark.parametrize("word", ["macOS", "gRPC", "x86", "docs.html", "a/b"])
def test_names_and_code_keep_their_capitals(word):
    assert corrected(f"On {word} only", (None, word.split("/")[0], "$TRANSFORM_CASE_CAPITAL")) == (
        f"On {word} only"
    )
    assert corrected("On monday only", (None, "monday", "$TRANSFORM_CASE_CAPITAL")) == "On Monday only"


def test_no_word_is_written_twice_around_a_hyphen():
    assert corrected("my e - mail is", (None, "mail", "$REPLACE_email")) == "my e - mail is"
    assert corrected("a well - know man", (None, "know", "$REPLACE_known")) == "a well - known man"


@pytest.mark.parametrize("label", ["$MERGE_SPACE", "$MERGE_HYPHEN"])
def test_numbers_and_marks_are_not_merged(label):
    assert corrected("over 5 0 years", (None, "5", label)) == "over 5 0 years"
    assert corrected("over 50 years", (None, "50", label)) != "over 50 years"


def test_telegraphic_style_does_without_articles():
    rules = [(None, "of", "$APPEND_the")]
    assert corrected("name of file", *rules, may_end_open=True) == "name of file"
    assert corrected("name of file", *rules) == "name of the file"
    assert corrected("It is name of file .", *rules, may_end_open=True) == "It is name of the file ."
    beginning = (None, "$START", "$APPEND_The")
    assert corrected("Dog is here .", beginning, may_end_open=True) == "Dog is here ."
    assert corrected("Dog is here .", beginning) == "The Dog is here ."


def test_the_value_of_a_field_may_begin_small():
    rule = (None, "mesa", "$TRANSFORM_CASE_CAPITAL")
    assert corrected("Name : mesa", rule, may_end_open=True) == "Name : mesa"
    assert corrected("I met : mesa .", rule) == "I met : Mesa ."


@pytest.mark.parametrize("inserted", [".", ",", "The"])
def test_what_may_begin_a_sentence(inserted):
    right = "The Dog is" if inserted == "The" else "Dog is"
    assert (
        corrected("Dog is", (None, "$START", f"$APPEND_{inserted}"), decoding=Decoding(max_passes=1)) == right
    )
    assert corrected("grep finds it .", (None, "$START", f"$APPEND_{inserted}")) == "grep finds it ."


# --- Thresholds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probabilities", "errors", "minimum", "kept"),
    [
        ((0.9, 0.9, 0.9), (0.0, 0.0, 0.0), 0.0, "ABC"),
        ((0.9, 0.9, 0.9), (0.0, 0.4, 0.0), 0.5, "..."),
        ((0.9, 0.9, 0.9), (0.0, 0.5, 0.0), 0.5, "ABC"),
        ((0.9, 0.4, 0.5), (0.0, 0.5, 0.0), 0.5, "A.C"),
        ((0.9, 0.9, 0.9), (0.5, 0.0, 0.0), 0.5, "ABC"),  # $START counts, as in the reference
    ],
)
def test_thresholds(probabilities, errors, minimum, kept):
    tagging = Tagging(("$REPLACE_A", "$REPLACE_B", "$REPLACE_C"), probabilities, errors)
    labels = thresholded(tagging, Decoding(min_error_prob=minimum))
    assert "".join("." if label == KEEP else label[-1] for label in labels) == kept


@given(st.lists(st.tuples(st.sampled_from([KEEP, "$DELETE"]), st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_a_higher_threshold_never_changes_more(words):
    tagging = Tagging(*zip(*words, strict=True))
    for low, high in ((0.0, 0.3), (0.3, 0.6), (0.6, 1.0)):
        less = thresholded(tagging, Decoding(min_error_prob=high))
        more = thresholded(tagging, Decoding(min_error_prob=low))
        assert all(strict in (KEEP, lax) for strict, lax in zip(less, more, strict=True))


# --- Properties ---------------------------------------------------------------------------------------------

vocabulary = st.sampled_from(["a", "b", "c", ",", "."])
some_labels = st.sampled_from(
    [KEEP, "$DELETE", "$MERGE_SPACE", *[f"${w}_{x}" for w in ("APPEND", "REPLACE") for x in "abc,."]]
)
rule = st.tuples(st.none() | vocabulary, vocabulary | st.just("$START"), some_labels)


@given(
    st.lists(st.lists(vocabulary, max_size=6).map(" ".join), max_size=3),
    st.lists(rule, max_size=4),
    st.integers(0, 6),
)
def test_passes_always_end_and_do_not_depend_on_the_batch(texts, rules, limit):
    sentences = [sentence_of(text) for text in texts]
    decoding = Decoding(max_passes=limit)
    together = correct(sentences, Rules(*rules), decoding)
    assert together == [correct([sentence], Rules(*rules), decoding)[0] for sentence in sentences]


def test_of_data_the_model_sees_the_beginning_and_nothing_changes_it():
    data = "x" * 100_000
    sentence = sentence_of(f"He go {data}", untouchable=frozenset({2}))
    tagger = Rules((None, "go", "$REPLACE_goes"), (None, data[:1000], "$DELETE"))
    (edits,) = correct([sentence], tagger, Decoding())
    assert apply(sentence.text, edits) == f"He goes {data}"
    assert tagger.asked[0] == [("He", "go", data[:1000])]
