"""What spelling and patterns say, without the model, of texts whose writers knew how to spell.

    python -m benchmarks.spelling_alarms KIND=FOLDER … [--words 20000] [--half first|second] [--list]

KIND is a name for the table, FOLDER holds files: of any kind that is checked, or `.conllu`, whose sentences
are put together to paragraphs again. Files are taken in an order that depends on their names alone, up to so
many words of each kind; by that order they are also in two halves, so that one may be looked at when rules
are written and the other is for measuring. Each finding at normal strictness counts as a false alarm, once
for the same word in a document; `--list` shows each, to be judged: people who write e-mails make mistakes.

The texts of `docs/spelling.md` and where they are from (all are free to measure with, none is here):

    news      UniversalDependencies/UD_English-GUM: not-to-release/sources/GUM_news_*.conllu (Wikinews)
    fiction   standardebooks/…: src/epub/text/chapter-*.xhtml (CC0), and GUM_fiction_*.conllu
    docs      the documentation of python/peps, libuv, prometheus/docs, git, progit/progit2, curl, pytest …
    readme    README files of repositories, and the long descriptions of packages from PyPI, as README.md
    mail      UniversalDependencies/UD_English-EWT: not-to-release/sources/email/*.conllu (CC BY-SA 4.0)
    commits   git log --format=%B, a message a file, called ANY.jjdescription
"""

from __future__ import annotations

import argparse
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.measures import words_in
from lsp_server.cli.texts import decode, read_bytes
from lsp_server.documents import DocumentSnapshot
from lsp_server.documents.kinds import kind_of_name
from lsp_server.errors import InputError
from lsp_server.proposers import Proposers
from lsp_server.prose import extract
from lsp_server.sentences import sentences_of
from lsp_server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

HALVES = ("first", "second")
LONGEST = 500_000
"""Characters of the longest file that is taken."""


class Alarm(NamedTuple):
    """What is proposed in a document."""

    source: str
    """`spelling`, or the pattern."""
    old: str
    new: str
    confidence: float
    around: str


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("texts", nargs="+", help="KIND=FOLDER")
    parser.add_argument("--words", type=int, default=20_000, help="of each kind")
    parser.add_argument("--half", choices=HALVES, help="which half of the files; all without it")
    parser.add_argument("--list", action="store_true", help="show each alarm")
    arguments = parser.parse_args()
    print("| kind | files | words | spelling | patterns | for 1,000 words |")
    print("| --- | --- | --- | --- | --- | --- |")
    for text in arguments.texts:
        kind, _, folder = text.partition("=")
        measure(kind, Path(folder), arguments.words, arguments.half, arguments.list)


def measure(kind: str, folder: Path, most: int, half: str | None, shows: bool) -> None:
    """Print a row of the table, and before it what was found."""
    files = words = 0
    found: list[tuple[Path, Alarm]] = []
    for path, document in documents(folder, half):
        count, alarms = checked(document)
        if count:
            files, words = files + 1, words + count
            found += [(path, alarm) for alarm in alarms]
        if words >= most:
            break
    if shows:
        for path, alarm in found:
            print(f"  {alarm.source} {alarm.confidence:.2f} {alarm.old!r} → {alarm.new!r} {path.name}")
            print(f"      {alarm.around}")
    spelling = sum(alarm.source == "spelling" for _, alarm in found)
    rate = 1000 * len(found) / max(words, 1)
    print(f"| {kind} | {files} | {words:,} | {spelling} | {len(found) - spelling} | {rate:.2f} |", flush=True)


def documents(folder: Path, half: str | None) -> Iterator[tuple[Path, DocumentSnapshot]]:
    """The files of a folder that can be read, in an order that their names decide."""
    order = {path: hashlib.sha256(str(path.relative_to(folder)).encode()).digest() for path in files(folder)}
    for path in sorted(order, key=order.__getitem__):
        if half and HALVES[order[path][-1] % 2] != half:
            continue
        try:
            text, _ = decode(read_bytes(path))
        except InputError:
            continue
        kind = kind_of_name(path.name) or "plaintext"
        if path.suffix == ".conllu":
            text, kind = "\n\n".join(paragraphs(text)), "plaintext"
        if len(text) <= LONGEST:
            yield path, DocumentSnapshot(path.absolute().as_uri(), text, kind)


def files(folder: Path) -> Iterator[Path]:
    return (
        path
        for path in folder.rglob("*")
        if path.is_file() and (path.suffix == ".conllu" or kind_of_name(path.name))
    )


def paragraphs(conllu: str) -> Iterator[str]:
    """The paragraphs of a treebank's document, a blank between two sentences."""
    for part in re.split(r"^# newpar\b.*$", conllu, flags=re.MULTILINE):
        sentences = re.findall(r"^# text = (.*)$", part, flags=re.MULTILINE)
        if sentences:
            yield " ".join(sentences)


def checked(document: DocumentSnapshot) -> tuple[int, list[Alarm]]:
    """The words of a document's prose, and what is proposed in it, each change once."""
    blocks = extract(document.text, document.language)
    proposers = Proposers(document, blocks, Settings())
    found: dict[tuple[str, str], Alarm] = {}
    for block in blocks:
        for place in sentences_of(block):
            text = place.sentence.text
            for one in proposers.of(place.sentence, block, place.offset):
                old, new = text[one.start : one.end], one.replacements[0]
                around = " ".join(text[max(one.start - 80, 0) : one.end + 60].split())
                found.setdefault((old, new), Alarm(one.source, old, new, one.confidence, around))
    return sum(words_in(block.text) for block in blocks), list(found.values())


if __name__ == "__main__":
    main()
