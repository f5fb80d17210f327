"""Every label of the bundled model is read, and each kind does what it says."""

import json
from pathlib import Path

import pytest

import triton_server
from triton_server.gector.labels import Action, Label, parse_label, rewrite

MODEL = Path(triton_server.__file__).parent / "models" / "gector-distilbert"


def test_every_label_of_the_bundled_model_is_known():
    labels = json.loads((MODEL / "config.json").read_text(encoding="utf-8"))["label2id"]
    assert len(labels) > 5_000
    unknown = [label for label in labels if parse_label(label) == Label(Action.KEEP)]
    assert sorted(unknown) == ["$KEEP", "<OOV>", "<PAD>"]


@pytest.mark.parametrize(
    ("label", "read"),
    [
        ("$KEEP", Label(Action.KEEP)),
        ("<OOV>", Label(Action.KEEP)),
        ("$TRANSFORM_VERB_VB_XYZ", Label(Action.KEEP)),
        ("$NOBODY_KNOWS", Label(Action.KEEP)),
        ("$APPEND_", Label(Action.KEEP)),
        ("$DELETE", Label(Action.DELETE)),
        ("$APPEND_the", Label(Action.APPEND, "the")),
        ("$APPEND__", Label(Action.APPEND, "_")),
        ("$REPLACE_haven't", Label(Action.REPLACE, "haven't")),
        ("$TRANSFORM_CASE_CAPITAL_1", Label(Action.CASE, "CAPITAL_1")),
        ("$TRANSFORM_AGREEMENT_PLURAL", Label(Action.AGREEMENT, "PLURAL")),
        ("$TRANSFORM_VERB_VB_VBZ", Label(Action.VERB, "VB_VBZ")),
        ("$TRANSFORM_SPLIT_HYPHEN", Label(Action.SPLIT_HYPHEN)),
        ("$MERGE_SPACE", Label(Action.MERGE, "")),
        ("$MERGE_HYPHEN", Label(Action.MERGE, "-")),
    ],
)
def test_a_label_is_read(label, read):
    assert parse_label(label) == read


@pytest.mark.parametrize(
    ("word", "label", "words"),
    [
        ("go", "$KEEP", "go"),
        ("go", "$DELETE", ""),
        ("go", "$REPLACE_went", "went"),
        ("go", "$APPEND_to", "go"),
        ("go", "$MERGE_SPACE", "go"),
        ("The", "$TRANSFORM_CASE_LOWER", "the"),
        ("nasa", "$TRANSFORM_CASE_UPPER", "NASA"),
        ("london", "$TRANSFORM_CASE_CAPITAL", "London"),
        ("mcDonald", "$TRANSFORM_CASE_CAPITAL", "McDonald"),
        ("iPhone", "$TRANSFORM_CASE_CAPITAL", "IPhone"),
        ("iphone", "$TRANSFORM_CASE_CAPITAL_1", "iPhone"),
        ("a", "$TRANSFORM_CASE_CAPITAL_1", "a"),
        ("apple", "$TRANSFORM_AGREEMENT_PLURAL", "apples"),
        ("child", "$TRANSFORM_AGREEMENT_PLURAL", "children"),
        ("City", "$TRANSFORM_AGREEMENT_PLURAL", "Cities"),
        ("children", "$TRANSFORM_AGREEMENT_PLURAL", "children"),
        ("children", "$TRANSFORM_AGREEMENT_SINGULAR", "child"),
        ("HOUSES", "$TRANSFORM_AGREEMENT_SINGULAR", "HOUSE"),
        ("happy", "$TRANSFORM_AGREEMENT_SINGULAR", "happy"),
        ("this", "$TRANSFORM_AGREEMENT_SINGULAR", "this"),
        ("its", "$TRANSFORM_AGREEMENT_SINGULAR", "it"),
        ("go", "$TRANSFORM_VERB_VB_VBZ", "goes"),
        ("Go", "$TRANSFORM_VERB_VB_VBZ", "Goes"),
        ("GO", "$TRANSFORM_VERB_VB_VBG", "GOING"),
        ("table-cloth", "$TRANSFORM_VERB_VB_VBZ", "table-cloth"),
        ("well-known", "$TRANSFORM_SPLIT_HYPHEN", "well known"),
        ("-", "$TRANSFORM_SPLIT_HYPHEN", "-"),
        ("wellknown", "$TRANSFORM_SPLIT_HYPHEN", "wellknown"),
    ],
)
def test_a_label_rewrites_a_word(word, label, words):
    assert rewrite(word, parse_label(label)) == tuple(words.split())


def test_no_label_leaves_a_word_empty_or_with_a_space():
    labels = json.loads((MODEL / "config.json").read_text(encoding="utf-8"))["label2id"]
    for label in labels:
        for word in ("s", "I", "'s", "-", "$DELETE", "children", "É", "…"):
            for rewritten in rewrite(word, parse_label(label)):
                assert rewritten
                assert not any(character.isspace() for character in rewritten)
