"""Flags that set settings, the same for every command that runs an engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from lsp_server.errors import SettingsError
from lsp_server.settings import (
    EngineName,
    Resolved,
    Settings,
    SeverityName,
    Strictness,
    settings_from_options,
    with_user_file,
)
from lsp_server.settings.project import COMMAND_LINE
from lsp_server.settings.settings import Dialect

_Command = TypeVar("_Command", bound=Callable[..., Any])


def settings_flags(command: _Command) -> _Command:
    """Give a command the flags that `settings_from_flags` takes."""
    flags = [
        click.option("--engine", type=click.Choice(get_args(EngineName)), help="What runs the model."),
        click.option("--model", metavar="FOLDER", help="A local model in place of the bundled one."),
        click.option("--triton-url", metavar="HOST:PORT", help="The Triton server's gRPC endpoint."),
        click.option("--strictness", type=click.Choice(get_args(Strictness)), help="How much is reported."),
        click.option("--dialect", type=click.Choice(get_args(Dialect)), help="Whose English it is."),
        click.option(
            "--severity",
            type=click.Choice(get_args(SeverityName)),
            help="How grave findings are, where their kind has no severity of its own.",
        ),
        click.option(
            "--min-confidence", type=click.FloatRange(0, 1), help="How sure a finding must be to be reported."
        ),
        click.option("--no-cache", is_flag=True, help="Neither look up nor keep what was found on disk."),
        click.option(
            "--set",
            "assignments",
            metavar="NAME=VALUE",
            multiple=True,
            help="Any other setting, such as triton.deadline=2; `grammared settings` lists them.",
        ),
    ]
    for flag in reversed(flags):
        command = flag(command)
    return command


def user_settings() -> Resolved:
    """The settings of the user's own file; what is wrong in it is told where the caller sees fit."""
    return with_user_file(Settings())


def settings_from_flags(
    engine: str | None,
    model: str | None,
    triton_url: str | None,
    strictness: str | None,
    assignments: tuple[str, ...],
    no_cache: bool = False,
    **named: Any,
) -> Settings:
    """The settings that flags ask for, on top of the user's own file.

    Raises:
        SettingsError: a setting is unknown or has a wrong value.
    """
    user = user_settings()
    for problem in user.problems:
        click.echo(f"grammared: {problem}", err=True)
    options = flag_options(engine, model, triton_url, strictness, assignments, no_cache, **named)
    settings, _ = settings_from_options(options, COMMAND_LINE, user.settings)
    return settings


def flag_options(
    engine: str | None,
    model: str | None,
    triton_url: str | None,
    strictness: str | None,
    assignments: tuple[str, ...],
    no_cache: bool = False,
    dialect: str | None = None,
    severity: str | None = None,
    min_confidence: float | None = None,
) -> dict[str, Any]:
    """The options that flags set, in the form of a file of settings.

    Raises:
        SettingsError: a setting is unknown or has a wrong value.
    """
    named = {
        "engine": engine or ("triton" if triton_url else None),
        "model": model,
        "triton": {"url": triton_url} if triton_url else None,
        "strictness": strictness,
        "cache": False if no_cache else None,
        "dialect": dialect,
        "severity": severity,
        "minConfidence": min_confidence,
    }
    named = {name: value for name, value in named.items() if value is not None}
    _, problems = settings_from_options(named, COMMAND_LINE)
    options: dict[str, Any] = {}
    for assignment in assignments:
        _assign(options, assignment)
    _, more = settings_from_options(options, "--set")
    if problems := [*problems, *more]:
        raise SettingsError(problems[0])
    for name, value in named.items():
        if isinstance(value, dict):
            options[name] = {**value, **(options.get(name) or {})}
        else:
            options.setdefault(name, value)
    return options


def _assign(options: dict[str, Any], assignment: str) -> None:
    """Put what `triton.deadline=2` says into the options; a value that is no JSON is a string."""
    name, equals, text = assignment.partition("=")
    if not equals:
        raise SettingsError(f"--set: {assignment} has no value; write {assignment}=VALUE")
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    *parents, last = name.split(".")
    for part in parents:
        if not isinstance(options.get(part), dict):
            options[part] = {}
        options = options[part]
    options[last] = value


repository_option = click.option(
    "--repository",
    "folder",
    type=click.Path(path_type=Path),
    show_default="your own, which `grammared triton start` serves too",
    help="The model repository to write to.",
)
"""Of the commands that write a model folder."""
repository_to_look_in = click.option(
    "--repository",
    "given",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The model repository to look in.  [default: the running server's, else your own]",
)
"""Of the commands that look for models."""
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)
"""Of the commands that report something."""
