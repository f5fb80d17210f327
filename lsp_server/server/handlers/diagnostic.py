"""`textDocument/diagnostic`: the client asks what is wrong."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from lsp_server.server.app import GrammaredServer


async def diagnostic(
    ls: GrammaredServer, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """Answer when something is known of the newest text; with an error if it could not be checked."""
    uri = params.text_document.uri
    if uri not in ls.session.documents:
        raise _not_checked(f"{uri} is not open")
    if uri in ls.session.out_of_step:
        raise _not_checked(f"a change to {uri} could not be read")
    if not ls.session.is_checked(uri):
        return types.RelatedFullDocumentDiagnosticReport([])
    outcome = await ls.session.scheduler.covering(uri)  # when there is more, the client is told to ask again
    if outcome.result.failure:
        raise _not_checked(str(outcome.result.failure))
    if outcome.snapshot is not ls.session.documents[uri].snapshot():  # it is checked when it is saved
        if params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(params.previous_result_id)
        raise _not_checked(f"{uri} has changed since it was saved")
    items = ls.diagnostics(outcome)
    result_id = hashlib.sha1(repr(items).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    if result_id == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result_id)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=result_id)


def _not_checked(reason: str) -> JsonRpcException:
    """An answer that lets a client keep the diagnostics it has, and ask again when something changes."""
    data = {"retriggerRequest": False}
    return JsonRpcException(reason, code=types.LSPErrorCodes.ServerCancelled, data=data)
