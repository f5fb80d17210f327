"""What spelling and patterns cost: of linting, and of a keystroke.

    python -m benchmarks.proposers clean.txt [--words 10000]

clean.txt (or .xz) has a sentence a line, with its source and a tab before it if it has one; it is put
together to a Markdown document of paragraphs. Printed are words a second of spelling and of patterns on
sentences that are new to them; the share that both have of the processor's time that a whole check takes,
with the bundled model and nothing remembered; and the milliseconds that they take after a letter is typed in
the middle of the document, when all sentences but one are remembered.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measures import words_in
from benchmarks.patterns import read_clean
from lsp_server.documents import DocumentSnapshot
from lsp_server.opening import open_checker
from lsp_server.patterns import pattern_proposals
from lsp_server.proposers import Proposers
from lsp_server.prose import extract
from lsp_server.sentences import sentences_of
from lsp_server.settings import Settings
from lsp_server.spelling import spelling_proposals

if TYPE_CHECKING:
    from collections.abc import Callable

PARAGRAPH = 5
"""Sentences of a paragraph."""
KEYSTROKES = 30


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clean", type=Path)
    parser.add_argument("--words", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=97, help="take each so-manieth line of the file")
    arguments = parser.parse_args()
    text, other = (document(arguments.clean, arguments.every, at, arguments.words) for at in (0, 1))
    print(f"{words_in(text):,} words")
    cut(text)
    propose(other, Settings())  # reads the lists and compiles the patterns
    alone(text)
    asyncio.run(linting(text))
    typing(text)


def document(path: Path, every: int, first: int, words: int) -> str:
    """Paragraphs of the file's sentences."""
    lines: list[str] = []
    for _, line in read_clean(path, every, first):
        lines.append(line)
        words -= words_in(line)
        if words <= 0:
            break
    return "\n\n".join(" ".join(lines[i : i + PARAGRAPH]) for i in range(0, len(lines), PARAGRAPH))


def propose(text: str, settings: Settings) -> None:
    """All that is proposed in a document."""
    snapshot = DocumentSnapshot("file:///benchmark.md", text, "markdown")
    blocks = extract(text, "markdown")
    proposers = Proposers(snapshot, blocks, settings)
    for block in blocks:
        for place in sentences_of(block):
            proposers.of(place.sentence, block, place.offset)


def alone(text: str) -> None:
    """Print the speed of each on sentences that are new to it."""
    sentences = [place.sentence for block in extract(text, "markdown") for place in sentences_of(block)]
    for name, found in (
        ("spelling", lambda one: spelling_proposals(one, "auto", lambda _: False, lambda _: 1)),
        ("patterns", pattern_proposals),
    ):
        seconds = processor_time(lambda found=found: [found(one) for one in sentences])  # type: ignore[misc]
        print(f"{name}: {words_in(text) / seconds:,.0f} words/s")


async def linting(text: str) -> None:
    """Print which share of a whole check spelling and patterns are."""
    from lsp_server import proposers

    spent = 0.0
    of = proposers.Proposers.of

    def timed(self: Proposers, *arguments: object) -> object:
        nonlocal spent
        started = time.thread_time()
        try:
            return of(self, *arguments)  # type: ignore[arg-type]
        finally:
            spent += time.thread_time() - started

    forget()
    settings = Settings(cache=False)
    checker = await open_checker(settings, lambda *_: None, is_hurried=False)
    proposers.Proposers.of = timed  # type: ignore[method-assign, assignment]
    try:
        started = time.process_time()
        await checker.check(DocumentSnapshot("file:///lint.md", text, "markdown"))
        whole = time.process_time() - started
    finally:
        proposers.Proposers.of = of  # type: ignore[method-assign]
        await checker.close()
    print(f"linting: {whole:.2f} s of the processor, {spent:.3f} s of it here: {spent / whole:.1%}")


def typing(text: str) -> None:
    """Print the milliseconds after a letter, beside those that a document takes without any proposals."""
    settings = Settings()
    at = text.index("\n\n", len(text) // 2) - 10
    propose(text, settings)
    spent, bare = [], []
    for number in range(KEYSTROKES):
        text = f"{text[:at]}{'abcde '[number % 6]}{text[at:]}"
        bare.append(processor_time(lambda text=text: cut(text)))  # type: ignore[misc]
        both = processor_time(lambda text=text: propose(text, settings))  # type: ignore[misc]
        again = processor_time(lambda text=text: cut(text))  # type: ignore[misc]
        spent.append(both - again)
    print(f"a keystroke: {1000 * statistics.median(spent):.1f} ms for all sentences of the document")


def cut(text: str) -> None:
    """The sentences of a document."""
    for block in extract(text, "markdown"):
        sentences_of(block)


def processor_time(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def forget() -> None:
    """Forget all sentences."""
    from lsp_server.patterns import match
    from lsp_server.spelling import check

    for one in (match.proposals_in, check.unknown_words):
        one.cache_clear()


if __name__ == "__main__":
    main()
