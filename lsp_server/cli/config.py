"""`grammared config`: the settings of a file and where they come from, a first project file, the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lsp_server.cli.flags import flag_options, format_option, settings_flags, user_settings
from lsp_server.errors import InputError
from lsp_server.settings import settings_for
from lsp_server.settings.options import options_of
from lsp_server.settings.places import PROJECT_FILE, PYPROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = """\
# Settings of Grammared for this folder and those below: `grammared config show FILE` says what applies to a
# file, docs/configuration.md in the manual what can be set.

# How much is reported: "low", "normal" or "high".
strictness = "normal"

# Whose English it is: "us", "gb", "ca", "au", "nz" or "in"; "auto" takes each.
dialect = "auto"

# Words and names that are right. More of them: .grammared/dictionary.txt, one a line.
words = []

# Files that are never checked, as in .gitignore.
exclude = []

[kinds]
# "error", "warning", "information", "hint" or "off" for a kind of error; `grammared kinds` lists them.
# missing-comma = "hint"

# [[overrides]]
# paths = ["drafts/"]
# strictness = "low"
"""


@click.group()
def config() -> None:
    """Say which settings apply to a file, and write project files."""


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@click.option("--changed", is_flag=True, help="Leave out what nobody has set.")
@settings_flags
def show(file: Path, form: str, changed: bool, **flags: Any) -> None:
    """Say which settings apply to a file, and where each comes from."""
    user = user_settings()
    found = settings_for(file, user.settings, flags=flag_options(**flags))
    origins = {
        name: (*user.origins.get(name, ()), *found.origins.get(name, ()))
        for name in [*user.origins, *found.origins]
    }
    rows = [
        (name, value, origins.get(name, ()))
        for name, value in _values(found.settings)
        if origins.get(name) or not changed
    ]
    for problem in (*user.problems, *found.problems):
        click.echo(f"grammared: {problem}", err=True)
    if form == "json":
        report = {
            "file": str(file),
            "project": str(found.root) if found.root else None,
            "checked": found.is_included,
            "files": [str(path) for path in (*user.files, *found.files)],
            "settings": {
                name: {"value": value, "origin": list(origin) or ["default"]} for name, value, origin in rows
            },
            "problems": [*user.problems, *found.problems],
        }
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    click.echo(f"# {file}: {'project ' + str(found.root) if found.root else 'in no project'}")
    if not found.is_included:
        click.echo("# It is not checked: include and exclude leave it out.")
    width = max((len(_line(name, value)) for name, value, _ in rows), default=0)
    for name, value, origin in rows:
        click.echo(f"{_line(name, value):<{min(width, 48)}}  # {', '.join(origin) or 'default'}")


def _line(name: str, value: Any) -> str:
    return f"{name} = {json.dumps(value, ensure_ascii=False)}"


def _values(settings: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting with its value, as it is written."""
    for option in options_of(type(settings)).values():
        value = getattr(settings, option.attribute)
        if option.group:
            yield from _values(value, f"{prefix}{option.name}.")
        elif option.secret:
            yield f"{prefix}{option.name}", "***" if value else None
        elif isinstance(value, tuple):
            pairs = isinstance(option.example, dict)
            yield f"{prefix}{option.name}", dict(value) if pairs else list(value)
        else:
            yield f"{prefix}{option.name}", value


@config.command()
@click.option("--pyproject", is_flag=True, help="Add a table to pyproject.toml instead.")
def init(pyproject: bool) -> None:
    """Write a project file with the usual settings into the present folder."""
    if pyproject:
        path = Path(PYPROJECT)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if "[tool.grammared" in text:
            raise InputError(f"{path} has a table [tool.grammared] already")
        new = FIRST.replace("[kinds]", "[tool.grammared.kinds]").replace(
            "[[overrides]]", "[[tool.grammared.overrides]]"
        )
        first, _, rest = new.partition("\n\n")
        text = f"{text.rstrip()}\n\n{first}\n[tool.grammared]\n{rest}".lstrip()
    else:
        path = Path(PROJECT_FILE)
        if path.exists():
            raise InputError(f"{path} is there already")
        text = FIRST
    from lsp_server.suppress.entries import write_text

    write_text(path, text)
    click.echo(f"{path} written")


@config.command()
@click.option("--user", is_flag=True, help="Of all that a user may say, in place of a project file's.")
def schema(user: bool) -> None:
    """Print the JSON schema of project files, for editors that help with TOML."""
    from lsp_server.settings.schema import schema as schema_of

    click.echo(json.dumps(schema_of(for_project=not user), indent=2, ensure_ascii=False))
