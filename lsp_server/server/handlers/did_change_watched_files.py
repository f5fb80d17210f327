"""`workspace/didChangeWatchedFiles`: words, ignored findings or settings have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer


def did_change_watched_files(ls: GrammaredServer, _: types.DidChangeWatchedFilesParams) -> None:
    """Check all documents again: what has not changed is remembered, so that this is quick."""
    ls.files_changed()
