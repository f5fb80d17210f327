"""The state of one connection. It is changed on the main loop only; checks work on snapshots."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from lsp_server.documents.kinds import kind_of_identifier
from lsp_server.server.capabilities import Client
from lsp_server.server.languages import is_editable
from lsp_server.server.scheduler import Outcome, Scheduler
from lsp_server.settings import Settings, settings_from_options
from lsp_server.settings.places import PROJECT_FILE, PYPROJECT, path_of
from lsp_server.settings.project import language_for, settings_for, with_user_file
from lsp_server.trials import Trial, ledger_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from pathlib import Path
    from typing import Any

    from lsp_server.documents import Document, DocumentSnapshot, Span
    from lsp_server.findings import Finding
    from lsp_server.results import CheckPart
    from lsp_server.server.model import Model
    from lsp_server.server.notifications import Notifications
    from lsp_server.settings.project import Resolved

_OF_THE_ENGINE = ("engine", "model", "triton", "fallback", "sentence_pipeline", "threads", "cache")
"""Settings that the whole session has in common, since there is one engine."""


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
        self._given = settings
        self._initial: Any = None
        self._options: Any = None
        self._of_folders: Mapping[str, Any] = {}
        self._source = "workspace/configuration"
        self._problems: list[str] = []

    def touch(self, document: Document, *, delay: float = 0.0, focus: Span | None = None) -> None:
        """Check a document that was opened or changed, after `delay` seconds, from the change on."""
        self.documents.pop(document.uri, None)
        self.documents[document.uri] = document
        if self.is_checked(document.uri):
            self.scheduler.schedule(document, delay, focus=focus)

    def look_at(self, uri: str, place: Span) -> None:
        """Somebody looks at a place: check a document that is too large to be checked whole from there on."""
        outcome = self.scheduler.known(uri)
        if outcome and outcome.is_complete and not outcome.covers(place):
            self.scheduler.schedule(self.documents[uri], focus=place)

    def is_checked(self, uri: str) -> bool:
        """Whether a document is open and in a language whose prose we can find."""
        return (
            uri in self.documents
            and uri not in self.out_of_step
            and uri not in self.paused
            and not self.paused_everywhere
            and is_editable(uri)
            and self._is_wanted(uri)
            and kind_of_identifier(self.documents[uri].language) is not None
        )

    def resolved(self, uri: str) -> Resolved:
        """What applies to a document, of the user's settings and the files of its project."""
        folder = self._folder_of(uri)
        base = self.folder_settings.get(folder, self.settings) if folder else self.settings
        return settings_for(uri, base, path_of(folder) if folder else None)

    def settings_of(self, uri: str) -> Settings:
        """The settings of a document."""
        return self.resolved(uri).settings

    def language_of(self, uri: str, identifier: str) -> str:
        """The language of a document, as the settings say or as the client does."""
        return language_for(path_of(uri), self.settings_of(uri), identifier) or identifier

    def project_of(self, uri: str) -> Path | None:
        """The folder of the project that a document belongs to."""
        return self.resolved(uri).root

    def project_file(self, uri: str) -> Path:
        """The file with the settings of a document's project: the nearest that is there, or a new one."""
        found = self.resolved(uri)
        own = [path for path in found.files if path.name in (PROJECT_FILE, PYPROJECT)]
        if own:
            return own[-1]
        if found.root is None:
            raise ValueError(f"{uri} is in no project")
        return found.root / PROJECT_FILE

    def _folder_of(self, uri: str) -> str | None:
        inside = [folder for folder in self.folders if _is_below(uri, folder)]
        return max(inside, key=len) if inside else None

    def files_changed(self) -> None:
        """A dictionary, a list of ignored findings or a file of settings has changed."""
        self._settle()
        self.check_all()

    def visible(self, outcome: Outcome) -> tuple[Finding, ...]:
        """The findings that are shown: of very many, the first."""
        return outcome.result.findings[: self.settings_of(outcome.snapshot.uri).max_findings]

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

    def _is_wanted(self, uri: str) -> bool:
        """Whether the settings let a document be checked."""
        found = self.resolved(uri)
        return found.is_included and len(self.documents[uri]) <= found.settings.max_characters

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
        self._initial = options
        self._settle()

    def start(self, options: Any, of_folders: Mapping[str, Any]) -> None:
        """Load the model for the client's settings; documents that are open already wait for it."""
        self._options, self._of_folders = options, of_folders
        self._settle()
        self._open()

    def configure(
        self, options: Any, of_folders: Mapping[str, Any], source: str = "workspace/configuration"
    ) -> bool:
        """Take over changed settings, and tell what is wrong with them.

        Args:
            options: The client's settings.
            of_folders: Those of each folder of the workspace, where the client tells them apart.
            source: How they came, for messages.

        Returns:
            Whether findings may have changed, so that all documents are checked again.
        """
        before = self.settings, self.folder_settings
        self._options, self._of_folders, self._source = options, of_folders, source
        self._settle()
        if (_without_pause(before[0]), before[1]) == (_without_pause(self.settings), self.folder_settings):
            return False
        if _engine_of(before[0]) != _engine_of(self.settings):
            self._open()
        self.check_all()
        return True

    def _settle(self) -> None:
        """Put the settings together: the user's file, `initialize`, the client's, those of its folders."""
        user = with_user_file(self._given)
        base, problems = settings_from_options(self._initial, "initializationOptions", user.settings)
        self.settings, more = settings_from_options(self._options, self._source, base)
        problems = [*user.problems, *problems, *more]
        self.folder_settings = {}
        for folder, options in self._of_folders.items():
            settings, more = settings_from_options(options, f"{self._source} of {folder}", base)
            if options != self._options:
                problems += more
                common = {name: getattr(self.settings, name) for name in _OF_THE_ENGINE}
                self.folder_settings[folder] = dataclasses.replace(settings, **common)
        self._problems = problems
        self.tell_problems()

    def tell_problems(self) -> None:
        """Tell what is wrong with the settings of all, and of the open documents' projects."""
        of_projects = [problem for uri in self.documents for problem in self.resolved(uri).problems]
        self.notifications.problems([*self._problems, *of_projects])

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


def _without_pause(settings: Settings) -> Settings:
    """The settings without that which changes no finding."""
    return dataclasses.replace(settings, debounce=0)


def _engine_of(settings: Settings) -> tuple[Any, ...]:
    return tuple(getattr(settings, name) for name in _OF_THE_ENGINE)


def _is_below(uri: str, folder: str) -> bool:
    return uri.startswith(folder if folder.endswith("/") else f"{folder}/")
