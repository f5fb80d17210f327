"""Dictionaries of other checkers, as their users have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.suppress.vocabularies import FORMATS, format_of, imported


@pytest.mark.parametrize(
    ("name", "text", "form", "words"),
    [
        ("en_US.dic", "3\nkubectl\nnginx/SM\nAC\\/DC\n", "hunspell", ("kubectl", "nginx", "AC/DC")),
        ("my.dic", "kubectl\nfoo\tpo:noun\n", "hunspell", ("kubectl", "foo")),
        (
            "cspell.json",
            '{\n  // ours\n  "words": ["kubectl", "!bad", "comp*"],\n  "userWords": ["nginx",],\n}',
            "cspell",
            ("kubectl", "comp", "nginx"),
        ),
        (
            "cspell-words.txt",
            "kubectl # of Kubernetes\n# no\n!forbidden\n+ing\n",
            "cspell",
            ("kubectl", "ing"),
        ),
        (
            "settings.json",
            '{"ltex.dictionary": {"en-US": ["kubectl", "old", "-old", ":/file.txt"], "de-DE": ["Wort"]}}',
            "ltex",
            ("kubectl",),
        ),
        ("ltex.dictionary.en-US.txt", "kubectl\nnginx\n", "ltex", ("kubectl", "nginx")),
        (".harper-dictionary.txt", "kubectl\nnginx\n", "harper", ("kubectl", "nginx")),
        (
            "accept.txt",
            "kubectl\n(?i)nginx\n[Pp]y.*3\n[Oo]bservability\nSan Marco\n# comment\n",
            "vale",
            ("kubectl", "nginx", "observability", "San Marco"),
        ),
        ("words.txt", "kubectl\r\n\r\n# no\nnginx  # yes\n", "text", ("kubectl", "nginx")),
    ],
)
def test_formats(name, text, form, words):
    assert format_of(name, text) == form
    assert imported(text, form).words == words


def test_what_is_no_word_is_named():
    assert imported("[Pp]y.*3\nfine\n42\n", "vale").left_out == ("[Pp]y.*3", "42")


@pytest.mark.parametrize(("form", "text"), [("cspell", "{nonsense"), ("ltex", '{"ltex.dictionary": 1}')])
def test_another_format_is_an_error(form, text):
    with pytest.raises(ValueError, match=r"Expecting|no object"):
        imported(text, form)


@given(st.text(), st.sampled_from(FORMATS))
def test_whatever_is_in_a_file_gives_words_or_an_error(text, form):
    try:
        found = imported(text, form)
    except ValueError:
        return
    assert all(word == word.strip() and word for word in found.words)
