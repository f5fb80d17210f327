"""Notices when files change that decide what is found: settings, dictionaries, ignored findings.

Clients tell of some of them, inside the workspace, if they watch files at all; the user's own are outside of
it. So we look at all that count for the open documents ourselves, now and then: a few dozen `stat`s.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.settings.places import user_dictionary, user_file, user_ignored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lsp_server.server.session import Session

INTERVAL = 2.0
"""Seconds between two looks."""

State = dict[Path, tuple[int, int] | None]
"""Of each file when it was written and how long it is; None if there is none."""


async def follow(session: Session, changed: Callable[[], None]) -> None:
    """Call `changed` whenever one of the files that count for the open documents is another than before."""
    before = await asyncio.to_thread(states, files_of(session))
    while True:
        await asyncio.sleep(INTERVAL)
        now = await asyncio.to_thread(states, files_of(session))
        # A file that is new among those that count came with a document that was opened: it was read then.
        if any(before[path] != state for path, state in now.items() if path in before):
            changed()
        before = now


def files_of(session: Session) -> set[Path]:
    """The files that count for the open documents."""
    files = {user_file(), user_dictionary(), user_ignored()}
    for uri in session.documents:
        resolved = session.resolved(uri)
        settings = resolved.settings
        files.update(resolved.files)
        files.update(Path(name) for name in (*settings.dictionaries, settings.ignore_file))
    return {path for path in files if path.is_absolute()}


def states(files: Iterable[Path]) -> State:
    """What can be seen of files from outside."""
    return {path: _state(path) for path in files}


def _state(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return stat.st_mtime_ns, stat.st_size
