"""Checking the files of the workspace that are not open in the client."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.documents import DocumentSnapshot
from lsp_server.documents.kinds import kind_of_identifier
from lsp_server.results import CheckResult
from lsp_server.server.diagnostics import diagnostics_of
from lsp_server.settings.places import path_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lsprotocol import types

    from lsp_server.server.app import GrammaredServer

Texts = Callable[[Sequence[Path]], Iterator[tuple[Path, str, str]]]
"""The texts below some folders: of each its file, its language and what it says."""


class FileReport(NamedTuple):
    """What is known of a file that is not open."""

    uri: str
    diagnostics: list[types.Diagnostic]


async def check_workspace(ls: GrammaredServer) -> AsyncIterator[FileReport]:
    """Check the files of the workspace that are not open, one after the other.

    What fails is left out: the status and the messages of open documents tell of an engine that is gone.
    """
    session = ls.session
    folders = [path for folder in session.folders if (path := path_of(folder))]
    texts = ls.texts(folders)
    while (found := await asyncio.to_thread(next, texts, None)) is not None:
        path, identifier, text = found
        uri = path.as_uri()
        resolved = session.resolved(uri)
        language = kind_of_identifier(session.language_of(uri, identifier))
        if uri in session.documents or not resolved.is_included or language is None:
            continue
        result = CheckResult(())
        snapshot = DocumentSnapshot(uri, text, language)
        async for part in session.model.check(snapshot, settings=resolved.settings):
            result = result.joined(part)
        if not result.failure:
            shown = result.findings[: resolved.settings.max_findings]
            yield FileReport(uri, diagnostics_of(shown, snapshot, session.client, resolved.settings))


def identity_of(diagnostics: Sequence[types.Diagnostic]) -> str:
    """The same for the same diagnostics: how a client says which it has."""
    data = repr(list(diagnostics)).encode("utf-8", "surrogatepass")
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
