"""English verb forms and noun numbers, from a small table.

GECToR's own `verb-form-vocab.txt` pairs forms (`go_goes:VB_VBZ`). Here the forms of a verb stand together,
and a pair is looked up by way of its verb, so that every pair of every verb is known. The table holds only
what the regular rules below do not give; it is generated from lemminflect (MIT), needed for that alone:

    python -m triton_server.gector.verb_forms
"""

from __future__ import annotations

import gzip
import re
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

VERB_TAGS = ("VB", "VBD", "VBN", "VBG", "VBZ")
"""Penn Treebank tags of the labels: plain form, past, past participle, -ing form, third person singular."""

_TABLE = "inflections.txt.gz"

_Forms = dict[str, tuple[str, ...]]
"""Tag → spellings; variants stand at the same index in each (traveled/travelled, traveling/travelling)."""

_VOWELS = "aeiou"
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$")

# Plain forms in the present that are no infinitive, as the tagger sees them: both take the place of VB.
_BE: _Forms = {
    "VB": ("be", "am", "are"),
    "VBD": ("was", "were"),
    "VBN": ("been",),
    "VBG": ("being",),
    "VBZ": ("is",),
}

# Words that end in s and are neither plurals nor, without it, words.
_NO_PLURAL = frozenset(
    {
        "across",
        "afterwards",
        "alas",
        "always",
        "as",
        "besides",
        "bias",
        "bus",
        "chaos",
        "does",
        "economics",
        "gas",
        "has",
        "hers",
        "his",
        "is",
        "lens",
        "less",
        "mathematics",
        "means",
        "minus",
        "news",
        "ours",
        "ourselves",
        "perhaps",
        "physics",
        "plus",
        "politics",
        "regards",
        "series",
        "sometimes",
        "species",
        "thanks",
        "theirs",
        "themselves",
        "this",
        "thus",
        "towards",
        "unless",
        "us",
        "was",
        "whereas",
        "yes",
        "yours",
        "yourselves",
    }
)

_IRREGULAR_NOUNS = {"person": "people", "this": "these", "that": "those"}

_UNCOUNTABLE = frozenset(
    {
        "advice",
        "baggage",
        "cash",
        "clothing",
        "data",
        "equipment",
        "evidence",
        "feedback",
        "furniture",
        "garbage",
        "hardware",
        "homework",
        "housework",
        "information",
        "jewelry",
        "knowledge",
        "luggage",
        "machinery",
        "news",
        "police",
        "software",
        "traffic",
    }
)


def verb_form(word: str, source: str, target: str) -> str | None:
    """The `target` form of the verb whose `source` form `word` (in lower case) is.

    A word that is another form of a verb than `source` is taken for that verb: the target is what counts.

    Returns:
        None if no verb has such a form.
    """
    candidates = _verbs(word)
    matching = [verb for verb in candidates if word in verb[source]] or list(candidates)
    if not matching:
        return None
    verb = matching[0]
    tag = source if word in verb[source] else next(tag for tag in VERB_TAGS if word in verb[tag])
    if verb is _BE:
        return "were" if word == "are" and target == "VBD" else verb[target][0]
    spellings, variant = verb[target], verb[tag].index(word)
    return spellings[variant] if len(spellings) == len(verb[tag]) else spellings[0]


def is_verb_form(word: str, tag: str) -> bool:
    """Whether `word` (in lower case) is the `tag` form of some verb."""
    return any(word in verb[tag] for verb in _verbs(word))


def plural(word: str) -> str | None:
    """The plural of a noun (in lower case); None if it has none or is a plural already."""
    plurals, singulars = _nouns()
    if word in _UNCOUNTABLE or not word[-1:].isalpha():
        return None
    if word in plurals:
        return plurals[word]
    if word in singulars:
        return None
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "as")):
        return None
    return _with_s(word)


def singular(word: str) -> str | None:
    """The singular of a noun (in lower case); None if the word is no plural."""
    plurals, singulars = _nouns()
    if word in _UNCOUNTABLE:
        return None
    if word in singulars:
        return singulars[word]
    if word in plurals or word in _NO_PLURAL or not word.endswith("s") or len(word) < 3:
        return None
    return _without_s(word)


def _with_s(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + ("es" if _SIBILANT.search(word) else "s")


def _without_s(word: str) -> str | None:
    if word.endswith(("ss", "us", "is")):
        return None
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if re.search(r"(?:ss|x|ch|sh|zz)es$", word) else word[:-1]


def _regular_verb(lemma: str) -> _Forms:
    if lemma.endswith("e"):
        past = lemma + "d"
    elif lemma.endswith("y") and lemma[-2:-1] not in _VOWELS:
        past = lemma[:-1] + "ied"
    else:
        past = lemma + "ed"
    if lemma.endswith("ie"):
        ing = lemma[:-2] + "ying"
    elif lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")):
        ing = lemma[:-1] + "ing"
    else:
        ing = lemma + "ing"
    return {"VB": (lemma,), "VBD": (past,), "VBN": (past,), "VBG": (ing,), "VBZ": (_with_s(lemma),)}


@lru_cache(4096)
def _verbs(form: str) -> tuple[_Forms, ...]:
    """The verbs that have a form, in the order of the table."""
    rows = _verb_rows()
    lemmas = {*_irregular().get(form, ()), *(lemma for lemma in _regular_lemmas(form) if lemma in rows)}
    verbs = [*map(_forms, sorted(lemmas, key=lambda lemma: rows[lemma][0])), _BE]
    return tuple(verb for verb in verbs if any(form in spellings for spellings in verb.values()))


def _forms(lemma: str) -> _Forms:
    fields = _verb_rows()[lemma][1]
    forms = _regular_verb(lemma)
    forms.update(zip(VERB_TAGS[1:], (tuple(field.split("/")) for field in fields), strict=False))
    return forms


def _regular_lemmas(form: str) -> Iterator[str]:
    """What the verb may be called of which `_regular_verb` makes this form, and more."""
    yield form
    for ending, lost in _ENDINGS:
        if form.endswith(ending):
            yield form[: -len(ending)] + lost


_ENDINGS = [
    *(("s", ""), ("es", ""), ("ies", "y")),
    *(("d", ""), ("ed", ""), ("ied", "y")),
    *(("ing", ""), ("ing", "e"), ("ying", "ie")),
]
"""What a regular form may end in, and how the verb ends instead."""


@cache
def _verb_rows() -> dict[str, tuple[int, list[str]]]:
    """Lemma → where it stands in the table, and what its row says beyond the rules."""
    return {lemma: (place, fields) for place, (lemma, *fields) in enumerate(_rows("verb"))}


@cache
def _irregular() -> dict[str, list[str]]:
    """Form → the lemmas of the verbs that have it, of those whose forms the rules do not give."""
    index: dict[str, list[str]] = {}
    for lemma, (_, fields) in _verb_rows().items():
        if fields:
            for form in {form for spellings in _forms(lemma).values() for form in spellings}:
                index.setdefault(form, []).append(lemma)
    return index


@cache
def _nouns() -> tuple[dict[str, str], dict[str, str]]:
    """Singular → plural, and plural → singular, for the nouns that the rules get wrong."""
    plurals: dict[str, str] = {}
    singulars: dict[str, str] = {}
    for one, variants in _rows("noun"):
        many = variants.split("/")
        plurals[one] = many[0]
        for form in many:
            singulars.setdefault(form, one)
    for one, best in _IRREGULAR_NOUNS.items():
        plurals[one] = best
        singulars[best] = one
    for one in singulars.keys() & plurals.keys():  # "sheep" is both, "bus" (of "bu") is not
        if plurals[one] != one:
            del singulars[one]
    return plurals, singulars


def _rows(kind: str) -> Iterator[list[str]]:
    with (
        resources.files(__package__).joinpath(_TABLE).open("rb") as packed,
        gzip.open(packed, "rt", encoding="utf-8") as lines,
    ):
        for line in lines:
            row_kind, *fields = line.split()
            if row_kind == kind:
                yield fields


# --- The generator ------------------------------------------------------------------------------------

# Verbs whose commonest spelling lemminflect lacks.
_CORRECTIONS = {
    "program": "programmed/programed programmed/programed programming/programing programs",
    "get": "got got/gotten getting gets",
    "lie": "lay/lied lain/lied lying lies",
    "bid": "bid/bade bid/bidden bidding bids",
    "offset": "offset offset offsetting offsets",
    "overshoot": "overshot overshot overshooting overshoots",
    "proofread": "proofread proofread proofreading proofreads",
}

# Lemmas that are misspellings, or that share their forms with a commoner one, which must be found first.
_NO_VERBS = frozenset({"develope", "gell", "instal", "lassoo", "stave"})
_RARE_VERBS = frozenset(
    {"ax", "bath", "bide", "distil", "foreswear", "fulfil", "hiccough", "instil", "psych", "rout", "ting"}
)


def table(inflections: Iterable[str]) -> str:
    """The text of the table.

    Nouns are kept if the rules do not give their plural; verbs are all kept, since it must be known which
    words are verbs.

    Args:
        inflections: lemminflect's lines: `lemma,verb,past,participle,ing,s` and `lemma,noun,plural`.
    """
    rows = set()
    for line in inflections:
        lemma, kind, *columns = line.rstrip("\n").split(",")
        if not lemma.isascii() or not lemma.isalpha() or not columns[0]:
            continue
        if kind == "verb" and lemma not in _NO_VERBS:
            rows.add(_verb_row(lemma, columns))
        elif kind == "noun":
            many = [form for form in columns[0].split("/") if form.isascii() and form.isalpha()]
            # "information/informations" in the source: a plural that differs comes first, if there is one
            many = [form for form in many if form != lemma] or many
            if many and (many != [_with_s(lemma)] or _without_s(many[0]) != lemma):
                rows.add(f"noun {lemma} {'/'.join(many)}")
    return "".join(f"{row}\n" for row in sorted(rows, key=lambda row: (row.split()[1] in _RARE_VERBS, row)))


def _verb_row(lemma: str, columns: list[str]) -> str:
    past, participle, ing, third = (column.split("/") for column in columns)
    if participle == [""] or set(participle) < set(past):
        participle = past
    fields = _CORRECTIONS.get(lemma) or " ".join("/".join(forms) for forms in (past, participle, ing, third))
    regular = " ".join(_regular_verb(lemma)[tag][0] for tag in VERB_TAGS[1:])
    return f"verb {lemma}" if fields == regular else f"verb {lemma} {fields}"


def _generate() -> None:
    import pathlib

    source = resources.files("lemminflect").joinpath("resources/infl_lu.csv.gz")
    with source.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        text = table(lines)
    target = pathlib.Path(__file__).with_name(_TABLE)
    # no time stamp: the same input gives the same bytes
    target.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


if __name__ == "__main__":
    _generate()
