"""Where the files are that Grammared reads and writes for its user."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

HOME = "GRAMMARED_HOME"
"""Environment variable: a folder that holds all of ours, in place of the platform's own folders."""
PROJECT_FILE = "grammared.toml"
PYPROJECT = "pyproject.toml"
PROJECT_FOLDER = ".grammared"
PROJECT_DICTIONARY = ".grammared/dictionary.txt"
"""Relative to the folder of the project."""


def user_folder() -> Path:
    """The folder of the user's own settings, words and ignored findings."""
    if home := os.environ.get(HOME):
        return Path(home).expanduser() / "config"
    import platformdirs

    return platformdirs.user_config_path("grammared", appauthor=False)


def models_folder() -> Path:
    """Where models are kept that the user has downloaded."""
    if home := os.environ.get(HOME):
        return Path(home).expanduser() / "models"
    import platformdirs

    return platformdirs.user_data_path("grammared", appauthor=False) / "models"


def lock_folder() -> Path:
    """Where files are locked that several programs write."""
    if home := os.environ.get(HOME):
        return Path(home).expanduser() / "locks"
    import platformdirs

    return platformdirs.user_cache_path("grammared", appauthor=False) / "locks"


def user_file() -> Path:
    """The user's own settings, in the form of a project file."""
    return user_folder() / PROJECT_FILE


def user_dictionary() -> Path:
    """The words of the user, for all that they write."""
    return user_folder() / "dictionary.txt"


def user_ignored() -> Path:
    """The findings that the user has ignored, wherever they are."""
    return user_folder() / "ignored.txt"


def path_of(uri: str) -> Path | None:
    """The file that a URI names; None for one that is on no disk, such as `untitled:1`."""
    try:
        parts = urlsplit(uri)
        if parts.scheme != "file":
            return None
        host = f"//{parts.netloc}" if parts.netloc not in ("", "localhost") else ""
        path = Path(url2pathname(host + parts.path))
        return path if path.is_absolute() and "\0" not in str(path) else None
    except ValueError:
        return None
