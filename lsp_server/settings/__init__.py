"""Settings: what a user may choose, from where, and what applies when nothing is chosen."""

from lsp_server.settings.levels import level_of
from lsp_server.settings.load import settings_from_options
from lsp_server.settings.options import nearest
from lsp_server.settings.project import (
    Resolved,
    is_included,
    language_for,
    place_in,
    settings_for,
    with_user_file,
)
from lsp_server.settings.settings import EngineName, Settings, SeverityName, Strictness, TritonSettings

__all__ = [
    "EngineName",
    "Resolved",
    "Settings",
    "SeverityName",
    "Strictness",
    "TritonSettings",
    "is_included",
    "language_for",
    "level_of",
    "nearest",
    "place_in",
    "settings_for",
    "settings_from_options",
    "with_user_file",
]
