import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.triton_server.backend.tasks.tasks_helpers import request, values
from triton_server.backend.requests import BadRequest
from triton_server.backend.tasks.question_answering import best_span

QUESTION = "Where does she live?"
CONTEXT = "Zoë 👩‍👩‍👧 moved twice. She lives in Zürich now and works in Basel."


@pytest.mark.slow
def test_the_answer_is_the_likeliest_span_of_the_context(models, make_backend):
    model, tokenizer = models["question-answering"].model, models["question-answering"].tokenizer
    inputs = tokenizer(QUESTION, CONTEXT, return_tensors="pt", return_offsets_mapping=True)
    offsets = inputs.pop("offset_mapping")[0].tolist()
    with torch.no_grad():
        outputs = model(**inputs)
    considered = [i for i, which in enumerate(inputs.sequence_ids(0)) if which == 1 or i == 0]
    starts = outputs.start_logits[0, considered].softmax(-1).tolist()
    ends = outputs.end_logits[0, considered].softmax(-1).tolist()
    score, i, j = max(
        (starts[i] * ends[j], i, j) for i in range(1, len(considered)) for j in range(i, len(considered))
    )
    start, end = offsets[considered[i]][0], offsets[considered[j]][1]

    (answer,) = make_backend("question-answering").answer(
        [request("question-answering", question=QUESTION, context=CONTEXT)]
    )
    assert (values(answer, "start"), values(answer, "end")) == ([start], [end])
    assert values(answer, "answer") == [CONTEXT[start:end]]
    assert values(answer, "score") == pytest.approx([score], rel=1e-3)


@pytest.mark.slow
def test_a_long_context_is_searched_to_its_end_in_one_forward_pass(make_backend, count_forwards):
    contexts = ["I has two cat. " * 60 + CONTEXT, CONTEXT]
    backend = make_backend("question-answering")
    calls = count_forwards("question-answering")
    (answer,) = backend.answer([request("question-answering", question=[QUESTION] * 2, context=contexts)])
    assert len(calls) == 1
    rows = zip(*(values(answer, name) for name in ("start", "end", "answer", "score")), strict=True)
    for context, (start, end, text, score) in zip(contexts, rows, strict=True):
        assert text == context[start:end] != ""
        assert 0 < score < 1


@pytest.mark.slow
def test_a_question_that_leaves_no_room_fails_alone(make_backend):
    backend = make_backend("question-answering")
    good = request("question-answering", question=QUESTION, context=CONTEXT)
    bad = request("question-answering", question="Where does she live? " * 50, context=CONTEXT)
    first, second, third = backend.answer([good, bad, good])
    assert isinstance(second, BadRequest) and "question has" in str(second)
    assert values(first, "answer") == values(third, "answer")


@pytest.mark.slow
def test_no_answer_is_given_only_where_it_is_allowed_and_likelier(models, make_backend):
    head = models["question-answering"].model.qa_outputs
    backend = make_backend("question-answering")
    columns = {"question": [QUESTION] * 2, "context": [CONTEXT] * 2, "allow_no_answer": [False, True]}
    (answer,) = backend.answer([request("question-answering", **columns)])
    assert all(values(answer, "answer"))
    weight = head.weight.data.clone()
    try:
        # Of all tokens [CLS] alone: the head now measures likeness to its vector.
        states = []
        hook = models["question-answering"].model.bert.register_forward_hook(
            lambda _, __, out: states.append(out[0][0, 0].detach())
        )
        backend.answer([request("question-answering", question=QUESTION, context=CONTEXT)])
        hook.remove()
        head.weight.data[:] = 10 * states[0]
        (answer,) = backend.answer([request("question-answering", **columns)])
    finally:
        head.weight.data[:] = weight
    found, nothing = values(answer, "answer")
    assert found and nothing == ""
    assert (values(answer, "start")[1], values(answer, "end")[1]) == (0, 0)


LOGS = st.lists(st.floats(-20, 0), min_size=1, max_size=12)


@given(LOGS, LOGS, st.integers(1, 5))
def test_the_best_span_is_the_best_of_all(starts, ends, most):
    size = min(len(starts), len(ends))
    starts, ends = np.array(starts[:size]), np.array(ends[:size])
    score, first, last = best_span(starts, ends, most)
    every = [starts[i] + ends[j] for i in range(size) for j in range(i, min(size, i + most))]
    assert 0 <= last - first < most
    assert math.isclose(score, max(every)) and math.isclose(score, starts[first] + ends[last])
