"""Progress of long work, on stderr and only where a person sees it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import rich.progress

_PATIENCE = 1.0
"""Seconds that pass without a word."""


class Progress:
    """A bar with rate and remaining time; nothing where stderr is no terminal, or the work is done soon."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._sizes: Mapping[str, int] = {}
        self._done: dict[str, float] = {}
        self._bar: rich.progress.Progress | None = None

    def expect(self, sizes: Mapping[str, int]) -> None:
        """Tell what there is to do: the names of all files with their sizes in bytes."""
        self._sizes, self._done = sizes, {}

    def update(self, name: str, done: int, total: int) -> None:
        """Show that of one file `done` parts of `total` are done."""
        self._done[name] = self._size(name) * done / max(total, 1)
        if self._bar is None:
            if not sys.stderr.isatty() or time.monotonic() - self._started < _PATIENCE:
                return
            self._bar = _bar()
            self._bar.add_task(name)
        bar, total_size = self._bar, max(1, sum(self._sizes.values()))
        bar.update(
            bar.task_ids[0], description=name, completed=int(sum(self._done.values())), total=total_size
        )
        bar.start()

    def finish(self, name: str) -> None:
        """One file is done."""
        self._done[name] = self._size(name)

    def hide(self) -> None:
        """Make room for other output; the next update shows the bar again."""
        if self._bar is not None:
            self._bar.stop()

    def _size(self, name: str) -> int:
        return self._sizes.get(name, 0)


def _bar() -> rich.progress.Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
