"""Which findings are reported, of those that words, lists and settings are about."""

from dataclasses import replace

import pytest

from lsp_server.documents import Span
from lsp_server.findings import ErrorKind, Suggestion
from lsp_server.settings import Settings
from lsp_server.settings.places import HOME, user_ignored
from lsp_server.suppress import Suppression, fingerprint_of
from lsp_server.suppress.entries import add_entry, remove_entry
from tests.lsp_server.suppress.strategies import finding_at, snapshot_of

TEXT = "Then kubectl deploys Grammarov to San Marco every day."


@pytest.mark.parametrize(
    ("words", "replacement", "kind", "kept"),
    [
        ("kubectl", "cubicle", ErrorKind.SPELLING, False),
        ("kubectl", "Kubectl", ErrorKind.CAPITALISATION, False),
        ("kubectl", "kubectls", ErrorKind.NOUN_NUMBER, True),
        ("Grammarov", "Grammar", ErrorKind.SPELLING, False),
        ("Grammarov", "Grammarovs", ErrorKind.NOUN_NUMBER, False),
        ("Grammarov", "Grammarov,", ErrorKind.MISSING_COMMA, True),
        ("Grammarov", "the Grammarov", ErrorKind.MISSING_ARTICLE, True),
        ("San Marco", "San Marko", ErrorKind.SPELLING, False),
        ("Marco", "Marko", ErrorKind.SPELLING, False),
        ("Marco", "Marcos", ErrorKind.NOUN_NUMBER, False),
        ("Marco", "the Marco", ErrorKind.MISSING_ARTICLE, True),
        ("to San", "at San", ErrorKind.PREPOSITION, True),
        ("deploys", "deploy", ErrorKind.SPELLING, True),
    ],
)
def test_words_of_the_dictionary_are_right_and_what_is_around_them_may_be_wrong(
    words, replacement, kind, kept
):
    settings = Settings(words=("kubectl", "Grammarov", "San Marco"))
    suppression = Suppression.of(snapshot_of(TEXT), settings)
    assert suppression.keeps(finding_at(TEXT, words, kind, replacement=replacement)) is kept


def test_an_insertion_beside_a_name_is_reported():
    finding = finding_at(TEXT, "Grammarov", ErrorKind.MISSING_ARTICLE)
    place = Span(finding.span.start, finding.span.start)
    finding = replace(finding, suggestions=(Suggestion(place, "the "),))
    assert Suppression.of(snapshot_of(TEXT), Settings(words=("Grammarov",))).keeps(finding)


@pytest.mark.parametrize("scope", ["user", "project"])
def test_an_ignored_finding_is_silent_until_it_is_taken_from_the_list(scope, tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path))
    path = user_ignored() if scope == "user" else tmp_path / "project" / "ignored.txt"
    settings = Settings(ignore_file=str(tmp_path / "project" / "ignored.txt"))
    finding = finding_at(TEXT, "deploys", ErrorKind.AGREEMENT)
    add_entry(path, fingerprint_of(finding, TEXT), "a comment")

    def kept(text):
        return Suppression.of(snapshot_of(text), settings).keeps(
            finding_at(text, "deploys", ErrorKind.AGREEMENT)
        )

    assert not kept(TEXT)
    assert not kept(f"A sentence before. {TEXT.replace(' to ', chr(10) + '> to ')}")
    assert kept(TEXT.replace("kubectl", "helm"))
    remove_entry(path, fingerprint_of(finding, TEXT))
    assert kept(TEXT)


def test_kinds_and_confidence():
    finding = finding_at(TEXT, "deploys", ErrorKind.AGREEMENT, confidence=0.7)

    def kept(**settings):
        return Suppression.of(snapshot_of(TEXT), Settings(**settings)).keeps(finding)

    assert kept() and kept(kinds=(("subject-verb-agreement", "hint"),)) and kept(min_confidence=0.7)
    assert not kept(kinds=(("subject-verb-agreement", "off"),))
    assert not kept(min_confidence=0.71)
