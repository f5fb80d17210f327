"""Writing to a pipe that the client may not read from."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import RawIOBase

MOST_WAITING = 1 << 26
"""Bytes that may wait for a client that does not read; then it counts as gone."""


class PipeWriter:
    """Writes in a thread of its own, so that a client that stops reading holds up nothing but its messages.

    Args:
        pipe: Unbuffered, so that nothing is left to be written when the process ends.
        lost: Called, in any thread, when the client has closed its end or let too much wait.
    """

    def __init__(self, pipe: RawIOBase, lost: Callable[[], None]) -> None:
        self._pipe = pipe
        self._lost = lost
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._taken = self._written = 0  # two counts, since each is changed in one thread only
        self._thread = threading.Thread(target=self._main, name="stdout", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Have `data` written after what waits already."""
        self._taken += len(data)
        if self._taken - self._written > MOST_WAITING:
            self._lost()
        else:
            self._queue.put(data)

    def close(self) -> None:
        """End when all that waits is written."""
        self._queue.put(None)

    def drain(self, timeout: float = 2.0) -> bool:
        """End when all that waits is written; false if the client does not read it in `timeout` seconds."""
        self.close()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _main(self) -> None:
        try:
            while (data := self._queue.get()) is not None:
                rest = memoryview(data)
                while rest:
                    rest = rest[self._pipe.write(rest) or 0 :]
                self._written += len(data)
        except (OSError, ValueError):
            self._lost()
