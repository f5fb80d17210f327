"""`workspace/diagnostic`: the client asks what is wrong in the files that are not open."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.server.workspace_check import check_workspace, identity_of

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer

    Report = types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport

LONGEST_HOLD = 300.0
"""Seconds that a request waits for news when the client knows all there is: it would ask again at once."""


async def workspace_diagnostic(
    ls: GrammaredServer, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """Report file by file, if the client takes parts; when there is nothing new, wait until there may be."""
    known = {one.uri: one.value for one in params.previous_result_ids}
    while True:
        news = ls.workspace_changed
        reports = await _reports(ls, known, params.partial_result_token)
        is_new = any(isinstance(one, types.WorkspaceFullDocumentDiagnosticReport) for one in reports)
        if is_new or not known:
            break
        try:
            await asyncio.wait_for(news.wait(), LONGEST_HOLD)
        except asyncio.TimeoutError:
            break
    return types.WorkspaceDiagnosticReport([] if params.partial_result_token is not None else reports)


async def _reports(
    ls: GrammaredServer, known: dict[str, str], token: types.ProgressToken | None
) -> list[Report]:
    reports: list[Report] = []
    seen = set()
    async for uri, diagnostics in check_workspace(ls):
        seen.add(uri)
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
