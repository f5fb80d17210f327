"""Which English words are verbs, nouns, adjectives and adverbs: lemminflect's tables (MIT)."""

from __future__ import annotations

import gzip
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from triton_server.gector.verb_forms import VERB_TAGS

VerbForms = dict[str, str]
"""Penn tag (`VERB_TAGS`) → the commonest spelling of the form; may be empty."""


@dataclass(slots=True)
class Lexicon:
    """English words in small letters."""

    verbs: dict[str, list[tuple[VerbForms, str]]] = field(default_factory=lambda: defaultdict(list))
    """A form → the verbs that have it, and as which form."""
    plurals: dict[str, str] = field(default_factory=dict)
    """Singular → plural."""
    singulars: dict[str, str] = field(default_factory=dict)
    """Plural → singular."""
    nouns: set[str] = field(default_factory=set)
    """Singulars, uncountable ones too."""
    adjectives: set[str] = field(default_factory=set)
    adverbs: set[str] = field(default_factory=set)
    graded: dict[str, tuple[str, str]] = field(default_factory=dict)
    """A comparative or superlative → its adjective, and "more" or "most"."""


@cache
def lexicon() -> Lexicon:
    """Read the tables; they are in memory from then on."""
    words = Lexicon()
    source = resources.files("lemminflect").joinpath("resources/infl_lu.csv.gz")
    with source.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        for line in lines:
            lemma, kind, *columns = line.rstrip("\n").split(",")
            if lemma.isascii() and lemma.isalpha():
                _add(words, lemma, kind, [column.split("/")[0] for column in columns])
    for graded in ("more", "most", "less", "later", "inner", "upper", "other"):
        words.graded.pop(graded, None)
    return words


def _add(words: Lexicon, lemma: str, kind: str, columns: list[str]) -> None:
    if kind == "verb":
        past, participle, ing, third = columns
        forms = dict(zip(VERB_TAGS, (lemma, past, participle or past, ing, third), strict=True))
        for tag, form in forms.items():
            if form:
                words.verbs[form].append((forms, tag))
    elif kind == "noun":
        words.nouns.add(lemma)
        if columns[0] and columns[0] != lemma:
            words.plurals[lemma] = columns[0]
            words.singulars.setdefault(columns[0], lemma)
    elif kind == "adj":
        words.adjectives.add(lemma)
        for graded, more in zip(columns, ("more", "most"), strict=False):
            if graded and graded not in (lemma, more):
                words.graded.setdefault(graded, (lemma, more))
    elif kind == "adv":
        words.adverbs.add(lemma)
