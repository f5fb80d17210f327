"""Which files are linted: what the user named, and the texts below the folders they named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from lsp_server.documents.kinds import ON_REQUEST, kind_of_name
from lsp_server.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

STDIN = Path("-")
"""What stands for standard input among paths."""
_NEVER_PROSE = ["node_modules/", "__pycache__/"]
"""Folders of others' files that are looked into only when they are named."""


class EmptyFolderError(InputError):
    """A folder without a text."""


def is_text(path: Path) -> bool:
    """Whether a file is known to be a text, by its name; source code is none."""
    kind = kind_of_name(path.name)
    return kind is not None and kind not in ON_REQUEST


def text_files(
    paths: Iterable[Path], exclude: Sequence[str] = (), wants: Callable[[Path], bool] = is_text
) -> Iterator[Path | InputError]:
    """Each file once: those named, whatever they are, and those in the folders named that `wants` takes.

    In folders, hidden files and what `.gitignore` files or `exclude` (patterns of the same form) match are
    left out; links to folders are not followed. A path that leads to no text gives an error in its place.
    """
    excluded = GitIgnoreSpec.from_lines([*_NEVER_PROSE, *exclude])
    seen = set()
    for path in paths:
        for found in _below(path, excluded, wants):
            key = found if isinstance(found, InputError) else found.resolve()
            if key not in seen:
                seen.add(key)
                yield found


def _below(path: Path, excluded: GitIgnoreSpec, wants: Callable[[Path], bool]) -> Iterator[Path | InputError]:
    if not path.is_dir():
        if path == STDIN or path.exists() or path.is_symlink():
            yield path
        else:
            yield InputError(f"{path}: no such file or folder")
        return
    found_any = False
    for found in _walk(path, excluded, wants):
        found_any = True
        yield found
    if not found_any:
        yield EmptyFolderError(f"{path}: no text files in this folder")


def _walk(top: Path, excluded: GitIgnoreSpec, wants: Callable[[Path], bool]) -> Iterator[Path | InputError]:
    ignores = {folder: spec for folder in _repository_above(top) if (spec := _gitignore(folder))}
    problems: list[OSError] = []

    def left_out(path: Path, suffix: str = "") -> bool:
        return (
            path.name.startswith(".")
            or excluded.match_file(path.relative_to(top).as_posix() + suffix)
            or _ignored(path, suffix, ignores)
        )

    for name, folders, files in os.walk(top, onerror=problems.append):
        folder = Path(name)
        here = folder.absolute()
        if spec := _gitignore(here):
            ignores[here] = spec

        folders[:] = sorted(child for child in folders if not left_out(folder / child, "/"))
        for child in sorted(files):
            path = folder / child
            if not left_out(path) and wants(path) and path.is_file():
                yield path
    for problem in problems:
        yield InputError(f"{problem.filename}: {(problem.strerror or 'cannot be read').lower()}")


def _repository_above(folder: Path) -> list[Path]:
    """The folders from the root of the Git repository down to above `folder`; none outside a repository."""
    here = folder.absolute()
    above = list(here.parents)
    if (here / ".git").exists():
        return []
    for index, parent in enumerate(above):
        if (parent / ".git").exists():
            return above[index::-1]
    return []


def _gitignore(folder: Path) -> GitIgnoreSpec | None:
    try:
        lines = (folder / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return GitIgnoreSpec.from_lines(lines)


def _ignored(path: Path, suffix: str, ignores: dict[Path, GitIgnoreSpec]) -> bool:
    """Whether Git ignores the path: the `.gitignore` nearest to it that says anything decides."""
    path = path.absolute()
    for folder in path.parents:
        if folder in ignores:
            include = ignores[folder].check_file(f"{path.relative_to(folder).as_posix()}{suffix}").include
            if include is not None:
                return include
    return False
