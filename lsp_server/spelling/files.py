"""Reads the word lists, and goes on without one that is damaged or missing."""

from __future__ import annotations

import gzip
import logging
import zlib
from functools import cache
from importlib import resources

_log = logging.getLogger(__name__)


@cache
def read(name: str) -> bytes:
    """What a compressed file of this folder holds; nothing, and that is said once, if it cannot be read."""
    try:
        return gzip.decompress(resources.files(__package__).joinpath(name).read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        _log.warning(
            "the word list %s cannot be read (%s), so less is found: install Grammared anew", name, error
        )
        return b""
