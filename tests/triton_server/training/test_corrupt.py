"""Mistakes are like people's, seeded, and every kind can be made."""

import random
import re

import pytest

pytest.importorskip("lemminflect")

from triton_server.gector.types import GectorError
from triton_server.training.corrupt import corrupt, written
from triton_server.training.errors import DEFAULT, Place, load_errors, mistakes_in, why_comma
from triton_server.training.label import applied, passes_of

RIGHT = [
    line.split()
    for line in """
The list of items was long , and she has read it twice .
He does not know where the children are going , but they have gone to the park in the city .
I look forward to seeing you on Monday ; it 's a great idea , is n't it ?
You should have told me that you 're supposed to be there , and that your brother used to live in London .
If it rains , we will discuss the information about its quality .
Two dogs were quickly running , and each dog was bigger than the others because of the well - known food .
There are fewer cars here than in Paris : every day he goes to work by bus .
They who 's there asked whether it had been done without a lot of help .
She went home early , and the weather was good .
My NASA friend wrote three papers about himself .
""".strip().splitlines()
]


@pytest.fixture(scope="module")
def errors():
    return load_errors()


def test_every_kind_of_the_file_is_offered_and_no_other(errors):
    rng = random.Random(1)
    offered = {m.kind for _ in range(20) for words in RIGHT for m in mistakes_in(words, errors, rng)}
    assert offered == set(errors.weights)


def test_the_same_seed_makes_the_same_mistakes(errors):
    once, again = ([corrupt(words, errors, random.Random(7), "dense") for words in RIGHT] for _ in range(2))
    assert once == again
    assert once != [corrupt(words, errors, random.Random(8), "dense") for words in RIGHT]


def test_labels_undo_every_mistake(errors):
    rng = random.Random(3)
    for _ in range(200):
        for right in RIGHT:
            words = corrupt(right, errors, rng, "dense")
            for labels in passes_of(words, right):
                words = applied(words, labels)
            assert words == tuple(right)


def test_a_mistake_changes_what_it_says_and_nothing_else(errors):
    for right in RIGHT:
        for mistake in mistakes_in(right, errors, random.Random(2)):
            assert 0 <= mistake.start <= mistake.end <= len(right)
            assert tuple(right[mistake.start : mistake.end]) != mistake.written
            made = written(right, [mistake])
            assert made[: mistake.start] == tuple(right[: mistake.start])
            assert all(made), mistake


@pytest.mark.parametrize(
    ("right", "kind", "wrong"),
    [
        ("You should have told me .", "modal-of", "You should of told me ."),
        ("It 's great .", "its-it-is", "Its great ."),
        ("Its colour is red .", "it-is-its", "It 's colour is red ."),
        ("I used to live here .", "used-to", "I use to live here ."),
        ("I look forward to seeing you .", "verb-form-after-look-forward", "I look forward to see you ."),
        ("The list of items was long .", "verb-agreement-far", "The list of items were long ."),
        ("Three cars stopped .", "noun-number-after-number", "Three car stopped ."),
        ("He has a bigger car .", "comparison-double", "He has a more big car ."),
    ],
)
def test_mistakes_of_people(errors, right, kind, wrong):
    offered = [m for m in mistakes_in(right.split(), errors, random.Random(1)) if m.kind == kind]
    assert " ".join(written(right.split(), offered[:1])) == wrong


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("If it rains , we stay .", "introduction"),
        ("She likes tea , and he likes coffee .", "clauses"),
        ("red , and blue", "serial"),
        ("The car , which is red , left .", "relative"),
        ('He said , " No . "', "quotation"),
        ("Paris , France .", "other"),
    ],
)
def test_why_a_comma_is_there(sentence, why):
    words = sentence.split()
    assert why_comma(Place(words, [word.lower() for word in words], words.index(","))) == why


def test_a_file_that_is_none_is_said(tmp_path):
    path = tmp_path / "errors.toml"
    for text in ("[weights", "[weights]\narticle-missing = 1", "[weights]\nx = 'much'"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(GectorError, match=re.escape(f"{path} is not a file of errors")):
            load_errors(path)


def test_weights_are_all_positive_numbers():
    assert all(weight > 0 for weight in load_errors(DEFAULT).weights.values())
