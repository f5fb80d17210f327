"""Which parts of speech a word can be, as patterns ask for it: `{NOUN}`, `{PAST}` and the like.

`parts.gz` has a line for each common word: the word, a tab, and a letter for each tag that it has in at
least one of fifty places of clean text, the commonest first; a capital where nearly all are that tag. It is
made by `compile.py`; what it does not know, is no part of speech.
"""

from __future__ import annotations

import gzip
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from triton_server.gector.verb_forms import is_verb_form, plural, singular, verb_form

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = {
    "NN": "n",
    "NNS": "p",
    "VB": "v",
    "VBP": "v",
    "VBZ": "z",
    "VBD": "d",
    "VBN": "e",
    "VBG": "g",
    "JJ": "j",
    "JJR": "c",
    "JJS": "s",
    "RB": "r",
    "RBR": "c",
}
"""Penn Treebank tags; all others are an x."""
PACKED = "parts.gz"


@cache
def _letters() -> dict[str, str]:
    packed = resources.files(__package__).joinpath(PACKED).read_bytes()
    lines = gzip.decompress(packed).decode().splitlines()
    return dict(line.split("\t") for line in lines)


def letters(word: str) -> str:
    """What a word (in small letters) can be, the commonest first; nothing if it is not known."""
    return _letters().get(word, "")


def _is_noun(word: str) -> bool:
    """A noun in the singular and hardly anything else: "table", not "set"."""
    return letters(word) == "N" and plural(word) is not None


def _may_be_noun(word: str) -> bool:
    """A noun in the singular more often than anything else."""
    return letters(word)[:1] in ("N", "n") and plural(word) is not None


def _is_plural(word: str) -> bool:
    """The plural of a noun and hardly anything else: "books", not "works"."""
    return letters(word) == "P" and singular(word) not in (None, word)


def _is_base(word: str) -> bool:
    """The plain form of a verb, and no noun or adjective: "go", "explain", not "work"."""
    return letters(word) in ("V", "vd", "ve", "ved", "vde") and is_verb_form(word, "VB")


def _may_be_base(word: str) -> bool:
    """The plain form of a verb more often than anything else."""
    return letters(word)[:1] in ("V", "v") and is_verb_form(word, "VB")


def _is_third(word: str) -> bool:
    """The third person singular of a verb, and no plural: "explains", not "works"."""
    return letters(word) == "Z"


def _may_be_third(word: str) -> bool:
    return letters(word)[:1] in ("Z", "z") and is_verb_form(word, "VBZ")


def _is_past(word: str) -> bool:
    """The past of a verb and no participle, noun or adjective: "went", "knew", not "found"."""
    return letters(word) in ("D", "d") and verb_form(word, "VBD", "VBN") not in (None, word)


def _is_past_form(word: str) -> bool:
    """The past or the participle of a verb, and no plain form, noun or adjective: "explained", "went"."""
    return (
        bool(letters(word))
        and set(letters(word)) <= set("DdEe")
        and not is_verb_form(word, "VB")
        and (is_verb_form(word, "VBD") or is_verb_form(word, "VBN"))
    )


def _is_participle(word: str) -> bool:
    """The participle of a verb, and not its past: "gone", "seen"."""
    return letters(word)[:1] in ("E", "e") and not is_verb_form(word, "VBD") and not is_verb_form(word, "VB")


def _is_ing(word: str) -> bool:
    """The -ing form of a verb, and no noun or adjective: "going", not "building"."""
    return letters(word)[:1] in ("G", "g") and "j" not in letters(word)


def _is_adjective(word: str) -> bool:
    """An adjective and hardly anything else."""
    return letters(word) == "J"


def _is_adverb(word: str) -> bool:
    """An adverb in -ly."""
    return word.endswith("ly") and letters(word) == "R"


def _is_comparative(word: str) -> bool:
    """An adjective or adverb in -er: "bigger", not "number"."""
    return word.endswith("er") and letters(word)[:1] in ("C", "c")


def _is_superlative(word: str) -> bool:
    """An adjective in -est: "biggest", not "interest"."""
    return word.endswith("est") and letters(word)[:1] in ("S", "s")


PARTS: dict[str, Callable[[str], bool]] = {
    "NOUN": _is_noun,
    "NOUNLIKE": _may_be_noun,
    "PLURAL": _is_plural,
    "BASE": _is_base,
    "BASELIKE": _may_be_base,
    "THIRD": _is_third,
    "THIRDLIKE": _may_be_third,
    "PAST": _is_past,
    "PASTFORM": _is_past_form,
    "PARTICIPLE": _is_participle,
    "ING": _is_ing,
    "ADJECTIVE": _is_adjective,
    "ADVERB": _is_adverb,
    "COMPARATIVE": _is_comparative,
    "SUPERLATIVE": _is_superlative,
}
"""The parts of speech that a pattern can ask for."""
