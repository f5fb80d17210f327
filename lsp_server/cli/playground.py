"""`grammared playground`: a page in the browser to try the checker on."""

from __future__ import annotations

import webbrowser
from typing import Any

import click

from lsp_server.cli.flags import settings_flags, settings_from_flags
from lsp_server.errors import GrammaredError


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; any free one by default.")
@click.option("--browser/--no-browser", default=True, help="Open it in your browser.  [default: open it]")
@settings_flags
def playground(port: int, browser: bool, **flags: Any) -> int:
    """Serve a page on this machine: paste a text, see what is found, and what the model says of each word.

    Nobody else can reach it, and nothing that you write leaves this machine (but for the engine Triton's
    server). Needs the extra `http`.
    """
    settings = settings_from_flags(**flags)
    try:
        from lsp_server.http.server import listening_on, serve
        from lsp_server.playground.app import app_of
    except ModuleNotFoundError as error:
        raise GrammaredError(f"playground needs {error.name}: pip install 'grammared[http]'") from None
    with listening_on("127.0.0.1", port) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        click.echo(f"grammared: the playground is at {address} (Ctrl-C ends it)", err=True)
        if browser:
            webbrowser.open(address)
        return serve(app_of(settings), listening)
