"""Findings in a word that is being typed wait: half a word is no mistake."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lsprotocol import types

    from lsp_server.documents import DocumentSnapshot
    from lsp_server.findings import Finding

PAUSE = 1.5
"""Seconds without a keystroke after which a word counts as written."""
_WITHIN_WORDS = "'’-"


@dataclass(frozen=True, slots=True)
class _Caret:
    snapshot: DocumentSnapshot
    offset: int


class TypingPause:
    """Knows where somebody types, document by document.

    Args:
        over: called with a document's URI when a pause has been long enough for what was held back.
    """

    def __init__(self, over: Callable[[str], None]) -> None:
        self._over = over
        self._carets: dict[str, _Caret] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def changed(
        self,
        snapshot: DocumentSnapshot,
        changes: Sequence[types.TextDocumentContentChangeEvent],
        caret: int | None,
    ) -> None:
        """A document has changed: by a keystroke within a word or not.

        Args:
            snapshot: the document after the change.
            changes: what the client sent.
            caret: where the change ended, in code points; None if that is not known.
        """
        self.forget(snapshot.uri)
        if caret is None or len(changes) != 1 or not _is_keystroke(changes[0].text):
            return
        if _is_in_word(snapshot.text, caret):
            self._carets[snapshot.uri] = _Caret(snapshot, caret)
            loop = asyncio.get_running_loop()
            self._timers[snapshot.uri] = loop.call_later(PAUSE, self._end, snapshot.uri)

    def written(self, findings: Iterable[Finding], snapshot: DocumentSnapshot) -> list[Finding]:
        """The findings without those in the word that is being typed."""
        caret = self._carets.get(snapshot.uri)
        if caret is None or caret.snapshot is not snapshot:
            return list(findings)
        return [one for one in findings if not one.span.start < caret.offset <= one.span.end]

    def forget(self, uri: str) -> bool:
        """Nobody types in a document any more; whether somebody did."""
        if timer := self._timers.pop(uri, None):
            timer.cancel()
        return self._carets.pop(uri, None) is not None

    def _end(self, uri: str) -> None:
        self.forget(uri)
        self._over(uri)


def _is_keystroke(new: str) -> bool:
    """Whether a change that put this text there may be one key: a letter, or one that takes letters away."""
    return len(new) <= 1 and (not new or new.isalnum() or new in _WITHIN_WORDS)


def _is_in_word(text: str, offset: int) -> bool:
    """Whether the letter before a place is the last of its word: a caret in the middle corrects one."""
    before, after = text[offset - 1 : offset], text[offset : offset + 1]
    return (before.isalnum() or before in tuple(_WITHIN_WORDS)) and not after.isalnum()
