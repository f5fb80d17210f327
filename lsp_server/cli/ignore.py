"""`grammared ignore`: the findings that somebody has decided to live with."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lsp_server.cli.files import text_files
from lsp_server.cli.flags import flag_options, settings_flags, user_settings
from lsp_server.cli.project import FileSettings
from lsp_server.cli.texts import BinaryError, decode, read_bytes
from lsp_server.documents import DocumentSnapshot
from lsp_server.errors import InputError
from lsp_server.settings import settings_for
from lsp_server.settings.places import user_ignored
from lsp_server.suppress.entries import entries_of, entry_on, read_text, remove_entry
from lsp_server.suppress.fingerprint import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lsp_server.settings import Settings

_NOWHERE = ""
"""An ignore file that is none."""


@click.group()
def ignore() -> None:
    """List the findings that are ignored, and forget those that are found no more."""


@ignore.command("list")
@click.option("--user", "is_user", is_flag=True, help="Your own list, in place of the project's.")
def list_ignored(is_user: bool) -> None:
    """Print the entries, each with what stood there when it was ignored."""
    for line in (read_text(user_ignored() if is_user else ignore_file()) or "").splitlines():
        if entry_on(line):
            click.echo(line)


@ignore.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@settings_flags
def prune(dry_run: bool, **flags: Any) -> None:
    """Check the project, and remove the entries of its list that nothing is found for any more."""
    path = ignore_file()
    entries = entries_of(path)
    root = _project()
    used: set[str] = asyncio.run(_found(root, flags)) if entries else set()
    old = sorted(entries - used)
    for entry in old:
        if not dry_run:
            remove_entry(path, entry)
        click.echo(entry)
    click.echo(
        f"{len(old)} of {len(entries)} {'would be removed' if dry_run else 'removed'} from {path}", err=True
    )


def _project() -> Path:
    return settings_for(Path.cwd() / "untitled", user_settings().settings).root or Path.cwd()


def ignore_file() -> Path:
    """The list of the project that the present folder is in, or that one here would have."""
    found = settings_for(Path.cwd() / "untitled", user_settings().settings, Path.cwd())
    return Path.cwd() / found.settings.ignore_file


async def _found(root: Path, flags: dict[str, Any]) -> set[str]:
    """The fingerprints of all that is found in a project, ignored or not."""
    from lsp_server.opening import open_checker

    settings = FileSettings(flag_options(**flags), _tell)
    checker = await open_checker(settings.of_engine, lambda line, _: _tell(line), is_hurried=False)
    found = set(entries_of(user_ignored()))
    try:
        for document, own in _documents(root, settings):
            result = await checker.check(document, settings=own)
            if result.failure:
                raise result.failure
            found.update(fingerprint_of(finding, document.text) for finding in result.findings)
    finally:
        await checker.close()
    return found


def _documents(root: Path, settings: FileSettings) -> Iterator[tuple[DocumentSnapshot, Settings]]:
    """The texts of a project with the settings of each, but for the list of what is ignored."""
    for path in text_files([root], wants=settings.wants):
        if isinstance(path, InputError):
            continue
        try:
            text, _ = decode(read_bytes(path))
        except BinaryError:
            continue
        language = settings.language_of(path) or "plaintext"
        own = replace(settings.of(path).settings, ignore_file=_NOWHERE)
        yield DocumentSnapshot(path.absolute().as_uri(), text, language), own


def _tell(line: str) -> None:
    click.echo(f"grammared: {line}", err=True)
