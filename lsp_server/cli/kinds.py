"""`grammared explain` and `grammared kinds`: what the kinds of error are."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click

from lsp_server.findings.explanations import explanation_of, index_page, kind_with, page_of
from lsp_server.findings.kinds import ErrorKind


@click.command()
@click.argument("kind")
def explain(kind: str) -> None:
    """Say what a kind of error is, with examples.

    KIND is its code, as `grammared lint` and editors show it, such as missing-article.
    """
    found = kind_with(kind.strip().lower())
    if found is None:
        near = get_close_matches(kind, [one.code for one in ErrorKind], n=1)
        guess = f'; did you mean "{near[0]}"?' if near else "; `grammared kinds` lists them"
        raise click.UsageError(f'there is no kind "{kind}"{guess}')
    click.echo(page_of(found), nl=False)


@click.command()
@click.option(
    "--write",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a page for each kind, as Markdown, to this folder.",
)
def kinds(write: Path | None) -> None:
    """List the kinds of error: their codes and names."""
    if write:
        write.mkdir(parents=True, exist_ok=True)
        (write / "README.md").write_text(index_page(), encoding="utf-8")
        for kind in ErrorKind:
            (write / f"{kind.code}.md").write_text(page_of(kind), encoding="utf-8")
        return
    width = max(len(kind.code) for kind in ErrorKind)
    for kind in ErrorKind:
        click.echo(f"{kind.code:<{width}}  {explanation_of(kind).title}")
