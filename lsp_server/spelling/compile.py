"""Makes the word lists of this folder from their sources; run it when a source has a new version.

    python -m lsp_server.spelling.compile SOURCES

SOURCES is a folder with the unpacked packages: from npm `dictionary-en`, `dictionary-en-gb`,
`dictionary-en-ca`, `dictionary-en-au` (Hunspell's format, from SCOWL; MIT and BSD) and
`@cspell/dict-software-terms` (MIT), as `en`, `en-gb`, `en-ca`, `en-au` and `software-terms`; `large.txt`, the
words of npm's `@cspell/dict-en_us` (MIT; SCOWL's large list; `cspell-trie-lib` prints them), for what the
others lack; from PyPI `symspellpy`'s `frequency_dictionary_en_82_765.txt` and
`frequency_bigramdictionary_en_243_342.txt` (MIT); and `names.txt` and `terms.txt`, one word a line (see
`names_in`, `terms_in`; ours are from the texts that the bundled model has learnt from, which NOTICE names).

    words.gz         a section for each set of dialects that share its words: a line `= small us gb`, then
                     words in small letters, or `= other …` and words that have capitals
    frequencies.gz   `word<TAB>log10 of its count`, the commonest first
    bigrams.gz       `word word<TAB>log10 of how much more often they stand together than by chance`, sorted
    terms.gz         as words.gz: terms of the trade that the others lack

The last is made by itself, from other sources:

    python -m lsp_server.spelling.compile SOURCES --terms

SOURCES then holds `lists`, folders of npm's `@cspell/dict-…` (MIT: aws, companies, cpp, css, data-science,
docker, filetypes, fullstack, gaming-terms, git, golang, google, k8s, latex, node, npm, python, rust, shell,
software-terms, sql, terraform); `commands.txt`, commands, libraries and file systems of Unix, one a line
(ours are of a Debian system, chosen by hand); `misspellings.txt`, words that must not get in, one a line
(codespell's, and what was struck out by hand); and `seen.tsv`: words that `unknown_words` finds in the prose
of documentation and commit messages, with how often and in how many repositories (ours are from tldr, uv,
pip, Rust's RFCs, zstd, containerd, Vite, NumPy, tmux, Docker's client, Sphinx, ARIA practices, zod,
kube-prometheus, click).
"""

from __future__ import annotations

import gzip
import math
import re
import sys
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lsp_server.spelling.context import LEAST, MOST
from lsp_server.spelling.dialects import variant
from lsp_server.spelling.files import read
from lsp_server.spelling.words import frequencies, is_word, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

HERE = Path(__file__).parent
DIALECTS = {"us": "en", "gb": "en-gb", "ca": "en-ca", "au": "en-au"}
_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['-][A-Za-zÀ-ɏ]+)*")
_ALL_WORDS = 12.0
"""log10 of how many words the counts are of."""
_FEWEST = 6
"""Times that a name or term stands in the texts that it is taken from."""
_FEWEST_SEEN = 4
"""Times that a term stands in the prose of at least two repositories."""
_LONGEST = 16
"""Letters of a term; longer ones are identifiers."""


class Affix(NamedTuple):
    """One way to make a word from another, as Hunspell's .aff files describe it."""

    is_prefix: bool
    crosses: bool
    """Whether a prefix and a suffix may be added both."""
    strip: str
    add: str
    condition: re.Pattern[str]

    def applied(self, word: str) -> str | None:
        """The word with the affix; None if it does not take it."""
        if not self.condition.search(word):
            return None
        if self.is_prefix:
            return self.add + word[len(self.strip) :]
        return word[: len(word) - len(self.strip)] + self.add


def expanded(folder: Path) -> Iterator[str]:
    """All words of a Hunspell dictionary (`index.dic`, `index.aff`), possessives left out."""
    affixes = _affixes((folder / "index.aff").read_text("utf-8"))
    for line in (folder / "index.dic").read_text("utf-8").splitlines()[1:]:
        word, _, flags = line.partition("/")
        if "!" in flags:  # for suggestions only, or forbidden
            continue
        yield word
        used = [affix for flag in flags for affix in affixes[flag]]
        made = [(affix, affix.applied(word)) for affix in used]
        yield from (one for _, one in made if one)
        for affix, one in made:
            if one and not affix.is_prefix and affix.crosses:
                yield from (
                    both
                    for prefix in used
                    if prefix.is_prefix and prefix.crosses and (both := prefix.applied(one))
                )


def _affixes(text: str) -> dict[str, list[Affix]]:
    affixes: dict[str, list[Affix]] = defaultdict(list)
    crosses: dict[str, bool] = {}
    for line in text.splitlines():
        fields = line.split()
        if not fields or fields[0] not in ("PFX", "SFX"):
            continue
        is_prefix, flag = fields[0] == "PFX", fields[1]
        if len(fields) == 4:
            crosses[flag] = fields[2] == "Y"
            continue
        strip, add = ("" if part == "0" else part.partition("/")[0] for part in fields[2:4])
        condition = fields[4] if len(fields) > 4 else "."
        pattern = re.compile(f"^{condition}" if is_prefix else f"{condition}$")
        if add not in ("'s", "'"):
            affixes[flag].append(Affix(is_prefix, crosses[flag], strip, add, pattern))
    return affixes


def software_terms(folder: Path) -> Iterator[str]:
    """The words of cSpell's lists; what they compare, comments and flags are left out."""
    for path in sorted(folder.rglob("*.txt*")):
        text = (
            gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
        )
        for line in text.splitlines():
            for word in line.partition("#")[0].replace("*", " ").replace("+", " ").split():
                if _WORD.fullmatch(word.lstrip("~!")) and not word.startswith(("!", "~")):
                    yield word


def names_in(sentences: Iterable[list[str]], known: set[str]) -> Iterator[str]:
    """Names in clean texts: unknown words that nearly always have a capital, also inside a sentence.

    Args:
        sentences: their words.
        known: words that are in a dictionary, in small letters.
    """
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for words in sentences:
        for word in words[1:]:
            if word[:1].isupper() and word[1:].islower() and word.isalpha() and word.lower() not in known:
                capital[word] += 1
            elif word.islower():
                small[word] += 1
    return (word for word, n in capital.items() if n >= _FEWEST and small[word.lower()] * 20 < n)


def terms_in(sentences: Iterable[list[str]], known: set[str], misspellings: set[str]) -> Iterator[str]:
    """Technical terms in clean texts: unknown words in small letters that are no known misspellings."""
    small = Counter(
        word for words in sentences for word in words if word.islower() and word.isalpha() and len(word) > 3
    )
    return (
        word for word, n in small.items() if n >= _FEWEST and word not in known and word not in misspellings
    )


def compile_words(sources: Path) -> None:
    """Write `words.gz`."""
    where: dict[str, set[str]] = defaultdict(set)
    for dialect, folder in DIALECTS.items():
        for word in expanded(sources / folder):
            if _WORD.fullmatch(word):
                where[word].add(dialect)
    found = [
        word for name in ("names.txt", "terms.txt") for word in (sources / name).read_text("utf-8").split()
    ]
    for word in (*software_terms(sources / "software-terms"), *found):
        where[word] = set(DIALECTS)
    for word in (sources / "large.txt").read_text("utf-8").split():
        if _WORD.fullmatch(word) and not word.endswith("'s") and not where.get(word):
            where[word] = set(DIALECTS)
    sections: dict[str, list[str]] = defaultdict(list)
    for word, dialects in where.items():
        shape = "small" if word.islower() else "other"
        sections[" ".join([shape, *(d for d in DIALECTS if d in dialects)])].append(word)
    lines = [line for key in sorted(sections) for line in (f"= {key}", *sorted(sections[key]))]
    _write("words.gz", lines)


def compile_frequencies(sources: Path) -> None:
    """Write `frequencies.gz`; `words.gz` is there already.

    Of words that are written otherwise elsewhere the source often has one spelling: it counts for the others.
    """
    terms = set(read("terms.gz").decode().split())
    small = load("auto")[0] - terms
    lines = (sources / "frequency_dictionary_en_82_765.txt").open(encoding="utf-8-sig")
    counts = {word: int(count) for word, count in map(str.split, lines) if word in small}
    for word in small - counts.keys():
        other = next((one for dialect in DIALECTS if (one := variant(word, dialect)) in counts), None)
        if other:
            counts[word] = counts[other]
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    _write("frequencies.gz", [f"{word}\t{math.log10(count):.1f}" for word, count in rows])


def compile_terms(sources: Path) -> None:
    """Write `terms.gz`; `words.gz` and `frequencies.gz` are there already."""
    wrong = set((sources / "misspellings.txt").read_text("utf-8").split())
    rows = (line.split("\t") for line in (sources / "seen.tsv").read_text("utf-8").splitlines())
    seen = {word: (int(times), int(places)) for word, times, places in rows}
    lists = Counter(
        word
        for folder in sorted((sources / "lists").iterdir())
        for word in {one.lower() for one in software_terms(folder)}
    )
    identifiers = {word.lower() for word in software_terms(sources / "lists" / "cpp")}
    found = {word for word, counts in seen.items() if counts[0] >= _FEWEST_SEEN and counts[1] >= 2}
    found |= set((sources / "commands.txt").read_text("utf-8").split())
    for word, count in lists.items():
        times = seen.get(word, (0, 0))[0]
        is_identifier_only = count == 1 and word in identifiers
        if times >= 2 or not (_is_near_common(word) or (is_identifier_only and not times)):
            found.add(word)
    kept = {
        word for word in found - wrong if word.isascii() and word.isalpha() and 3 <= len(word) <= _LONGEST
    }
    lines = [word for word in sorted(kept) if not is_word(word)]
    _write("terms.gz", [f"= small {' '.join(DIALECTS)}", *lines])


def _is_near_common(word: str) -> bool:
    """Whether a slip makes a common word of it, so that it may be meant as often as not."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    common = _commoner_than(8.3 if len(word) < 5 else 7.0)
    return process.extractOne(word, common, scorer=OSA.distance, score_cutoff=1) is not None


@cache
def _commoner_than(least: float) -> list[str]:
    return [word for word, log in frequencies().items() if log >= least]


def compile_bigrams(sources: Path) -> None:
    """Write `bigrams.gz`; `frequencies.gz` is there already."""
    lines = (sources / "frequency_bigramdictionary_en_243_342.txt").open(encoding="utf-8-sig")
    common = frequencies()
    rows = []
    for first, second, count in map(str.split, lines):
        if first in common and second in common:
            value = math.log10(int(count)) + _ALL_WORDS - common[first] - common[second]
            if value > LEAST:
                rows.append(f"{first} {second}\t{min(value, MOST):.1f}")
    _write("bigrams.gz", [*sorted(rows, key=str.encode), ""])


def _write(name: str, lines: Iterable[str]) -> None:
    (HERE / name).write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


if __name__ == "__main__":
    if "--terms" in sys.argv:
        compile_terms(Path(sys.argv[1]))
    else:
        compile_words(Path(sys.argv[1]))
        compile_frequencies(Path(sys.argv[1]))
        compile_bigrams(Path(sys.argv[1]))
