"""The mistakes that a right sentence offers: where each could be made, and what would be written there.

Kinds, their weights and word lists are in `errors.toml`. Each function here looks at one word of a sentence,
with its neighbours, and names the mistakes that people make with it; `corrupt` chooses among them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from triton_server.gector.types import GectorError
from triton_server.training.lexicon import lexicon
from triton_server.training.typos import typo

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

DEFAULT = Path(__file__).with_name("errors.toml")


class Mistake(NamedTuple):
    """What could be written instead of `words[start:end]`."""

    kind: str
    """One of the weights of `errors.toml`."""
    start: int
    end: int
    written: tuple[str, ...]
    share: float = 1.0
    """Of the kind's weight: less where the place is doubtful, more where people slip there most."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ARTICLES = _set("a an the")
_MODALS = _set("can could will would shall should may might must 'll 'd ca wo")
_HAVE = _set("have has had 've having")
_BE = _set("am is are was were be been being 'm 're")
_DO = _set("do does did")
_NOT = _set("n't n’t not")
_BETWEEN_VERBS = _NOT | _set("also always never just already often ever still only really")
_THIRD_PERSON = _set("he she it")
_PLURAL_SUBJECTS = _set("we they you i people these those")
_MANY = _set("many several these those two three four five six seven eight nine ten few various both most")
_ONE = _set("a an each every one this that another")
_DETERMINERS = _ARTICLES | _set("this that these those my your his her its our their some any no each every")
_POSSESSIVES = _set("my your his her its our their")
_PRONOUNS = _set("i you he she it we they me him us them who this that these those there")
_SUBJECTS = _set("i you he she it we they this that these those there who the my your his her our their a")
_CONJUNCTIONS = _set("and but or so nor yet")
_SUBORDINATORS = _set(
    "if when while although though because since as after before unless until once whenever whereas "
    "even in on at by for with from during despite however therefore moreover furthermore finally "
    "first second then also instead unfortunately fortunately actually usually recently today now "
    "generally similarly additionally to"
)
_ING_VERBS = _set("enjoy avoid keep finish mind suggest consider stop start like enjoyed kept finished")
_FREQUENT = _set(
    "the a an of to and in is it that for was on with as be by are this from at or not have had has "
    "he his her she they their them we our you your but if one no so can do does did will would "
    "could been were me my i all any some who which what when there than then"
)
_OPEN_CLASS_AFTER_OF = _set("because instead most some one all out")
_AGREEMENT = {
    "is": "are",
    "are": "is",
    "was": "were",
    "were": "was",
    "has": "have",
    "have": "has",
    "do": "does",
    "does": "do",
    "am": "is",
    "been": "be",
    "be": "been",
}
_INSERTED = ("it", "that", "also", "very", "so", "of", "is", "to", "been", "have", "the", "a")
_VOWELS = "aeiou"


@cache
def load_errors(path: Path = DEFAULT) -> Errors:
    """Read kinds, weights and words.

    Raises:
        GectorError: the file cannot be read, or is not such a file.
    """
    try:
        with path.open("rb") as file:
            return Errors(tomllib.load(file))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise GectorError(f"{path} is not a file of errors to make ({error}); see {DEFAULT}.") from error


class Errors:
    """What `errors.toml` says."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.weights: dict[str, float] = {kind: float(w) for kind, w in values["weights"].items()}
        self.rates: dict[str, list[tuple[float, float]]] = {
            name: [(float(rate), float(share)) for rate, share in rates]
            for name, rates in values["rates"].items()
        }
        self.shares: dict[str, float] = {group: float(share) for group, share in values["shares"].items()}
        """Of the mistakes that a reverse tagger makes, by groups of its labels."""
        self.commas: dict[str, float] = values["commas"]
        self.prepositions: dict[str, list[str]] = values["prepositions"]
        self.needless_prepositions: dict[str, str] = values["needless-prepositions"]
        words = values["words"]
        self.uncountable = _set(words["uncountable"])
        self.split = {one.replace("|", ""): one.split("|") for one in words["split"].split()}
        self.join = {tuple(two.split("|")): two.replace("|", "") for two in words["join"].split()}
        confusables = values["confusables"]
        self.confusables = _neighbours(confusables["learners"])
        self.frequent = _neighbours(confusables["frequent"])
        self.auxiliaries = _neighbours(confusables["auxiliaries"])
        self.native = _neighbours(confusables["native"])


def _neighbours(sets: str) -> dict[str, list[str]]:
    """From sets of words that are taken for one another, what each word is taken for."""
    found: dict[str, set[str]] = defaultdict(set)
    for words in (one.split("/") for one in sets.split()):
        for word in words:
            found[word].update(other for other in words if other != word)
    return {word: sorted(others) for word, others in found.items()}


class Place:
    """A word of a sentence, with its neighbours."""

    def __init__(self, words: Sequence[str], lows: Sequence[str], i: int) -> None:
        self.words = words
        self.lows = lows
        """All words in small letters."""
        self.i = i
        self.word = words[i]
        self.low = lows[i]
        self.before = lows[i - 1] if i else ""
        self.before2 = lows[i - 2] if i > 1 else ""
        self.next = lows[i + 1] if i + 1 < len(words) else ""
        self.following = words[i + 1] if i + 1 < len(words) else ""
        self.last = i == len(words) - 1
        self.alpha = self.word.isalpha()
        self.plain = self.alpha and (self.word.islower() or i == 0)
        """A word in small letters, or the sentence's first."""

    def instead(self, kind: str, *written: str, share: float = 1.0) -> Mistake:
        """Other words in place of this one, with its capital."""
        if written and self.word[:1].isupper() and self.word != "I":
            written = (written[0][:1].upper() + written[0][1:], *written[1:])
        return Mistake(kind, self.i, self.i + 1, written, share)

    def added(self, kind: str, word: str, share: float = 1.0) -> Mistake:
        """A word before this one."""
        return Mistake(kind, self.i, self.i, (word,), share)

    def added_after(self, kind: str, word: str, share: float = 1.0) -> Mistake:
        """A word after this one."""
        return Mistake(kind, self.i + 1, self.i + 1, (word,), share)


def mistakes_in(words: Sequence[str], errors: Errors, rng: random.Random) -> list[Mistake]:
    """All mistakes that a right sentence offers.

    Args:
        words: of the sentence.
        errors: kinds and words.
        rng: chooses among what could be written at a place.
    """
    lows = [word.lower() for word in words]
    places = (Place(words, lows, i) for i in range(len(words)))
    return [mistake for place in places for finder in _FINDERS for mistake in finder(place, errors, rng)]


def _articles(p: Place, errors: Errors, _rng: random.Random) -> Iterator[Mistake]:
    lex = lexicon()
    if p.low in _ARTICLES:
        yield p.instead("article-missing", share=0.8 if p.low == "the" else 1.0)
        yield p.instead(
            "article-wrong", *(("an" if p.next[:1] in _VOWELS else "a",) if p.low == "the" else ("the",))
        )
        if p.low != "the":
            yield p.instead("article-wrong-sound", "an" if p.low == "a" else "a")
    elif p.alpha and p.word.islower() and p.low not in _PRONOUNS and p.low not in _FREQUENT:
        noun = p.low in lex.nouns
        if p.before in errors.prepositions and (noun or p.low in lex.singulars):
            yield p.added("article-needless", "the")
            yield p.added("article-needless", "a", 0.2)
        elif noun and p.before.isalpha() and p.before not in _DETERMINERS:
            yield p.added("article-needless", "the", 0.4)
        elif _is_bare_plural(p):
            yield p.added("article-needless", "the", 0.5)
    elif p.alpha and p.i and p.word.istitle() and p.before in errors.prepositions:
        yield p.added("article-before-name", "the")
    if p.low in _POSSESSIVES and p.next.isalpha():
        yield p.instead("article-for-possessive", "the")


def _is_bare_plural(p: Place) -> bool:
    """Whether it is a plural, and no verb, after a word that says nothing of its number."""
    plural = len(p.low) > 3 and p.low in lexicon().singulars and p.low not in lexicon().verbs
    return plural and p.before.isalpha() and p.before not in _DETERMINERS | _MANY


def _prepositions(p: Place, errors: Errors, rng: random.Random) -> Iterator[Mistake]:
    verbs = lexicon().verbs
    if p.alpha and p.low in errors.prepositions:
        others = errors.prepositions[p.low]
        yield p.instead("preposition-wrong", others[min(len(others) - 1, int(rng.expovariate(0.55)))])
        if p.i and p.low not in ("between", "during", "without", "against"):
            yield p.instead("preposition-missing")
    if p.low in errors.needless_prepositions and p.next.isalpha() and p.next not in errors.prepositions:
        yield p.added_after("preposition-needless", errors.needless_prepositions[p.low])
    if p.low in ("home", "there", "abroad", "here") and p.before in verbs:
        yield p.added("to-needless", "to")
    if p.low == "to" and p.next in verbs:
        yield p.instead("to-missing")
        yield p.added("for-to", "for")
    if p.low == "of" and p.before in _OPEN_CLASS_AFTER_OF:
        yield p.instead("of-missing")


def _verbs(p: Place, errors: Errors, rng: random.Random) -> Iterator[Mistake]:
    found = lexicon().verbs.get(p.low)
    if not found or not p.plain or p.low in _BE or p.low in _HAVE or p.low in _MODALS or p.low in _DO:
        return
    forms = found[0][0]
    tags = {tag for _, tag in found}
    share = _verb_share(p, errors, tags)

    def other(kind: str, *wanted: str, times: float = 1.0) -> Iterator[Mistake]:
        """One of the other forms of the verb."""
        possible = [forms[tag] for tag in wanted if forms[tag] and forms[tag] != p.low]
        if possible:
            yield p.instead(kind, rng.choice(possible), share=share * times)

    before, across = p.before, p.before in _BETWEEN_VERBS
    if (before in _DO or (across and p.before2 in _DO)) and "VB" in tags:
        yield from other("verb-form-after-do", "VBD", "VBN", "VBZ", "VBD")
    elif (before == "to" and "VB" in tags) or before in _MODALS or (across and p.before2 in _MODALS):
        yield from other("verb-form-after-modal", "VBG", "VBD", "VBZ", "VBN")
    elif before in _HAVE or ((across or before == "been") and p.before2 in _HAVE):
        yield from other("verb-form-after-have", "VBD", "VB", "VBG")
        if p.i and "VBN" in tags and forms["VBD"] and not across:
            yield Mistake("verb-tense", p.i - 1, p.i + 1, (forms["VBD"],), share * 0.6)
    elif before in _BE or (across and p.before2 in _BE):
        yield from other("verb-form-after-be", "VB", "VBD", "VBN" if p.low.endswith("ing") else "VBG")
        if p.low.endswith("ing") and forms["VBZ"]:
            tense = {"is": "VBZ", "was": "VBD", "were": "VBD"}.get(before, "VB")
            yield Mistake("verb-tense", p.i - 1, p.i + 1, (forms[tense],), share * 0.7)
    elif p.low.endswith("ing") and "VBG" in tags:
        if before == "to" and p.before2 == "forward":
            yield from other("verb-form-after-look-forward", "VB")
        elif before in errors.prepositions or before in _ING_VERBS:
            yield from other("verb-form-ing", "VB", "VB", "VBN")
        else:
            yield from other("verb-form-ing", "VB", "VBN", "VBD", times=0.25)
    elif "VBZ" in tags and p.low != forms["VB"]:
        third = "verb-base-after-third-person" if before in _THIRD_PERSON else "verb-agreement"
        yield from other(third, "VB")
        yield from other("verb-tense", "VBD")
    elif "VBD" in tags and p.low != forms["VB"]:
        yield from other("verb-tense", "VB", "VB", "VBZ", "VBN", "VBG", times=1.2)
        if forms["VBN"]:
            yield p.instead(
                "verb-past-perfect-needless", rng.choice(("had", "had", "has")), forms["VBN"], share=share
            )
        regular = forms["VB"] + ("d" if forms["VB"].endswith("e") else "ed")
        if regular != p.low:
            yield p.instead("verb-past-regular", regular, share=share)
    elif "VB" in tags:
        plural_subject = before in _PLURAL_SUBJECTS or before in lexicon().singulars
        yield from other("verb-agreement", "VBZ", times=0.5 if plural_subject else 0.16)
        yield from other("verb-tense", "VBD", times=0.5)
        yield p.added("auxiliary-needless", "will", share * 0.2)
    if before in _MODALS and "VB" in tags:
        yield p.added("to-after-modal", "to")


def _verb_share(p: Place, errors: Errors, tags: set[str]) -> float:
    """How surely a word is a verb here: many are nouns or adjectives as well."""
    lex = lexicon()
    doubtful = p.low in lex.nouns or p.low in lex.singulars or p.low in lex.adjectives
    share = 0.35 if doubtful or p.low in errors.prepositions else 1.0
    if p.before in _DETERMINERS or (
        p.before in errors.prepositions and p.before != "to" and "VBG" not in tags
    ):
        share *= 0.15
    return share


def _auxiliaries(p: Place, errors: Errors, rng: random.Random) -> Iterator[Mistake]:
    if p.low in _AGREEMENT and p.next:
        far = _plural_between(p) if p.low in ("is", "was", "has", "does") else False
        yield p.instead("verb-agreement-far" if far else "auxiliary-wrong", _AGREEMENT[p.low])
        if p.i and p.low not in _DO:
            yield p.instead("auxiliary-missing")
    if p.low in errors.auxiliaries and p.next not in _NOT:
        yield p.instead("confusable-frequent", rng.choice(errors.auxiliaries[p.low]), share=4.0)
    if p.low in _PLURAL_SUBJECTS and p.next in lexicon().verbs and p.next not in _BE | _HAVE | _DO | _MODALS:
        yield p.added_after("auxiliary-needless", "am" if p.low == "i" else "are")
    if p.low == "have" and p.before in _MODALS and p.following.isalpha():
        yield p.instead("modal-of", "of")
    if p.low == "used" and p.next == "to" and p.before not in _BE:
        yield p.instead("used-to", "use")
    if p.low == "supposed" and p.next == "to":
        yield p.instead("supposed-to", "suppose")


def _plural_between(p: Place) -> bool:
    """Whether the word before the verb is a plural that is not its subject: "the list of items is"."""
    singulars = lexicon().singulars
    return p.before in singulars and any(
        low in ("of", "with", "for", "in") for low in p.lows[max(0, p.i - 4) : p.i]
    )


def _nouns(p: Place, errors: Errors, _rng: random.Random) -> Iterator[Mistake]:
    lex = lexicon()
    if not p.plain or p.low in _FREQUENT:
        if p.low in ("'s", "’s") and p.i:
            yield p.instead("possessive-missing", share=0.5)
        return
    if p.low in errors.uncountable:
        yield p.instead("noun-uncountable", p.low + "s")
    if p.low in lex.singulars and len(p.low) > 3:
        counted = p.before in _MANY or p.before.isdigit()
        if not (p.low in lex.verbs and p.before in _THIRD_PERSON | {"who", "which"}):
            kind = "noun-number-after-number" if counted else "noun-number-plural"
            yield p.instead(kind, lex.singulars[p.low])
        if lex.singulars[p.low] + "s" != p.low and not p.low.endswith("s"):
            yield p.instead("noun-irregular", lex.singulars[p.low] + "s")
    elif p.low in lex.nouns and p.low in lex.plurals and len(p.low) > 2 and p.low not in errors.prepositions:
        verb = p.low in lex.verbs and (
            p.before in _PLURAL_SUBJECTS or p.before == "to" or p.before in _MODALS
        )
        if not verb:
            modifier = 0.3 if p.low in lex.adjectives or p.low in lex.adverbs else 1.0
            yield p.instead(
                "noun-number-singular",
                lex.plurals[p.low],
                share=(3.0 if p.before in _ONE else 0.8) * modifier,
            )
    if p.low in lex.adjectives and p.next in lex.singulars:
        yield p.instead("adjective-plural", p.low + "s")


def _modifiers(p: Place, _errors: Errors, _rng: random.Random) -> Iterator[Mistake]:
    lex = lexicon()
    if not p.plain:
        return
    if p.low in lex.adverbs and p.low.endswith("ly"):
        stem = p.low[:-2]
        guesses = (stem, stem + "le", stem[:-1] + "y" if stem.endswith("i") else stem)
        adjective = next((guess for guess in guesses if guess in lex.adjectives), None)
        if adjective:
            yield p.instead("adverb-as-adjective", adjective)
    if p.low in lex.adjectives and p.low + "ly" in lex.adverbs:
        yield p.instead("adjective-as-adverb", p.low + "ly")
    if p.low in lex.graded:
        adjective, more = lex.graded[p.low]
        yield p.instead("comparison-double", more, adjective)
        yield p.instead("comparison-double", more, p.low, share=0.7)
        yield p.instead("comparison-missing", adjective)


def _confusables(p: Place, errors: Errors, rng: random.Random) -> Iterator[Mistake]:
    if not p.alpha and p.low not in errors.native:
        return
    if p.low in errors.confusables and p.next not in _NOT:
        yield p.instead(
            "confusable", rng.choice(errors.confusables[p.low]), share=0.2 if p.low in _FREQUENT else 1.0
        )
    if p.low in errors.frequent and p.next not in _NOT:
        yield p.instead("confusable-frequent", rng.choice(errors.frequent[p.low]))
    if p.low in errors.native and p.next not in _NOT:
        yield p.instead(
            "confusable-native", rng.choice(errors.native[p.low]), share=0.12 if p.low in _FREQUENT else 1.0
        )
    if p.low == "than":
        yield p.instead("than-then", "then")
    if p.low == "fewer":
        yield p.instead("fewer-less", "less")
    clitic = p.next.replace("’", "'")
    if p.low == "it" and clitic == "'s":
        yield Mistake("its-it-is", p.i, p.i + 2, (p.word + "s",))
    elif p.low == "its":
        yield p.instead("it-is-its", "it", "'s")
    elif p.low == "you" and clitic == "'re":
        yield Mistake("your-you-are", p.i, p.i + 2, (p.word + "r",))
    elif p.low == "your":
        yield p.instead("you-are-your", "you", "'re")
    elif p.low == "they" and clitic == "'re":
        yield Mistake("its-it-is", p.i, p.i + 2, (p.word[:3] + rng.choice(("ir", "re")),))
    elif p.low == "who" and clitic == "'s":
        yield Mistake("its-it-is", p.i, p.i + 2, (p.word + "se",), 0.5)
    elif p.low == "let" and clitic == "'s":
        yield Mistake("its-it-is", p.i, p.i + 2, (p.word + "s",), 0.5)


def _spelling(p: Place, errors: Errors, rng: random.Random) -> Iterator[Mistake]:
    if p.alpha and p.word.isascii() and len(p.word) > 3 and (p.plain or p.word.istitle()):
        kind = "typo" if p.low in lexicon().verbs or p.low in lexicon().adjectives else "typo-rare-word"
        yield Mistake(kind, p.i, p.i + 1, (typo(p.word, rng),))
    if p.low in errors.split:
        yield p.instead("split-wrong", *errors.split[p.low])
    joined = errors.join.get((p.low, p.next))
    if joined:
        yield Mistake("join-wrong", p.i, p.i + 2, (p.word + p.following,))
    if p.word == "-" and p.i and not p.last:
        yield p.instead("hyphen-missing")


def _punctuation(p: Place, errors: Errors, _rng: random.Random) -> Iterator[Mistake]:
    if p.word == ",":
        yield p.instead("comma-missing", share=errors.commas[why_comma(p)])
        yield p.instead("comma-splice", ".")
        yield p.instead("comma-splice", ";")
    elif p.word == ";":
        yield p.instead("mark-wrong", ",", share=2.0)
    elif p.word == ":":
        yield p.instead("mark-wrong", ",", share=0.5)
        yield p.instead("mark-wrong", ";", share=0.5)
    elif p.last and p.word in ".?!":
        yield p.instead("stop-missing")
        if p.word == "?":
            yield p.instead("question-mark-missing", ".")
    if (
        p.alpha
        and p.next in ("that", "because", "if", "when")
        and p.low not in ("so", "and", "but", "than", "said")
    ):
        yield p.added_after("comma-needless", ",")
    elif p.alpha and p.next in ("and", "or", "who", "to", "is", "are"):
        yield p.added_after("comma-needless", ",", 0.3)
    elif p.alpha and p.next.isalpha() and not p.last:
        yield p.added_after("comma-needless", ",", 0.02)
    clitic = p.word.replace("’", "'")
    if clitic == "n't" and p.i:
        joined = p.words[p.i - 1] + "nt"
        yield Mistake("contraction-apostrophe-missing", p.i - 1, p.i + 1, (joined,))
    elif (
        clitic in ("'re", "'ve", "'ll", "'m", "'s")
        and p.i
        and p.before.isalpha()
        and p.before not in ("it", "let")
    ):
        yield Mistake("contraction-apostrophe-missing", p.i - 1, p.i + 1, (p.words[p.i - 1] + clitic[1:],))


def why_comma(p: Place) -> str:
    """Why a comma is there, as far as its neighbours tell: a key of `commas`."""
    earlier = p.words[: p.i]
    if '"' in (p.before, p.next) or "”" in p.before or "“" in p.next:
        return "quotation"
    if "," not in earlier and p.i <= 12 and p.lows[0] in _SUBORDINATORS:
        return "introduction"
    after = p.lows[p.i + 2] if p.i + 2 < len(p.words) else ""
    if p.next in _CONJUNCTIONS:
        if after in _SUBJECTS and any(low in _SUBJECTS for low in p.lows[: p.i]):
            return "clauses"
        return "serial"
    return "relative" if p.next in ("which", "who", "whose", "where") else "other"


def _case(p: Place, _errors: Errors, _rng: random.Random) -> Iterator[Mistake]:
    if p.word == "I":
        yield Mistake("case-small-i", p.i, p.i + 1, ("i",))
    elif p.word.istitle() and p.alpha and len(p.word) > 1:
        yield Mistake("case-small-start" if p.i == 0 else "case-small-name", p.i, p.i + 1, (p.low,))
    elif p.word.isupper() and p.alpha and 1 < len(p.word) < 5:
        yield Mistake("case-small-name", p.i, p.i + 1, (p.low,), 0.15)
    elif p.alpha and p.i and p.word.islower() and p.low in lexicon().nouns:
        yield Mistake("case-needless-capital", p.i, p.i + 1, (p.word.capitalize(),))


def _order(p: Place, _errors: Errors, rng: random.Random) -> Iterator[Mistake]:
    lex = lexicon()
    if p.i and p.alpha and p.next.isalpha() and p.word.islower():
        adverb = (p.low in lex.adverbs or p.next in lex.adverbs) and p.low not in _FREQUENT
        yield Mistake(
            "order-adverb" if adverb else "order", p.i, p.i + 2, (p.following, p.word), 1.0 if adverb else 0.1
        )
    if p.alpha and p.low in _FREQUENT:
        yield p.added("doubled", p.low if p.i else p.word)
    elif p.plain and p.i:
        yield p.added("doubled-rare", p.word)
    if p.i and p.low in ("it", "they", "he", "she", "we"):
        yield p.instead("pronoun-missing")
    if p.i and p.alpha and p.low in lex.nouns and p.next in ("is", "was", "has", "can", "will"):
        yield p.added_after("pronoun-needless", "it")
    if p.i and p.plain and not p.last:
        yield p.added("word-needless", rng.choice(_INSERTED))
    if p.i and p.low == "that":
        yield p.instead("that-missing")
    if p.i and p.low in _CONJUNCTIONS:
        yield p.instead("conjunction-missing")


_FINDERS = (
    _articles,
    _prepositions,
    _verbs,
    _auxiliaries,
    _nouns,
    _modifiers,
    _confusables,
    _spelling,
    _punctuation,
    _case,
    _order,
)
