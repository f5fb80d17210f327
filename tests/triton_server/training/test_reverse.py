"""A tagger taught the other way round makes people's mistakes, in shares that are asked for."""

import random
from collections import Counter

import pytest

pytest.importorskip("torch")
pytest.importorskip("lemminflect")

from click.testing import CliRunner

from lsp_server.cli.commands import grammared
from tests.triton_server.tiny_gector import tiny_gector
from triton_server.training.errors import DEFAULT, Errors, load_errors, tomllib
from triton_server.training.examples import Maker, Mix
from triton_server.training.reverse import (
    ReverseTagger,
    Slip,
    pairs_of_reverse_tagger,
    slipped,
    weights_of,
)
from triton_server.training.texts import read_pairs
from triton_server.training.train import Options, Schedule, train

PAIRS = "he is at school\the is at the school\nshe is home\tshe is home\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """One that has learnt that people leave "the" out."""
    folder = tmp_path_factory.mktemp("reverse")
    tiny_gector(folder / "tiny")
    (folder / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    mix = Mix(folder / "tiny", (), (folder / "pairs.tsv",), reverse=True, subwords=256)
    options = Options(workers=0, compiled=False, bf16=False, freeze_embeddings=False)
    return train(mix, Schedule(steps=160, rate=3e-3, warm_up=5), options, folder / "reverse")


def test_what_is_read_is_right_and_what_is_wanted_is_wrong(tmp_path):
    tiny_gector(tmp_path / "tiny")
    (tmp_path / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    (tmp_path / "clean.txt").write_text("they go home\n", encoding="utf-8")
    mix = Mix(tmp_path / "tiny", (tmp_path / "clean.txt",), (tmp_path / "pairs.tsv",), reverse=True)
    labels = Counter(label for batch in Maker(mix).chunk(0) for label in batch.labels.tolist())
    delete, keep = 2, 1  # as in `tiny_gector.LABELS`
    assert set(labels) == {keep, delete}


def test_it_says_what_people_would_do(model):
    (slips,) = ReverseTagger(model).slips([("he", "is", "at", "the", "school")])
    likeliest = max(slips, key=lambda slip: slip.chance)
    assert likeliest[:3] == (3, "$DELETE", "delete-article")
    assert likeliest.chance > 0.5


def test_a_sentence_that_is_too_long_gets_no_mistakes(model):
    assert ReverseTagger(model).slips([("the",) * 100, ("the",)])[0] == []


def test_the_mistakes_are_people_s_and_always_the_same(model):
    right = [("she", "is", "at", "the", "school")] * 40
    errors = load_errors(DEFAULT)
    made, again = (
        [*pairs_of_reverse_tagger(ReverseTagger(model), right, errors, random.Random(3))] for _ in range(2)
    )
    assert made == again
    assert {pair.target for pair in made} == {right[0]}
    assert ("she", "is", "at", "school") in {pair.source for pair in made}
    assert right[0] in {pair.source for pair in made}  # some stay right


def test_groups_come_out_with_their_shares():
    slips = [Slip(0, "$DELETE", "delete-article", 0.4), Slip(1, "$APPEND_,", "append-comma", 0.004)]
    weights = weights_of([slips] * 10, {"delete-article": 1, "append-comma": 3, "verb": 5})
    assert "verb" not in weights  # the tagger never speaks of it
    rng = random.Random(1)
    made = Counter(slipped(("The", "dog"), slips, weights, 1, rng) for _ in range(4000))
    assert made[("Dog",)] + made[("The", "dog", ",")] == 4000
    assert made[("The", "dog", ",")] / 4000 == pytest.approx(0.75, abs=0.03)


def test_no_more_is_done_than_there_is_to_do():
    slips = [Slip(0, "$DELETE", "delete-word", 0.4), Slip(0, "$REPLACE_a", "replace-word", 0.4)]
    weights = {"delete-word": 1.0}
    assert slipped(("so", "it", "is"), slips, weights, 5, random.Random(1)) == ("it", "is")
    assert slipped(("so",), slips, weights, 5, random.Random(1)) == ("so",)  # never nothing at all
    assert slipped(("so", "it"), slips, weights, 0, random.Random(1)) == ("so", "it")


def test_by_the_command(model, tmp_path):
    (tmp_path / "clean.txt").write_text("she is at the school\n" * 30, encoding="utf-8")
    command = ["train", "corrupt", str(tmp_path / "clean.txt"), "--rates", "dense", "--tagger", str(model)]
    result = CliRunner().invoke(grammared, [*command, "--out", str(tmp_path / "made.tsv")])
    assert result.exit_code == 0, result.output
    made = [*read_pairs([tmp_path / "made.tsv"])]
    assert len(made) == 30
    assert any(pair.source == ("she", "is", "at", "school") for pair in made)


def test_shares_are_of_groups_that_there_are():
    from triton_server.gector.groups import group_of

    values = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    labels = ["$DELETE", "$REPLACE_x", "$APPEND_x", "$APPEND_,", "$APPEND_.", "$APPEND_a", "$APPEND_of"]
    labels += [
        "$MERGE_SPACE",
        "$TRANSFORM_CASE_LOWER",
        "$TRANSFORM_AGREEMENT_PLURAL",
        "$TRANSFORM_VERB_VB_VBZ",
    ]
    groups = {group_of(label, word) for label in labels for word in (",", ".", "a", "of", "x")}
    assert Errors(values).shares.keys() == groups
