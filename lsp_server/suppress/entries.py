"""Files with one entry a line: dictionaries and lists of ignored findings.

They are made to be committed and merged: sorted, each change one line, and what else stands in them (blank
lines, comments from `#` on) stays as it is.
"""

from __future__ import annotations

import os
import re
import tempfile
from bisect import bisect_left
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.errors import InputError
from lsp_server.settings.places import lock_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 10.0
"""Seconds to wait while another program writes a file."""
_COMMENT = re.compile(r"(?:^|\s)#.*")


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a file; enough to undo it."""

    path: Path
    before: str | None
    """The whole text; None if there was no file."""
    after: str | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing had to be done."""
        return self.before == self.after

    def undo(self) -> None:
        """Make the file what it was, but for what others have changed in it meanwhile.

        Raises:
            InputError: the file cannot be written, or another change stands in the way.
        """
        with locked(self.path):
            now = read_text(self.path)
            if now == self.after:
                write_text(self.path, self.before)
                return
            if self.path.suffix != ".txt":
                raise InputError(f"{self.path} has been changed since; nothing was undone")
            before, after = (_entry_lines(text) for text in (self.before, self.after))
            for entry in set(after) - set(before):
                now = _without(now or "", entry)
            for entry in set(before) - set(after):
                now = _with(now or "", entry, before[entry])
            write_text(self.path, now)


def entries_of(path: Path) -> frozenset[str]:
    """The entries of a file; none if it is not there or cannot be read. Cached until it changes."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return frozenset()
    return _entries(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)


def add_entry(path: Path, entry: str, comment: str = "") -> Change:
    """Put an entry where it belongs in the order; nothing changes if it is there.

    Raises:
        InputError: the entry is none, or the file cannot be written.
    """
    if not _is_entry(entry):
        raise InputError(f"{entry!r} cannot be an entry of {path}")
    with locked(path):
        before = read_text(path)
        if entry in _entry_lines(before):
            return Change(path, before, before)
        after = _with(before or "", entry, f"{entry}  # {comment}" if comment else entry)
        write_text(path, after)
    return Change(path, before, after)


def remove_entry(path: Path, entry: str) -> Change:
    """Take an entry out, with the comment on its line; nothing changes if it is not there.

    Raises:
        InputError: the file cannot be written.
    """
    with locked(path):
        before = read_text(path)
        if before is None or entry not in _entry_lines(before):
            return Change(path, before, before)
        after = _without(before, entry)
        write_text(path, after)
    return Change(path, before, after)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other programs of ours from writing a file, between reading and writing it.

    The lock is a file elsewhere, so that none is left beside what is committed. Where none can be made, the
    file is written without.

    Raises:
        InputError: another program does not let go of it.
    """
    from filelock import FileLock, Timeout

    name = sha256(os.fsencode(path.absolute())).hexdigest()[:16]
    lock = FileLock(lock_folder() / f"{name}.lock", timeout=_PATIENCE)
    try:
        lock_folder().mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise InputError(f"{path} is being written by another program; try again") from None
    except OSError:
        yield
        return
    try:
        yield
    finally:
        lock.release()


def read_text(path: Path) -> str | None:
    """The text of a file; None if there is none.

    Raises:
        InputError: it is there and cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = (
            error.strerror.lower() if isinstance(error, OSError) and error.strerror else "is no UTF-8 text"
        )
        raise InputError(f"{path}: {reason}") from error


def write_text(path: Path, text: str | None) -> None:
    """Put a file in place as a whole, so that nobody sees half of it; None takes it away.

    Raises:
        InputError: it cannot be written.
    """
    try:
        if text is None:
            path.unlink(missing_ok=True)
            return
        path = path.resolve()  # a link stays a link
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        new = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
            new.chmod(mode)
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@lru_cache(maxsize=256)
def _entries(path: Path, *_state: int) -> frozenset[str]:
    try:
        return frozenset(_entry_lines(read_text(path)))
    except InputError:
        return frozenset()


def _entry_lines(text: str | None) -> dict[str, str]:
    """The entries of a text, each with its line."""
    return {entry: line for line in (text or "").split("\n") if (entry := entry_on(line))}


def entry_on(line: str) -> str:
    """The entry on a line, without its comment; empty if there is none."""
    return _COMMENT.sub("", line).strip()


def _is_entry(text: str) -> bool:
    return bool(text) and entry_on(text) == text and "\n" not in text and "\r" not in text


def _with(text: str, entry: str, new: str) -> str:
    """The text with a line for an entry: behind the last that comes before it in the order."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    places = [index for index, line in enumerate(lines) if entry_on(line)]
    rank = bisect_left([_order(entry_on(lines[index])) for index in places], _order(entry))
    at = places[rank - 1] + 1 if rank else places[0] if places else len(lines)
    end = "\r" if "\r\n" in text else ""
    lines.insert(at, new + end)
    return "\n".join(lines) + "\n"


def _without(text: str, entry: str) -> str:
    return "\n".join(line for line in text.split("\n") if entry_on(line) != entry)


def _order(entry: str) -> tuple[str, str]:
    return entry.casefold(), entry
