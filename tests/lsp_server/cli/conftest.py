"""The command line, run in this process."""

import io
import sys

import pytest

from lsp_server.cli import main


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    """Runs `grammared` in an empty folder; gives exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run
