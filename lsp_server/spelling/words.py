"""The dictionary: which words there are, in which dialects, and how common they are.

`compile.py` makes the two files. Loading the words takes some 40 ms and 15 MB; the frequencies are loaded
when the first suggestion is wanted.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from lsp_server.spelling.files import read

Dialect = Literal["auto", "us", "gb", "ca", "au", "nz", "in"]
"""`auto` takes the words of all; New Zealand writes like Australia, India like Britain."""
OF_DOCUMENT = "auto:"
"""Begins the dialects that a document was found to be in, such as `auto:gb+au`."""

_OURS = frozenset({"grammared"})
_LISTS = {"nz": "au", "in": "gb"}
_ALL = frozenset({"us", "gb", "ca", "au"})
_IZE = frozenset({"gb", "in"})
"""Where one may write -ize as well, as Oxford does."""
_RARE = 3.0
"""log10 of the count of a word that the frequencies do not have."""

_PREFIXES = (
    *("anti", "auto", "co", "counter", "cross", "de", "dis", "extra", "hyper", "inter", "macro", "mega"),
    *("meta", "micro", "mid", "mini", "mis", "mono", "multi", "nano", "non", "out", "over", "post"),
    *("pre", "proto", "pseudo", "quasi", "re", "semi", "sub", "super", "trans", "ultra", "un", "under"),
)
_SUFFIXES = {
    "able": ("", "e"),
    "ability": ("", "e"),
    "fold": ("",),
    "ish": ("", "e"),
    "less": ("",),
    "like": ("",),
    "ness": ("",),
    "ship": ("",),
    "ward": ("",),
    "wards": ("",),
    "wise": ("",),
}
"""Suffixes of regular derivations, each with what the word before may have lost. Of inflections the
dictionary has all that are right; a rule would let "occured" and "truely" pass."""
_SHORTEST_STEM = 5
"""Letters that remain without the affix: "untill" is no word."""
_PLURAL = re.compile(r"[a-z]{4,}[^fsxyz]s")
_SHORTEST_HALF = 4
_COMMON_HALF = 6.6
"""log10 of the count of a word that may be half of a compound written as one word: backend, timestamp."""
_ROMAN = re.compile(r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")


@cache
def load(dialect: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words of a dialect, or of several: those in small letters, and the others as they are written."""
    wanted = _lists_of(dialect)
    small: set[str] = set()
    other: set[str] = set()
    for shape, dialects, words in _sections():
        if wanted & dialects:
            (small if shape == "small" else other).update(words)
    return frozenset(small), frozenset(other)


@cache
def _lowered(dialect: str) -> frozenset[str]:
    """The words with capitals without them: people write "london", "oauth" and "github"."""
    return frozenset(map(str.lower, load(dialect)[1]))


def _lists_of(dialect: str) -> frozenset[str]:
    if dialect == "auto":
        return _ALL
    names = dialect.removeprefix(OF_DOCUMENT).split("+")
    return frozenset(_LISTS.get(name, name) for name in names)


@cache
def _sections() -> list[tuple[str, frozenset[str], list[str]]]:
    """The shape of some words (`small` letters or `other`), the dialects that have them, and the words."""
    words, terms = (read(name).decode() for name in ("words.gz", "terms.gz"))
    if not words:
        return []
    sections = []
    for section in f"{words}\n{terms}".rstrip("\n").removeprefix("= ").split("\n= "):
        head, _, words = section.partition("\n")
        shape, *dialects = head.split()
        sections.append((shape, frozenset(dialects), words.split("\n")))
    return sections


@cache
def variants() -> dict[str, frozenset[str]]:
    """Words that only the British or only the Americans have, each with all whose lists have it."""
    return {
        word: dialects
        for shape, dialects, words in _sections()
        if shape == "small" and ("us" in dialects) != ("gb" in dialects)
        for word in words
    }


def dialects_with(word: str) -> frozenset[str]:
    """The dialects that have one of the `variants`, with -ize, which the British may write, for theirs."""
    dialects = variants()[word]
    is_oxford = "iz" in word and "gb" in variants().get(word.replace("iz", "is"), ())
    return dialects | {"gb"} if is_oxford else dialects


@cache
def frequencies() -> dict[str, float]:
    """log10 of the count of each common word."""
    pairs = (line.split("\t") for line in read("frequencies.gz").decode().split("\n") if line)
    return {word: float(log) for word, log in pairs}


def frequency(word: str) -> float:
    """log10 of a word's count in a large collection of texts."""
    return frequencies().get(word.lower(), _RARE)


def is_word(word: str, dialect: str = "auto") -> bool:
    """Whether a word, without its possessive ending, is in the dictionary or made from its words by rule.

    Args:
        word: letters, with capitals as they stand; hyphens and apostrophes have been dealt with.
        dialect: whose dictionary. Of those of a document (`auto:…`) words are wrong that only others have.
    """
    if dialect.startswith(OF_DOCUMENT):
        return is_word(word) and not _is_of_others(word.lower(), dialect)
    return is_listed(word, dialect) or _is_derived(word.lower(), load(dialect)[0])


def is_listed(word: str, dialect: str = "auto") -> bool:
    """Whether a word is in a dialect's dictionary itself."""
    small, other = load(dialect)
    if word in small or word in other or word in _OURS or not small:
        return True  # without a dictionary, every word
    lower = word.lower()
    if lower in small or lower in _lowered(dialect) or word.upper() in other:
        return True
    if dialect in _IZE and lower.replace("iz", "is") in small:
        return True
    return _ROMAN.fullmatch(lower) is not None


def _is_of_others(word: str, dialect: str) -> bool:
    """Whether only dialects that are not the document's write a word like this."""
    return word in variants() and not dialects_with(word) & _lists_of(dialect)


def _is_derived(word: str, small: frozenset[str]) -> bool:
    """Whether it is a known word with regular endings, or two common words written as one."""
    for prefix in _PREFIXES:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) >= _SHORTEST_STEM and rest in small:
            return True
    for suffix, lost in _SUFFIXES.items():
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) >= _SHORTEST_STEM and any(stem + end in small for end in lost):
            return True
    if _PLURAL.fullmatch(word) and word[:-1] in small and word[:-1] not in frequencies():
        return True  # of a rare word, of which the dictionary has just the singular
    return any(
        word[:cut] in small and word[cut:] in small and _is_common(word[:cut]) and _is_common(word[cut:])
        for cut in range(_SHORTEST_HALF, len(word) - _SHORTEST_HALF + 1)
    )


def _is_common(word: str) -> bool:
    return frequency(word) >= _COMMON_HALF
