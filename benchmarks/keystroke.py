"""How long after a keystroke the fresh diagnostics arrive, in a long document, over real LSP.

    python -m benchmarks.keystroke [--keystrokes 50] [--words 10000]

Starts `grammared serve` as an editor does, opens a Markdown document of that many words, types one letter in
a random sentence, and waits for the diagnostics of that version; again and again. Debouncing is switched off,
so what is measured is work. Beside the median stands the time of a check of the whole document, from the same
run. Exits with 1 if the median is over the limit of 100 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import time

from lsprotocol import types
from pygls.lsp.client import LanguageClient

LIMIT = 0.1
"""Seconds that the median may take."""
URI = "file:///benchmark.md"

_WHO = (
    "The editor",
    "A patient reader",
    "My oldest sister",
    "The committee",
    "Every new student",
    "Our neighbour",
)
_DOES = ("describes", "has forgotten", "wants to repair", "rarely mentions", "bought", "is looking for")
_WHAT = ("the wooden bridge", "a letter from Rome", "several broken clocks", "an honest answer", "the garden")
_WHERE = (
    "behind the station",
    "in the first chapter",
    "with great care",
    "on a cold morning",
    "near the river",
)
_WHY = (
    "because nobody else would",
    "although it was late",
    "when the rain had stopped",
    "and nobody noticed it",
)
_WRONG = ("He go home every day.", "She have two cat.", "They was happy about it.", "I am agree with you.")


def document(words: int, seed: int = 1) -> str:
    """Markdown of at least so many words: headings, paragraphs, lists, code, and a mistake now and then."""
    rng = random.Random(seed)
    parts: list[str] = []
    count = 0
    while count < words:
        part = " ".join(_sentence(rng) for _ in range(rng.randint(3, 7)))
        kind = rng.random()
        if kind < 0.1:
            part = f"## {rng.choice(_WHAT).capitalize()} number {rng.randint(1, 999)}\n\n{part}"
        elif kind < 0.2:
            part = "\n".join(f"- {_sentence(rng)}" for _ in range(4))
        elif kind < 0.25:
            part = f"{part}\n\n```python\nprint({rng.randint(1, 999)})\n```"
        parts.append(part)
        count += len(part.split())
    return "\n\n".join(parts) + "\n"


def _sentence(rng: random.Random) -> str:
    if rng.random() < 0.05:
        return rng.choice(_WRONG)
    year = rng.randint(1700, 2020)
    parts = [rng.choice(choices) for choices in (_WHO, _DOES, _WHAT, _WHERE, _WHY)]
    return f"{' '.join(parts)}, which *happened* in {year}, as [the book](https://example.org/{year}) says."


class Editor:
    """A client that pushes text and waits for what is pushed back."""

    def __init__(self) -> None:
        self.client = LanguageClient("keystroke", "1")
        self.version = 0
        self._published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda params: self._published.put_nowait(params)
        )
        self.client.feature(types.WINDOW_LOG_MESSAGE)(lambda _: None)
        self.client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: print(params.message, file=sys.stderr))

    async def start(self) -> None:
        """Start the server, with the bundled model."""
        await self.client.start_io(sys.executable, "-m", "lsp_server.cli", "serve", "--stdio")
        params = types.InitializeParams(types.ClientCapabilities(), initialization_options={"debounce": 0})
        await self.client.initialize_async(params)
        self.client.initialized(types.InitializedParams())

    async def open(self, uri: str, text: str) -> float:
        """Open a document; seconds until its diagnostics are there."""
        item = types.TextDocumentItem(uri, "markdown", 1, text)
        start = time.perf_counter()
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await self._diagnostics(uri, 1)
        self.version = 1
        return time.perf_counter() - start

    async def type(self, uri: str, line: int, character: int, letter: str) -> float:
        """Type a letter; seconds until the diagnostics of the new version are there."""
        self.version += 1
        place = types.Position(line, character)
        change = types.TextDocumentContentChangePartial(types.Range(place, place), letter)
        identifier = types.VersionedTextDocumentIdentifier(version=self.version, uri=uri)
        start = time.perf_counter()
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
        await self._diagnostics(uri, self.version)
        return time.perf_counter() - start

    async def _diagnostics(self, uri: str, version: int) -> None:
        while True:
            params = await asyncio.wait_for(self._published.get(), 300)
            if (params.uri, params.version) == (uri, version):
                return

    async def stop(self) -> None:
        """Say goodbye to the server."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


async def measure(words: int, keystrokes: int) -> tuple[float, list[float]]:
    """Seconds for the whole document, and for each keystroke."""
    editor = Editor()
    await editor.start()
    await editor.open("file:///warm-up.md", "The model is loaded now.\n")
    text = document(words)
    whole = await editor.open(URI, text)
    rng = random.Random(2)
    lines = text.split("\n")
    prose = [number for number, line in enumerate(lines) if len(line.split()) > 8]
    times = []
    for _ in range(keystrokes):
        line = rng.choice(prose)
        times.append(await editor.type(URI, line, rng.randrange(3, len(lines[line])), rng.choice("aeint ")))
    await editor.stop()
    return whole, times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--keystrokes", type=int, default=50)
    arguments = parser.parse_args()
    whole, times = asyncio.run(measure(arguments.words, arguments.keystrokes))
    median = statistics.median(times)
    print(f"document            {arguments.words:,} words of Markdown")
    print(f"whole document      {whole * 1000:8.0f} ms")
    print(f"one keystroke       {median * 1000:8.1f} ms median of {len(times)}")
    print(f"                    {min(times) * 1000:8.1f} ms fastest, {max(times) * 1000:.1f} ms slowest")
    print(f"ratio               {whole / median:8.1f} times faster than the whole document")
    print(f"limit               {LIMIT * 1000:8.0f} ms: {'kept' if median <= LIMIT else 'NOT KEPT'}")
    return 0 if median <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
