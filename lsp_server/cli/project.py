"""The settings of each file that a command is given: the user's, the project's, and the flags on top."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.cli.files import STDIN
from lsp_server.cli.flags import user_settings
from lsp_server.documents.kinds import ON_REQUEST, kind_of_identifier, kind_of_name
from lsp_server.settings import Settings, language_for, settings_for, settings_from_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lsp_server.settings import Resolved


class FileSettings:
    """Resolves the settings of files, and tells each problem with them once.

    Args:
        options: what the flags say; see `flag_options`.
        tell: called with each problem, a line.
    """

    def __init__(self, options: Mapping[str, Any], tell: Callable[[str], None]) -> None:
        self._options = options
        self._tell = tell
        self._told: set[str] = set()
        user = user_settings()
        self._base = user.settings
        self._say(user.problems)
        self._of_folder = lru_cache(maxsize=None)(lambda folder: self.of(folder / "untitled").settings)

    @property
    def of_engine(self) -> Settings:
        """What decides about the engine, which is the same for all files."""
        return settings_from_options(self._options, "", self._base)[0]

    def of(self, path: Path) -> Resolved:
        """What applies to a file; to standard input, what applies in the present folder."""
        found = settings_for(
            Path.cwd() / "untitled" if path == STDIN else path, self._base, flags=self._options
        )
        self._say(found.problems)
        return found

    def language_of(self, path: Path) -> str | None:
        """What kind of text a file is, by the settings of its folder, then by its name."""
        said = language_for(path.absolute(), self._of_folder(path.absolute().parent))
        if said and not kind_of_identifier(said):
            self._say((f"languages: no kind of text is called {said}",))
        return kind_of_identifier(said) if said else kind_of_name(path.name)

    def wants(self, path: Path) -> bool:
        """Whether a file that was found in a folder is a text, and one that is to be checked.

        Source code is so only where a project names it: who lints a folder means its texts.
        """
        language = self.language_of(path)
        if language is None:
            return False
        found = self.of(path)
        return found.is_included and (language not in ON_REQUEST or bool(found.settings.include))

    def _say(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            if problem not in self._told:
                self._told.add(problem)
                self._tell(problem)
