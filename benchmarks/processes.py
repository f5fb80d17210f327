"""Whole processes: `grammared lint` beside Harper and LingoTweaker, a cache that is warm, and the start.

    python -m benchmarks.processes [--words 10 10000 100000] [--rounds 3] [--text FILE] [--peers FOLDER]
        [--model FOLDER]

Each round starts one process of each kind after the other, on the same file, Grammared's with an empty
cache and then with what that has left there; the figures are medians. Processor time is the better measure
on a machine that does other things too. Without --text, nearly every sentence has a mistake, which is the
most that the model can have to do. The peers, harper-py and lingotweaker with lingotweaker-data-en
from PyPI, get an environment of their own, which is kept with --peers. They do other work: rules and
dictionaries, no neural model.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SENTENCES = Path(__file__).parents[1] / "tests" / "fixtures" / "reference" / "sentences.txt"
PEERS = ["harper-py==0.2.0", "lingotweaker==0.2.8", "lingotweaker-data-en==0.1.6"]
HARPER = """
import sys; from harper import Linter
print(len(list(Linter().lint(open(sys.argv[1], encoding="utf-8").read()))))
"""
LINGO_TWEAKER = """
import sys, lt_py
print(len(list(lt_py.Engine("en-US").check(open(sys.argv[1], encoding="utf-8").read()))))
"""
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    processor: float
    """Seconds, of all threads."""
    memory: float
    """MB, at most."""

    def __str__(self) -> str:
        return f"{self.seconds:8.2f} s {self.processor:8.2f} s {self.memory:7.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--words", type=int, nargs="+", default=[10, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--text", type=Path, help="sentences, one a line, to be put together to texts")
    parser.add_argument("--peers", type=Path, help="keep the peers' environment in this folder")
    parser.add_argument("--model", type=Path, help="a model folder in place of the bundled one")
    arguments = parser.parse_args()
    sentences = (arguments.text or SENTENCES).read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        peers = peers_in(arguments.peers or folder / "peers")
        for words in arguments.words:
            text = folder / f"{words}.md"
            text.write_text(text_of(words, sentences), encoding="utf-8")
            table(
                f"{words:,} words", commands(text, peers, arguments.model), folder / "cache", arguments.rounds
            )
        python = [sys.executable, "-c"]
        compared = {"python": [*python, "pass"], "importing spaCy": [*python, "import spacy"]}
        table("beside a start", compared, folder / "cache", max(5, arguments.rounds))
        answers = [initialized() for _ in range(max(5, arguments.rounds))]
        print(f"start to the answer to initialize {statistics.median(answers):.2f} s")


def commands(text: Path, peers: Path, model: Path | None) -> dict[str, Sequence[str]]:
    """What is compared, in the order of its turns."""
    lint = [sys.executable, "-m", "lsp_server.cli", "lint", "--format", "json", str(text)]
    if model:
        lint += ["--model", str(model)]
    return {
        "grammared lint, first time": lint,
        "grammared lint, unchanged": lint,
        "harper-py": [str(peers), "-c", HARPER, str(text)],
        "lingotweaker": [str(peers), "-c", LINGO_TWEAKER, str(text)],
    }


def table(title: str, compared: dict[str, Sequence[str]], cache: Path, rounds: int) -> None:
    """Run all of them in turns, and print what they took."""
    costs: dict[str, list[Cost]] = {name: [] for name in compared}
    for _ in range(rounds):
        shutil.rmtree(cache, ignore_errors=True)
        for name, command in compared.items():
            costs[name].append(cost(command, cache))
    print(f"\n{title:28}     time  processor     memory")
    for name, measured in costs.items():
        print(f"{name:26} {Cost(*map(statistics.median, zip(*measured, strict=True)))}", flush=True)


def cost(command: Sequence[str], cache: Path) -> Cost:
    """Run a process to its end."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"GRAMMARED_CACHE": str(cache)},
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode not in (0, 1):  # 1: something was found
        raise SystemExit(f"{command[0]} failed: {said.decode()}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def initialized() -> float:
    """Seconds from the start of a language server until it has answered."""
    content = json.dumps(INITIALIZE).encode()
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "lsp_server.cli", "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        server.stdin.flush()
        server.stdout.readline()
        seconds = time.perf_counter() - start
        server.kill()
    return seconds


def text_of(words: int, lines: Sequence[str]) -> str:
    """Paragraphs of so many words or a few more; no sentence stands twice if none does in `lines`."""
    paragraphs: list[str] = []
    sentences = varied(lines)
    have = 0
    while have < words:
        paragraph = []
        while have < words and len(paragraph) < 5:
            paragraph.append(next(sentences))
            have += len(paragraph[-1].split())
        paragraphs.append(" ".join(paragraph))
    return "\n\n".join(paragraphs) + "\n"


def varied(sentences: Sequence[str]) -> Iterator[str]:
    """The sentences, then the same with other beginnings, without end."""
    yield from sentences
    for year in count(1900):
        yield from (f"In {year}, they said: {sentence}" for sentence in sentences)


def peers_in(folder: Path) -> Path:
    """The interpreter of an environment with the peers, which is made if it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return python


if __name__ == "__main__":
    main()
