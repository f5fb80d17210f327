"""The reference of all commands."""

from pathlib import Path

import click

from lsp_server.cli.commands import grammared
from lsp_server.cli.reference import commands_markdown

ROOT = Path(__file__).parents[3]


def test_the_committed_reference_is_current():
    committed = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert committed == commands_markdown(grammared), "run: grammared commands > docs/commands.md"


def test_every_flag_says_what_it_means():
    def options(command, ctx):
        if isinstance(command, click.Group):
            for name in command.list_commands(ctx):
                yield from options(command.get_command(ctx, name), ctx)
        else:
            yield from ((command.name, one) for one in command.params if isinstance(one, click.Option))

    found = list(options(grammared, click.Context(grammared)))
    assert found
    assert [(command, one.opts) for command, one in found if not one.help] == []
