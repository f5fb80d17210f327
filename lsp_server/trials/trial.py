"""The documents of one session, followed from opening to closing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsp_server.trials.follow import Followed, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding
    from lsp_server.trials.ledger import Ledger


@dataclass
class _Document:
    followed: Followed = field(default_factory=Followed)
    words: dict[str, int] = field(default_factory=dict)
    """How many there were when a model checked it last."""


class Trial:
    """Counts what becomes of the findings of open documents, from opening to closing.

    Args:
        ledger: where the counts go when a document is closed.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._documents: dict[str, _Document] = {}
        self.paused = False
        """Whether the settings of the moment compare nothing: new findings do not count, those before are
        gone until they are found again."""

    def checked(
        self, snapshot: DocumentSnapshot, findings: Sequence[Finding], model: str, words: int
    ) -> None:
        """A document was checked as it is now, by this model."""
        document = self._documents.setdefault(snapshot.uri, _Document())
        document.followed.checked(snapshot.text, () if self.paused else findings)
        if model and not self.paused:
            document.words[model] = words

    def changed(self, uri: str, before: str, after: str) -> None:
        """A document's text has changed."""
        if uri in self._documents:
            self._documents[uri].followed.changed(before, after)

    def closed(self, uri: str) -> None:
        """A document is open no more."""
        if document := self._documents.pop(uri, None):
            tallies = document.followed.tallies()
            for model in {**document.words, **tallies}:
                self._ledger.document(model, document.words.get(model, 0), tallies.get(model, Tally()))

    def close(self) -> None:
        """The session ends."""
        for uri in list(self._documents):
            self.closed(uri)
