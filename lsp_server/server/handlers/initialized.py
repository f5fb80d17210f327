"""`initialized`: ask for settings, then load the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.handlers.configuration import SECTION, pull_configuration

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


async def initialized(ls: GrammaredServer, _: types.InitializedParams) -> None:
    """Begin to work. Documents opened meanwhile are checked as soon as the model is there."""
    client = ls.session.client
    if client.registers_configuration:
        ls.client_register_capability(_changed_settings())
    options = await pull_configuration(ls, ls.apply_configuration) if client.configuration else None
    ls.session.start(options)


def _changed_settings() -> types.RegistrationParams:
    method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
    options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
    return types.RegistrationParams([types.Registration(id=method, method=method, register_options=options)])
