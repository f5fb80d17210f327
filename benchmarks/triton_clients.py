"""Sentences a second and mean batch of a real Triton under concurrent clients, beside our own process.

    python benchmarks/triton_clients.py [TEXT] [--clients 32] [--sentences 600]

Everything runs on this machine and in one run, in turns, so read the ratios. TEXT is any plain text; without
it, the project's own documentation is taken.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from lsp_server.engines import LocalEngine, TritonEngine
from triton_server import launcher
from triton_server.launcher import http
from triton_server.segmentation.sentences import sentences_in

MODEL = "gector_distilbert"
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, nargs="?")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--sentences", type=int, default=600)
    arguments = parser.parse_args()
    files = [arguments.text] if arguments.text else sorted(Path(__file__).parents[1].glob("docs/*.md"))
    texts = [file.read_text(encoding="utf-8") for file in files]
    found = [sentence for text in texts for _, sentence in sentences_in(text)]
    sentences = [[word.text for word in sentence.words] for sentence in found if len(sentence.words) > 3]
    with tempfile.TemporaryDirectory() as state:
        user = launcher.Places.of_user()
        places = launcher.Places(user.data, Path(state), user.cache)
        options = launcher.Options((MODEL,), http_port=0, grpc_port=0, metrics_port=None, use_docker=False)
        began = time.perf_counter()
        health = launcher.start(options, places, lambda _: None)
        print(f"Triton was ready after {time.perf_counter() - began:.1f} s")
        try:
            asyncio.run(_compare(health.server, sentences[: arguments.sentences], arguments.clients))
        finally:
            launcher.stop(places)


async def _compare(server: launcher.Server, sentences: list[list[str]], clients: int) -> None:
    words = statistics.mean(map(len, sentences))
    print(f"{len(sentences)} sentences of {words:.1f} words on average; medians of {ROUNDS} rounds")
    local = LocalEngine()
    engines = [TritonEngine(server.grpc, MODEL, deadline=120) for _ in range(clients)]
    await asyncio.gather(local.start(), *(engine.start() for engine in engines))
    rates: dict[str, list[float]] = {"here, all at once": [], "Triton, all at once": []}
    batches = []
    concurrent = f"Triton, one by one from {clients} clients"
    for _ in range(ROUNDS):
        rates["here, all at once"].append(await _rate(local.tag(sentences, 0.0), sentences))
        rates["Triton, all at once"].append(await _rate(engines[0].tag(sentences, 0.0), sentences))
        before = http.statistics(server.http, MODEL, "1")
        rates.setdefault(concurrent, []).append(await _rate(_one_by_one(engines, sentences), sentences))
        after = http.statistics(server.http, MODEL, "1")
        executions = after["execution_count"] - before["execution_count"]
        batches.append((after["inference_count"] - before["inference_count"]) / executions)
    await asyncio.gather(local.close(), *(engine.close() for engine in engines))
    base = statistics.median(rates["here, all at once"])
    for name, values in rates.items():
        rate = statistics.median(values)
        print(f"{name:40} {rate:8.1f} sentences/s   {rate / base:6.1%}")
    print(f"{'mean batch of the concurrent clients':40} {statistics.median(batches):8.1f} sentences")


async def _one_by_one(engines: list[TritonEngine], sentences: list[list[str]]) -> None:
    rest = iter(sentences)

    async def client(engine: TritonEngine) -> None:
        for sentence in rest:
            await engine.tag([sentence], 0.0)

    await asyncio.gather(*map(client, engines))


async def _rate(work: object, sentences: list[list[str]]) -> float:
    began = time.perf_counter()
    await work  # type: ignore[misc]
    return len(sentences) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
