"""The reference of all commands."""

from pathlib import Path

import click

from lsp_server.cli.commands import grammared
from lsp_server.cli.reference import commands_markdown, manual_page

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


def test_the_manual_page_is_up_to_date_and_begins_no_line_with_a_stray_request():
    page = manual_page(grammared)
    committed = (ROOT / "docs" / "grammared.1").read_text(encoding="utf-8")
    assert committed == page, "run: grammared commands --man > docs/grammared.1"
    requests = {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".B", ".PP", ".TP"}
