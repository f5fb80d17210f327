"""Two engines as one: the first while it answers, the second while it does not."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lsp_server.engines.protocol import Engine
    from triton_server.gector.types import Decoding, Strictness, Tagging

PROBE_PAUSE = 2.0
"""Seconds between two looks at whether the first engine is back."""


class FailoverEngine:
    """Tags with the primary engine; when that fails, with the secondary until it is back (an `Engine`).

    Args:
        primary: the one to use when it works.
        secondary: is started at the first need.
        on_change: told in one line what happened, and whether the secondary is in use now.
        probe_pause: seconds between two looks at whether the primary is back.
    """

    def __init__(
        self,
        primary: Engine,
        secondary: Engine,
        on_change: Callable[[str, bool], None],
        probe_pause: float = PROBE_PAUSE,
    ) -> None:
        self._primary = primary
        self._secondary = secondary
        self._on_change = on_change
        self._probe_pause = probe_pause
        self._degraded = False
        self._secondary_started = False
        self._starting = asyncio.Lock()
        self._probing: asyncio.Task[None] | None = None

    @property
    def identity(self) -> str:
        """That of the engine in use."""
        return self._in_use.identity

    def decoding(self, strictness: Strictness) -> Decoding:
        """That of the engine in use."""
        return self._in_use.decoding(strictness)

    @property
    def _in_use(self) -> Engine:
        return self._secondary if self._degraded else self._primary

    async def start(self) -> None:
        """Make the primary ready, or else the secondary.

        Raises:
            EngineError: neither can be used; the primary's failure is its cause.
        """
        try:
            await self._primary.start()
        except EngineError as failure:
            await self._degrade(failure)

    async def tag(self, sentences: Sequence[Sequence[str]], keep_confidence: float) -> list[Tagging]:
        """Tag each sentence with the engine in use.

        When the secondary takes over on the way, all of these sentences are tagged by it, and `identity`
        is another afterwards.
        """
        if not self._degraded:
            try:
                return await self._primary.tag(sentences, keep_confidence)
            except EngineError as failure:
                await self._degrade(failure)
        return await self._secondary.tag(sentences, keep_confidence)

    async def close(self) -> None:
        """Close both, and look no more."""
        if self._probing is not None:
            self._probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probing
        await self._secondary.close()  # first, so that it does not take over when the primary's requests fail
        await self._primary.close()

    async def _degrade(self, failure: EngineError) -> None:
        async with self._starting:  # several calls may fail at once
            if not self._secondary_started:
                try:
                    await self._secondary.start()
                except EngineError as second:
                    raise type(second)(
                        f"{str(failure).rstrip('.')}; and the local engine: {second}"
                    ) from failure
                self._secondary_started = True
            if not self._degraded:
                self._degraded = True
                self._probing = asyncio.create_task(self._return_when_back())
                self._on_change(f"{str(failure).rstrip('.')}. The local engine takes over.", True)

    async def _return_when_back(self) -> None:
        while True:
            await asyncio.sleep(self._probe_pause)
            try:
                await self._primary.start()  # ends with a real inference
            except EngineError:
                continue
            self._degraded = False
            self._on_change("Triton is back.", False)
            return
