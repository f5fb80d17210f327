"""What clients notice while versions of a model come and go on a real Triton: no failure, and how much delay.

    python -m benchmarks.triton_versions [TEXT] [--clients 6] [--seconds 30]

Clients send one sentence after the other to the bundled model: first while nothing changes, which is the
reference, then while a second version of it is promoted and rolled back, over and over. Exits with 1 if a
request fails, or if a version never answers. TEXT is any plain text; without it, the sentences of the tests
are taken.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from benchmarks.served import SENTENCES, server_with, words_of_sentences
from lsp_server.engines import TritonEngine
from lsp_server.errors import EngineError
from triton_server.authoring.shipped import TAGGER
from triton_server.launcher import promotion, versions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from triton_server import launcher

_Result = TypeVar("_Result")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, nargs="?", default=SENTENCES)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    with server_with({TAGGER.name: TAGGER}) as server:
        return asyncio.run(_compare(server, words_of_sentences(arguments.text), arguments))


async def _compare(
    server: launcher.Server, sentences: Sequence[Sequence[str]], arguments: argparse.Namespace
) -> int:
    folder = Path(server.repositories[0]) / TAGGER.name
    quiet, changing = _Load(server, sentences), _Load(server, sentences)
    await quiet.during(asyncio.sleep(arguments.seconds), arguments.clients)
    changes = asyncio.to_thread(_change, folder, server, arguments.seconds)
    made = await changing.during(changes, arguments.clients)
    unit = statistics.median(quiet.waits)
    print(
        f"{arguments.clients} clients; times in medians while nothing changes, which is {1000 * unit:.1f} ms"
    )
    print("                  requests   failed   median     99 %  slowest")
    quiet.show("nothing changes", unit)
    changing.show(f"{made} changes", unit)
    print("answered by:", ", ".join(f"{name} {count}" for name, count in sorted(changing.answered.items())))
    return 1 if quiet.failed or changing.failed or len(changing.answered) < 2 else 0


def _change(folder: Path, server: launcher.Server, seconds: float) -> int:
    """Promote a second version and roll back, over and over; how many changes that were."""
    until = time.monotonic() + seconds
    number = versions.install(folder, {})
    changes = 0
    while time.monotonic() < until:
        promotion.promote(folder, number, server)
        time.sleep(1)  # it serves
        promotion.rollback(folder, server)
        time.sleep(1)
        changes += 2
    return changes


class _Load:
    """Clients that ask all the time."""

    def __init__(self, server: launcher.Server, sentences: Sequence[Sequence[str]]) -> None:
        self._server, self._sentences = server, sentences
        self.waits: list[float] = []
        self.failed = 0
        self.answered: Counter[str] = Counter()

    async def during(self, work: Awaitable[_Result], clients: int) -> _Result:
        """Ask while something is done; what comes of that."""
        done = asyncio.Event()
        asking = [asyncio.create_task(self._ask(done)) for _ in range(clients)]
        result = await work
        done.set()
        await asyncio.gather(*asking)
        return result

    async def _ask(self, done: asyncio.Event) -> None:
        engine = TritonEngine(self._server.grpc, TAGGER.name, deadline=60, retries=0)
        await engine.start()
        while not done.is_set():
            for sentence in self._sentences:
                began = time.perf_counter()
                try:
                    await engine.tag([sentence], 0.0)
                except EngineError:
                    self.failed += 1
                self.waits.append(time.perf_counter() - began)
                self.answered[engine.identity] += 1
                if done.is_set():
                    break
        await engine.close()

    def show(self, title: str, unit: float) -> None:
        """Print a row, times as multiples of a unit in seconds."""
        cuts = statistics.quantiles(self.waits, n=100)
        times = "".join(f"{wait / unit:9.1f}" for wait in (cuts[49], cuts[98], max(self.waits)))
        print(f"{title:16}{len(self.waits):10}{self.failed:9}{times}")


if __name__ == "__main__":
    sys.exit(main())
