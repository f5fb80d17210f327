"""Groups of labels and their thresholds."""

import pytest

from triton_server.gector.groups import GROUPS, group_of
from triton_server.gector.passes import thresholded
from triton_server.gector.types import KEEP, Decoding, Tagging


@pytest.mark.parametrize(
    ("label", "word", "group"),
    [
        ("$APPEND_,", "however", "append-comma"),
        ("$APPEND_the", "in", "append-article"),
        ("$APPEND_.", "end", "append-mark"),
        ("$APPEND_to", "go", "append-preposition"),
        ("$APPEND_is", "he", "append-word"),
        ("$DELETE", ",", "delete-comma"),
        ("$DELETE", "the", "delete-article"),
        ("$REPLACE_on", "in", "replace-preposition"),
        ("$REPLACE_their", "there", "replace-word"),
        ("$TRANSFORM_VERB_VB_VBZ", "go", "verb"),
        ("$TRANSFORM_AGREEMENT_PLURAL", "cat", "number"),
        ("$TRANSFORM_CASE_CAPITAL", "london", "case"),
        ("$MERGE_SPACE", "some", "join"),
    ],
)
def test_groups(label, word, group):
    assert group_of(label, word) == group
    assert group in GROUPS


def test_a_group_may_ask_for_more():
    tagging = Tagging(("$KEEP", "$APPEND_,", "$TRANSFORM_VERB_VB_VBZ"), (0.9, 0.6, 0.6), (0.1, 0.9, 0.9))
    words = ("however", "go")
    plain = Decoding(min_error_prob=0.5)
    assert thresholded(tagging, plain, words) == tagging.labels
    asking = Decoding(min_error_prob=0.5, group_thresholds=(("append-comma", 0.7),))
    assert thresholded(tagging, asking, words) == (KEEP, KEEP, "$TRANSFORM_VERB_VB_VBZ")
    assert Decoding.read({"min_error_prob": 0.5, "group_thresholds": [["append-comma", 0.7]]}) == asking
