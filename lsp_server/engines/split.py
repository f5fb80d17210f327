"""Documents split between versions of a model, to compare them: a document always has the same version."""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from lsp_server.engines.members import PROBE_PAUSE, Members
from lsp_server.errors import EngineUnavailable, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lsp_server.engines.protocol import Engine
    from triton_server.gector.types import Decoding, Strictness, Tagging

DOCUMENT: ContextVar[str] = ContextVar("DOCUMENT", default="")
"""The URI of the document that is being checked; set for the duration of a check."""
_STEPS = 2**64


def arm_of(document: str, weights: Mapping[str, float]) -> str:
    """Which of the names a document belongs to: the same in every process, in proportion to `weights`.

    Args:
        document: its URI.
        weights: a positive share for each name, at least one.
    """
    digest = hashlib.sha256(document.encode(errors="surrogatepass")).digest()
    names = sorted(weights)
    place = int.from_bytes(digest[:8], "big") / _STEPS * sum(weights.values())
    for name in names:
        place -= weights[name]
        if place < 0:
            return name
    return names[-1]


class Ledger(Protocol):
    """Where requests are counted."""

    def request(self, model: str, sentences: int, seconds: float) -> None:
        """A model, by its identity, has tagged sentences."""
        ...

    def flush(self) -> None:
        """No more requests follow for now."""
        ...


class SplitEngine:
    """Tags each document with the version that it belongs to (an `Engine`).

    While a version does not answer (as after a roll-back), its documents go to the others; every answer is
    counted for the version that gave it.

    Args:
        arms: an engine for each version.
        weights: a share for each of them.
        ledger: told of each request; None to keep no count.
        on_change: told in one line which version does not answer (true), or does again (false).
        probe_pause: seconds between two looks at one that does not.
    """

    def __init__(
        self,
        arms: Mapping[str, Engine],
        weights: Mapping[str, float],
        ledger: Ledger | None,
        on_change: Callable[[str, bool], None],
        probe_pause: float = PROBE_PAUSE,
    ) -> None:
        self._arms = dict(arms)
        self._weights = weights
        self._ledger = ledger
        titles = [f"Version {version}" for version in arms]
        self._members = Members(list(arms.values()), titles, on_change, probe_pause)

    @property
    def identity(self) -> str:
        """That of the version of the document that is being checked."""
        return self._arm().identity

    def decoding(self, strictness: Strictness) -> Decoding:
        """The thresholds of that version."""
        return self._arm().decoding(strictness)

    async def start(self) -> None:
        """Make all versions ready; those that cannot be are left out.

        Raises:
            EngineError: none can be used; it is the first one's failure.
        """
        await self._members.start()

    async def tag(self, sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Tagging]:
        """Tag each sentence with the document's version, or another that takes its place."""
        while True:
            arm, began = self._arm(), time.monotonic()
            try:
                taggings = await arm.tag(sentences, keep_confidence)
            except (EngineUnavailable, ModelError) as failure:
                if self._members.well == [arm]:
                    raise
                self._members.take_out(arm, str(failure))
            else:
                if self._ledger is not None:
                    self._ledger.request(arm.identity, len(sentences), time.monotonic() - began)
                return taggings

    async def close(self) -> None:
        """Close all connections."""
        await self._members.close()
        if self._ledger is not None:
            await asyncio.to_thread(self._ledger.flush)

    def _arm(self) -> Engine:
        well = {
            version: self._weights[version]
            for version, engine in self._arms.items()
            if engine in self._members.well
        }
        own = arm_of(DOCUMENT.get(), self._weights)
        return self._arms[own if own in well else arm_of(DOCUMENT.get(), well)]
