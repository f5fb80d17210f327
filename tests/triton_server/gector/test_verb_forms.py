"""Verb forms and noun numbers, and that the table is what its generator makes of lemminflect."""

import gzip
import itertools
from importlib import resources

import pytest

from triton_server.gector.verb_forms import VERB_TAGS, plural, singular, table, verb_form


@pytest.mark.parametrize(
    ("word", "source", "target", "form"),
    [
        ("go", "VB", "VBZ", "goes"),
        ("went", "VBD", "VBN", "gone"),
        ("gone", "VBN", "VBD", "went"),
        ("walked", "VBD", "VBG", "walking"),
        ("tried", "VBD", "VB", "try"),
        ("hoping", "VBG", "VB", "hope"),
        ("hopping", "VBG", "VB", "hop"),
        ("lying", "VBG", "VBZ", "lies"),
        # one form of several verbs: the tag decides
        ("found", "VBD", "VB", "find"),
        ("found", "VB", "VBD", "founded"),
        ("saw", "VBD", "VB", "see"),
        ("lay", "VB", "VBD", "laid"),
        ("lay", "VBD", "VB", "lie"),
        # to be
        ("be", "VB", "VBZ", "is"),
        ("are", "VB", "VBZ", "is"),
        ("are", "VB", "VBD", "were"),
        ("is", "VBZ", "VBD", "was"),
        ("were", "VBD", "VBN", "been"),
        ("was", "VBD", "VB", "be"),
        # variants keep to their side
        ("travelling", "VBG", "VBD", "travelled"),
        ("traveling", "VBG", "VBD", "traveled"),
        ("learnt", "VBD", "VBN", "learnt"),
        ("programming", "VBG", "VBD", "programmed"),
        # the tagger mistook the form it saw
        ("gone", "VBD", "VB", "go"),
        ("goes", "VB", "VBD", "went"),
        # no verb
        ("the", "VB", "VBZ", None),
        ("", "VB", "VBZ", None),
    ],
)
def test_verb_form(word, source, target, form):
    assert verb_form(word, source, target) == form


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("apple", "apples"),
        ("city", "cities"),
        ("day", "days"),
        ("box", "boxes"),
        ("bus", "buses"),
        ("house", "houses"),
        ("child", "children"),
        ("woman", "women"),
        ("person", "people"),
        ("mouse", "mice"),
        ("knife", "knives"),
        ("movie", "movies"),
        ("hero", "heroes"),
        ("analysis", "analyses"),
        ("researcher", "researchers"),
        ("unheardofword", "unheardofwords"),
    ],
)
def test_noun_numbers(one, many):
    assert plural(one) == many
    assert singular(many) == one


@pytest.mark.parametrize("word", ["children", "apples", "buses", "information", "news", "3", "?"])
def test_no_plural(word):
    assert plural(word) is None


@pytest.mark.parametrize("word", ["child", "this", "was", "bus", "class", "news", "always", "s", "?"])
def test_no_singular(word):
    assert singular(word) is None


def test_the_table_is_what_the_generator_makes():
    lemminflect = resources.files("lemminflect").joinpath("resources/infl_lu.csv.gz")
    packed = resources.files("triton_server.gector").joinpath("inflections.txt.gz").read_bytes()
    assert gzip.decompress(packed).decode() == table(_lines(lemminflect))
    assert len(packed) < 100_000


def test_nearly_all_pairs_of_forms_decode():
    """Of all pairs that lemminflect knows, in the first spelling of each form."""
    lemminflect = resources.files("lemminflect").joinpath("resources/infl_lu.csv.gz")
    pairs = right = 0
    for line in _lines(lemminflect):
        lemma, kind, *columns = line.rstrip("\n").split(",")
        if kind != "verb" or not lemma.isascii() or not lemma.isalpha():
            continue
        past, participle, ing, third = (column.split("/")[0] for column in columns)
        forms = dict(zip(VERB_TAGS, (lemma, past, participle or past, ing, third), strict=True))
        for source, target in itertools.permutations(VERB_TAGS, 2):
            if forms[source] == forms[target]:
                continue
            pairs += 1
            right += verb_form(forms[source], source, target) == forms[target]
    assert pairs > 100_000
    assert right / pairs > 0.99


def _lines(packed):
    with packed.open("rb") as file:
        return gzip.decompress(file.read()).decode("utf-8").splitlines(keepends=True)
