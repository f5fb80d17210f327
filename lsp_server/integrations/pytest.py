"""A pytest plugin: `pytest --grammared` checks the comments and doc-strings of the modules that it collects.

Each module becomes one more test, which fails if anything was found in it. The settings are those of the
project file; a module that it leaves out passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lsp_server.api import Grammared

_CHECKER = pytest.StashKey["Grammared"]()
"""One for the run, opened when the first module is checked: it holds the model."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Called by pytest."""
    group = parser.getgroup("grammared")
    group.addoption("--grammared", action="store_true", help="Check the English of comments and doc-strings.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Called by pytest for each file."""
    if file_path.suffix == ".py" and parent.config.getoption("--grammared"):
        return _Module.from_parent(parent, path=file_path)
    return None


class _Module(pytest.File):
    """A module, beside what else pytest finds in it."""

    def collect(self) -> Iterator[pytest.Item]:
        yield _Prose.from_parent(self, name="grammared")


class _Prose(pytest.Item):
    """Its comments and doc-strings."""

    def runtest(self) -> None:
        # Here, for every run of pytest imports this module.
        from lsp_server.api import GrammaredError
        from lsp_server.integrations.sources import described, findings_of

        try:
            found = list(findings_of(_checker(self.config), self.path))
        except GrammaredError as error:
            pytest.fail(str(error), pytrace=False)
        if found:
            lines = [f"{self.path}:{line}: {described(finding)} [{finding.kind}]" for finding, line in found]
            pytest.fail("\n".join(lines), pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, "grammared"


def _checker(config: pytest.Config) -> Grammared:
    from lsp_server.api import Grammared

    if _CHECKER not in config.stash:
        checker = Grammared(user_file=True, project=config.rootpath)
        config.stash[_CHECKER] = checker.__enter__()
        config.add_cleanup(lambda: checker.__exit__(None, None, None))
    return config.stash[_CHECKER]
