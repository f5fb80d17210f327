"""How long somebody who types waits while whole files are linted on the same real Triton.

    python -m benchmarks.triton_typing [TEXT] [--people 6] [--lints 0 1 4] [--seconds 15]

The bundled model is served as it is shipped, and in other ways, each of which leaves one thing out: the
second instance, the priorities, the small batches, or all of them ("plain", which is Triton's
`dynamic_batching { }`). People send a sentence every 0.2 to 0.6 seconds and wait for its tags; lints send a
hundred sentences at a time, over and over. The reference is the engine in this process, which nobody else
uses. All of it shares the machine's cores, so read the ratios. TEXT is any plain text; without it, the
sentences of the tests are taken.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.served import PLAIN, SENTENCES, server_with, words_of_sentences
from lsp_server.engines import LocalEngine, TritonEngine
from lsp_server.engines.protocol import BATCH, TYPING
from triton_server.authoring.shipped import TAGGER
from triton_server.launcher.config import Queue

if TYPE_CHECKING:
    from collections.abc import Sequence

WAYS = {
    "shipped": TAGGER,
    "one-instance": replace(TAGGER, instances=1),
    "no-priorities": replace(TAGGER, queue=Queue()),
    "batches-of-64": replace(TAGGER, max_batch_size=64),
    "plain": PLAIN,
}
AT_A_TIME = 100
"""Sentences of a lint."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, nargs="?", default=SENTENCES)
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--lints", type=int, nargs="+", default=[0, 1, 4])
    parser.add_argument("--seconds", type=float, default=15.0)
    arguments = parser.parse_args()
    sentences = words_of_sentences(arguments.text)
    with server_with(WAYS) as server:
        reference = asyncio.run(_alone(sentences))
        print(f"a sentence in this process: {1000 * reference:.1f} ms (median), the unit of the times below")
        print(f"{arguments.people} people type   lints   median     95 %     99 %   sentences/s linted")
        for lints in arguments.lints:
            for name in WAYS:
                scene = _Scene(server.grpc, name, sentences)
                waits = asyncio.run(scene.play(arguments.people, lints, arguments.seconds))
                cuts = statistics.quantiles(waits, n=100)
                shown = "".join(f"{cuts[share - 1] / reference:9.1f}" for share in (50, 95, 99))
                print(f"{name:16}{lints:6}{shown}{scene.linted / arguments.seconds:12.0f}", flush=True)


async def _alone(sentences: Sequence[Sequence[str]]) -> float:
    """The median time in seconds for a sentence by the engine in this process."""
    engine = LocalEngine()
    await engine.start()
    waits = []
    for sentence in sentences[:100]:
        began = time.perf_counter()
        await engine.tag([sentence], 0.0)
        waits.append(time.perf_counter() - began)
    await engine.close()
    return statistics.median(waits)


class _Scene:
    """People who type and lints, on one model."""

    def __init__(self, url: str, model: str, sentences: Sequence[Sequence[str]]) -> None:
        self._url, self._model, self._sentences = url, model, sentences
        self._over = asyncio.Event()
        self.linted = 0

    async def play(self, people: int, lints: int, seconds: float) -> list[float]:
        """How long each keystroke's sentence took, in seconds."""
        typing = [asyncio.create_task(self._person(random.Random(i))) for i in range(people)]
        linting = [asyncio.create_task(self._lint()) for _ in range(lints)]
        await asyncio.sleep(seconds)
        self._over.set()
        waits = await asyncio.gather(*typing)
        await asyncio.gather(*linting)
        return [wait for of_person in waits for wait in of_person]

    async def _person(self, chance: random.Random) -> list[float]:
        waits = []
        engine = await self._started(TYPING)
        while not self._over.is_set():
            await asyncio.sleep(chance.uniform(0.2, 0.6))
            began = time.perf_counter()
            await engine.tag([chance.choice(self._sentences)], 0.0)
            waits.append(time.perf_counter() - began)
        await engine.close()
        return waits

    async def _lint(self) -> None:
        engine = await self._started(BATCH)
        while not self._over.is_set():
            await engine.tag(self._sentences[:AT_A_TIME], 0.0)
            self.linted += AT_A_TIME
        await engine.close()

    async def _started(self, priority: int) -> TritonEngine:
        engine = TritonEngine(self._url, self._model, deadline=120, priority=priority)
        await engine.start()
        return engine


if __name__ == "__main__":
    main()
