"""Files with one entry a line: sorted, merge-friendly, and safe to write."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InputError
from lsp_server.suppress.entries import add_entry, entries_of, remove_entry

WORDS = st.text(st.sampled_from("abcABC'é"), min_size=1, max_size=5)


@given(st.lists(WORDS, max_size=20))
def test_entries_are_sorted_and_each_there_once(tmp_path_factory, words):
    path = tmp_path_factory.mktemp("words") / "dictionary.txt"
    for word in words:
        add_entry(path, word)
    lines = path.read_text(encoding="utf-8").split("\n")[:-1] if words else []
    assert lines == sorted(set(words), key=lambda word: (word.casefold(), word))
    assert entries_of(path) == set(words)


@given(st.lists(WORDS, max_size=8), st.lists(st.tuples(st.booleans(), WORDS), max_size=8))
def test_all_changes_can_be_undone_in_turn(tmp_path_factory, words, changes):
    path = tmp_path_factory.mktemp("words") / "dictionary.txt"
    for word in words:
        add_entry(path, word)
    before = path.read_bytes() if path.exists() else None
    done = [(add_entry if add else remove_entry)(path, word) for add, word in changes]
    for change in reversed(done):
        change.undo()
    assert (path.read_bytes() if path.exists() else None) == before


def test_what_people_write_between_the_entries_stays(tmp_path):
    path = tmp_path / "dictionary.txt"
    path.write_text("# Our terms\n\n# tools\nkubectl  # of Kubernetes\nnginx\n")
    add_entry(path, "helm", "added by hand")
    assert path.read_text() == (
        "# Our terms\n\n# tools\nhelm  # added by hand\nkubectl  # of Kubernetes\nnginx\n"
    )
    remove_entry(path, "kubectl")
    assert path.read_text() == "# Our terms\n\n# tools\nhelm  # added by hand\nnginx\n"


def test_lines_with_carriage_returns_keep_them(tmp_path):
    path = tmp_path / "dictionary.txt"
    path.write_bytes(b"alpha\r\ngamma\r\n")
    add_entry(path, "beta")
    assert path.read_bytes() == b"alpha\r\nbeta\r\ngamma\r\n"


def test_undo_leaves_what_others_have_added_meanwhile(tmp_path):
    path = tmp_path / "dictionary.txt"
    change = add_entry(path, "beta")
    add_entry(path, "alpha")
    change.undo()
    assert path.read_text() == "alpha\n"


def test_a_file_that_changes_on_disk_is_read_again(tmp_path):
    path = tmp_path / "dictionary.txt"
    assert entries_of(path) == frozenset()
    path.write_text("alpha\n")
    assert entries_of(path) == {"alpha"}
    path.write_text("gamma\n")
    os.utime(path, ns=(1, 1))
    assert entries_of(path) == {"gamma"}
    path.unlink()
    assert entries_of(path) == frozenset()


def test_nothing_half_written_is_left_behind(tmp_path):
    add_entry(tmp_path / "new" / "dictionary.txt", "alpha")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["dictionary.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_link_stays_a_link_and_a_mode_stays(tmp_path):
    real = tmp_path / "real.txt"
    real.write_text("alpha\n")
    real.chmod(0o640)
    link = tmp_path / "dictionary.txt"
    link.symlink_to(real)
    add_entry(link, "beta")
    assert link.is_symlink() and real.read_text() == "alpha\nbeta\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("entry", ["", "  ", "a\nb", "# a", "a # b", " a"])
def test_what_is_no_entry(tmp_path, entry):
    with pytest.raises(InputError, match="cannot be an entry"):
        add_entry(tmp_path / "dictionary.txt", entry)


def test_an_entry_may_hold_a_hash(tmp_path):
    add_entry(tmp_path / "dictionary.txt", "C#")
    assert entries_of(tmp_path / "dictionary.txt") == {"C#"}


def test_what_cannot_be_written_or_read_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        add_entry(tmp_path / "file" / "dictionary.txt", "alpha")
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is no UTF-8 text"):
        add_entry(binary, "alpha")
    assert entries_of(binary) == frozenset()
    assert entries_of(Path("\0")) == frozenset()


@pytest.mark.slow
def test_programs_that_write_at_once_lose_nothing(tmp_path):
    path = tmp_path / "dictionary.txt"
    code = (
        "import sys; from pathlib import Path; from lsp_server.suppress.entries import add_entry\n"
        "for number in range(60): add_entry(Path(sys.argv[1]), f'{sys.argv[2]}{number}')"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "abc"]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0]
    assert entries_of(path) == {f"{name}{number}" for name in "abc" for number in range(60)}
    assert [one.name for one in tmp_path.iterdir()] == ["dictionary.txt"]
