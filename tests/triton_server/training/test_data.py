"""Files of sentences and pairs, and what they are collected from."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triton_server.gector.types import GectorError, Tagging
from triton_server.training.collect import improving, pairs_of_m2, pairs_of_parallel, sentences_of
from triton_server.training.histories import mine
from triton_server.training.texts import Pair, read_pairs, read_sentences, write_pairs, write_sentences

WORDS = st.lists(
    st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=6), min_size=1, max_size=8
)


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
@given(sentences=st.lists(WORDS, max_size=4))
def test_files_come_back_as_they_were_written(tmp_path_factory, suffix, sentences):
    folder = tmp_path_factory.mktemp("texts")
    written = [tuple(words) for words in sentences]
    assert write_sentences(folder / f"s.txt{suffix}", written) == len(written)
    assert list(read_sentences([folder / f"s.txt{suffix}"])) == written
    pairs = [Pair(words, words[::-1], "here") for words in written]
    write_pairs(folder / f"p.tsv{suffix}", pairs)
    assert list(read_pairs([folder / f"p.tsv{suffix}"])) == pairs


def test_a_line_without_a_tab_is_said(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("a b\tc d\nno tab\n", encoding="utf-8")
    with pytest.raises(GectorError, match=r"pairs.tsv, line 2: expected two sentences with a tab"):
        list(read_pairs([path]))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x1f\x8b\x08broken"])
def test_a_damaged_file_is_said_in_one_line(tmp_path, content):
    path = tmp_path / "text.gz"
    path.write_bytes(content)
    with pytest.raises(GectorError, match=r"Cannot read .*text\.gz") as caught:
        list(read_sentences([path]))
    assert "\n" not in str(caught.value)


def test_sentences_of_a_text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(
        "This is one sentence,\nover two lines. It doesn't end here: here it does.\n\n"
        "12 34 56 78 | 90 12 |\n\nThis is one sentence, over two lines.\n",
        encoding="utf-8",
    )
    assert [" ".join(words) for words in sentences_of(path)] == [
        "This is one sentence , over two lines .",
        "It does n't end here : here it does .",
    ]


M2 = """S He go to home .
A 1 2|||R:VERB:SVA|||goes|||REQUIRED|||-NONE-|||0
A 2 3|||U:PREP||||||REQUIRED|||-NONE-|||0
A 1 2|||R:VERB:TENSE|||went|||REQUIRED|||-NONE-|||1

S Right .
A -1 -1|||noop|||-NONE-|||REQUIRED|||-NONE-|||0
"""


def test_pairs_of_an_m2_file(tmp_path):
    path = tmp_path / "essays.m2"
    path.write_text(M2, encoding="utf-8")
    first, second = pairs_of_m2(path)
    assert (" ".join(first.source), " ".join(first.target)) == ("He go to home .", "He goes home .")
    assert first.origin == "essays"
    assert second.source == second.target
    assert " ".join(next(pairs_of_m2(path, "1")).target) == "He went to home ."
    path.write_text("no M2\n", encoding="utf-8")
    with pytest.raises(GectorError, match="is not an M2 file"):
        list(pairs_of_m2(path))


def test_pairs_of_parallel_files(tmp_path):
    (tmp_path / "a").write_text("He go.\nIt's so.\n", encoding="utf-8")
    (tmp_path / "b").write_text("He goes.\nIt's so.\n", encoding="utf-8")
    assert next(pairs_of_parallel(tmp_path / "a", tmp_path / "b")).target == (
        "He",
        "goes",
        ".",
    )
    (tmp_path / "b").write_text("He goes.\n", encoding="utf-8")
    with pytest.raises(GectorError, match=r"has 2 lines and .* has 1"):
        list(pairs_of_parallel(tmp_path / "a", tmp_path / "b"))


GUIDE = """# Guide

The server read the file when it
starts and keep it in memory. See `x` for more of this.

- The old Chrome is used by most of the people here.

```
the code is be here in the fence now
```
"""


def test_pairs_of_a_history(tmp_path):
    def git(*arguments):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
            cwd=tmp_path, check=True, capture_output=True,
        )  # fmt: skip

    def commit(text):
        (tmp_path / "guide.md").write_text(text, encoding="utf-8")
        git("add", "guide.md")
        git("commit", "-m", "change")

    git("init", "-q")
    commit(GUIDE)
    right = GUIDE.replace("read the", "reads the").replace("keep it", "keeps it")
    commit(right.replace("Chrome", "Firefox").replace("is be", "is"))
    commit("# Guide\n\nAll of this was written anew, and says quite other things than it did before.\n")
    (pair,) = mine(tmp_path, "guide")
    assert " ".join(pair.source) == "The server read the file when it starts and keep it in memory ."
    assert " ".join(pair.target) == "The server reads the file when it starts and keeps it in memory ."
    assert pair.origin.startswith("guide@")


def test_a_folder_without_a_history_is_said(tmp_path):
    with pytest.raises(GectorError, match=r"Cannot read the history of .*: fatal: not a git repository"):
        list(mine(tmp_path, "x"))


def test_the_critic_keeps_what_it_likes_better():
    def tag(sentences, keep):
        error = [0.9 if "go" in words else 0.1 for words in sentences]
        return [Tagging(("$KEEP",), (1.0,), (one,)) for one in error]

    good, bad = Pair(("he", "go"), ("he", "goes")), Pair(("he", "goes"), ("he", "go"))
    assert list(improving([good, bad, good], tag)) == [good, good]
