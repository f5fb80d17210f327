"""What of a document is read only if its user says so."""

from __future__ import annotations

from typing import NamedTuple


class Reading(NamedTuple):
    """What is read beyond what everybody would call prose; nothing by default."""

    front_matter: tuple[str, ...] = ()
    """Fields of the front matter of Markdown, such as `title`."""
    latex_commands: tuple[str, ...] = ()
    """Commands of the user's own, without the backslash, whose last argument is part of the sentence."""
    string_literals: bool = False
    """Strings of source code."""
    notebook_code: bool = False
    """Comments of a notebook's code cells."""


PROSE_ONLY = Reading()
