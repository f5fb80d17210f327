"""Settings: what a user may choose, from where, and what applies when nothing is chosen."""

from lsp_server.settings.load import settings_from_options
from lsp_server.settings.options import nearest
from lsp_server.settings.settings import EngineName, Settings, SeverityName, Strictness, TritonSettings

__all__ = [
    "EngineName",
    "Settings",
    "SeverityName",
    "Strictness",
    "TritonSettings",
    "nearest",
    "settings_from_options",
]
