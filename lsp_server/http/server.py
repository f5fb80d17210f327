"""Runs the HTTP API: on this machine unless told otherwise, and to the end of what it has begun."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

from lsp_server.errors import GrammaredError, InputError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from lsp_server.settings import Settings

TOKEN = "GRAMMARED_HTTP_TOKEN"
"""Environment variable: what clients must bring."""
_DRAIN = 30
"""Seconds for the requests under way when the server is told to stop."""


def serve_http(
    settings: Settings, address: tuple[str, int], origins: tuple[str, ...], rate_limit: str | None = None
) -> int:
    """Serve until a signal comes; the exit code.

    Args:
        settings: of all checks.
        address: host and port.
        origins: of web pages that may ask.
        rate_limit: of each address, such as `20/second`; None is none.

    Raises:
        GrammaredError: the extra `http` is not installed, or the address may not or cannot be used.
    """
    try:
        from lsp_server.http.app import RateLimit, app_of
    except ModuleNotFoundError as error:
        raise GrammaredError(f"serve --http needs {error.name}: pip install 'grammared[http]'") from None
    token = os.environ.get(TOKEN) or None
    host, port = address
    if token is None and not _is_here(host):
        raise GrammaredError(
            f"{host} can be reached from other machines: set a token that clients must bring, in {TOKEN}"
        )
    try:
        limit = RateLimit(rate_limit) if rate_limit else None
    except ValueError:
        raise InputError(f"{rate_limit} is no rate; write it as 20/second or 600/minute") from None
    with listening_on(host, port) as listening:
        name = f"[{host}]" if ":" in host else host
        sys.stderr.write(f"grammared: listening on http://{name}:{listening.getsockname()[1]}/v2\n")
        sys.stderr.flush()
        return serve(app_of(settings, token, origins, limit), listening)


def serve(app: Starlette, listening: socket.socket) -> int:
    """Serve an application until a signal comes, and end what it has begun; the exit code."""
    import uvicorn

    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_DRAIN, lifespan="on")
    # Uvicorn passes the signal on when it has ended: to be told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    server = uvicorn.Server(config)
    server.run(sockets=[listening])
    return 0 if server.started else 2


def _is_here(host: str) -> bool:
    """Whether an address is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listening_on(host: str, port: int) -> socket.socket:
    """A socket that waits for connections; port 0 is any free one.

    Raises:
        InputError: the address cannot be used.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise InputError(
            f"cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}"
        ) from error
