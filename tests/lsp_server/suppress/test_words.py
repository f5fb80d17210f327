"""Which words an entry makes right."""

import dataclasses

import pytest

from lsp_server.settings import Settings
from lsp_server.settings.places import HOME
from lsp_server.suppress import KnownWords, entry_for, known_words


@pytest.mark.parametrize(
    ("entry", "right", "wrong"),
    [
        (
            "kubectl",
            ["kubectl", "Kubectl", "KUBECTL", "kubectl's", "Kubectl’s"],
            ["kubeCtl", "kubectls", "ubectl"],
        ),
        ("Rust", ["Rust", "RUST", "Rust's", "Rust’s", "RUST'S"], ["rust", "rusts", "RUst"]),
        ("iPhone", ["iPhone", "IPHONE", "iPhone's"], ["iphone", "Iphone", "IPhone"]),
        ("boss", ["boss'", "boss's", "Boss"], ["bosses"]),
        ("O'Brien", ["O'Brien", "O’Brien", "O'Brien's"], ["o'brien", "Brien"]),
        ("a*", ["a*"], ["ab", "a"]),
        ("naïve", ["naïve", "Naïve", "NAÏVE"], ["naive"]),
        ("de facto", [], ["de", "facto"]),
    ],
)
def test_forms_of_an_entry(entry, right, wrong):
    words = KnownWords(frozenset({entry}))
    assert [word for word in right if word not in words] == []
    assert [word for word in wrong if word in words] == []


def test_entries_of_several_words_are_found_as_a_phrase():
    phrases = KnownWords(frozenset({"de facto", "San Marco", "x"})).phrases
    text = "De\nfacto, we like San Marco and san Marco, de factory."
    assert [match[0] for match in phrases.finditer(text)] == ["De\nfacto", "San Marco"]
    assert KnownWords(frozenset({"x"})).phrases is None


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Ada’s", "Ada"),
        ("kubectl", "kubectl"),
        ("San\n Marco's", "San Marco"),
        ("boss'", "boss"),
        ("O’Brien", "O'Brien"),
    ],
)
def test_what_is_put_into_a_dictionary(text, entry):
    assert entry_for(text) == entry
    assert " " in entry or text in KnownWords(frozenset({entry}))


def test_words_come_from_the_settings_and_all_dictionaries(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "dictionary.txt").write_text("mine\n")
    (tmp_path / "terms.txt").write_text("ours  # with a comment\n")
    settings = dataclasses.replace(
        Settings(),
        words=("said",),
        dictionaries=(str(tmp_path / "terms.txt"), "relative.txt", "/missing.txt"),
    )
    assert known_words(settings).entries == {"mine", "ours", "said"}
    assert known_words(settings) is known_words(settings)
    (tmp_path / "config" / "dictionary.txt").write_text("mine\nother\n")
    assert "other" in known_words(settings)
