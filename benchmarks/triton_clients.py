"""What each profile does on this machine, on a real Triton, beside the engine in this process.

    python -m benchmarks.triton_clients [TEXT] [--clients 32] [--sentences 200] [--rounds 5] [--profile cpu …]

One server serves the bundled model once under each profile, "shipped" as it comes, and "plain" with Triton's
`dynamic_batching { }`. Every client is a `TritonEngine` with a connection of its own, all in this one
process, which has the server's cores to share: it sends one sentence a request and waits for the answer. The
engine in this process gets the same sentences: one by one for the latency, all at once for the throughput.
They take turns, so read the ratios. "Processor time" counts the server, its stubs and this process, and is
true even on a machine with other work. TEXT is any plain text; without it, the sentences of the tests are
taken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.served import PLAIN, SENTENCES, server_with, words_of_sentences
from lsp_server.engines import LocalEngine, TritonEngine
from triton_server.authoring.shipped import TAGGER
from triton_server.launcher import http, process
from triton_server.launcher.profiles import profiled

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from triton_server import launcher

WAYS = {"shipped": TAGGER, "plain": PLAIN}
"""To serve the model, beside the profiles."""
LONE = 40
"""Sentences for the latency of lone requests."""
Rates = dict[str, dict[str, list[float]]]
"""By who answered and what was measured, a figure a round."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, nargs="?", default=SENTENCES)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", nargs="+", default=["shipped", "plain", "latency", "throughput", "cpu"])
    arguments = parser.parse_args()
    sentences = words_of_sentences(arguments.text)[: arguments.sentences]
    configs = {name: WAYS[name] if name in WAYS else profiled(TAGGER, name) for name in arguments.profile}
    with server_with(configs) as server:
        asyncio.run(_compare(server, list(configs), sentences, arguments.clients, arguments.rounds))


async def _compare(
    server: launcher.Server, models: list[str], sentences: list[list[str]], clients: int, rounds: int
) -> None:
    words = statistics.mean(map(len, sentences))
    print(f"{len(sentences)} sentences of {words:.1f} words on average, {clients} clients; {rounds} rounds")
    local = LocalEngine()
    engines = {
        name: [TritonEngine(server.grpc, name, deadline=120) for _ in range(clients)] for name in models
    }
    await asyncio.gather(local.start(), *(one.start() for each in engines.values() for one in each))
    pids = [server.pid, *process.children(server.pid)]
    rates: Rates = defaultdict(lambda: defaultdict(list))
    lone = sentences[:LONE]
    for i in range(rounds + 1):
        if i == 1:
            rates.clear()  # round 0 warms up
        bias = i * 1e-6  # another request each round, which the cache does not know
        for sentence in lone:  # in turns, sentence by sentence
            for name, engine in [("here", local), *((name, each[0]) for name, each in engines.items())]:
                began = time.perf_counter()
                await engine.tag([sentence], bias)
                rates[name]["lone"].append(time.perf_counter() - began)
        order = ["here", *models]
        for name in order[i % len(order) :] + order[: i % len(order)]:  # none always after the same other
            if name == "here":
                await _timed(local.tag(sentences, bias), [], rates[name], len(sentences))
                continue
            before = http.statistics(server.http, name, "1")
            work = _one_by_one(engines[name], sentences, bias + 1e-7)
            await _timed(work, pids, rates[name], len(sentences))
            after = http.statistics(server.http, name, "1")
            counts = [after[key] - before[key] for key in ("inference_count", "execution_count")]
            rates[name]["batch"].append(counts[0] / counts[1])
            again: dict[str, list[float]] = defaultdict(list)
            work = _one_by_one(engines[name], sentences, bias + 1e-7)
            await _timed(work, pids, again, len(sentences))
            rates[name]["again"].append(again["rate"][0])
    await asyncio.gather(local.close(), *(one.close() for each in engines.values() for one in each))
    _show(rates)


async def _one_by_one(engines: list[TritonEngine], sentences: list[list[str]], bias: float) -> None:
    rest = iter(sentences)

    async def client(engine: TritonEngine) -> None:
        for sentence in rest:
            await engine.tag([sentence], bias)

    await asyncio.gather(*map(client, engines))


async def _timed(
    work: Awaitable[object], pids: list[int], into: dict[str, list[float]], sentences: int
) -> None:
    processor, began = _processor_seconds(pids), time.perf_counter()
    await work
    into["rate"].append(sentences / (time.perf_counter() - began))
    into["processor"].append((_processor_seconds(pids) - processor) / sentences)


def _processor_seconds(pids: list[int]) -> float:
    """Of this process and some others."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _show(rates: Rates) -> None:
    here = rates.pop("here")
    lone = statistics.median(here["lone"])
    print(f"{'':14} lone request   p95    concurrent processor  batch   again")
    print(
        f"{'here':12} {1000 * lone:10.1f} ms 1.00 {_p95(here['lone']) / lone:5.2f}  "
        f"{statistics.median(here['rate']):6.1f}/s  100% {1:9.2f} {'':6} {'':7}"
    )
    for name, own in rates.items():
        ratios = [mine / its for mine, its in zip(own["rate"], here["rate"], strict=True)]
        again = [mine / its for mine, its in zip(own["again"], here["rate"], strict=True)]
        processor = statistics.median(own["processor"]) / statistics.median(here["processor"])
        median = statistics.median(own["lone"])
        print(
            f"{name:12} {1000 * median:10.1f} ms {median / lone:4.2f} {_p95(own['lone']) / lone:5.2f}  "
            f"{statistics.median(own['rate']):6.1f}/s {statistics.median(ratios):5.0%} {processor:9.2f} "
            f"{statistics.median(own['batch']):6.1f} {statistics.median(again):7.0%}"
        )
    print(
        "lone request: p50 and p95, as ratios to p50 here; concurrent: sentences a second, as a share of\n"
        "here, medians of rounds; processor: its time for a sentence, clients included, as a ratio to here;\n"
        "batch: mean, as Triton counts inferences and executions; again: the same requests a second time."
    )


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
