"""Sentences by a real spaCy pipeline, made and trained here."""

import random
import re

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from triton_server.segmentation import SegmentationError, load_splitter, sentences_in, split_by_rule

SENTENCES = ["he left ;", "she stayed ;", "we saw him go ;", "they never came back ;", "nobody knows ;"]


def trained(component):
    """A pipeline that learnt to end sentences at semicolons, which no rule of ours does."""
    spacy.util.fix_random_seed(1)
    nlp = spacy.blank("en")
    nlp.add_pipe("tagger").add_label("X")  # needless here: must not be run
    nlp.add_pipe(component)
    choose = random.Random(1)
    examples = []
    for _ in range(40):
        words, starts, heads = [], [], []
        for sentence in choose.choices(SENTENCES, k=3):
            first = len(words)
            words += sentence.split()
            starts += [1] + [-1] * (len(words) - first - 1)
            heads += [first + 1] * (len(words) - first)
        deps = ["ROOT" if head == index else "part" for index, head in enumerate(heads)]
        gold = {"heads": heads, "deps": deps} if component == "parser" else {"sent_starts": starts}
        examples.append(Example.from_dict(Doc(nlp.vocab, words=words), gold))
    with nlp.select_pipes(enable=[component]):
        nlp.initialize(lambda: examples)
        for _ in range(25):
            nlp.update(examples, drop=0.1)
    return nlp


@pytest.fixture(scope="module", params=["senter", "parser"])
def pipeline(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("pipeline") / request.param
    trained(request.param).to_disk(path)
    return str(path)


def found(text, splitter):
    return [sentence.text for _, sentence in sentences_in(text, splitter)]


def test_its_boundaries_are_used(pipeline):
    assert found("he left ; nobody knows ; she stayed ;", load_splitter(pipeline)) == [
        "he left ;",
        "nobody knows ;",
        "she stayed ;",
    ]


def test_an_empty_line_is_a_boundary_for_it_too(pipeline):
    assert found("they never\n\ncame back ;", load_splitter(pipeline))[0] == "they never"


def test_a_text_longer_than_its_window(pipeline):
    sentences = [SENTENCES[n % len(SENTENCES)] for n in range(1000)]
    assert found(" ".join(sentences), load_splitter(pipeline)) == sentences


def test_words_are_ours_whatever_its_tokenizer(pipeline):
    sentences = sentences_in("she stayed in src/a/b.py", load_splitter(pipeline))
    assert [word.text for _, sentence in sentences for word in sentence.words] == [
        "she",
        "stayed",
        "in",
        "src/a/b.py",
    ]


def test_none_is_the_rule_based_splitter():
    assert load_splitter(None) is split_by_rule


def test_a_missing_pipeline():
    with pytest.raises(SegmentationError, match=r"^spaCy pipeline 'no_such_pipeline' is neither .*[^\n]$"):
        load_splitter("no_such_pipeline")


def test_a_folder_that_is_no_pipeline(tmp_path):
    with pytest.raises(SegmentationError, match=re.escape(repr(str(tmp_path)))):
        load_splitter(str(tmp_path))


def test_a_damaged_pipeline(tmp_path):
    spacy.blank("en").to_disk(tmp_path)
    (tmp_path / "config.cfg").write_text("[nlp\nlang = en", "utf-8")
    with pytest.raises(SegmentationError, match="cannot be loaded: ") as failure:
        load_splitter(str(tmp_path))
    assert "\n" not in str(failure.value)


def test_a_pipeline_without_senter_and_parser(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path)
    with pytest.raises(SegmentationError, match="no senter and no parser"):
        load_splitter(str(tmp_path))
