"""What is read of real files: false alarms by kind of text, and how fast prose is found.

    python -m benchmarks.prose FOLDER … [--kind markdown,rust …] [--words 20000] [--list]

Each FOLDER holds files as people write them: a checked-out repository, or commit messages in files called
`ANY.jjdescription`. Of each kind, files are taken in an order that depends on their names alone, up to so
many words of prose. Whoever edits and reviews such files leaves few mistakes, so what is found counts as a
false alarm, once for the same change of the same sentence; `--list` shows each, with its sentence. Then come
megabytes a second: of whole files, of their prose, and of source code in which comments are looked for and
not read; and the time that a keystroke takes in the middle of a source of 10,000 lines. It is the processor's
time, since all of it happens in one thread and other programs may run beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import re
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.cli.texts import decode, read_bytes
from lsp_server.documents import DocumentSnapshot
from lsp_server.documents.kinds import kind_of_name
from lsp_server.errors import InputError
from lsp_server.opening import open_checker
from lsp_server.prose import extract
from lsp_server.prose.extract import shadow
from lsp_server.prose.scanners.syntaxes import SYNTAXES
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lsp_server.checker import Checker

_UNREAD = re.compile(r"/(?:\.git|node_modules|vendor|third_party|dist|build)/")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
LONGEST = 500_000
"""Characters of the longest file that is taken."""
LINES = 10_000
"""Of the source in which keystrokes are timed."""


class Text(NamedTuple):
    """A file."""

    path: Path
    kind: str
    text: str


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--kind", help="kinds of text, separated by commas; without it, all")
    parser.add_argument("--words", type=int, default=20_000, help="of prose, of each kind")
    parser.add_argument("--list", action="store_true", help="show each alarm")
    parser.add_argument("--only-speed", action="store_true", help="check nothing")
    arguments = parser.parse_args()
    wanted = set(arguments.kind.split(",")) if arguments.kind else None
    texts = {
        kind: found
        for kind, found in sorted(by_kind(arguments.folders).items())
        if wanted is None or kind in wanted
    }
    if not arguments.only_speed:
        asyncio.run(alarms(texts, arguments.words, arguments.list))
    speed(texts)


def by_kind(folders: Iterable[Path]) -> dict[str, list[Path]]:
    """The files of each kind, in an order that their names decide."""
    found = defaultdict(list)
    for folder in folders:
        for path in folder.rglob("*"):
            kind = kind_of_name(path.name)
            if kind and path.is_file() and not _UNREAD.search(path.as_posix()):
                found[kind].append((hashlib.sha256(str(path.relative_to(folder)).encode()).digest(), path))
    return {kind: [path for _, path in sorted(paths)] for kind, paths in found.items()}


def read(paths: Iterable[Path], kind: str) -> Iterator[Text]:
    """The files that are texts and of a usual size."""
    for path in paths:
        try:
            text, _ = decode(read_bytes(path))
        except InputError:
            continue
        if len(text) <= LONGEST:
            yield Text(path, kind, text)


async def alarms(texts: dict[str, list[Path]], words: int, shows: bool) -> None:
    """Check files of each kind, and count what is found."""
    checker = await open_checker(Settings(cache=False), lambda *_: None, is_hurried=False)
    print(f"{'kind':20} {'files':>6} {'words':>8} {'alarms':>7} {'per 1,000 words':>16}")
    try:
        for kind, paths in texts.items():
            files, read_words, found = await _alarms_of(checker, read(paths, kind), words, shows)
            if read_words:
                rate = 1000 * found / read_words
                print(f"{kind:20} {files:6} {read_words:8,} {found:7} {rate:16.2f}", flush=True)
    finally:
        await checker.close()


async def _alarms_of(
    checker: Checker, texts: Iterator[Text], words: int, shows: bool
) -> tuple[int, int, int]:
    files = read_words = 0
    found = set()
    for one in texts:
        count = sum(len(_WORD.findall(block.text)) for block in extract(one.text, one.kind))
        if not count:
            continue
        result = await checker.check(DocumentSnapshot(one.path.absolute().as_uri(), one.text, one.kind))
        files, read_words = files + 1, read_words + count
        for finding in result.findings:
            line = one.text.count("\n", 0, finding.span.start) + 1
            around = finding.sentence or finding.span
            sentence = " ".join(around.of(one.text).split())[:300]
            change = f"{finding.span.of(one.text)!r} → {finding.suggestions[0].replacement!r}"
            if shows and (sentence, change) not in found:
                print(f"  {one.path}:{line} [{finding.kind.code}] {change}\n      {sentence}")
            found.add((sentence, change))
        if read_words >= words:
            break
    return files, read_words, len(found)


def speed(texts: dict[str, list[Path]]) -> None:
    """Print how fast the prose of the files is found."""
    head = f"{'kind':20} {'MB':>7} {'of prose':>9} {'MB/s':>7} {'prose MB/s':>11} {'skipping MB/s':>14}"
    print(f"\n{head} {'keystroke ms':>13}")
    for kind, paths in texts.items():
        documents, size = [], 0
        for one in read(paths, kind):
            documents.append(one.text)
            size += len(one.text)
            if size > 4_000_000:
                break
        if size < 100_000:
            continue
        extract(documents[0], kind)
        started = time.process_time()
        prose = sum(len(block.text) for text in documents for block in extract(text, kind))
        taken = time.process_time() - started
        typed = keystroke("".join(documents), kind)
        print(
            f"{kind:20} {size / 1e6:7.1f} {prose / 1e6:9.2f} {size / 1e6 / taken:7.1f} "
            f"{prose / 1e6 / taken:11.2f} {skipping(documents, kind):>14} {typed:13.1f}",
            flush=True,
        )


def skipping(documents: list[str], kind: str) -> str:
    """How fast comments are told from code, in megabytes a second; nothing for what is no code."""
    if kind not in SYNTAXES:
        return ""
    started = time.process_time()
    for text in documents:
        for _ in SYNTAXES[kind].lexemes(shadow(text)):
            pass
    return f"{sum(map(len, documents)) / 1e6 / (time.process_time() - started):.1f}"


def keystroke(text: str, kind: str) -> float:
    """The median of milliseconds that the prose of a long document takes after a letter is typed in it."""
    lines = text.splitlines(keepends=True)
    text = "".join((lines * (LINES // max(1, len(lines)) + 1))[:LINES])
    times = []
    at = text.index("\n", len(text) // 2) - 1
    for number in range(15):
        extract(text, kind)
        text = f"{text[:at]}x{text[at:]}"
        at += number
        started = time.process_time()
        extract(text, kind)
        times.append(time.process_time() - started)
    return 1000 * statistics.median(times)


if __name__ == "__main__":
    main()
