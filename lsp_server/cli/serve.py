"""`grammared serve`: the language server."""

from __future__ import annotations

from typing import Any

import click

from lsp_server.cli.flags import settings_flags, settings_from_flags
from lsp_server.errors import GrammaredError


class _Address(click.ParamType):
    """`PORT` or `HOST:PORT`; a port of 0 is any free one."""

    name = "[HOST:]PORT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        host, _, port = value.rpartition(":")
        if not port.isdecimal() or int(port) > 65535:
            self.fail(f"{value!r} is not [HOST:]PORT", param, ctx)
        return host.strip("[]") or "127.0.0.1", int(port)


@click.command()
@click.option("--stdio", is_flag=True, help="Talk over standard input and output; the default.")
@click.option("--tcp", type=_Address(), metavar="[HOST:]PORT", help="Wait for one client on a TCP port.")
@click.option("--ws", type=_Address(), metavar="[HOST:]PORT", help="Wait for one client on a WebSocket.")
@settings_flags
def serve(stdio: bool, tcp: tuple[str, int] | None, ws: tuple[str, int] | None, **flags: Any) -> int:
    """Run the language server, for an editor.

    The flags are the settings where the editor sends none.
    """
    if stdio + bool(tcp) + bool(ws) > 1:
        raise click.UsageError("only one of --stdio, --tcp and --ws can be used")
    settings = settings_from_flags(**flags)
    from lsp_server.server import run

    try:
        return run(settings, tcp=tcp, ws=ws)
    except OSError as error:
        raise GrammaredError(f"cannot listen there: {error.strerror or error}") from error
