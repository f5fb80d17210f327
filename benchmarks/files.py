"""Linting many files: `grammared lint` with an empty cache and with a full one, Harper and LingoTweaker.

    python -m benchmarks.files FOLDER [--files 500] [--largest BYTES] [--rounds 1] [--peers FOLDER]

Takes the first Markdown files below a folder, such as a checked-out repository of documentation. Each round
starts one process of each kind after the other on the same files; the figures are medians. The peers, which
are those of `benchmarks.processes`, work with rules and dictionaries and take one text after the other.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from itertools import islice
from pathlib import Path

from benchmarks.processes import Cost, cost, peers_in

HARPER = """
import sys; from pathlib import Path; from harper import Language, Linter
linter, markdown = Linter(), Language.MARKDOWN
print(sum(len(list(linter.lint(Path(name).read_text("utf-8"), language=markdown))) for name in sys.argv[1:]))
"""
LINGO_TWEAKER = """
import sys, lt_py; from pathlib import Path
engine = lt_py.Engine("en-US")
print(sum(len(list(engine.check(Path(name).read_text("utf-8")))) for name in sys.argv[1:]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--largest", type=int, metavar="BYTES", help="leave out larger files")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peers", type=Path, help="keep the peers' environment in this folder")
    arguments = parser.parse_args()
    largest = arguments.largest or float("inf")
    every = (path for path in sorted(arguments.folder.rglob("*.md")) if path.stat().st_size <= largest)
    found = list(islice(every, arguments.files))
    if not found:
        raise SystemExit(f"{arguments.folder}: no Markdown files")
    with tempfile.TemporaryDirectory() as scratch:
        names = copied(found, Path(scratch) / "texts")
        python = str(peers_in(arguments.peers or Path(scratch) / "peers"))
        cache = Path(scratch) / "cache"
        lint = [sys.executable, "-m", "lsp_server.cli", "lint", "--format", "jsonl", "--quiet", *names]
        compared = {
            "grammared lint, cold": lint,
            "grammared lint, warm": lint,
            "harper-py": [python, "-c", HARPER, *names],
            "lingotweaker": [python, "-c", LINGO_TWEAKER, *names],
        }
        costs: dict[str, list[Cost]] = {name: [] for name in compared}
        for _ in range(arguments.rounds):
            shutil.rmtree(cache, ignore_errors=True)
            for name, command in compared.items():
                costs[name].append(cost(command, cache))
                print(f"{name:24} {costs[name][-1]}", file=sys.stderr, flush=True)
    words = sum(len(path.read_text("utf-8", errors="replace").split()) for path in found)
    print(f"{len(found)} files, {words:,} words\n\n{'':24} files/s     time  processor     memory")
    for name, measured in costs.items():
        median = Cost(*map(statistics.median, zip(*measured, strict=True)))
        print(f"{name:24} {len(found) / median.seconds:7.1f} {median}", flush=True)


def copied(files: list[Path], folder: Path) -> list[str]:
    """The files under names of their own in one folder, so that no project file there counts."""
    folder.mkdir()
    return [
        str(shutil.copyfile(path, folder / f"{number:04}-{path.name}")) for number, path in enumerate(files)
    ]


if __name__ == "__main__":
    main()
