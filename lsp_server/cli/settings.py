"""`grammared settings`: the reference of all settings."""

from __future__ import annotations

import click

from lsp_server.settings.reference import reference_markdown


@click.command()
def settings() -> None:
    """Print the reference of all settings, as Markdown."""
    click.echo(reference_markdown(), nl=False)
