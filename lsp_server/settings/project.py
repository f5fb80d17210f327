"""The settings of one file: the user's, then those of its project from the top folder down.

A project says them in `grammared.toml`, or below `[tool.grammared]` in `pyproject.toml`, in any of the
folders above a file. What comes with a project never chooses where text is sent, what is loaded or run, or a
file outside of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, NamedTuple

from lsp_server.errors import InputError
from lsp_server.settings.load import settings_from_options
from lsp_server.settings.options import nearest, options_of
from lsp_server.settings.places import (
    PROJECT_DICTIONARY,
    PROJECT_FILE,
    PROJECT_FOLDER,
    PYPROJECT,
    path_of,
    user_file,
)
from lsp_server.settings.settings import Languages, Settings, Strings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND_LINE = "command line"
_LARGEST = 1_000_000
"""Bytes of a project file."""
_PATTERNS = ("include", "exclude")
_OVERRIDES, _ROOT, _PATHS = "overrides", "root", "paths"


@dataclass(frozen=True)
class Resolved:
    """What applies to one file, and who said it."""

    settings: Settings
    """With absolute paths and patterns."""
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each setting that a file or flag says, such as `kinds`: who; the last one decides."""
    problems: tuple[str, ...] = ()
    """A line for each setting that is wrong, with the file that has it."""
    files: tuple[Path, ...] = ()
    """The settings files that were found, the most general first."""
    root: Path | None = None
    """The folder of the project; None for a file in no project."""
    is_included: bool = True
    """Whether `include` and `exclude` let the file be checked."""


class _File(NamedTuple):
    """A settings file as it is on disk."""

    path: Path
    state: tuple[int, int, int]
    """Changes whenever it does."""


class _Chain(NamedTuple):
    """The settings files that count for a file."""

    files: tuple[_File, ...]
    """Those of its project, from the top down."""
    root: Path | None
    own: _File | None = None
    """The user's."""


def settings_for(
    place: str | Path | None,
    base: Settings,
    workspace: Path | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Resolved:
    """The settings of a file or document. Never raises: what is wrong is left out and told.

    Quick enough for each keystroke: files are read again only when they have changed.

    Args:
        place: the file or its URI; of a document on no disk, the project of the workspace counts.
        base: the user's settings: of their editor, on top of `with_user_file`.
        workspace: the folder that the editor has opened, to which the patterns and paths in `base` are
            relative; None is the present folder.
        flags: options that are said on the command line and count more than any file.
    """
    path = path_of(place) if isinstance(place, str) else place
    if path is None and workspace is not None:
        path = workspace / "untitled"
    path = path and Path(_normal(path.absolute()))
    chain = (_chain(path, workspace) if path else _Chain((), None))._replace(own=_file(user_file()))
    said = json.dumps(flags, default=repr, sort_keys=True) if flags else ""
    return _settings_for(path, base, workspace or _here(), said, chain)


def with_user_file(base: Settings) -> Resolved:
    """The user's own settings file on top of `base`."""
    found = _file(user_file())
    if found is None:
        return Resolved(base)
    options, problems = _read(found)
    layer = _Layer(base)
    layer.problems += problems
    options.pop(_OVERRIDES, None)  # `settings_for` applies them, file by file
    layer.add(options, str(found.path))
    return Resolved(layer.settings, layer.origins, tuple(layer.problems), (found.path,))


def place_in(root: Path, name: str) -> Path:
    """A file of a project, to be written.

    Raises:
        InputError: it is a link, or behind one, that leads out of the project.
    """
    path = Path(_normal(root / name))
    if not _is_inside(path, root):
        raise InputError(f"{path} leads out of the project; it is not written")
    return path


def language_for(path: Path | None, settings: Settings, identifier: str = "") -> str | None:
    """The kind of text that the resolved settings give to a file; None if they say nothing of it.

    A name without a slash in `languages` stands for files that are called so, and for documents of that
    language identifier in an editor.
    """
    for pattern, language in reversed(settings.languages):
        is_named = identifier and (pattern == identifier or pattern.endswith(f"/**/{identifier}"))
        if is_named or (path and _matches(path, (pattern,))):
            return language
    return None


def is_included(path: Path, settings: Settings) -> bool:
    """Whether the resolved settings let a file be checked."""
    if settings.include and not _matches(path, settings.include):
        return False
    return not _matches(path, settings.exclude)


@lru_cache(maxsize=512)
def _settings_for(path: Path | None, base: Settings, folder: Path, flags: str, chain: _Chain) -> Resolved:
    layer = _Layer(_absolute(base, folder))
    if chain.own:
        options, _ = _read(chain.own)  # what is wrong with the rest is told by `with_user_file`
        layer.add_overrides(options, str(chain.own.path), chain.own.path.parent, None, path)
    files = []
    for found in chain.files:
        if not _is_inside(found.path, chain.root or found.path.parent):
            layer.problems.append(f"{found.path}: a link that leads out of the project; it is not read")
            continue
        files.append(found.path)
        options, problems = _read(found)
        layer.problems += problems
        layer.add_project(options, str(found.path), found.path.parent, chain.root or found.path.parent, path)
    if flags:
        options, _ = _placed(json.loads(flags), _here(), None)
        layer.add(options, COMMAND_LINE)
    settings = layer.settings
    if chain.root:
        words = chain.root / PROJECT_DICTIONARY
        if _is_inside(words, chain.root):
            settings = replace(settings, dictionaries=Strings((str(words), *settings.dictionaries)))
        else:
            layer.problems.append(f"{words}: a link that leads out of the project; it is not read")
    if not Path(settings.ignore_file).is_absolute() and chain.root:
        ignored = chain.root / settings.ignore_file
        if _is_inside(ignored, chain.root):
            settings = replace(settings, ignore_file=str(ignored))
        else:
            layer.problems.append(f"{ignored}: a link that leads out of the project; it is not read")
    return Resolved(
        settings,
        layer.origins,
        tuple(layer.problems),
        tuple(files),
        chain.root,
        path is None or is_included(path, settings),
    )


class _Layer:
    """Settings to which layers are added, and what is known of where each comes from."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.origins: dict[str, tuple[str, ...]] = {}
        self.problems: list[str] = []

    def add(self, options: Mapping[str, Any], source: str, *, applies: bool = True) -> None:
        """Put options on top; if they do not apply, only say what is wrong with them."""
        known = options_of(Settings)
        for name, value in options.items():
            if name == "grammared":
                self.problems.append(f'{source}: unknown setting "grammared"; put its settings at the top')
                continue
            settings, problems = settings_from_options({name: value}, source, self.settings)
            self.problems += [problem for problem in problems if problem not in self.problems]
            if not applies or name not in known or value is None or (problems and settings == self.settings):
                continue
            self.settings = settings
            names = [f"{name}.{inner}" for inner in value] if known[name].group else [name]
            for one in names:
                before = self.origins.get(one, ()) if known[name].adds else ()
                self.origins[one] = (*before, source)

    def add_project(
        self, options: dict[str, Any], source: str, folder: Path, root: Path, path: Path | None
    ) -> None:
        """Put what a project's file says on top, as far as a project may say it."""
        if not isinstance(options.pop(_ROOT, False), bool):
            self.problems.append(f"{source}: {_ROOT} must be true or false")
        own = {name: value for name, value in options.items() if name != _OVERRIDES}
        self._add_allowed(own, source, folder, root)
        self.add_overrides(options, source, folder, root, path)

    def add_overrides(
        self, options: dict[str, Any], source: str, folder: Path, root: Path | None, path: Path | None
    ) -> None:
        """Put those overrides of a file on top that are for `path`.

        Args:
            options: all that the file says.
            source: its name, for messages.
            folder: where it is, to which patterns are relative.
            root: of the project that it comes with; None for the user's own, which is of no project.
            path: the file that is checked.
        """
        overrides = options.get(_OVERRIDES, [])
        if not isinstance(overrides, list) or not all(isinstance(one, dict) for one in overrides):
            self.problems.append(f"{source}: {_OVERRIDES} must be tables: [[{_OVERRIDES}]]")
            return
        for number, override in enumerate(overrides, 1):
            where, override = f"{source}: {_OVERRIDES} {number}", dict(override)
            paths = override.pop(_PATHS, None)
            if not (isinstance(paths, list) and paths and all(isinstance(one, str) for one in paths)):
                self.problems.append(f"{where}: {_PATHS} must be a list of patterns, as in .gitignore")
                continue
            patterns = tuple(_anchored(one, folder) if root else _at_home(one) for one in paths)
            applies = path is not None and _matches(path, patterns)
            self._add_allowed(override, where, folder, root, applies=applies)

    def _add_allowed(
        self,
        options: Mapping[str, Any],
        source: str,
        folder: Path,
        root: Path | None,
        *,
        applies: bool = True,
    ) -> None:
        known = options_of(Settings)
        allowed = {}
        for name, value in options.items():
            if name in known and known[name].user_only:
                why = (
                    f"a project cannot set {name}; it is for you to say, in your editor's settings "
                    f"or in {user_file()}"
                )
                self.problems.append(f"{source}: {why if root else f'{name} is the same for all files'}")
            elif (
                name not in known
                and (near := nearest(name, [_OVERRIDES, _ROOT]))
                and not nearest(name, known)
            ):
                self.problems.append(f'{source}: unknown setting "{name}"; did you mean "{near}"?')
            else:
                allowed[name] = value
        placed, problems = _placed(allowed, folder, root)
        self.problems += [f"{source}: {problem}" for problem in problems]
        self.add(placed, source, applies=applies)


# --- On disk ------------------------------------------------------------------------------------------------


def _chain(path: Path, workspace: Path | None) -> _Chain:
    """The project files above a file: up to the top of the repository, or to below the user's own folder."""
    files: list[_File] = []
    nearest_own = repository = None
    home = _home()
    for folder in path.parents:
        if folder == home:
            break
        found = _file(folder / PROJECT_FILE) or _file(folder / PYPROJECT)
        parsed = _parsed(found) if found else None
        if found and parsed and (found.path.name == PROJECT_FILE or parsed.is_ours):
            files.append(found)
        if nearest_own is None and (folder / PROJECT_FOLDER).is_dir():
            nearest_own = folder
        if (folder / ".git").exists():
            repository = folder
            break
        if parsed and parsed.is_root:
            break
    top = files[-1].path.parent if files else None
    return _Chain(tuple(reversed(files)), top or nearest_own or repository or workspace)


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return Path("/")


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _file(path: Path) -> _File | None:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return None
    return _File(path, (stat.st_mtime_ns, stat.st_size, stat.st_ino))


def _read(found: _File) -> tuple[dict[str, Any], list[str]]:
    """The options of a file, a fresh copy, and what is wrong with it as a whole."""
    parsed = _parsed(found)
    return json.loads(parsed.options), [parsed.problem] if parsed.problem else []


class _Parsed(NamedTuple):
    """What a settings file says."""

    options: str
    """As JSON, since that cannot be changed by who gets it."""
    problem: str = ""
    is_root: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it says anything to us."""
        return self.options != "{}" or bool(self.problem)


_NOTHING = _Parsed("{}")


@lru_cache(maxsize=128)
def _parsed(found: _File) -> _Parsed:
    path = found.path
    try:
        if path.stat().st_size > _LARGEST:
            return _Parsed("{}", f"{path}: too long for settings; nothing of it applies")
        data = path.read_bytes()
        if path.name == PYPROJECT and b"grammared" not in data:
            return _NOTHING
        options: Any = tomllib.loads(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        if path.name == PYPROJECT and not re.search(rb"^\[tool\.grammared\b", data, re.MULTILINE):
            return _NOTHING  # whatever is wrong there is not ours
        return _Parsed("{}", f"{path}: no valid TOML: {error}; nothing of it applies")
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else "no UTF-8 text"
        return _Parsed("{}", f"{path}: {reason}; nothing of it applies")
    if path.name == PYPROJECT:
        tool = options.get("tool")
        options = tool.get("grammared", {}) if isinstance(tool, dict) else {}
        if not isinstance(options, dict):
            return _Parsed("{}", f"{path}: tool.grammared must be a table")
    return _Parsed(json.dumps(options, default=str), is_root=options.get(_ROOT) is True)


# --- Paths and patterns -------------------------------------------------------------------------------------


def _placed(options: Mapping[str, Any], folder: Path, root: Path | None) -> tuple[dict[str, Any], list[str]]:
    """The options with absolute paths and patterns, without those that lead out of `root` if there is one."""
    placed = dict(options)
    problems: list[str] = []
    if isinstance(names := options.get("dictionaries"), list):
        inside = [_path(name, folder, root, "dictionaries", problems) for name in names]
        placed["dictionaries"] = [name for name in inside if name is not None]
    if isinstance(name := options.get("ignoreFile"), str):
        placed["ignoreFile"] = _path(name, folder, root, "ignoreFile", problems)
    for name in _PATTERNS:
        if isinstance(patterns := options.get(name), list):
            placed[name] = [_anchored(one, folder) if isinstance(one, str) else one for one in patterns]
    if isinstance(languages := options.get("languages"), Mapping):
        placed["languages"] = {_anchored(one, folder): value for one, value in languages.items()}
    return placed, problems


def _path(name: Any, folder: Path, root: Path | None, setting: str, problems: list[str]) -> Any:
    """An absolute path as a string, or None with a problem if it leads out of the project."""
    if not isinstance(name, str) or not name.strip():
        return name
    if root is None:
        return str(Path(_normal(folder / Path(name).expanduser())))
    foreign = name.startswith("~") or PureWindowsPath(name).anchor or PurePosixPath(name).is_absolute()
    path = Path(_normal(folder / name))
    if foreign or "\0" in name or not _is_inside(path, root):
        problems.append(f"{setting}: {json.dumps(name)} leads out of the project; it is not read")
        return None
    return str(path)


def _is_inside(path: Path, root: Path) -> bool:
    """Whether a path stays in a folder, as it is written and when all links are followed."""
    try:
        return path.is_relative_to(root) and path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


def _normal(path: Path) -> str:
    """Without `.` and `..`, and without looking at the disk."""
    import os.path

    return os.path.normpath(path)


def _absolute(settings: Settings, folder: Path) -> Settings:
    """The user's settings with absolute paths and patterns."""
    return replace(
        settings,
        dictionaries=Strings(
            tuple(_normal(folder / Path(name).expanduser()) for name in settings.dictionaries)
        ),
        include=Strings(tuple(_anchored(one, folder) for one in settings.include)),
        exclude=Strings(tuple(_anchored(one, folder) for one in settings.exclude)),
        languages=Languages(tuple((_anchored(one, folder), value) for one, value in settings.languages)),
    )


def _at_home(pattern: str) -> str:
    """A pattern of the user's own, of the whole disk or with ~ for their folder."""
    return Path(pattern).expanduser().as_posix() if pattern.startswith("~") else pattern


def _anchored(pattern: str, folder: Path) -> str:
    """A pattern of a folder as one of the whole disk."""
    negation, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    body = body[1:] if body.startswith("./") else body
    if not body.strip("/"):
        return "#"  # it matches nothing
    prefix = re.sub(r"([\\*?\[\]!# ])", r"\\\1", folder.as_posix().strip("/"))
    between = "/" if "/" in body.rstrip("/") else "/**/"
    return f"{negation}/{prefix}{between}{body.lstrip('/')}" if prefix else f"{negation}{body}"


def _matches(path: Path, patterns: Sequence[str]) -> bool:
    return bool(patterns) and bool(_spec(tuple(patterns)).match_file(path.as_posix().lstrip("/")))


@lru_cache(maxsize=256)
def _spec(patterns: tuple[str, ...]) -> Any:
    from pathspec import GitIgnoreSpec

    def is_valid(pattern: str) -> bool:
        try:
            GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            return False
        return True

    return GitIgnoreSpec.from_lines(filter(is_valid, patterns))
