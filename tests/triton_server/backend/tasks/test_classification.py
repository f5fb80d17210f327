"""Labels of texts and of spans, held against HuggingFace's own pipelines."""

import json

import numpy as np
import pytest
from transformers import pipeline

from tests.triton_server.backend.tasks.tasks_helpers import request, values
from triton_server.backend.requests import BadRequest
from triton_server.backend.tasks.token_classification import Token, entities

pytestmark = pytest.mark.slow
TEXTS = [
    "What a lovely surprise, I enjoyed every minute!",
    "The worst film of the year.",
    "Zoë 👩‍👩‍👧 lives in Zürich 😀, and Ada Lovelace in London.",
    "Angela Merkel flew from Berlin to New York with Siemens. " * 2,
]


def of_transformers(models, task, name, **options):
    model = models[name]
    return pipeline(task, model=model.model, tokenizer=model.tokenizer, device="cpu", **options)


def test_labels_and_scores_are_those_of_transformers(models, make_backend):
    expected = of_transformers(models, "text-classification", "text-classification", top_k=3)(TEXTS)
    (answer,) = make_backend("text-classification").answer(
        [request("text-classification", text=TEXTS, top_k=[3] * 4)]
    )
    assert values(answer, "labels") == [[one["label"] for one in row] for row in expected]
    scores = [[one["score"] for one in row] for row in expected]
    np.testing.assert_allclose(answer["scores"], scores, rtol=1e-4)


def test_each_row_has_its_own_top_k_and_short_rows_are_filled_up(make_backend):
    (answer,) = make_backend("text-classification").answer(
        [request("text-classification", text=TEXTS[:2], top_k=[1, 2])]
    )
    first, second = values(answer, "labels")
    assert first[0] and first[1] == ""
    assert all(second)
    assert answer["scores"][0, 1] == 0 and answer["scores"].dtype == np.float32


def test_a_model_with_independent_labels_gives_each_its_own_probability(models, make_backend):
    config = models["text-classification"].model.config
    config.problem_type = "multi_label_classification"
    try:
        (answer,) = make_backend("text-classification", default_top_k="3").answer(
            [request("text-classification", text="Hello, world.")]
        )
        expected = of_transformers(models, "text-classification", "text-classification", top_k=3)
        np.testing.assert_allclose(
            answer["scores"][0], [one["score"] for one in expected(["Hello, world."])[0]], rtol=1e-4
        )
    finally:
        config.problem_type = None


def test_a_text_that_is_cut_says_so(make_backend):
    (answer,) = make_backend("text-classification").answer(
        [request("text-classification", text=["Hello, world.", "Hello, world. " * 100])]
    )
    assert values(answer, "truncated") == [False, True]


@pytest.mark.parametrize("aggregation", ["none", "simple", "first", "average", "max"])
def test_spans_are_those_of_transformers(models, make_backend, aggregation):
    expected = of_transformers(
        models, "token-classification", "token-classification", aggregation_strategy=aggregation
    )(TEXTS)
    (answer,) = make_backend("token-classification").answer(
        [request("token-classification", text=TEXTS, aggregation=[aggregation] * len(TEXTS))]
    )
    for text, got, wanted in zip(TEXTS, values(answer, "entities"), expected, strict=True):
        spans = json.loads(got)
        kind = "entity" if aggregation == "none" else "entity_group"
        assert [(one["start"], one["end"], one["label"]) for one in spans] == [
            (one["start"], one["end"], one[kind]) for one in wanted
        ]
        assert [one["score"] for one in spans] == pytest.approx([one["score"] for one in wanted], rel=1e-4)
        assert all(one["text"] == text[one["start"] : one["end"]] for one in spans)


def test_a_long_text_is_read_to_its_end_in_windows(make_backend, count_forwards):
    text = "😀 Ada Lovelace was born in London. " * 40
    backend = make_backend("token-classification")
    calls = count_forwards("token-classification")
    (answer,) = backend.answer([request("token-classification", text=text, aggregation="none")])
    spans = json.loads(values(answer, "entities")[0])
    assert len(calls) == 1
    assert spans[-1]["end"] > len(text) - 40
    assert all(one["text"] == text[one["start"] : one["end"]] for one in spans)
    starts = [one["start"] for one in spans]
    assert starts == sorted(set(starts)), "a token in two windows counts once"


def token(word, start, end, **scores):
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    row = np.array([scores.get(name.replace("-", ""), 0.0) for name in names])
    return Token(start, end, word, row)


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("none", [(0, 2, "B-PER"), (2, 5, "I-PER"), (6, 9, "B-PER")]),
        ("simple", [(0, 5, "PER"), (6, 9, "PER")]),
        ("first", [(0, 5, "PER"), (6, 9, "PER")]),
        ("max", [(0, 9, "PER")]),
    ],
)
def test_tokens_become_spans(aggregation, expected):
    tokens = [
        token(0, 0, 2, BPER=0.6),
        token(0, 2, 5, IPER=0.7),
        token(1, 6, 9, BPER=0.8, O=0.1),
        token(2, 10, 12, O=0.9),
    ]
    if aggregation == "max":
        tokens[0] = token(0, 0, 2, IPER=0.6)
        tokens[2] = token(1, 6, 9, IPER=0.8)
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    assert [(one.start, one.end, one.label) for one in entities(tokens, names, aggregation)] == expected


def test_an_unknown_aggregation_is_the_senders_fault(make_backend):
    (answer,) = make_backend("token-classification").answer(
        [request("token-classification", text="Hello.", aggregation="best")]
    )
    assert isinstance(answer, BadRequest)
    assert "best" in str(answer) and "average" in str(answer)
