"""`workspace/diagnostic`: the client asks what is wrong in the files that are not open."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.workspace_check import check_workspace, identity_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lsp_server.server.app import GrammaredServer

    Report = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport

LONGEST_HOLD = 300.0
"""Seconds that a request waits for news when the client knows all there is: it would ask again at once."""


async def workspace_diagnostic(
    ls: GrammaredServer, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """Report file by file, if the client takes parts; when there is nothing new, wait until there may be."""
    known = {one.uri: one.value for one in params.previous_result_ids}
    waited = False
    while True:
        news = ls.workspace_changed
        with _progress(ls, None if waited else params.work_done_token) as tell:
            reports = await _reports(ls, known, params.partial_result_token, tell)
        is_new = any(isinstance(one, types.WorkspaceFullDocumentDiagnosticReport) for one in reports)
        if is_new or not known:
            break
        waited = True
        try:
            await asyncio.wait_for(news.wait(), LONGEST_HOLD)
        except asyncio.TimeoutError:
            break
    return types.WorkspaceDiagnosticReport([] if params.partial_result_token is not None else reports)


@contextmanager
def _progress(ls: GrammaredServer, token: types.ProgressToken | None) -> Iterator[Callable[[int], None]]:
    """Shows how many files are done, if the request brought a token to show it by."""
    if token is None:
        yield lambda _: None
        return
    progress = ls.work_done_progress
    begin = types.WorkDoneProgressBegin(title="Grammared: checking the workspace", cancellable=True)
    progress.begin(token, begin)
    try:
        yield lambda done: progress.report(token, types.WorkDoneProgressReport(message=f"{done} checked"))
    finally:
        progress.end(token, types.WorkDoneProgressEnd())


async def _reports(
    ls: GrammaredServer,
    known: dict[str, str],
    token: types.ProgressToken | None,
    tell: Callable[[int], None],
) -> list[Report]:
    reports: list[Report] = []
    seen = set()
    async for uri, diagnostics in check_workspace(ls):
        seen.add(uri)
        tell(len(seen))
        reports.append(_report(uri, diagnostics, known.get(uri)))
        if token is not None and isinstance(reports[-1], types.WorkspaceFullDocumentDiagnosticReport):
            part = types.WorkspaceDiagnosticReportPartialResult(reports[-1:])
            ls.progress(types.ProgressParams(token, ls.protocol.plain(part)))
    gone = [uri for uri in known if uri not in seen and uri not in ls.session.documents]
    return [*reports, *(_report(uri, [], None) for uri in gone)]


def _report(uri: str, diagnostics: list[types.Diagnostic], known: str | None) -> Report:
    identity = identity_of(diagnostics)
    if identity == known:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri=uri, result_id=identity)
    return types.WorkspaceFullDocumentDiagnosticReport(uri=uri, items=diagnostics, result_id=identity)
