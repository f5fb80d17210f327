"""A file for each method; what a handler does beyond reading its parameters is done elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.server.code_actions import FIX_ALL, QUICK_FIX
from lsp_server.server.handlers.code_action import code_action
from lsp_server.server.handlers.code_action_resolve import code_action_resolve
from lsp_server.server.handlers.did_change import did_change
from lsp_server.server.handlers.did_change_configuration import did_change_configuration
from lsp_server.server.handlers.did_change_watched_files import did_change_watched_files
from lsp_server.server.handlers.did_change_workspace_folders import did_change_workspace_folders
from lsp_server.server.handlers.did_close import did_close
from lsp_server.server.handlers.did_open import did_open
from lsp_server.server.handlers.did_save import did_save
from lsp_server.server.handlers.hover import hover
from lsp_server.server.handlers.initialize import initialize
from lsp_server.server.handlers.initialized import initialized
from lsp_server.server.handlers.notebook import (
    notebook_did_change,
    notebook_did_close,
    notebook_did_open,
    notebook_did_save,
)

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLERS: dict[str, tuple[Callable[..., Any], Any]] = {
    types.INITIALIZE: (initialize, None),
    types.INITIALIZED: (initialized, None),
    types.TEXT_DOCUMENT_DID_OPEN: (did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (did_change, None),
    types.TEXT_DOCUMENT_DID_SAVE: (did_save, types.SaveOptions(include_text=False)),
    types.TEXT_DOCUMENT_DID_CLOSE: (did_close, None),
    types.TEXT_DOCUMENT_CODE_ACTION: (
        code_action,
        types.CodeActionOptions(code_action_kinds=[QUICK_FIX, FIX_ALL], resolve_provider=True),
    ),
    types.CODE_ACTION_RESOLVE: (code_action_resolve, None),
    types.TEXT_DOCUMENT_HOVER: (hover, None),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: (notebook_did_open, None),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: (notebook_did_change, None),
    types.NOTEBOOK_DOCUMENT_DID_SAVE: (notebook_did_save, None),
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: (notebook_did_close, None),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (did_change_configuration, None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (did_change_watched_files, None),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (did_change_workspace_folders, None),
}
"""Handler and options of each method. `initialize` adds `textDocument/diagnostic` for a client that pulls."""
