"""Tiny HuggingFace models of every task, with random weights; the command line with a home of its own."""

import os
import subprocess
import sys

import pytest

NEW_PORTS = ("--http-port=0", "--grpc-port=0", "--no-metrics", "--no-docker")
"""For `grammared triton start`: any ports that are free."""


@pytest.fixture
def cli(tmp_path, triton_data):
    """Runs `grammared triton` with a home of its own (`cli.home`), and stops what it started in the end."""
    home = tmp_path / "cli-home"
    (home / "data").mkdir(parents=True)
    (home / "data" / "triton").symlink_to(triton_data / "triton", target_is_directory=True)

    def run(*arguments, **variables):
        command = [sys.executable, "-m", "lsp_server.cli", "triton", *map(str, arguments)]
        environment = os.environ | {"GRAMMARED_HOME": str(home)} | variables
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
        return ran.returncode, ran.stdout, ran.stderr

    run.home = home
    yield run
    run("stop", "--timeout=5")


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
