"""Counts kept and compared."""

import threading

import pytest

from lsp_server.settings import settings_from_options
from lsp_server.trials import Ledger, Tally, ledger_file, ledger_of, report


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "ab.jsonl"


def test_two_arms_side_by_side(path):
    ledger = Ledger(path)
    for milliseconds in range(1, 101):
        ledger.request("m:1", 2, milliseconds / 1000)
    ledger.request("m:2", 5, 0.01)
    ledger.flush()
    ledger.document("m:1", 800, Tally(found=10, accepted=6, ignored=2, edited=2))
    ledger.document("m:1", 200, Tally(found=2, gone=2))
    ledger.document("m:2", 100, Tally())
    arms = report.read(path)
    assert list(arms) == ["m:1", "m:2"]
    first = report.as_json(arms)["m:1"]
    assert (first["requests"], first["sentences"], first["documents"], first["found"]) == (100, 200, 2, 12)
    assert first["p50_ms"] == pytest.approx(50, rel=0.13)
    assert first["p95_ms"] == pytest.approx(95, rel=0.13)
    assert first["findings_per_1000_words"][0] == 12
    assert first["accepted_share"][0] == 0.6
    table = {title: figures for title, *figures in report.rows(arms)}
    assert table["accepted"] == ["6 of 10 = 60% (31% to 83%)", "0 of 0"]
    assert table["findings in 1,000 words"][1] == "0.0 (0.0 to 39.2)"


def test_no_text_and_no_name_is_kept(path):
    ledger = Ledger(path)
    ledger.request("m:1", 1, 0.01)
    ledger.document("m:1", 3, Tally(found=1))
    ledger.flush()
    kept = path.read_text()
    assert set(kept.replace('"', " ").split()) & {"uri", "text", "file"} == set()
    assert kept.count("\n") == 2


def test_a_damaged_line_costs_that_line_only(path):
    Ledger(path).document("m:1", 3, Tally(found=1))
    with path.open("a") as file:
        file.write('{"model": "m:1", "wor\nnull\n[1]\n{"model": "m:1", "words": "many"}\n')
    Ledger(path).document("m:1", 3, Tally(found=1))
    assert report.read(path)["m:1"].counts["words"] == 6


def test_many_write_at_once(path):
    def write():
        ledger = Ledger(path)
        for _ in range(100):
            ledger.document("m:1", 1, Tally(found=1))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert report.read(path)["m:1"].counts["words"] == 400


def test_what_cannot_be_written_hinders_nothing(tmp_path, caplog):
    (tmp_path / "file").touch()
    Ledger(tmp_path / "file" / "ab.jsonl").document("m:1", 1, Tally())
    assert "cannot be written" in caplog.text


def test_an_interval_holds_its_value_and_narrows():
    for part, whole in ((0, 1), (1, 1), (3, 10), (300, 1000)):
        share, low, high = report.proportion(part, whole)
        assert 0 <= low <= share <= high <= 1
    assert report.proportion(0, 0) is report.rate(3, 0) is None
    wide, narrow = report.proportion(3, 10), report.proportion(300, 1000)
    assert narrow[2] - narrow[1] < (wide[2] - wide[1]) / 5


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ({"engine": "triton", "triton": {"versions": {"1": 90, "2": 10}}}, True),
        ({"engine": "local", "triton": {"versions": {"1": 90, "2": 10}}}, False),
        ({"engine": "triton"}, False),
    ],
)
def test_counts_are_kept_when_documents_are_split(options, counts, monkeypatch, tmp_path):
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path))
    settings, _ = settings_from_options(options, "test")
    assert (ledger_of(settings) is not None) == counts
    assert ledger_file() == tmp_path / "state" / "ab.jsonl"
