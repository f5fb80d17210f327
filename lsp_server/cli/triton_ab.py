"""`grammared triton ab`: what was counted while documents were split between versions of a model."""

from __future__ import annotations

import json

import click

from lsp_server.cli.flags import format_option
from lsp_server.cli.tables import aligned
from lsp_server.errors import InputError


@click.group()
def ab() -> None:
    """Compare versions of a model that share the documents (setting `triton.versions`)."""


@ab.command()
@format_option
def report(form: str) -> None:
    """Show the versions side by side: speed, findings, and what became of them.

    In brackets, where the true value lies with 95 % confidence.
    """
    from lsp_server.trials import ledger_file
    from lsp_server.trials import report as trial

    arms = trial.read(ledger_file())
    if form == "json":
        click.echo(json.dumps(trial.as_json(arms), indent=2))
        return
    if not arms:
        click.echo(f"nothing was counted yet (in {ledger_file()}): set triton.versions, and check documents")
        return
    for line in aligned(trial.rows(arms)):
        click.echo(line)


@ab.command()
def reset() -> None:
    """Forget what was counted."""
    from lsp_server.trials import ledger_file

    try:
        ledger_file().unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{ledger_file()} cannot be removed: {error.strerror}") from error
