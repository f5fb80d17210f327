"""Writing into a file of settings how findings of a kind are shown."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from lsp_server.errors import InputError
from lsp_server.settings.places import PYPROJECT
from lsp_server.suppress.entries import Change, locked, read_text, write_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = re.compile(r"[ \t]*\[")


def set_kind_level(path: Path, code: str, level: str) -> Change:
    """Set `kinds.CODE` in a `grammared.toml` or `pyproject.toml`; all else in it stays as it is.

    Raises:
        InputError: the file cannot be read or written, or sets its kinds in a form that is not a table.
    """
    with locked(path):
        before = read_text(path)
        after = _with_level(path, before, code, level)
        write_text(path, after)
    return Change(path, before, after)


def _with_level(path: Path, before: str | None, code: str, level: str) -> str:
    """The text of a settings file that sets a kind so."""
    table = "tool.grammared.kinds" if path.name == PYPROJECT else "kinds"
    lines = (before or "").splitlines()
    entry = f'{code} = "{level}"'
    header = re.compile(rf"[ \t]*\[[ \t]*{re.escape(table)}[ \t]*\][ \t]*(?:#.*)?$")
    start = next((number for number, line in enumerate(lines) if header.match(line)), None)
    if start is None:
        if any(re.match(r"[ \t]*(?:tool\.grammared\.)?kinds\b[^\]]*=", line) for line in lines):
            raise InputError(f"{path} does not set kinds in a table [{table}]; change it there by hand")
        lines += ["", f"[{table}]", entry] if lines else [f"[{table}]", entry]
    else:
        end = next((n for n in range(start + 1, len(lines)) if _HEADER.match(lines[n])), len(lines))
        key = re.compile(rf"[ \t]*[\"']?{re.escape(code)}[\"']?[ \t]*=")
        place = next((number for number in range(start + 1, end) if key.match(lines[number])), None)
        if place is None:
            lines.insert(_after_last_entry(lines, start, end), entry)
        else:
            lines[place] = entry
    after = "\n".join(lines) + "\n"
    if not _says(after, table, code, level):
        raise InputError(f"{path}: the kinds in it are written in another way; change them there by hand")
    return after


def _says(text: str, table: str, code: str, level: str) -> bool:
    """Whether the text is valid and sets the kind: what looked like a table may have been a string."""
    try:
        found = tomllib.loads(text)
        for name in table.split("."):
            found = found[name]
        return bool(found[code] == level)
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        return False


def _after_last_entry(lines: list[str], start: int, end: int) -> int:
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return end
