"""The cache of sentences on disk."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.cache import SentenceCache, cache_path, context_of, key_of
from lsp_server.checker import Checker
from lsp_server.documents import DocumentSnapshot
from lsp_server.engines.local import LocalEngine
from lsp_server.settings import Settings
from triton_server.gector.types import Decoding, Edit

TINY = Path(__file__).parents[1] / "fixtures" / "models" / "tiny-gector"
EDITS = (Edit(3, 5, "goes", ("$REPLACE_goes",), 0.75), Edit(9, 9, " the", ("$APPEND_the", "$KEEP"), 0.5))
KEY = key_of("He go.", True, frozenset({2}), context_of("local:x", Decoding()))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "sentences.db"


@given(
    st.lists(
        st.builds(
            Edit,
            st.integers(0, 2**40),
            st.integers(0, 2**40),
            st.text(),
            st.lists(st.text(), max_size=3).map(tuple),
            st.floats(0, 1),
        )
    ).map(tuple)
)
def test_what_comes_back_is_what_was_put(edits):
    cache = SentenceCache(Path(":memory:"))
    cache.put_many({KEY: edits})
    assert cache.get(KEY) == edits
    assert cache.get(KEY[::-1]) is None
    cache.close()


@pytest.mark.parametrize(
    "other",
    [
        ("He go!", True, frozenset({2}), "local:x", Decoding()),
        ("He go.", False, frozenset({2}), "local:x", Decoding()),
        ("He go.", True, frozenset(), "local:x", Decoding()),
        ("He go.", True, frozenset({2}), "local:y", Decoding()),
        ("He go.", True, frozenset({2}), "local:x", Decoding(max_passes=1)),
        ("He go.", True, frozenset({2}), "local:x", Decoding(group_thresholds=(("comma", 0.5),))),
    ],
)
def test_a_key_has_all_that_edits_depend_on(other):
    *of_sentence, identity, decoding = other
    assert key_of(*of_sentence, context_of(identity, decoding)) != KEY


def test_the_next_process_knows(path):
    cache = SentenceCache(path)
    cache.put_many({KEY: EDITS})
    program = (
        "import sys; from pathlib import Path; from lsp_server.cache import SentenceCache;"
        "print(SentenceCache(Path(sys.argv[1])).get(bytes.fromhex(sys.argv[2])))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, path, KEY.hex()], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == str(EDITS)
    cache.close()
    assert cache.get(KEY) is None
    cache.put_many({KEY: EDITS})


def test_several_processes_write_at_once(path):
    program = (
        "import sys; from pathlib import Path; from lsp_server.cache import SentenceCache\n"
        "cache = SentenceCache(Path(sys.argv[1]))\n"
        "for i in range(50): cache.put_many({b'%s %d' % (sys.argv[2].encode(), i): ()})\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, path, name], stderr=subprocess.PIPE)
        for name in ("a", "b", "c")
    ]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 3
    cache = SentenceCache(path)
    # One that waited in vain for the others has left out a few; none has harmed another's.
    assert 100 <= cache.info().sentences <= 150
    assert cache.get(b"a 49") == cache.get(b"b 49") == cache.get(b"c 49") or cache.info().sentences < 150


def test_it_keeps_within_its_size_and_what_was_used_last(path):
    cache = SentenceCache(path, largest=200_000)
    for batch in range(40):
        cache.put_many({b"%d %d" % (batch, i): EDITS for i in range(100)})
    size = cache.info().size
    assert 100_000 < size <= 200_000
    assert cache.get(b"39 99") == EDITS
    cache.close()
    assert path.stat().st_size <= 300_000


def test_a_use_counts_for_who_may_stay(path):
    cache = SentenceCache(path)
    cache.put_many({b"%d" % i: EDITS for i in range(300)})
    size = cache.info().size
    cache.close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE sentences SET used = 1")
    cache = SentenceCache(path, largest=size + 5000)
    assert cache.get(b"5") == EDITS
    cache.put_many({b"new %d" % i: EDITS for i in range(300)})
    assert cache.get(b"5") == EDITS
    assert cache.get(b"0") is None
    assert cache.info().sentences == 400


@pytest.mark.parametrize("damage", ["no database", "another table", "a row of another kind", "in the middle"])
def test_a_damaged_file_is_made_anew_and_that_is_said_once(path, damage, caplog):
    cache = SentenceCache(path)
    cache.put_many({b"%d" % i: EDITS for i in range(2000)} | {KEY: EDITS})
    cache.close()
    if damage == "no database":
        path.write_bytes(b"nothing of the kind " * 100)
    elif damage == "in the middle":
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xff" * (len(content) - 4096)
        path.write_bytes(content)
    else:
        with sqlite3.connect(path) as database:
            if damage == "another table":
                database.execute("DROP TABLE sentences")
                database.execute("CREATE TABLE sentences (a)")
            else:
                database.execute("UPDATE sentences SET edits = '{}x'")
    cache = SentenceCache(path)
    assert cache.get(KEY) is None
    cache.put_many({KEY: EDITS})
    if damage != "another table":
        assert cache.get(KEY) == EDITS
    assert len(caplog.messages) == 1
    assert str(path) in caplog.messages[0]


def test_a_place_that_cannot_be_written_is_done_without(tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    cache = SentenceCache(tmp_path / "file" / "sentences.db")
    cache.put_many({KEY: EDITS})
    assert cache.get(KEY) is None
    assert cache.clear() == cache.info().sentences == 0
    assert len(caplog.messages) == 1


class CountingEngine(LocalEngine):
    tagged = 0

    async def tag(self, sentences, keep_confidence):
        self.tagged += len(sentences)
        return await super().tag(sentences, keep_confidence)


async def test_what_was_checked_before_is_not_tagged_again(path):
    text = "She go to school. He have a cat. They are here now.\n\n" * 3 + "Me likes it."
    document = DocumentSnapshot("file:///a.md", text, "markdown")
    seen = []
    for settings in (Settings(), Settings(), Settings(max_passes=1)):
        engine = CountingEngine(TINY)
        await engine.start()
        checker = Checker(engine, settings, cache=SentenceCache(path))
        result = await checker.check(document)
        await checker.close()
        seen.append((engine.tagged, result))
    (first, found), (second, found_again), (other, _) = seen
    assert first > 0 == second
    assert found == found_again
    assert other > 0, "other decoding"


def grammared(*arguments, home, **more):
    environment = {"GRAMMARED_CACHE": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "lsp_server.cli", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        **more,
    )


def test_the_command_line(tmp_path):
    home, text = tmp_path / "home", tmp_path / "a.txt"
    text.write_text("She go to school.\nThis is fine.")
    first = grammared("lint", "--model", TINY, "--no-cache", text, home=home)
    assert not home.exists()
    second = grammared("lint", "--model", TINY, text, home=home)
    assert (second.stdout, second.stderr) == (first.stdout, first.stderr)
    info = json.loads(grammared("cache", "info", "--format", "json", home=home).stdout)
    assert info["path"] == str(home / "sentences.db")
    assert info["sentences"] == 2
    assert grammared("cache", "info", home=home).stdout.startswith("2 sentences, 0.0 MB")
    (home / "sentences.db").write_bytes(b"x" * 5000)
    third = grammared("lint", "--model", TINY, text, home=home)
    assert third.stdout == first.stdout
    assert third.stderr.count("was damaged and is made anew") == 1
    assert grammared("cache", "clear", home=home).stdout == "2 sentences forgotten\n"
    assert "0 sentences" in grammared("cache", "info", home=home).stdout


def test_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path))
    assert cache_path() == Path(os.environ["GRAMMARED_CACHE"]) / "sentences.db"
    monkeypatch.delenv("GRAMMARED_CACHE")
    assert cache_path() == tmp_path / "cache" / "sentences.db"
    monkeypatch.delenv("GRAMMARED_HOME")
    assert cache_path().name == "sentences.db"
