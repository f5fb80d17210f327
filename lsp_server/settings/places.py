"""Where the files are that Grammared reads and writes for its user."""

from __future__ import annotations

import os
from pathlib import Path

CONFIG_FOLDER = "GRAMMARED_CONFIG_DIR"
"""Environment variable: a folder in place of the platform's own for configuration."""
PROJECT_FILE = "grammared.toml"
PYPROJECT = "pyproject.toml"
PROJECT_DICTIONARY = ".grammared/dictionary.txt"
"""Relative to the folder of the project."""


def user_folder() -> Path:
    """The folder of the user's own settings, words and ignored findings."""
    if chosen := os.environ.get(CONFIG_FOLDER):
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_config_path("grammared", appauthor=False)


def user_file() -> Path:
    """The user's own settings, in the form of a project file."""
    return user_folder() / PROJECT_FILE


def user_dictionary() -> Path:
    """The words of the user, for all that they write."""
    return user_folder() / "dictionary.txt"


def user_ignored() -> Path:
    """The findings that the user has ignored, wherever they are."""
    return user_folder() / "ignored.txt"
