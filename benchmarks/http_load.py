"""The HTTP API under load: how long answers take at 1, 8 and 32 clients, and that none is lost.

    python -m benchmarks.http_load [--clients 1 8 32] [--requests 96]

Each client sends texts of a paragraph one after the other, every one another, to a real server without a
cache. Beside it, in the same run: the same texts through the Python API, in one process without HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from benchmarks.processes import SENTENCES, varied
from lsp_server.api import Grammared

if TYPE_CHECKING:
    from collections.abc import Iterator

_MISTAKE = "I recieved it."
"""In each text: an answer without a finding would be none."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--requests", type=int, default=96)
    arguments = parser.parse_args()
    sentences = varied(SENTENCES.read_text(encoding="utf-8").splitlines())

    def texts() -> list[str]:
        return [" ".join([*islice(sentences, 5), _MISTAKE]) for _ in range(arguments.requests)]

    with Grammared(cache=False) as grammared:
        grammared.check("It is ready.")
        start = time.perf_counter()
        grammared.check_many(texts())
        print(f"Python API, 16 at once: {arguments.requests / (time.perf_counter() - start):6.1f} texts/s")
    print("\nclients  texts/s     p50     p95   lost")
    with served() as address, ThreadPoolExecutor(max(arguments.clients)) as pool:
        seconds(address, "It is ready. " + _MISTAKE)
        for clients in arguments.clients:
            new = texts()
            start = time.perf_counter()
            parts = pool.map(lambda part: [seconds(address, text) for text in part], split(new, clients))
            taken = [one for part in parts for one in part]
            rate = arguments.requests / (time.perf_counter() - start)
            answered = sorted(one for one in taken if one is not None)
            p50, p95 = statistics.median(answered), answered[int(0.95 * (len(answered) - 1))]
            lost = len(taken) - len(answered)
            print(f"{clients:7} {rate:8.1f} {p50:6.2f}s {p95:6.2f}s {lost:6}", flush=True)


def split(texts: list[str], clients: int) -> list[list[str]]:
    """What each client sends."""
    return [texts[first::clients] for first in range(clients)]


def seconds(address: str, text: str) -> float | None:
    """How long an answer takes; None if it is lost, or not one."""
    body = urllib.parse.urlencode({"text": text, "language": "en-US"}).encode()
    start = time.perf_counter()
    try:
        with urllib.request.urlopen(f"{address}/v2/check", body, timeout=120) as response:
            found = json.load(response)["matches"]
    except (OSError, urllib.error.HTTPError):
        return None
    return time.perf_counter() - start if found else None


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of its own."""
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "lsp_server.cli", "serve", "--http", "0", "--no-cache"]
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=os.environ | {"GRAMMARED_HOME": home}
        )
        assert process.stderr
        line = process.stderr.readline()
        match = re.search(r"(http://\S+)/v2", line)
        if not match:
            raise SystemExit(line)
        try:
            yield match[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
            process.stderr.close()


if __name__ == "__main__":
    main()
