"""`initialized`: ask for settings, then load the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.handlers.configuration import SECTION, pull_configuration
from lsp_server.settings.places import PROJECT_FILE, PROJECT_FOLDER, PYPROJECT

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


async def initialized(ls: GrammaredServer, _: types.InitializedParams) -> None:
    """Begin to work. Documents opened meanwhile are checked as soon as the model is there."""
    client = ls.session.client
    if client.registers_configuration:
        ls.client_register_capability(_changed_settings())
    if client.watches_files:
        ls.client_register_capability(_watched_files())
    options, of_folders = await pull_configuration(ls) if client.configuration else (None, {})
    ls.session.start(options, of_folders)
    ls.follow_files()


def _changed_settings() -> types.RegistrationParams:
    method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
    options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
    return types.RegistrationParams([types.Registration(id=method, method=method, register_options=options)])


def _watched_files() -> types.RegistrationParams:
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    patterns = (f"**/{PROJECT_FILE}", f"**/{PYPROJECT}", f"**/{PROJECT_FOLDER}/*.txt")
    options = types.DidChangeWatchedFilesRegistrationOptions(
        [types.FileSystemWatcher(one) for one in patterns]
    )
    return types.RegistrationParams([types.Registration(id=method, method=method, register_options=options)])
