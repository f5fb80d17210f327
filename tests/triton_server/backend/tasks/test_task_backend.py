"""Requests to rows and back, whatever the task."""

import json
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.triton_server.backend.tasks.tasks_helpers import request, values
from triton_server.backend.requests import BadRequest, Request
from triton_server.backend.tasks.backend import TaskBackend, defaults_of
from triton_server.backend.tasks.batches import passes
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.backend.tasks.custom import HookError, hooks_of
from triton_server.backend.tasks.source import LoadError

CLASSES = CONTRACTS["text-classification"]


def lengths(rows):
    """A real task without a model: the text's length as its label."""
    return [
        BadRequest("too strange")
        if "strange" in row["text"]
        else {
            "labels": [str(len(row["text"]))] * row["top_k"],
            "scores": [0.5] * row["top_k"],
            "truncated": False,
        }
        for row in rows
    ]


def backend(run=lengths, **parameters):
    return TaskBackend(CLASSES, run, defaults_of(CLASSES, parameters))


def classify(*texts, **columns):
    return request("text-classification", text=list(texts), **columns)


def test_all_rows_of_all_requests_run_at_once_and_answers_go_where_they_belong():
    calls = []

    def run(rows):
        calls.append(len(rows))
        return lengths(rows)

    answers = backend(run).answer([classify("a", "bb"), classify("ccc"), classify("dddd", "e")])
    assert calls == [5]
    assert [values(one, "labels") for one in answers] == [["1", "2"], ["3"], ["4", "1"]]


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (classify(""), "text of row 0 is empty"),
        (classify(" \n\t"), "text of row 0 is empty"),
        (classify("fine", " "), "text of row 1 is empty"),
        (classify("x" * 200_001), "200,001 characters"),
        (Request({"text": np.array([[b"\xff"]], dtype=np.object_)}), "not UTF-8"),
        (Request({"text": np.array([[b"a", b"b"]], dtype=np.object_)}), "shape"),
        (classify("fine", top_k=0), "top_k of row 0 is 0; the least is 1"),
        (classify("fine", "also", top_k=[1]), "top_k must have the shape"),
        (classify("strange"), "too strange"),
        (classify("fine", "strange"), "row 1: too strange"),
    ],
)
def test_a_bad_request_hurts_no_other(bad, complaint):
    first, wrong, last = backend().answer([classify("a"), bad, classify("bb")])
    assert isinstance(wrong, BadRequest) and complaint in str(wrong)
    assert (values(first, "labels"), values(last, "labels")) == (["1"], ["2"])


def test_a_request_that_breaks_the_model_fails_alone():
    def run(rows):
        if any("boom" in row["text"] for row in rows):
            raise RuntimeError("the model exploded\nin many lines")
        return lengths(rows)

    first, broken, last = backend(run).answer([classify("a"), classify("boom"), classify("bb")])
    assert (values(first, "labels"), values(last, "labels")) == (["1"], ["2"])
    assert not isinstance(broken, BadRequest)
    assert str(broken) == "the model failed: RuntimeError: the model exploded"


def test_a_batch_of_bad_requests_does_not_run_the_model():
    calls = []
    assert all(isinstance(one, BadRequest) for one in backend(calls.append).answer([classify("")] * 3))
    assert not calls


def test_ragged_rows_are_filled_up():
    (answer,) = backend().answer([classify("a", "bb", top_k=[1, 3])])
    assert answer["labels"].tolist() == [[b"1", b"", b""], [b"2", b"2", b"2"]]
    assert answer["scores"].tolist() == [[0.5, 0.0, 0.0], [0.5] * 3]
    assert answer["truncated"].dtype == np.bool_


def test_defaults_come_from_the_configuration_and_a_request_overrules_them():
    asked = backend(default_top_k="2")
    without, with_one = asked.answer([classify("a"), classify("a", top_k=3)])
    assert (values(without, "labels"), values(with_one, "labels")) == ([["1"] * 2], [["1"] * 3])


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"default_top_k": "many"}, "default_top_k"),
        ({"default_top_k": "0"}, "the least is 1"),
        ({"default_text": "x"}, "no optional input text; it has top_k"),
        ({"default_nothing": "x"}, "no optional input nothing"),
    ],
)
def test_wrong_defaults_are_found_when_the_model_loads(parameters, complaint):
    with pytest.raises(LoadError, match=complaint):
        defaults_of(CLASSES, parameters)


@given(st.lists(st.integers(1, 500), max_size=60), st.integers(1, 2000))
def test_passes_have_every_row_once_sorted_and_within_bounds(sizes, most):
    made = passes(sizes, most)
    assert sorted(index for one in made for index in one) == list(range(len(sizes)))
    in_order = [sizes[index] for one in made for index in one]
    assert in_order == sorted(sizes)
    assert all(len(one) * sizes[one[-1]] <= most or len(one) == 1 for one in made)
    if sizes and len(sizes) * max(sizes) <= most:
        assert len(made) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["text-classification", "token-classification", "custom"])
def test_a_batch_takes_one_forward_pass_and_answers_as_one_by_one(make_backend, count_forwards, name, hooks):
    texts = ["Hello, world.", "Ada Lovelace was born in London. " * 3, "I has two cat.", "Zürich 😀"]
    asked = make_backend(name, hooks=hooks("mean"))
    alone = [asked.answer([request(name, text=text)])[0] for text in texts]
    calls = count_forwards(name)
    together = asked.answer([request(name, text=text) for text in texts])
    assert len(calls) == 1
    for one, other in zip(alone, together, strict=True):
        for output in one:
            if one[output].dtype == np.float32:
                np.testing.assert_allclose(one[output], other[output], rtol=1e-3)
            elif name == "text-classification":
                assert one[output].tolist() == other[output].tolist()
            else:
                assert_alike(*(json.loads(values(answer, output)[0]) for answer in (one, other)))


def assert_alike(one, other):
    if isinstance(one, list) and one and isinstance(one[0], dict):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert left["label"] == right["label"] and left["start"] == right["start"]
            assert left["score"] == pytest.approx(right["score"], rel=1e-3)
    else:
        assert one == pytest.approx(other, rel=1e-3, abs=1e-4)


HOOKS = {
    "mean": """
        def postprocess(text, options, outputs):
            return [float(value) for value in outputs["last_hidden_state"].mean(axis=0)]
    """,
    "picky": """
        def preprocess(text, options):
            if "bad" in text:
                raise ValueError("no bad words")
            return text.upper()

        def postprocess(text, options, outputs):
            if options.get("object"):
                return object()
            return {"text": text, "tokens": len(outputs["last_hidden_state"]), "ratio": 1 / options["n"]}
    """,
}


@pytest.fixture
def hooks(tmp_path):
    def write(name):
        (tmp_path / "hooks.py").write_text(textwrap.dedent(HOOKS.get(name, name)))
        return hooks_of(tmp_path)

    return write


@pytest.mark.slow
def test_hooks_run_before_and_after_and_fail_for_their_request_only(make_backend, hooks):
    asked = make_backend("custom", hooks=hooks("picky"))
    sent = [
        ("Hello, world.", '{"n": 2}'),
        ("a bad text", '{"n": 2}'),
        ("Hello.", '{"n": 0}'),
        ("Hello.", "[]"),
        ("Hello.", "{"),
        ("Hello.", '{"object": true}'),
        ("Hello.", '{"n": 4}'),
    ]
    first, *wrong, last = asked.answer([request("custom", text=t, options=p) for t, p in sent])
    assert json.loads(values(first, "result")[0])["text"] == "HELLO, WORLD."
    assert json.loads(values(last, "result")[0])["ratio"] == 0.25
    assert [type(one) for one in wrong] == [BadRequest, HookError, BadRequest, BadRequest, HookError]
    assert str(wrong[0]) == "preprocess: no bad words"
    assert "postprocess of hooks.py failed: ZeroDivisionError" in str(wrong[1])


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("def f(:", "SyntaxError"),
        ("import nowhere_at_all", "ModuleNotFoundError"),
        ("x = 1", "no function postprocess"),
    ],
)
def test_hooks_that_cannot_be_used_are_named_when_the_model_loads(hooks, source, complaint):
    with pytest.raises(LoadError, match=complaint):
        hooks(source)


def test_missing_hooks_are_named(tmp_path):
    with pytest.raises(LoadError, match=r"there is no .*hooks\.py"):
        hooks_of(tmp_path)
