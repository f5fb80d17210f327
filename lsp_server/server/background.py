"""An event loop in a thread of its own, so that checks never hold up the messages of the editor."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

_T = TypeVar("_T")


class BackgroundLoop:
    """Runs coroutines in its thread, for a loop elsewhere that awaits them."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._main, name="checks", daemon=True)
        self._thread.start()

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """The result of `work`; cancelling this cancels it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def stream(self, items: AsyncGenerator[_T, None]) -> AsyncGenerator[_T, None]:
        """The items, as they come; closing this, or cancelling who waits for one, cancels what makes them."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[_T | None] = asyncio.Queue()

        async def pass_on() -> None:
            async with contextlib.aclosing(items):
                async for item in items:
                    loop.call_soon_threadsafe(queue.put_nowait, item)

        passing = asyncio.ensure_future(self.run(pass_on()))
        passing.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            while (item := await queue.get()) is not None:
                yield item
            await passing  # raises what was raised there
        finally:
            passing.cancel()

    def close(self, timeout: float = 2.0) -> bool:
        """Cancel what runs and stop; false if something would not stop in `timeout` seconds."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _main(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(_cancel_others())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


async def _cancel_others() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
