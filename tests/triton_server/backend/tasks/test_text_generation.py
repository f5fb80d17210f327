import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.triton_server.backend.tasks.tasks_helpers import request, values
from triton_server.backend.requests import BadRequest
from triton_server.backend.tasks.text_generation import certain_length, cut_at, nucleus, stop_strings

TEXTS = ["She go to school every days.", "I has two cat.", "Hello, Zürich 😀"]
MODELS = ["seq2seq", "causal"]


def generated(backend, texts, **columns):
    columns = {name: [value] * len(texts) for name, value in columns.items()}
    (answer,) = backend.answer([request("text-generation", text=texts, **columns)])
    assert not isinstance(answer, Exception), answer
    return answer


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("beams", [1, 3])
def test_a_batch_gets_what_each_text_gets_of_transformers(models, make_backend, name, beams):
    model, tokenizer = models[name].model, models[name].tokenizer
    expected = []
    for text in TEXTS:
        inputs = tokenizer(text, return_tensors="pt")
        inputs.pop("token_type_ids", None)
        pad = tokenizer.pad_token_id
        tokens = model.generate(
            **inputs, num_beams=beams, max_new_tokens=12, do_sample=False, pad_token_id=pad
        )
        new = tokens[0, 1 if name == "seq2seq" else inputs["input_ids"].shape[1] :]
        expected.append(tokenizer.decode(new, skip_special_tokens=True, clean_up_tokenization_spaces=False))
    answer = generated(make_backend(name), TEXTS, num_beams=beams, max_new_tokens=12)
    assert values(answer, "generated_text") == expected


@pytest.mark.slow
def test_a_seed_gives_the_same_answer_whatever_is_in_the_batch(make_backend):
    backend = make_backend("causal", default_max_new_tokens="8")
    sampled = {"temperature": [2.0] * 3, "seed": [5, 6, 5]}
    (together,) = backend.answer([request("text-generation", text=[TEXTS[0]] * 3, **sampled)])
    first, second, third = values(together, "generated_text")
    assert first == third != second
    alone = generated(backend, [TEXTS[0]], temperature=2.0, seed=6)
    assert values(alone, "generated_text") == [second]
    (mixed,) = backend.answer(
        [request("text-generation", text=TEXTS[:2], temperature=[2.0, 0.0], seed=[5, 5])]
    )
    greedy = generated(backend, TEXTS[1:2])
    assert values(mixed, "generated_text") == [first, *values(greedy, "generated_text")]


@pytest.mark.slow
def test_a_tiny_nucleus_leaves_the_likeliest_token(make_backend):
    backend = make_backend("causal", default_max_new_tokens="8")
    sampled = generated(backend, TEXTS, temperature=5.0, top_p=0.0, seed=1)
    assert values(sampled, "generated_text") == values(generated(backend, TEXTS), "generated_text")


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_rows_of_unlike_lengths_and_stops_run_in_one_generation(make_backend, count_forwards, name):
    backend = make_backend(name)
    whole = values(generated(backend, TEXTS, max_new_tokens=12), "generated_text")
    stop = next(piece for piece in (whole[0][i : i + 2] for i in range(2, len(whole[0]))) if piece.strip())
    calls = count_forwards(name)
    (answer,) = backend.answer(
        [
            request(
                "text-generation",
                text=TEXTS,
                max_new_tokens=[12, 3, 12],
                stop=[json.dumps([stop]), "[]", "[]"],
            )
        ]
    )
    assert len(calls) <= 12, "one forward pass for each step, whatever the parameters"
    first, second, third = values(answer, "generated_text")
    assert first == whole[0][: whole[0].index(stop)]
    assert whole[1].startswith(second)
    assert third == whole[2]
    assert values(answer, "finish_reason")[0] == "stop"
    assert values(answer, "tokens")[1] <= 3


@pytest.mark.slow
def test_it_says_why_it_ended(models, make_backend):
    loaded = models["causal"]
    backend = make_backend("causal")
    (answer,) = backend.answer([request("text-generation", text=TEXTS[:1], max_new_tokens=[4])])
    assert values(answer, "finish_reason") == ["length"] and values(answer, "tokens") == [4]
    prompt = loaded.tokenizer(TEXTS[0], return_tensors="pt")["input_ids"]
    first = int(loaded.model(input_ids=prompt).logits[0, -1].argmax())
    config = loaded.model.generation_config
    end = config.eos_token_id
    try:
        config.eos_token_id = first
        (ended,) = backend.answer([request("text-generation", text=TEXTS[:1], max_new_tokens=[4])])
    finally:
        config.eos_token_id = end
    assert (values(ended, "finish_reason"), values(ended, "tokens")) == (["end"], [0])


@pytest.mark.slow
def test_a_prefix_is_put_before_the_text(make_backend):
    plain = generated(make_backend("seq2seq"), ["Fix: " + TEXTS[1]], max_new_tokens=8)
    prefixed = generated(make_backend("seq2seq", default_prefix="Fix: "), [TEXTS[1]], max_new_tokens=8)
    assert values(plain, "generated_text") == values(prefixed, "generated_text")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"stop": "stop here"}, "stop is no JSON"),
        ({"stop": '[""]'}, "stop must be"),
        ({"num_beams": 2, "temperature": 1.0}, "exclude each other"),
        ({"max_new_tokens": 0}, "the least is 1"),
        ({"top_p": 1.5}, "the most is 1"),
        ({"temperature": float("nan")}, "finite"),
        ({"max_new_tokens": 500}, "more than the model's 128"),
        ({"text": "many words " * 200}, "the model reads 128"),
    ],
)
def test_a_bad_request_fails_alone(make_backend, columns, complaint):
    backend = make_backend("causal", default_max_new_tokens="4")
    good = request("text-generation", text=TEXTS[0])
    first, bad, last = backend.answer(
        [good, request("text-generation", **{"text": TEXTS[1]} | columns), good]
    )
    assert isinstance(bad, BadRequest)
    assert complaint in str(bad)
    assert values(first, "generated_text") == values(last, "generated_text")


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_streamed_pieces_are_the_whole_answer(make_backend, name):
    backend = make_backend(name, streaming=True, default_max_new_tokens="12")
    requests = [request("text-generation", text=text) for text in TEXTS]
    requests.append(request("text-generation", text=TEXTS[0], num_beams=2))
    pieces = [[] for _ in requests]
    problems = backend.stream(requests, lambda i, piece, last: pieces[i].append((piece, last)) or True)
    assert problems == [None] * 4
    for one, sent in zip(requests, pieces, strict=True):
        (whole,) = backend.answer([one])
        texts = [values(piece, "generated_text")[0] for piece, _ in sent]
        assert "".join(texts) == values(whole, "generated_text")[0]
        assert [last for _, last in sent] == [False] * (len(sent) - 1) + [True]
        assert values(sent[-1][0], "finish_reason") == values(whole, "finish_reason")
        assert values(sent[-1][0], "tokens") == values(whole, "tokens")
    assert len(pieces[0]) > 2
    assert len(pieces[3]) == 1


@pytest.mark.slow
def test_a_client_that_left_costs_nothing_more(make_backend, count_forwards):
    backend = make_backend("seq2seq", streaming=True, default_max_new_tokens="60")
    calls = count_forwards("seq2seq")
    backend.stream([request("text-generation", text=TEXTS[0])], lambda *_: False)
    assert len(calls) < 10


@pytest.mark.slow
def test_a_stream_has_one_row_and_bad_ones_fail_alone(make_backend):
    backend = make_backend("causal", streaming=True, default_max_new_tokens="4")
    requests = [
        request("text-generation", text=TEXTS[:2]),
        request("text-generation", text=TEXTS[0]),
        request("text-generation", text=" "),
        request("text-generation", text=TEXTS[0], stop="no"),
    ]
    sent = []
    problems = backend.stream(requests, lambda i, *_: sent.append(i) or True)
    assert [type(one) for one in problems] == [BadRequest, type(None), BadRequest, BadRequest]
    assert set(sent) == {1}


PROBABILITIES = st.lists(st.floats(0.001, 1), min_size=1, max_size=20).map(
    lambda row: torch.tensor(row, dtype=torch.float64) / sum(row)
)


@given(PROBABILITIES, st.floats(0, 1))
def test_the_nucleus_is_the_smallest_that_reaches_the_mass(chances, top_p):
    kept = nucleus(chances, top_p)
    inside = kept > 0
    assert chances[inside].max() == chances.max()
    assert torch.equal(kept[inside], chances[inside])
    if not inside.all():
        assert chances[inside].min() >= chances[~inside].max()
        assert chances[inside].sum() >= top_p - 1e-9
    if inside.sum() > 1:
        assert chances[inside].sum() - chances[inside].min() < top_p + 1e-9


@given(
    st.text("ab\n\ufffd", max_size=8),
    st.text("ab\n\ufffd", max_size=8),
    st.lists(st.text("ab\n", min_size=1)),
)
def test_what_is_told_early_is_never_taken_back(begin, rest, stop):
    if cut_at(begin, stop) < len(begin):
        return
    told = begin[: certain_length(begin, stop)]
    whole = begin.rstrip("\ufffd") + rest
    assert whole[: cut_at(whole, stop)].startswith(told)


@pytest.mark.parametrize("listed", ["", "x", "1", '["a", 1]', '[""]', "{}"])
def test_stop_is_a_list_of_strings(listed):
    with pytest.raises(BadRequest, match="stop"):
        stop_strings(listed)
    assert stop_strings('["\\n", "END"]') == ["\n", "END"]


@pytest.mark.slow
def test_an_answer_of_no_given_length_ends_with_the_context(make_backend):
    """Of texts of unlike lengths too, which the longest answer must not carry beyond it."""
    texts = [TEXTS[2], TEXTS[0] * 4]
    answer = generated(make_backend("causal"), texts)
    alone = [values(generated(make_backend("causal"), [text]), "generated_text")[0] for text in texts]
    assert values(answer, "generated_text") == alone
    assert all(0 < tokens < 128 for tokens in values(answer, "tokens"))
