"""A Sphinx extension: `extensions = ["lsp_server.integrations.sphinx"]` in conf.py.

Each finding in a source becomes a warning of Sphinx with its place, of the type `grammared` and the kind of
error: `sphinx-build -W` fails on them, and `suppress_warnings = ["grammared.missing-comma"]` leaves some out.
The settings are those of the project file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

from lsp_server import __version__
from lsp_server.documents.kinds import kind_of_name
from lsp_server.integrations.sources import described, findings_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("env-before-read-docs", _check)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _check(app: Sphinx, env: BuildEnvironment, names: Iterable[str]) -> None:
    """Check the sources that Sphinx is about to read: those that are new or have changed."""
    sources = [Path(env.doc2path(name)) for name in names]
    wanted = [path for path in sources if kind_of_name(path.name)]
    for path, finding, line in findings_in(wanted, Path(app.confdir)):
        _log.warning(described(finding), location=f"{path}:{line}", type="grammared", subtype=finding.kind)
