"""An MkDocs plugin: `plugins: [grammared]` in mkdocs.yml.

Each finding in a page becomes a warning of MkDocs with its place: `mkdocs build --strict` fails on them. The
settings are those of the project file.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.config.base import Config
from mkdocs.plugins import BasePlugin

from lsp_server.integrations.sources import described, findings_in

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_log = logging.getLogger("mkdocs.plugins.grammared")


class _NoOptions(Config):  # type: ignore[no-untyped-call]
    """The project file has them all."""


class GrammaredPlugin(BasePlugin[_NoOptions]):  # type: ignore[no-untyped-call]
    """Checks all pages once they are known."""

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Called by MkDocs."""
        pages = {
            Path(page.abs_src_path): page.src_uri for page in files.documentation_pages() if page.abs_src_path
        }
        for path, finding, line in findings_in(pages, Path(config.config_file_path or ".").parent):
            _log.warning("%s:%s: %s [%s]", pages[path], line, described(finding), finding.kind)
        return files
