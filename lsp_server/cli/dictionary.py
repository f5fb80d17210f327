"""`grammared dictionary`: words that are right because the user says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import click

from lsp_server.cli.flags import user_settings
from lsp_server.cli.tables import counted
from lsp_server.cli.texts import decode, read_bytes
from lsp_server.errors import InputError
from lsp_server.settings import place_in, settings_for
from lsp_server.settings.places import PROJECT_DICTIONARY, user_dictionary
from lsp_server.suppress.entries import add_entry, entries_of, entry_on, remove_entry
from lsp_server.suppress.vocabularies import FORMATS, format_of, imported
from lsp_server.suppress.words import known_words

_Command = TypeVar("_Command", bound=Any)


@click.group()
def dictionary() -> None:
    """Add, remove, list and import words and names that are right as they are.

    They are kept in your own dictionary or in that of the project in the present folder, one a line.
    """


def _scope(command: _Command) -> _Command:
    flag = click.option(
        "--user/--project",
        "is_user",
        default=None,
        help="Your own dictionary, for all that you write, or the project's.  [default: the project's, if "
        "the present folder is in one]",
    )
    return flag(command)


def dictionary_file(is_user: bool | None) -> Path:
    """The user's own dictionary, the project's, or (None) the project's if the present folder is in one."""
    if is_user:
        return user_dictionary()
    root = _project()
    if root is None and is_user is None:
        return user_dictionary()
    return place_in(root or Path.cwd(), PROJECT_DICTIONARY)


def _project() -> Path | None:
    return settings_for(Path.cwd() / "untitled", user_settings().settings).root


@dictionary.command()
@click.argument("words", nargs=-1, required=True)
@_scope
def add(words: tuple[str, ...], is_user: bool | None) -> None:
    """Add words or names; one of several words in quotation marks."""
    path = dictionary_file(is_user)
    new = [word for word in map(_plain, words) if not add_entry(path, word).is_empty]
    _say(len(new), "added to", path)


@dictionary.command()
@click.argument("words", nargs=-1, required=True)
@_scope
def remove(words: tuple[str, ...], is_user: bool | None) -> None:
    """Take words out again."""
    path = dictionary_file(is_user)
    missing = [word for word in map(_plain, words) if remove_entry(path, word).is_empty]
    _say(len(words) - len(missing), "removed from", path)
    if missing:
        raise InputError(f"not in {path}: {', '.join(missing)}")


@dictionary.command("list")
@click.option("--all", "is_all", is_flag=True, help="Those of all dictionaries and settings that apply here.")
@_scope
def list_words(is_all: bool, is_user: bool | None) -> None:
    """Print the words, one a line."""
    if is_all:
        found = settings_for(Path.cwd() / "untitled", user_settings().settings)
        words = known_words(found.settings).entries
    else:
        words = entries_of(dictionary_file(is_user))
    for word in sorted(words, key=lambda word: (word.casefold(), word)):
        click.echo(word)


@dictionary.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--from",
    "form",
    type=click.Choice(FORMATS),
    help="Whose format it has.  [default: by its name and beginning]",
)
@_scope
def import_words(file: Path, form: str | None, is_user: bool | None) -> None:
    """Add the words of another checker's dictionary: Hunspell, cSpell, LTeX, Harper, Vale, or plain text."""
    text, _ = decode(read_bytes(file))
    form = form or format_of(file.name, text)
    try:
        found = imported(text, form)
    except ValueError as error:
        raise InputError(f"{file} is no dictionary of the format {form}: {error}") from error
    path = dictionary_file(is_user)
    new = [word for word in found.words if entry_on(word) == word and not add_entry(path, word).is_empty]
    _say(len(new), "added to", path)
    if found.left_out:
        some = ", ".join(found.left_out[:5]) + (" …" if len(found.left_out) > 5 else "")
        click.echo(f"grammared: left out, since they are no words: {some}", err=True)


def _plain(word: str) -> str:
    return " ".join(word.split())


def _say(count: int, what: str, path: Path) -> None:
    click.echo(f"{counted(count, 'word')} {what} {path}")
