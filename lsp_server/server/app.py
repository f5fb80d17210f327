"""The language server: pygls' server with our session."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from asyncio import Event
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from lsprotocol import types
from pygls.exceptions import FeatureRequestError, JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer

from lsp_server import __version__
from lsp_server.server import changed_files, client_process
from lsp_server.server.diagnostics import diagnostics_of
from lsp_server.server.model import Model, OpenChecker
from lsp_server.server.notifications import Notifications
from lsp_server.server.progress import CheckProgress
from lsp_server.server.protocol import Protocol
from lsp_server.server.session import Session
from lsp_server.server.status import StatusReporter
from lsp_server.server.typing_pause import TypingPause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lsp_server.documents import DocumentSnapshot, PositionEncoding
    from lsp_server.server.scheduler import Outcome
    from lsp_server.server.workspace_check import Texts
    from lsp_server.settings import Settings
    from lsp_server.suppress.entries import Change

_log = logging.getLogger(__name__)

_BETWEEN_STEPS = 0.5
"""Seconds between two lists of diagnostics for one text, as long as its check goes on."""

NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithCells(
            cells=[types.NotebookCellLanguage("markdown"), types.NotebookCellLanguage("plaintext")]
        )
    ],
    save=True,
)
"""Cells of these languages are sent to us, of any kind of notebook."""


class _Sent(NamedTuple):
    """What a client has heard of last of a document."""

    snapshot: DocumentSnapshot
    findings: int
    at: float
    """In seconds, by the monotonic clock."""


class GrammaredServer(LanguageServer):
    """One server for one client.

    Args:
        settings: what applies where the client says nothing.
        open_checker: makes the checker for some settings.
        texts: finds the texts of the workspace.
    """

    protocol: Protocol

    def __init__(
        self,
        settings: Settings,
        open_checker: OpenChecker,
        texts: Texts,
        positions: PositionEncoding | None = None,
    ) -> None:
        super().__init__("grammared", __version__, protocol_cls=Protocol, notebook_document_sync=NOTEBOOKS)
        self.stopping = threading.Event()
        """Set when no further message is to be read."""
        self.exit_code = 1
        """Zero once the client has said `shutdown` and `exit`."""
        self.session: Session
        self.client_gone = Event()
        """Set when the client's process has ended, or the client takes no more messages."""
        self.close_output: Callable[[], bool] = lambda: True
        """Waits until all has been written; false if the client does not read it."""
        self._watch: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None
        notifications = Notifications(self)
        model = Model(open_checker, self._loading, self._engine_changed)
        self.session = Session(settings, model, notifications, self._advanced)
        self._progress = CheckProgress(self, self.session.scheduler.stop)
        self._sent: dict[str, _Sent] = {}
        self.typing = TypingPause(self.show)
        self.status = StatusReporter(self)
        self.silenced: list[Change] = []
        """What the user has silenced, the last one last, to be taken back."""
        self.texts = texts
        self.positions = positions
        """In what the client counts columns; None to believe what it says."""
        self._published_files: set[str] = set()
        self.workspace_changed = Event()
        """Set, and replaced, when other things may be found in files that are not open."""
        self.log: deque[str] = deque(maxlen=200)
        """The last lines of the log."""

    def refresh(self) -> None:
        """Have a client that pulls ask for all diagnostics again."""
        self.workspace_changed.set()
        self.workspace_changed = Event()
        if self.session.client.pulls:
            self.workspace_diagnostic_refresh(None)

    def files_changed(self) -> None:
        """A dictionary, a list of ignored findings or a file of settings has changed."""
        self.session.files_changed()
        self.refresh()

    def apply_configuration(self, options: Any, of_folders: Mapping[str, Any]) -> None:
        """Take over settings that the client has told late."""
        if self.session.configure(options, of_folders):
            self.refresh()

    def watch(self, process_id: int | None) -> None:
        """Notice when the client's process dies, if it can be seen: it may be one of another container."""
        if process_id is not None and client_process.is_alive(process_id):
            self._watch = asyncio.create_task(client_process.gone(process_id))
            self._watch.add_done_callback(lambda _: self.client_gone.set())

    def follow_files(self) -> None:
        """Notice from now on when dictionaries, ignored findings or settings change on disk."""
        self._following = asyncio.create_task(changed_files.follow(self.session, self.files_changed))

    def report_server_error(self, error: Exception, source: type[PyglsError | JsonRpcException]) -> None:
        """A message that cannot be read or handled is a matter for the log, not for the user."""
        if source is not FeatureRequestError:  # its sender gets an answer
            _log.error("%s: %s", source.__name__, error)

    def not_understood(self, method: str, params: Any) -> None:
        """A notification could not be read: after a change like that, a document is not what we think."""
        if method == types.TEXT_DOCUMENT_DID_CHANGE:
            document = params.get("textDocument") if isinstance(params, dict) else None
            uri = document.get("uri") if isinstance(document, dict) else None
            if isinstance(uri, str):
                self.session.lose_step(uri)

    def forget(self, uri: str) -> None:
        """A document was closed: nothing more is said of it."""
        self.session.forget(uri)
        self._progress.ended(uri)
        self._sent.pop(uri, None)
        self.typing.forget(uri)
        self.status.changed()

    def publish_file(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        """Show what was found in a file that is not open; opened, it speaks for itself."""
        self._published_files.add(uri)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def opened(self, uri: str) -> None:
        """A document was opened: what was said of its file is taken back from a client that asks itself."""
        if uri in self._published_files:
            self._published_files.discard(uri)
            if self.session.client.pulls:
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def show(self, uri: str) -> None:
        """Send what is known of a document once more, since other findings of it are to be shown now."""
        outcome = self.session.scheduler.known(uri) if self.session.is_checked(uri) else None
        if self.session.client.pulls:
            self.refresh()
        elif outcome is not None and not outcome.result.failure:
            self._push(outcome)
        elif uri in self.session.documents and not self.session.is_checked(uri):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def show_all(self) -> None:
        """The same for all documents."""
        for uri in self.session.documents:
            self.show(uri)

    def diagnostics(self, outcome: Outcome) -> list[types.Diagnostic]:
        """What a client is shown of a document."""
        session, snapshot = self.session, outcome.snapshot
        findings = self.typing.written(session.visible(outcome), snapshot)
        return diagnostics_of(findings, snapshot, session.client, session.settings_of(snapshot.uri))

    @contextmanager
    def _loading(self) -> Iterator[None]:
        self.status.changed()
        with self.session.notifications.loading(lambda: self.session.client.progress):
            yield
        self.status.changed()

    def _engine_changed(self, what: str, degraded: bool) -> None:
        self.session.notifications.engine_changed(what, degraded)
        self.status.changed()

    def _advanced(self, outcome: Outcome) -> None:
        result = outcome.result
        self.status.changed()
        if self.session.client.progress:
            self._progress.advanced(outcome)
        if result.window:
            self.session.notifications.too_large(outcome.snapshot.uri)
        if outcome.is_complete:
            self.session.notifications.checked(result.failure)
            if self.session.trial and not result.failure:
                self.session.trial.checked(outcome.snapshot, result.findings, result.model, result.words)
        if not result.failure and self._is_worth_sending(outcome):
            self._send(outcome)

    def _is_worth_sending(self, outcome: Outcome) -> bool:
        """Whether the client should hear of this step: the first, the last, and now and then one between."""
        now, sent = time.monotonic(), self._sent.get(outcome.snapshot.uri)
        findings = len(outcome.result.findings)
        is_between = not outcome.is_complete and sent is not None and sent.snapshot is outcome.snapshot
        if sent and is_between and (findings == sent.findings or now < sent.at + _BETWEEN_STEPS):
            return False
        self._sent[outcome.snapshot.uri] = _Sent(outcome.snapshot, findings, now)
        return True

    def _send(self, outcome: Outcome) -> None:
        """Push what is known of a document, or have a client ask that pulls and has an older answer."""
        if self.session.client.pulls:
            if outcome.parts > 1:
                self.refresh()
            return
        self._push(outcome)

    def _push(self, outcome: Outcome) -> None:
        snapshot, diagnostics = outcome.snapshot, self.diagnostics(outcome)
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(snapshot.uri, diagnostics, version=snapshot.version)
        )
