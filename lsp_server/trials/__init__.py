"""Comparing versions of a model in use: what becomes of their findings, counted on this machine."""

from lsp_server.trials.follow import Followed, Tally
from lsp_server.trials.ledger import Ledger, ledger_file, ledger_of
from lsp_server.trials.trial import Trial

__all__ = ["Followed", "Ledger", "Tally", "Trial", "ledger_file", "ledger_of"]
