"""The state of one connection. It is changed on the main loop only; checks work on snapshots."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import to_fs_path

from lsp_server.server.capabilities import Client
from lsp_server.server.languages import is_editable, prose_language
from lsp_server.server.scheduler import Outcome, Scheduler
from lsp_server.settings import Settings, settings_from_options
from lsp_server.settings.places import PROJECT_DICTIONARY, PROJECT_FILE
from lsp_server.settings.settings import Strings
from lsp_server.trials import Trial, ledger_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from typing import Any

    from lsp_server.checker import CheckPart
    from lsp_server.documents import Document, DocumentSnapshot, Span
    from lsp_server.findings import Finding
    from lsp_server.server.model import Model
    from lsp_server.server.notifications import Notifications


class Session:
    """What the client has told us, and what we are doing about it.

    Args:
        settings: what applies where the client says nothing.
        model: checks documents.
        notifications: tells the user.
        advanced: called with what is known of a document's newest text, whenever that is more.
    """

    def __init__(
        self,
        settings: Settings,
        model: Model,
        notifications: Notifications,
        advanced: Callable[[Outcome], None],
    ) -> None:
        self.client = Client()
        self.settings = settings
        self.documents: dict[str, Document] = {}
        """The open ones, in the order in which they were touched last."""
        self.out_of_step: set[str] = set()
        """Documents of which a change could not be read: their text is unknown until all of it comes."""
        self.model = model
        self.notifications = notifications
        self.scheduler = Scheduler(self._check, advanced)
        self.folders: dict[str, str] = {}
        """The workspace's, by their URIs, with their names."""
        self.folder_settings: dict[str, Settings] = {}
        """Of the folders whose settings are not those of all."""
        self.paused: set[str] = set()
        """Documents that are not to be checked for now."""
        self.paused_everywhere = False
        self.trial: Trial | None = None
        """Once documents are split between versions of a model: counts what becomes of findings."""
        self._base = settings

    def touch(self, document: Document, *, delay: float = 0.0, focus: Span | None = None) -> None:
        """Check a document that was opened or changed, after `delay` seconds, from the change on."""
        self.documents.pop(document.uri, None)
        self.documents[document.uri] = document
        if self.is_checked(document.uri):
            self.scheduler.schedule(document, delay, focus=focus)

    def is_checked(self, uri: str) -> bool:
        """Whether a document is open and in a language whose prose we can find."""
        return (
            uri in self.documents
            and uri not in self.out_of_step
            and uri not in self.paused
            and not self.paused_everywhere
            and is_editable(uri)
            and prose_language(self.documents[uri].language) is not None
        )

    def settings_of(self, uri: str) -> Settings:
        """What applies to a document: the settings of the innermost folder that it is in, and its files."""
        inside = [folder for folder in self.folder_settings if _is_below(uri, folder)]
        settings = self.folder_settings[max(inside, key=len)] if inside else self.settings
        project = self.project_of(uri)
        if project is None:
            return settings
        dictionaries = (*settings.dictionaries, str(project / PROJECT_DICTIONARY))
        return dataclasses.replace(
            settings,
            dictionaries=Strings(dictionaries),
            ignore_file=str(project / settings.ignore_file),
        )

    def project_of(self, uri: str) -> Path | None:
        """The folder of the project that a document belongs to: that of the workspace, or none."""
        inside = [folder for folder in self.folders if _is_below(uri, folder)]
        return path_of(max(inside, key=len)) if inside else None

    def project_file(self, project: Path) -> Path:
        """The file with the settings of a project."""
        return project / PROJECT_FILE

    def files_changed(self) -> None:
        """A dictionary, a list of ignored findings or a file of settings has changed."""
        self.check_all()

    def visible(self, outcome: Outcome) -> tuple[Finding, ...]:
        """The findings that the user has not silenced."""
        return outcome.result.findings

    def pause(self, uri: str | None) -> None:
        """Check a document, or all of them, no more until `resume`."""
        if uri is None:
            self.paused_everywhere = True
        else:
            self.paused.add(uri)
        for one in self.documents if uri is None else (uri,):
            self.scheduler.forget(one)

    def resume(self, uri: str | None) -> None:
        """Check a document again, or all of them."""
        if uri is None:
            self.paused_everywhere = False
            self.paused.clear()
            self.check_all()
        else:
            self.paused.discard(uri)
            if self.is_checked(uri):
                self.scheduler.schedule(self.documents[uri])

    def restart(self) -> None:
        """Load the model anew, and check all documents."""
        self._open()
        self.check_all()

    def known(self, uri: str) -> Outcome | None:
        """What is known of a document's text as the client has it now."""
        outcome = self.scheduler.known(uri) if self.is_checked(uri) else None
        if outcome is None or outcome.snapshot is not self.documents[uri].snapshot():
            return None
        return self.viewed(outcome)

    def viewed(self, outcome: Outcome) -> Outcome:
        """An outcome without the findings that the user has silenced."""
        result = dataclasses.replace(outcome.result, findings=self.visible(outcome))
        return dataclasses.replace(outcome, result=result)

    def lose_step(self, uri: str) -> None:
        """A change to a document could not be read, so that its text is not known any more."""
        if uri in self.documents and uri not in self.out_of_step:
            self.out_of_step.add(uri)
            self.scheduler.forget(uri)
            self.notifications.lost_step(uri)

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self.out_of_step.discard(uri)
        self.documents.pop(uri, None)
        self.scheduler.forget(uri)
        if self.trial:
            self.trial.closed(uri)

    def initialize(self, client: Client, options: Any) -> None:
        """Take over what `initialize` says; later settings go on top of its options."""
        self.client = client
        self._base, problems = settings_from_options(options, "initializationOptions", self._base)
        self.settings = self._base
        self.notifications.problems(problems)

    def start(self, options: Any) -> None:
        """Load the model for the client's settings; documents that are open already wait for it."""
        self.settings, problems = settings_from_options(options, "workspace/configuration", self._base)
        self.notifications.problems(problems)
        self._open()

    def configure(self, options: Any, source: str) -> bool:
        """Take over changed settings, and tell what is wrong with them.

        Returns:
            Whether findings may have changed, so that all documents are checked again.
        """
        before = self.settings
        self.settings, problems = settings_from_options(options, source, self._base)
        self.notifications.problems(problems)
        if self.settings == dataclasses.replace(before, debounce=self.settings.debounce):
            return False
        if self.settings != dataclasses.replace(
            before, debounce=self.settings.debounce, severity=self.settings.severity
        ):
            self._open()
        self.check_all()
        return True

    def check_all(self) -> None:
        """Check every document again, the one touched last first."""
        for uri in reversed(self.documents):
            if self.is_checked(uri):
                self.scheduler.schedule(self.documents[uri], background=True)

    def try_again(self) -> bool:
        """If the model could not be loaded, try once more and check all documents; whether that was so."""
        if not self.model.failed:
            return False
        self.model.open(self.settings)
        self.check_all()
        return True

    def _check(
        self, snapshot: DocumentSnapshot, focus: Span | None, known_first: bool
    ) -> AsyncGenerator[CheckPart, None]:
        return self.model.check(snapshot, focus, known_first, settings=self.settings_of(snapshot.uri))

    def _open(self) -> None:
        ledger = ledger_of(self.settings)
        if ledger and not self.trial:
            self.trial = Trial(ledger)
        if self.trial:
            self.trial.paused = ledger is None
        self.model.open(self.settings)

    async def close(self) -> bool:
        """Stop all work; false if something would not stop."""
        self.scheduler.close()
        if self.trial:
            self.trial.close()
        return await self.model.close()


def path_of(uri: str) -> Path | None:
    """The path of a `file` URI."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path) if path else None


def _is_below(uri: str, folder: str) -> bool:
    return uri.startswith(folder if folder.endswith("/") else f"{folder}/")
