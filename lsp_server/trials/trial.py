"""The documents of one session, followed from opening to closing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lsp_server.trials.follow import Followed, Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lsp_server.findings import Finding
    from lsp_server.trials.ledger import Ledger


@dataclass
class _Document:
    followed: Followed = field(default_factory=Followed)
    model: str = ""
    words: int = 0


class Trial:
    """Counts what becomes of the findings of open documents.

    Args:
        ledger: where the counts go when a document is closed.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._documents: dict[str, _Document] = {}

    def checked(self, uri: str, findings: Sequence[Finding], model: str, words: int) -> None:
        """A document was checked as it is now, by this model."""
        document = self._documents.setdefault(uri, _Document())
        document.followed.checked(findings)
        document.model, document.words = model, words

    def changed(self, uri: str, before: str, after: str) -> None:
        """A document's text has changed."""
        if uri in self._documents:
            self._documents[uri].followed.changed(before, after)

    def closed(self, uri: str) -> None:
        """A document is open no more."""
        if document := self._documents.pop(uri, None):
            tallies = document.followed.closed()
            if document.model:
                tallies.setdefault(document.model, Tally())
            for model, tally in tallies.items():
                self._ledger.document(model, document.words if model == document.model else 0, tally)

    def close(self) -> None:
        """The session ends."""
        for uri in list(self._documents):
            self.closed(uri)
