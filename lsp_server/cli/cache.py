"""`grammared cache`: what is remembered on disk of sentences that were checked."""

from __future__ import annotations

import json

import click

from lsp_server.cache import SentenceCache, cache_path
from lsp_server.cli.flags import format_option


@click.group()
def cache() -> None:
    """Look at what is remembered of sentences that were checked, and forget it."""


@cache.command()
@format_option
def info(form: str) -> None:
    """Say where the cache is, and how much it holds."""
    opened = SentenceCache(cache_path())
    found = opened.info()
    opened.close()
    if form == "json":
        click.echo(json.dumps({"path": str(found.path), "sentences": found.sentences, "bytes": found.size}))
    else:
        click.echo(f"{found.sentences:,} sentences, {found.size / 1e6:.1f} MB: {found.path}")


@cache.command()
def clear() -> None:
    """Forget all sentences; programs that run go on with what they remember themselves."""
    opened = SentenceCache(cache_path())
    count = opened.clear()
    opened.close()
    click.echo(f"{count:,} sentences forgotten")
