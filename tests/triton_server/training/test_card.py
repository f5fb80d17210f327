"""What a training has written down becomes a picture and a model card."""

import json
import xml.etree.ElementTree as ET

import pytest

pytest.importorskip("torch")
pytest.importorskip("lemminflect")

from click.testing import CliRunner

from lsp_server.cli.commands import grammared
from tests.triton_server.tiny_gector import PLAN_HEAD, tiny_gector
from triton_server.gector.types import GectorError
from triton_server.training.card import card
from triton_server.training.plan import read_plan, run_plan
from triton_server.training.plot import plot
from triton_server.training.tune import Tuned, write_thresholds

PLAN = f"""{PLAN_HEAD}
[[stage]]
sentences = ["clean.txt"]
rates = "dense"
steps = 100
subwords = 128
[[stage]]
pairs = ["pairs.tsv"]
steps = 50
subwords = 128
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A training of two stages, with 2 and 1 reports."""
    folder = tmp_path_factory.mktemp("card")
    tiny_gector(folder / "tiny")
    (folder / "clean.txt").write_text("he goes to school\nthey are at the school\n", encoding="utf-8")
    (folder / "pairs.tsv").write_text(
        "he go\the goes\tour letters\nshe go\tshe goes\tour letters\nhe is\the is\n", encoding="utf-8"
    )
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    run_plan(read_plan(folder / "plan.toml"), folder / "trained", lambda *_: None)
    return folder


def test_the_picture_has_a_curve_for_each_number_and_a_point_for_each_report(folder):
    svg = "{http://www.w3.org/2000/svg}"
    curves = ET.fromstring(plot(folder / "trained")).findall(f".//{svg}polyline")
    assert [len(curve.attrib["points"].split()) for curve in curves] == [3, 3, 3, 3]
    steps = [float(point.split(",")[0]) for point in curves[0].attrib["points"].split()]
    assert steps == [240.0, 480.0, 720.0]  # 50, 100 and 150 of 150 steps
    one_stage = ET.fromstring(plot(folder / "trained" / "stage-1")).findall(f".//{svg}polyline")
    assert len(one_stage[0].attrib["points"].split()) == 2


def test_a_higher_loss_is_drawn_higher(folder):
    stage = folder / "two" / "stage-1"
    stage.mkdir(parents=True)
    report = {"precision": 0.5, "recall": 0.5, "rate": 0.1}
    lines = [{"step": 50, "loss": 4.0, **report}, {"step": 100, "loss": 1.0, **report}]
    (stage / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert 'points="360.0,0.0 720.0,127.5"' in plot(folder / "two")


def test_no_training_and_a_damaged_one_are_said(folder, tmp_path):
    with pytest.raises(GectorError, match="is no training"):
        plot(folder / "tiny")
    (tmp_path / "metrics.jsonl").write_text("")
    with pytest.raises(GectorError, match="reported nothing yet"):
        plot(tmp_path)
    (tmp_path / "metrics.jsonl").write_text("{half")
    with pytest.raises(GectorError, match="is damaged"):
        plot(tmp_path)


def test_the_card_tells_of_data_stages_thresholds_and_licence(folder):
    model = folder / "trained" / "stage-2"
    write_thresholds(model, {"normal": Tuned(0.5, {"verb": 0.6}, 0.61, 0.1, 0.3, 1.25)})
    told = card(folder / "trained", model, licence="MIT", data="Letters are ours.", figures="F0.5 is 30.")
    assert told.startswith("---\nlanguage: en\nlicense: mit\n")
    assert "| 1 | 100 | " in told
    assert "| 2 | 50 | " in told
    assert "| clean.txt | sentences | 2 |" in told
    assert "| pairs.tsv | pairs | 3: our letters 2, not said 1 |" in told
    assert "rates dense" in told
    assert "| normal | 61.0 | 10.0 | 30.0 | 1.25 |" in told
    assert "Letters are ours." in told
    assert "F0.5 is 30." in told
    assert told.endswith("## Licence\n\nMIT.\n")


def test_files_that_are_gone_are_named(folder, tmp_path):
    (folder / "pairs.tsv").rename(tmp_path / "pairs.tsv")
    try:
        told = card(folder / "trained", folder / "tiny", licence="MIT")
    finally:
        (tmp_path / "pairs.tsv").rename(folder / "pairs.tsv")
    assert "| pairs.tsv | pairs | no longer there |" in told
    assert "## Thresholds" not in told


def test_by_the_commands(folder, tmp_path):
    def run(*arguments):
        result = CliRunner().invoke(grammared, ["train", *map(str, arguments)])
        assert result.exit_code == 0, result.output
        return result.output

    run("plot", folder / "trained", "--out", tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").read_text() == plot(folder / "trained")
    told = run("card", folder / "trained", folder / "tiny", "--licence", "MIT")
    assert told == card(folder / "trained", folder / "tiny", licence="MIT")
