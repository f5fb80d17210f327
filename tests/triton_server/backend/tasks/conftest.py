"""A way to ask the tiny models as Triton would."""

import pytest

from triton_server.backend.tasks.backend import StreamingBackend, TaskBackend, defaults_of
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.backend.tasks.custom import custom
from triton_server.backend.tasks.question_answering import question_answering
from triton_server.backend.tasks.text_classification import text_classification
from triton_server.backend.tasks.text_generation import text_generation
from triton_server.backend.tasks.token_classification import token_classification

RUNS = {
    "text-classification": text_classification,
    "token-classification": token_classification,
    "question-answering": question_answering,
    "seq2seq": text_generation,
    "causal": text_generation,
}


@pytest.fixture
def make_backend(models):
    """The backend of a tiny model."""

    def make(name, hooks=None, streaming=False, **parameters):
        contract = CONTRACTS[{"seq2seq": "text-generation", "causal": "text-generation"}.get(name, name)]
        run = custom(models[name], hooks) if name == "custom" else RUNS[name](models[name])
        kind = StreamingBackend if streaming else TaskBackend
        return kind(contract, run, defaults_of(contract, parameters))

    return make


@pytest.fixture
def count_forwards(models):
    """Counts how often a model really runs."""
    hooks = []

    def count(name):
        calls = []
        model = models[name].model
        hooks.append(model.register_forward_hook(lambda *_: calls.append(1)))
        return calls

    yield count
    for hook in hooks:
        hook.remove()
