"""`grammared triton versions`, `promote`, `rollback` and `pin`: several versions of a model, none dropped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lsp_server.cli.flags import repository_to_look_in
from triton_server import launcher
from triton_server.launcher import promotion
from triton_server.launcher import versions as on_disk
from triton_server.launcher.errors import LauncherError

if TYPE_CHECKING:
    from collections.abc import Sequence

_timeout = click.option(
    "--timeout", type=float, default=300.0, show_default=True, help="Seconds to load it, download included."
)


def _model(name: str, given: Path | None) -> tuple[Path, launcher.Server | None]:
    places = launcher.Places.of_user()
    server = launcher.find(places)
    return on_disk.find(name, places, server, given and given.absolute()), server


@click.command()
@click.argument("name")
@repository_to_look_in
def versions(name: str, given: Path | None) -> None:
    """List the versions of a model: on disk, loaded, and which one requests get that name none."""
    places = launcher.Places.of_user()
    server = launcher.find(places)
    folder = on_disk.home(name, places, server, given and given.absolute())
    click.echo(f"{name} in {folder.parent}")
    for one in promotion.versions(folder, server):
        mark = "*" if one.is_default else " "
        state = one.state.lower() or ("on disk" if server else "no server runs")
        reason = f": {one.reason}" if one.reason else ""
        installed = one.installed.astimezone().strftime("%Y-%m-%d %H:%M")
        own = (f"{key}={value}" for key, value in one.parameters.items())
        model = ", ".join([one.model or "its own", *own])
        click.echo(f"{mark} {one.number}  {state:<14}  {installed}  {model}{reason}")
    back_to = on_disk.previous(folder)
    if back_to:
        click.echo(f"rollback would serve {promotion.in_words(back_to)}")


@click.command()
@click.argument("name")
@click.argument("version", type=click.IntRange(1), required=False)
@click.option("--model", metavar="ID|FOLDER", help="Install this as a new version first; a folder is copied.")
@click.option("--revision", metavar="BRANCH|TAG|COMMIT", help="Of the hub's model.")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another parameter of the new version; may be repeated.",
)
@click.option(
    "--text",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    show_default="sentences that come with grammared",
    help="Sentences, one a line, that the new version is asked about.",
)
@click.option("--force", is_flag=True, help="Promote it though it answers most of them otherwise.")
@click.option("--alone", is_flag=True, help="Unload the version that served until now.")
@repository_to_look_in
@_timeout
def promote(
    name: str,
    version: int | None,
    model: str | None,
    revision: str | None,
    parameters: tuple[str, ...],
    text: Path | None,
    force: bool,
    alone: bool,
    given: Path | None,
    timeout: float,
) -> None:
    """Make a version the one that requests get, without dropping any.

    Either VERSION, which is on disk, or a new one made with --model or --parameter. It is loaded and tried
    beside those that serve; if that fails, or if it corrects more than half of some sentences otherwise than
    the version before, all stays as it was.
    """
    own = _parameters(model, revision, parameters)
    if (version is None) == (not own):
        raise click.UsageError("give either a VERSION, or --model or --parameter for a new one")
    folder, server = _model(name, given)
    on_disk.check_parameters(folder, own if version is None else on_disk.parameters_of(folder, version))
    texts = [line for line in text.read_text("utf-8").splitlines() if line.strip()] if text else None
    most = 1.0 if force else promotion.MOST_CHANGED
    number = version or on_disk.install(folder, own)
    try:
        done = promotion.promote(
            folder, number, server, alone=alone, seconds=timeout, texts=texts, most_changed=most
        )
    except LauncherError:
        if version is None:
            on_disk.remove(folder, number)
        raise
    _tell(name, done.served, server)
    if done.changed is not None:
        click.echo(f"it answers {done.changed:.0%} of the sentences otherwise than the version before")


@click.command()
@click.argument("name")
@repository_to_look_in
@_timeout
def rollback(name: str, given: Path | None, timeout: float) -> None:
    """Serve again what was served before the last promote or pin."""
    folder, server = _model(name, given)
    _tell(name, promotion.rollback(folder, server, timeout), server)


@click.command()
@click.argument("name")
@click.argument("version", type=click.IntRange(1), nargs=-1, required=True)
@repository_to_look_in
@_timeout
def pin(name: str, version: Sequence[int], given: Path | None, timeout: float) -> None:
    """Serve just these versions; requests that name none get the highest of them."""
    folder, server = _model(name, given)
    _tell(name, promotion.serve(folder, version, server, "pin", timeout), server)


def _parameters(model: str | None, revision: str | None, others: Sequence[str]) -> dict[str, str]:
    own = {"model": model, "revision": revision}
    for assignment in others:
        key, equals, value = assignment.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{assignment!r} is not KEY=VALUE", param_hint="--parameter")
        own[key] = value
    return {key: value for key, value in own.items() if value is not None}


def _tell(name: str, served: Sequence[int], server: launcher.Server | None) -> None:
    loaded = "" if server else "; no server runs, the next start loads it"
    click.echo(f"{name} serves {promotion.in_words(served)}; {served[-1]} is the default{loaded}")


COMMANDS: tuple[click.Command, ...] = (versions, promote, rollback, pin)
