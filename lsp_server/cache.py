"""What engines said of sentences, on disk, so that the next process need not ask again.

An SQLite database in the user's cache folder, which any number of processes may use at once. It knows texts
by their hashes alone; of the sentences that were found wrong it holds the corrections.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import sqlite3
import threading
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server import __version__
from triton_server.gector.types import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from triton_server.gector.types import Decoding

HOME = "GRAMMARED_HOME"
PLACE = "GRAMMARED_CACHE"
"""Environment variable: the folder of the cache, in place of the platform's."""
LARGEST = 64 * 1024 * 1024
"""Bytes of the database; the third that was used longest ago makes room. A sentence takes about 80."""
_FRESH = 24 * 3600
"""Seconds in which a use is not noted again."""
_PATIENCE = 0.5
"""Seconds to wait for another process that writes."""
_TABLE = """
CREATE TABLE IF NOT EXISTS sentences (key BLOB PRIMARY KEY, edits TEXT NOT NULL, used INTEGER NOT NULL)
WITHOUT ROWID
"""
_log = logging.getLogger(__name__)


class CacheInfo(NamedTuple):
    """How much there is."""

    path: Path
    sentences: int
    size: int
    """Bytes."""


class SentenceCache:
    """Remembers edits on disk, and may be used from any thread.

    A file that is no sound database is made anew, and one that cannot be used is done without: either is said
    once, in the log.

    Args:
        path: the file, whose folder is made.
        largest: bytes that it may take.
    """

    def __init__(self, path: Path, largest: int = LARGEST) -> None:
        self._path = path
        self._largest = largest
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = self._opened()
        except sqlite3.OperationalError as error:
            self._do_without(error)
        except (sqlite3.DatabaseError, OSError) as error:
            self._begin_anew(error)

    def get(self, key: bytes) -> tuple[Edit, ...] | None:
        """The edits of a sentence; None if they are not remembered."""
        edits = None
        with self._lock, self._mended():
            if self._connection is not None:
                edits = _found(self._connection, key)
        return edits

    def put_many(self, edits: Mapping[bytes, tuple[Edit, ...]]) -> None:
        """Remember the edits of some sentences, and forget others if there are too many."""
        with self._lock, self._mended():
            if self._connection is None:
                return
            now = int(time.time())
            rows = [(key, _written(made), now) for key, made in edits.items()]
            with self._transaction(self._connection) as connection:
                connection.executemany("INSERT OR REPLACE INTO sentences VALUES (?, ?, ?)", rows)
                if _size(connection) > self._largest:
                    connection.execute(
                        "DELETE FROM sentences WHERE key IN (SELECT key FROM sentences ORDER BY used "
                        "LIMIT (SELECT count(*) / 3 FROM sentences))"
                    )

    def clear(self) -> int:
        """Forget everything, whoever else is at it; how many sentences those were."""
        count = 0
        with self._lock, self._mended():
            if self._connection is not None:
                with self._transaction(self._connection) as connection:
                    count = connection.execute("DELETE FROM sentences").rowcount
                self._connection.execute("VACUUM")
        return count

    def info(self) -> CacheInfo:
        """How many sentences are remembered, and how much room they take."""
        count = size = 0
        with self._lock, self._mended():
            if self._connection is not None:
                (count,) = self._connection.execute("SELECT count(*) FROM sentences").fetchone()
                size = _size(self._connection)
        return CacheInfo(self._path, count, size)

    def close(self) -> None:
        """Use it no more; to ask it then is allowed, and finds nothing."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _opened(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")  # readers and a writer need not wait
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_size_limit = {self._largest // 8}")
            connection.execute(_TABLE)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextlib.contextmanager
    def _mended(self) -> Iterator[None]:
        """Does away with what fails in its body: a busy database is asked later, a broken one never."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                self._do_without(error)
        except (sqlite3.DatabaseError, _UnreadableError) as error:
            self._begin_anew(error)

    def _begin_anew(self, error: Exception) -> None:
        self._drop()
        try:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._connection = self._opened()
        except (OSError, sqlite3.Error) as second:
            self._do_without(second)
        else:
            _log.warning("the cache of sentences, %s, was damaged and is made anew: %s", self._path, error)

    def _do_without(self, error: Exception) -> None:
        self._drop()
        _log.warning("sentences are not remembered on disk: %s: %s", self._path, error)

    def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with contextlib.suppress(sqlite3.Error):
                connection.close()


class _UnreadableError(Exception):
    """What was read from the database was not written by us."""


def cache_path() -> Path:
    """Where the cache is: in the platform's folder for caches, unless the environment names another."""
    if place := os.environ.get(PLACE):
        return Path(place).expanduser() / "sentences.db"
    if home := os.environ.get(HOME):
        return Path(home).expanduser() / "cache" / "sentences.db"
    import platformdirs

    return platformdirs.user_cache_path("grammared", appauthor=False) / "sentences.db"


@lru_cache(64)
def context_of(identity: str, decoding: Decoding) -> str:
    """All that the edits of a sentence depend on beside itself: the model, decoding, our own code."""
    return repr((identity, decoding, _code()))


def key_of(text: str, may_end_open: bool, untouchable: frozenset[int], context: str) -> bytes:
    """A hash of all that the edits of a sentence depend on: itself, and its context."""
    parts = (text, may_end_open, sorted(untouchable), context)
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


@cache
def _code() -> tuple[str, int]:
    """The version of what makes edits of tags, and the time of its files, which may change without it."""
    import triton_server.gector

    files = (file for folder in triton_server.gector.__path__ for file in Path(folder).glob("*.py"))
    return __version__, max((file.stat().st_mtime_ns for file in files), default=0)


def _found(connection: sqlite3.Connection, key: bytes) -> tuple[Edit, ...] | None:
    row = connection.execute("SELECT edits, used FROM sentences WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    edits, now = _read(row[0]), int(time.time())
    if now - row[1] > _FRESH:
        with contextlib.suppress(sqlite3.OperationalError):  # another process writes
            connection.execute("UPDATE sentences SET used = ? WHERE key = ?", (now, key))
    return edits


def _size(connection: sqlite3.Connection) -> int:
    """Bytes that are in use."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _written(edits: tuple[Edit, ...]) -> str:
    rows = [[one.start, one.end, one.replacement, one.labels, one.confidence] for one in edits]
    return json.dumps(rows, ensure_ascii=True, separators=(",", ":"))


def _read(text: str) -> tuple[Edit, ...]:
    try:
        return tuple(
            Edit(int(start), int(end), str(replacement), tuple(map(str, labels)), float(confidence))
            for start, end, replacement, labels, confidence in json.loads(text)
        )
    except (TypeError, ValueError) as error:
        raise _UnreadableError("a row that is not ours") from error
