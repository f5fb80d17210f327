"""`python -m lsp_server.cli` is `grammared`."""

from lsp_server.cli import run

run()
