"""Tiny HuggingFace models of every task, with random weights."""

import pytest


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A folder with a tiny model for each task."""
    from tests.triton_server import tiny_huggingface as tiny

    root = tmp_path_factory.mktemp("tiny")
    makers = {
        "text-classification": tiny.text_classifier,
        "token-classification": tiny.token_classifier,
        "question-answering": tiny.answerer,
        "seq2seq": tiny.seq2seq,
        "causal": tiny.causal,
        "custom": tiny.encoder,
    }
    return {name: make(root / name) for name, make in makers.items()}


@pytest.fixture(scope="session")
def models(folders):
    """The tiny models, loaded on PyTorch."""
    from triton_server.backend.tasks.loading import MODEL_CLASSES, load
    from triton_server.backend.tasks.source import Source

    generation = MODEL_CLASSES["text-generation"]
    classes = MODEL_CLASSES | {"custom": "AutoModel", "seq2seq": generation, "causal": generation}
    return {name: load(Source(str(folder)), classes[name]) for name, folder in folders.items()}
