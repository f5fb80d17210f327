"""Engines that stand in for each other: those that fail are taken out, probed, and brought back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from lsp_server.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lsp_server.engines.protocol import Engine

PROBE_PAUSE = 2.0
"""Seconds between two looks at whether an engine is back."""
_Member = TypeVar("_Member", bound="Engine")


class Members(Generic[_Member]):
    """Keeps who is well.

    Args:
        members: the engines, at least one.
        titles: what each is called in messages.
        on_change: told in one line who was taken out (true) or came back (false).
        pause: seconds between two probes of one that is out.
        may_return: whether one that answers again may really come back.
    """

    def __init__(
        self,
        members: Sequence[_Member],
        titles: Sequence[str],
        on_change: Callable[[str, bool], None],
        pause: float = PROBE_PAUSE,
        may_return: Callable[[_Member], bool] = lambda _: True,
    ) -> None:
        self.all = tuple(members)
        self.well = list(members)
        """In the order of `all`."""
        self._titles = dict(zip(members, titles, strict=True))
        self._on_change = on_change
        self._pause = pause
        self._may_return = may_return
        self._probes: dict[_Member, asyncio.Task[None]] = {}
        self._closed = False

    async def start(self) -> None:
        """Start all that are not known to be well; those that cannot are out.

        Raises:
            EngineError: none can be used; it is the first one's failure.
        """
        outcomes = await asyncio.gather(*(one.start() for one in self.all), return_exceptions=True)
        failures = {
            one: outcome for one, outcome in zip(self.all, outcomes, strict=True) if outcome is not None
        }
        for outcome in failures.values():
            if not isinstance(outcome, EngineError):
                raise outcome
        if len(failures) == len(self.all):
            raise failures[self.all[0]]
        self.well = [one for one in self.all if one not in failures]
        for one, failure in failures.items():
            self._report_out(one, str(failure))

    def take_out(self, member: _Member, why: str) -> None:
        """Use a member no more until it answers again, unless it is the last."""
        if member in self.well and len(self.well) > 1:
            self.well.remove(member)
            self._report_out(member, why)

    async def close(self) -> None:
        """Look no more, and close all; requests under way fail, which is no news then."""
        self._closed = True
        probes = [*self._probes.values()]
        for probe in probes:
            probe.cancel()
        await asyncio.gather(*probes, return_exceptions=True)
        await asyncio.gather(*(one.close() for one in self.all))

    def _report_out(self, member: _Member, why: str) -> None:
        if member not in self._probes and not self._closed:
            self._on_change(f"{why.rstrip('.')}; {len(self.well)} of {len(self.all)} go on.", True)
            self._probes[member] = asyncio.create_task(self._bring_back(member))

    async def _bring_back(self, member: _Member) -> None:
        while True:
            await asyncio.sleep(self._pause)
            try:
                await member.start()  # ends with a real inference
            except EngineError:
                continue
            if self._may_return(member):
                break
        self.well = [one for one in self.all if one in self.well or one is member]
        del self._probes[member]
        self._on_change(f"{self._titles[member]} is back.", False)
