"""`grammared triton add` and `test` as far as they need no server; the rest is tried on a real one."""

import json
import shutil

import pytest

from lsp_server.cli import main
from lsp_server.cli.triton_models import _not_served
from tests.conftest import RULES_MODEL, rules_config, write_model
from triton_server import launcher
from triton_server.authoring.new_model import NewModel, write
from triton_server.launcher import repository

CLASSIFIER = ("--model", "owner/model", "--task", "text-classification")


@pytest.fixture
def grammared(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path / "home"))

    def run(*arguments):
        code = main(["triton", *map(str, arguments)])
        said = capfd.readouterr()
        return code, said.out + said.err

    return run


def test_add_says_how_the_model_is_served(grammared, tmp_path):
    code, said = grammared("add", "mine", *CLASSIFIER)
    assert code == 0 and "grammared triton start --model mine loads it" in said
    other = tmp_path / "other"
    code, said = grammared("add", "mine", *CLASSIFIER, "--repository", other)
    assert code == 0 and f"grammared triton start --repository {other} --model mine loads it" in said


def test_models_are_listed_and_those_of_ones_own_removed(grammared, tmp_path):
    grammared("add", "mine", *CLASSIFIER, "--revision", "v2")
    code, said = grammared("list")
    *lines, last = said.splitlines()
    rows = {line.split()[0]: line.split()[1:3] for line in lines}
    assert code == 0
    assert rows["mine"] == ["text-classification", "owner/model@v2"]
    assert rows["gector_roberta"] == ["gector", "gotutiyan/gector-roberta-base-5k"]
    assert rows["gector_distilbert"] == ["gector", "of"]
    assert rows["grammar_pipeline"] == ["-", "of"]
    assert all(line.endswith("  not loaded") for line in lines[1:])
    assert last == "Triton is not running"

    folder = tmp_path / "home" / "data" / "model_repository" / "mine"
    write_model(folder.parent, rules_config("by_hand"), RULES_MODEL)
    [by_hand] = [line for line in grammared("list")[1].splitlines() if line.startswith("by_hand")]
    assert by_hand.split() == ["by_hand", "-", "code", "of", "its", "own", "not", "loaded"]
    shutil.rmtree(folder.parent / "by_hand")

    folder.with_name("mine.versions.json").write_text("{}")
    (folder / "1" / "model.py").rename(folder / "model.py")
    [broken] = [line for line in grammared("list")[1].splitlines() if line.startswith("mine")]
    assert broken.endswith(f"{folder} has no 1/model.py")
    code, said = grammared("remove", "mine")  # nobody is there to say yes
    assert code == 2 and f"{folder} was left as it is: with --yes" in said
    code, said = grammared("remove", "mine", "--yes")
    assert (code, said) == (0, f"removed {folder}\n")
    assert list(folder.parent.iterdir()) == []
    assert json.loads(grammared("list", "--format=json")[1])[0]["name"] == "gector_distilbert"


def test_what_comes_with_grammared_is_not_removed(grammared):
    code, said = grammared("remove", "ner_bert", "--yes")
    assert code == 2 and "ner_bert comes with grammared and cannot be removed" in said
    code, said = grammared("remove", "nobody", "--yes")
    assert code == 2 and "there is no model nobody" in said


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "mine", *CLASSIFIER, "--model", ""), "no model is named"),
        (("add", "mine", *CLASSIFIER, "--timeout", "0"), "not in the range"),
        (("add", "mine", *CLASSIFIER, "--default", "top_k=abc"), "top_k takes INT32, not 'abc'"),
        (("test", "mine", "--timeout", "-1"), "not in the range"),
    ],
)
def test_wrong_usage_is_told(grammared, arguments, complaint):
    code, said = grammared(*arguments)
    assert code == 2 and complaint in said


def test_the_model_that_a_server_would_load_is_the_one_that_was_written(tmp_path):
    first, own, other = (tmp_path / name for name in ("first", "own", "other"))
    new = NewModel("mine", "text-classification", "owner/model")
    targets = {folder: write(new, folder) for folder in (own, other)}
    server = launcher.Server(1, "", "127.0.0.1", 8000, 8001, None, "", repositories=(str(first), str(own)))
    assert _not_served(server, targets[own]) == ""
    assert f"start --repository {other} --model mine" in _not_served(server, targets[other])
    write(new, first)
    assert f"has another mine, in {first}" in _not_served(server, targets[own])


def test_profiles_for_gpus_and_gpus_that_are_named_imply_cuda(grammared, tmp_path):
    for name, arguments in (("one", ["--profile=multi-gpu"]), ("two", ["--gpus=0,1", "--profile=multi-gpu"])):
        assert grammared("add", name, *CLASSIFIER, *arguments)[0] == 0
    configs = [
        repository.read(tmp_path / "home" / "data" / "model_repository", one) for one in ("one", "two")
    ]
    assert all(map(repository.is_on_gpu, configs))
    assert [list(one.instance_group[0].gpus) for one in configs] == [[], [0, 1]]
    code, said = grammared("add", "three", *CLASSIFIER, "--profile=gpu", "--device=cpu")
    assert code == 2 and "profile gpu and device cpu exclude each other" in said
