"""The language server: LSP in and out; see `run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.documents import PositionEncoding
    from lsp_server.server.model import OpenChecker
    from lsp_server.server.transport import Address
    from lsp_server.server.workspace_check import Texts
    from lsp_server.settings import Settings

__all__ = ["run"]


def run(
    settings: Settings | None = None,
    *,
    tcp: Address | None = None,
    ws: Address | None = None,
    open_checker: OpenChecker | None = None,
    texts: Texts | None = None,
    positions: PositionEncoding | None = None,
) -> int:
    """Serve one client until it says `exit` or is gone: on standard input and output, or where told.

    Args:
        settings: What applies where the client says nothing.
        tcp: Host and port to listen on; port 0 is any free one. Where we listen is told on standard error.
        ws: The same for WebSockets.
        texts: Finds the texts below folders, of which none are checked without it unless they are open.
        open_checker: Makes the checker for some settings; by default as the settings say.
        positions: In what the client counts columns, if it does otherwise than it says.

    Returns:
        The process's exit status: 0 after an orderly `shutdown`, else 1.

    Raises:
        InputError: the address cannot be listened on.
    """
    from lsp_server.server.light_types import import_light_types

    import_light_types()  # before anything else imports them
    from lsp_server.server.main import main

    return main(settings, tcp=tcp, ws=ws, open_checker=open_checker, texts=texts, positions=positions)
