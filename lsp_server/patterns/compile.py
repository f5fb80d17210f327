"""Packs the table of patterns, to be read quickly; run it after each change of `patterns.toml`.

    python -m lsp_server.patterns.compile
    python -m lsp_server.patterns.compile --slips CLEAN
    python -m lsp_server.patterns.compile --parts TAGGED

The first makes `patterns.gz` of all but the expressions. The second is for these: `slips.gz` has a line for
each slip that clean text says is one: what is wrong, what is right, and the kind of error. The third makes
`parts.gz`, see `parts.py`.
CLEAN has a sentence a line, with its source and a tab before it; ours is what the bundled model has learnt
from, which NOTICE names. TAGGED has a sentence a line, its words with a blank between them, each with an
underscore and its Penn Treebank tag: ours are 124,000 sentences of CLEAN with the tags of spaCy's
`en_core_web_sm` (MIT).
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.patterns.parts import LETTERS
from lsp_server.patterns.parts import PACKED as PARTS_OF_SPEECH
from lsp_server.patterns.slips import are_sure, confused_words, slips_of
from lsp_server.patterns.table import (
    PACKED,
    SLIPS,
    SURE,
    TOKEN,
    Pattern,
    pattern_of,
    phrase,
    phrases,
    word_groups,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HERE = Path(__file__).parent
TABLE = HERE / "patterns.toml"
_CLASS = re.compile(r"\{([a-z]+)\}")
_PART = re.compile(r"\{([A-Z]+(?:/[A-Z]+)*)\}")
_TARGET = re.compile(r"(?<!\(\?)(?<!\?P)<(?![=!])(.*)>", re.DOTALL)
"""What a pattern replaces, between < and >; not a look-behind, `(?<=…)`, nor a named group."""
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_FEWEST = 5
"""Times that a word must stand in them."""
_LEAST_SHARE = 0.02
_NEARLY_ALL = 0.95
_CARRIERS = ("They say {} again.", "Here {} comes.")
"""Sentences in which a fixed phrase is tried."""


@dataclass(frozen=True, slots=True)
class Example:
    """A pattern with what it must find and what it must leave alone."""

    pattern: Pattern
    wrong: tuple[str, ...]
    right: tuple[str, ...]


def main() -> None:
    """Make one of the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--slips", type=Path, metavar="CLEAN")
    parser.add_argument("--parts", type=Path, metavar="TAGGED")
    arguments = parser.parse_args()
    if arguments.slips:
        _write(SLIPS, "\n".join(sure_slips(read_table()["expressions"], _sentences(arguments.slips))))
    elif arguments.parts:
        tagged = arguments.parts.read_text("utf-8").splitlines()
        _write(PARTS_OF_SPEECH, "\n".join(parts_in(tagged)))
    else:
        _write(PACKED, json.dumps(compiled(read_table()), ensure_ascii=False, separators=(",", ":")))


def _write(name: str, content: str) -> None:
    (HERE / name).write_bytes(gzip.compress(content.encode(), mtime=0))


def _sentences(clean: Path) -> Iterator[str]:
    with lzma.open(clean) if clean.suffix == ".xz" else clean.open("rb") as lines:
        for line in lines:
            yield line.decode("utf-8").rstrip("\n").partition("\t")[2]


def sure_slips(expressions: Mapping[str, Any], sentences: Iterable[str]) -> list[str]:
    """The lines of `slips.gz`."""
    rights = expressions["right"].split("\n")[1:-1]
    slips = slips_of(rights, confused_words(expressions["confused"]))
    wanted = {*slips, *map(str.lower, rights)}
    longest = max(len(one.split()) for one in wanted)
    counts: Counter[str] = Counter()
    for sentence in sentences:
        words = TOKEN.findall(sentence.lower().replace("’", "'"))
        counts.update(one for one in word_groups(words, longest) if one in wanted)
    sure = are_sure(slips.values(), counts, frozenset(expressions["weak"].split()))
    return sorted(f"{slip.wrong}\t{slip.right}\t{slip.kind}" for slip in sure)


def parts_in(sentences: Iterable[str]) -> list[str]:
    """The lines of `parts.gz`.

    Args:
        sentences: their words as `word_TAG`.
    """
    counts: dict[str, Counter[str]] = {}
    for sentence in sentences:
        for at, token in enumerate(sentence.split()):
            word, _, tag = token.rpartition("_")
            if not (word.isalpha() and word.isascii()):
                continue
            if tag not in ("NNP", "NNPS") and (at or not word[0].isupper()):
                counts.setdefault(word.lower(), Counter())[LETTERS.get(tag, "x")] += 1
    lines = ((word, _letters_of(found)) for word, found in counts.items())
    return [f"{word}\t{letters}" for word, letters in sorted(lines) if letters]


def _letters_of(found: Counter[str]) -> str:
    """What the tags of a word come to, as `parts.gz` has it; nothing if there are too few."""
    total = found.total()
    common = [letter for letter, times in found.most_common() if times >= max(2, total * _LEAST_SHARE)]
    if total < _FEWEST or not common:
        return ""
    return common[0].upper() if found[common[0]] >= _NEARLY_ALL * total else "".join(common)


def read_table() -> dict[str, Any]:
    """The readable table."""
    return tomllib.loads(TABLE.read_text("utf-8"))


def compiled(table: Mapping[str, Any]) -> dict[str, Any]:
    """What is packed of the table."""
    groups = list(table["phrases"].values())
    words = {
        wrong: (right, number)
        for number, group in enumerate(groups)
        for wrong, right in group["words"].items()
    }
    return {
        "patterns": [_row(row, table["classes"]) for row in table["pattern"]],
        "expressions": (table["expressions"]["message"], table["expressions"]["confidence"]),
        "kinds": [(group["kind"], group["message"]) for group in groups],
        "phrases": words,
    }


def examples(table: Mapping[str, Any]) -> Iterator[Example]:
    """All patterns with their examples, phrases included."""
    for row in table["pattern"]:
        yield Example(pattern_of(_row(row, table["classes"])), tuple(row["wrong"]), tuple(row["right"]))
    for wrong in phrases():
        one = phrase(wrong)
        texts = one.id.removeprefix("phrase: "), one.replace[0]
        bad, good = (tuple(carrier.format(text) for carrier in _CARRIERS) for text in texts)
        yield Example(one, bad, good)


def _group_of(parts: str, number: int) -> str:
    """A word that is one of some parts of speech, as `Pattern.parts` knows it."""
    return rf"(?P<{parts.replace('/', '_OR_')}_{number}>[^\W\d_]+)"


def _row(row: Mapping[str, Any], classes: Mapping[str, str]) -> dict[str, Any]:
    find = _CLASS.sub(lambda match: f"(?:{classes[match[1]]})", row["find"])
    target = _TARGET.search(find)
    assert target is not None, row["id"]
    anchors = row.get("anchors") or _WORD.findall(target[1])
    assert anchors, row["id"]
    find = f"{find[: target.start()]}(?P<target>{target[1]}){find[target.end() :]}"
    places = iter(range(len(find)))
    return {
        "id": row["id"],
        "kind": row["kind"],
        "find": _PART.sub(lambda match: _group_of(match[1], next(places)), find),
        "replace": [row["replace"]] if isinstance(row["replace"], str) else row["replace"],
        "message": row["message"],
        "confidence": row.get("confidence", SURE),
        "anchors": sorted(set(anchors)),
    }


if __name__ == "__main__":
    main()
