"""`grammared lint --watch`: which files have changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable


async def changed_files(paths: Iterable[Path]) -> AsyncIterator[set[Path]]:
    """Wait for changes at some files and below some folders, for ever.

    Args:
        paths: files and folders. Of a file its folder is watched, since editors replace files.

    Yields:
        Files that are new or have changed since the last time; their folders are resolved, they are not.

    Raises:
        InputError: the extra `watch` is not installed.
    """
    try:
        from watchfiles import Change, awatch
    except ModuleNotFoundError as error:
        raise InputError(f"--watch needs {error.name}: pip install 'grammared[watch]'") from None
    places = {(path if path.is_dir() else path.parent).resolve() for path in paths}
    async for changes in awatch(*places):
        yield {Path(name) for change, name in changes if change is not Change.deleted}
