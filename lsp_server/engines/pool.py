"""Several Triton servers as one engine: load is spread, and a sick server is left out until it is well."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lsp_server.engines.chunks import tag_in_chunks
from lsp_server.engines.members import PROBE_PAUSE, Members
from lsp_server.errors import EngineError, EngineUnavailable, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lsp_server.engines.triton import TritonEngine
    from triton_server.gector.types import Decoding, Strictness, Tagging

_AT_A_TIME = 64
"""Sentences that go to one server together."""


class PoolEngine:
    """Tags on several Triton servers that serve the same model (an `Engine`).

    Each request goes to the server with the fewest under way. One that cannot be reached, does not answer in
    time, or fails on what another can do is taken out, and comes back when it answers a real inference. All
    answers are of the same model: a server with another (as when they are promoted one after the other) is
    left out too, until the others have followed it or it has followed them.

    Args:
        servers: one engine for each address.
        on_change: told in one line who was taken out (true) or came back (false).
        probe_pause: seconds between two looks at one that is out.
    """

    def __init__(
        self,
        servers: Sequence[TritonEngine],
        on_change: Callable[[str, bool], None],
        probe_pause: float = PROBE_PAUSE,
    ) -> None:
        titles = [f"Triton at {server.url}" for server in servers]
        self._members = Members(servers, titles, on_change, probe_pause, self._agrees)
        self._under_way: Counter[TritonEngine] = Counter()
        self._model = servers[0].identity
        self._spokesman = servers[0]

    @property
    def identity(self) -> str:
        """That of the model that all of them have."""
        return self._model

    def decoding(self, strictness: Strictness) -> Decoding:
        """The thresholds of that model."""
        return self._spokesman.decoding(strictness)

    async def start(self) -> None:
        """Reach all servers; those that cannot be reached are left out.

        Raises:
            EngineError: none of them can be used; it is the first one's failure.
        """
        await self._members.start()
        self._speak_for(self._members.well[0])
        for server in list(self._members.well):
            self._settle(server, server.identity)

    async def tag(self, sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Tagging]:
        """Tag each sentence, on several servers when there are many."""

        async def tag(chunk: Sequence[Sequence[str]]) -> list[Tagging]:
            return await self._tag(chunk, keep_confidence)

        return await tag_in_chunks(sentences, _AT_A_TIME, tag)

    async def close(self) -> None:
        """Close all connections."""
        await self._members.close()

    async def _tag(self, sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Tagging]:
        failures: dict[TritonEngine, EngineError] = {}
        while waiting := [server for server in self._members.well if server not in failures]:
            server = min(waiting, key=self._under_way.__getitem__)
            self._under_way[server] += 1
            try:
                taggings, model = await server.tag_as(sentences, keep_confidence)
            except EngineError as error:
                failures[server] = error
                if isinstance(error, (EngineUnavailable, ModelError)):
                    self._members.take_out(server, str(error))
                continue
            finally:
                self._under_way[server] -= 1
            for one, failure in failures.items():  # they fail on what this one can do
                self._members.take_out(one, str(failure))
            if self._settle(server, model):
                return taggings
            failures[server] = EngineUnavailable(f"Triton at {server.url} has another model than the others")
        raise next(reversed(failures.values()))

    def _settle(self, server: TritonEngine, model: str) -> bool:
        """Whether an answer counts: it is of the model that all have, or no server has that any more."""
        if model == self._model:
            return True
        if any(one.identity == self._model for one in self._members.well):
            self._members.take_out(
                server, f"Triton at {server.url} has another model than the others: {model}"
            )
            return False
        self._speak_for(server)
        return True

    def _agrees(self, server: TritonEngine) -> bool:
        return server.identity == self._model

    def _speak_for(self, server: TritonEngine) -> None:
        self._model, self._spokesman = server.identity, server
