"""The command `grammared` and the table of its subcommands, each imported only when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from lsp_server import __version__

_COMMANDS = {
    "lint": ("lsp_server.cli.lint:lint", "Check files, folders or standard input."),
    "serve": ("lsp_server.cli.serve:serve", "Run the language server, for an editor."),
    "playground": ("lsp_server.cli.playground:playground", "Try it on a page in your browser."),
    "config": (
        "lsp_server.cli.config:config",
        "Say which settings apply to a file, and write project files.",
    ),
    "dictionary": ("lsp_server.cli.dictionary:dictionary", "Add, remove, list and import words."),
    "ignore": ("lsp_server.cli.ignore:ignore", "List the findings that are ignored, and forget old ones."),
    "cache": ("lsp_server.cli.cache:cache", "Look at what is remembered on disk, and forget it."),
    "explain": ("lsp_server.cli.kinds:explain", "Say what a kind of error is, with examples."),
    "kinds": ("lsp_server.cli.kinds:kinds", "List the kinds of error."),
    "commands": ("lsp_server.cli.reference:commands", "Print the reference of all commands, as Markdown."),
    "settings": ("lsp_server.cli.settings:settings", "Print the reference of all settings, as Markdown."),
    "models": ("lsp_server.cli.models:models", "List, download, convert and verify models."),
    "doctor": ("lsp_server.cli.doctor:doctor", "Say what works here, what does not, and what to do."),
    "train": ("lsp_server.cli.train:train", "Make training data, and train and tune models."),
    "triton": ("lsp_server.cli.triton:triton", "Run a Triton Inference Server with Grammared's models."),
}


class _LazyGroup(click.Group):
    """Knows its commands' names and summaries without importing them, so that help and version are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from triton_server.gector.model_files import bundled_model, open_model

    click.echo(f"grammared, version {__version__}, model {open_model(bundled_model()).identity}")
    ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the versions of Grammared and of its model, and exit.",
)
def grammared() -> None:
    """A grammar checker for English that lives in your editor."""
