"""Progress of long work, on stderr and only where a person sees it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.progress

_PATIENCE = 1.0
"""Seconds that pass without a word."""


class Progress:
    """A bar on the terminal; nothing at all where stderr is none, or when the work is done soon."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._bar: rich.progress.Progress | None = None

    def update(self, name: str, done: int, total: int) -> None:
        """Show how much of one file is done."""
        if self._bar is None:
            if not sys.stderr.isatty() or time.monotonic() - self._started < _PATIENCE:
                return
            self._bar = _bar()
            self._bar.start()
        task = next(iter(self._bar.task_ids), None)
        if task is None:
            self._bar.add_task(name, completed=done, total=total)
        else:
            self._bar.update(task, description=name, completed=done, total=total)

    def hide(self) -> None:
        """Make room for other output; the next update shows the bar again."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _bar() -> rich.progress.Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn())
    return Progress(*columns, TaskProgressColumn(), console=Console(stderr=True), transient=True)
