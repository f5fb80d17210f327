"""Labels lead from the source to the target, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_server.gector.types import KEEP
from triton_server.training.label import applied, labels_of, passes_of, transformation

WORDS = """
a an the The A go goes went gone City city cities box boxes - , . 's n't do It it its alot lot well-known well
known e-mail I i NASA nasa iPhone “ ’ naïve 😀 straße $KEEP $DELETE x|y
"""
TOKENS = st.sampled_from(WORDS.split())
SENTENCES = st.lists(
    st.one_of(TOKENS, st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=4)),
    max_size=12,
)


@given(SENTENCES, SENTENCES)
def test_the_passes_make_the_target_of_the_source(source, target):
    words = tuple(source)
    for labels in passes_of(source, target):
        assert len(labels) == len(words) + 1
        words = applied(words, labels)
    assert words == tuple(target)


@given(SENTENCES)
def test_what_is_right_is_kept(words):
    assert labels_of(words, words) == (KEEP,) * (len(words) + 1)
    assert passes_of(words, words) == []


@pytest.mark.parametrize(
    ("source", "target", "first"),
    [
        ("He go home", "He goes home", "$KEEP $KEEP $TRANSFORM_VERB_VB_VBZ $KEEP"),
        ("He going home", "He is going home", "$KEEP $APPEND_is $KEEP $KEEP"),
        ("two city", "two cities", "$KEEP $KEEP $TRANSFORM_AGREEMENT_PLURAL"),
        ("go to home", "go home", "$KEEP $KEEP $DELETE $KEEP"),
        ("a lot", "alot", "$KEEP $MERGE_SPACE $KEEP"),
        ("well known", "well-known", "$KEEP $MERGE_HYPHEN $KEEP"),
        ("well-known man", "well known man", "$KEEP $TRANSFORM_SPLIT_HYPHEN $KEEP"),
        ("i think", "I think", "$KEEP $TRANSFORM_CASE_CAPITAL $KEEP"),
        ("should of told", "should have told", "$KEEP $KEEP $REPLACE_have $KEEP"),
        ("is a", "This is a", "$APPEND_This $KEEP $KEEP"),
        ("the the report", "the report", "$KEEP $DELETE $KEEP $KEEP"),
    ],
)
def test_first_labels(source, target, first):
    assert " ".join(labels_of(source.split(), target.split())) == first


@pytest.mark.parametrize(
    ("word", "wanted", "label"),
    [
        ("went", "go", "$TRANSFORM_VERB_VBD_VB"),
        ("Go", "Went", "$TRANSFORM_VERB_VB_VBD"),
        ("IPhone", "iPhone", None),
        ("iphone", "iPhone", "$TRANSFORM_CASE_CAPITAL_1"),
        ("cities", "city", "$TRANSFORM_AGREEMENT_SINGULAR"),
        ("form", "from", None),
    ],
)
def test_rules(word, wanted, label):
    assert transformation(word, wanted) == label
