"""`grammared triton list` and `remove`: the models that there are."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from lsp_server.cli.flags import format_option, repository_to_look_in
from lsp_server.cli.tables import aligned
from triton_server import launcher
from triton_server.authoring import inventory
from triton_server.launcher import versions
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from pathlib import Path

    from triton_server.authoring.inventory import Listed


@click.command("list")
@repository_to_look_in
@format_option
def list_models(given: Path | None, form: str) -> None:
    """List the models that can be served: those that come with grammared, and your own."""
    places = launcher.Places.of_user()
    server = launcher.find(places)
    listed = inventory.listed(places, server, given and given.absolute())
    if form == "json":
        click.echo(json.dumps([asdict(one) for one in listed], indent=2))
        return
    for line in aligned([("name", "task", "model", "state"), *map(_row, listed)]):
        click.echo(line)
    if server is None:
        click.echo("Triton is not running", err=True)


def _row(one: Listed) -> tuple[str, ...]:
    state = one.state.lower() or "not loaded"
    reason = f": {one.problem}" if one.problem else ""
    return one.name, one.task or "-", one.model or "of grammared", f"{state}{reason}"


@click.command()
@click.argument("name")
@repository_to_look_in
@click.option("--yes", is_flag=True, help="Do not ask whether to delete its folder.")
def remove(name: str, given: Path | None, yes: bool) -> None:
    """Unload a model of your own, and delete its folder with all of its versions."""
    places = launcher.Places.of_user()
    server = launcher.find(places)
    folder = versions.home(name, places, server, given and given.absolute())
    if not yes and not _confirmed(folder):
        raise LauncherError(f"{folder} was left as it is: with --yes it is deleted without asking")
    inventory.remove(folder, places, server)
    click.echo(f"removed {folder}")


def _confirmed(folder: Path) -> bool:
    return sys.stdin.isatty() and click.confirm(f"Delete {folder}, which cannot be undone?", err=True)


COMMANDS: tuple[click.Command, ...] = (list_models, remove)
