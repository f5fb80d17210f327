"""`grammared serve`: the language server."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from lsp_server.cli.flags import settings_flags, settings_from_flags
from lsp_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def _address(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, int] | None:
    """`PORT` or `HOST:PORT` as a pair; the machine itself is the default host."""
    if value is None:
        return None
    host, _colon, port = value.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter(f"{value} is not [HOST:]PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


@click.command()
@click.option("--stdio", is_flag=True, help="Talk over standard input and output; the default.")
@click.option("--tcp", callback=_address, metavar="[HOST:]PORT", help="Wait for one client on a TCP port.")
@click.option("--ws", callback=_address, metavar="[HOST:]PORT", help="Wait for one client on a WebSocket.")
@click.option(
    "--http", callback=_address, metavar="[HOST:]PORT", help="Speak LanguageTool's HTTP API instead."
)
@click.option(
    "--allow-origin", multiple=True, metavar="ORIGIN", help="With --http, a web page that may ask; * for all."
)
@click.option(
    "--rate-limit", metavar="N/UNIT", help="With --http, requests from one address, such as 20/second."
)
@click.option(
    "--positions",
    type=click.Choice(["utf-8", "utf-16", "utf-32"]),
    help="In what the editor counts columns, if it does otherwise than it says; Vim's ALE needs utf-8.",
)
@settings_flags
def serve(
    stdio: bool,
    tcp: tuple[str, int] | None,
    ws: tuple[str, int] | None,
    http: tuple[str, int] | None,
    allow_origin: tuple[str, ...],
    rate_limit: str | None,
    positions: str | None,
    **flags: Any,
) -> int:
    """Run the language server, for an editor, or the HTTP API that LanguageTool's clients speak.

    The flags are the settings where the editor sends none. A port of 0 is any free one.
    """
    if stdio + bool(tcp) + bool(ws) + bool(http) > 1:
        raise click.UsageError("only one of --stdio, --tcp, --ws and --http can be used")
    if (allow_origin or rate_limit) and not http:
        raise click.UsageError("--allow-origin and --rate-limit go with --http")
    settings = settings_from_flags(**flags)
    if http:
        from lsp_server.http.server import serve_http

        return serve_http(settings, http, allow_origin, rate_limit)
    from lsp_server.documents import PositionEncoding
    from lsp_server.server import run

    encoding = PositionEncoding(positions) if positions else None
    return run(settings, tcp=tcp, ws=ws, texts=workspace_texts, positions=encoding)


def workspace_texts(folders: Sequence[Path]) -> Iterator[tuple[Path, str, str]]:
    """The texts below some folders, as `grammared lint` finds them; what cannot be read is left out."""
    from lsp_server.cli.files import text_files
    from lsp_server.cli.texts import decode, read_bytes
    from lsp_server.documents.kinds import kind_of_name

    for path in text_files(folders):
        if isinstance(path, InputError):
            continue
        with contextlib.suppress(InputError):
            yield path, kind_of_name(path.name) or "plaintext", decode(read_bytes(path))[0]
