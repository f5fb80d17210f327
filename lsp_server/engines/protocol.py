"""What every engine does: words in, tags and probabilities out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from triton_server.gector.types import Decoding, Strictness, Tagging


TYPING, BATCH = 1, 2
"""Priorities of what is sent to a server, where its configuration has levels; the first comes first."""


class Engine(Protocol):
    """Tags sentences. Passes, thresholds and edits are not its business: all engines give equal findings."""

    @property
    def identity(self) -> str:
        """Engine, model and version: taggings of different identities are never mixed in a cache."""
        ...

    def decoding(self, strictness: Strictness) -> Decoding:
        """The thresholds measured for the model and stored with it; known once it has started."""
        ...

    async def start(self) -> None:
        """Make ready (load the model, reach the server).

        Raises:
            ModelError: the model cannot be loaded.
            EngineUnavailable: the server cannot be reached.
        """
        ...

    async def tag(self, sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Tagging]:
        """Tag each sentence, given as its words without `$START`; any number of any length.

        Raises:
            EngineError: the model failed on these sentences.
            EngineUnavailable: the server cannot be reached or did not answer in time.
        """
        ...

    async def close(self) -> None:
        """Release threads and connections; further calls to `tag` are an error."""
        ...
