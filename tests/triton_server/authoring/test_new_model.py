"""Model folders from templates, checked with Triton's own configuration message."""

from dataclasses import replace
from pathlib import Path

import pytest

from triton_server.authoring import shipped
from triton_server.authoring.new_model import (
    TASKS,
    NewModel,
    check,
    config,
    files,
    interface,
    read,
    write,
    written,
)
from triton_server.backend.tasks.contract import CONTRACTS
from triton_server.gector.model_files import bundled_model
from triton_server.launcher import repository, versions
from triton_server.launcher.errors import LauncherError

NEW = NewModel("mine", "text-classification", "owner/model")


def as_served(new):
    """With what is usual where it says nothing."""
    made = config(new)
    return replace(new, max_batch=made.max_batch_size, instances=made.instances)


@pytest.mark.parametrize("task", TASKS)
def test_each_task_has_a_folder_that_parses_and_compiles(task, tmp_path):
    new = replace(NEW, task=task, max_batch=8, instances=2)
    folder = write(new, tmp_path)
    parsed = repository.read(tmp_path, "mine")
    assert (parsed.name, parsed.backend, parsed.max_batch_size) == ("mine", "python", 8)
    assert parsed.instance_group[0].count == 2
    assert parsed.parameters["task"].string_value == task
    assert parsed.HasField("dynamic_batching")
    assert repository.requirements(parsed) == ["torch"]
    for script in folder.rglob("*.py"):
        compile(script.read_text(), str(script), "exec")
    readme = (folder / "README.md").read_text()
    assert "grammared triton test mine" in readme and "owner/model" in readme
    if task in CONTRACTS:
        contract = CONTRACTS[task]
        assert [one.name for one in parsed.input] == [one.name for one in contract.inputs]
        assert [one.optional for one in parsed.input] == [not one.required for one in contract.inputs]
        assert all(f"| `{one.name}` |" in readme for one in (*contract.inputs, *contract.outputs))


def test_every_setting_arrives_in_the_configuration(tmp_path):
    new = NewModel(
        "chat",
        "text-generation",
        "owner/model",
        revision="v1",
        device="cuda",
        gpus=(0, 1),
        dtype="fp16",
        threads=3,
        streaming=True,
        trust_remote_code=True,
        offline=True,
        cache="/cache",
        defaults={"max_new_tokens": "64", "prefix": 'Say "hi": '},
    )
    write(new, tmp_path)
    parsed = repository.read(tmp_path, "chat")
    assert parsed.model_transaction_policy.decoupled
    assert list(parsed.instance_group[0].gpus) == [0, 1]
    assert {name: one.string_value for name, one in parsed.parameters.items()} == {
        "requirements": "torch",
        "task": "text-generation",
        "model": "owner/model",
        "revision": "v1",
        "cache": "/cache",
        "dtype": "fp16",
        "offline": "true",
        "trust_remote_code": "true",
        "threads": "3",
        "default_max_new_tokens": "64",
        "default_prefix": 'Say "hi": ',
    }
    assert "streaming_backend" in (tmp_path / "chat" / "1" / "model.py").read_text()
    assert read(tmp_path / "chat") == as_served(new)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("others", [{}, {"instances": 2, "threads": 1, "max_batch": 8, "dtype": "bf16"}])
def test_what_is_written_can_be_read(task, others, tmp_path):
    new = replace(NEW, task=task, revision="v1", cache="/cache", offline=True, **others)
    write(new, tmp_path)
    assert read(tmp_path / "mine") == as_served(new)


def test_the_shipped_models_can_be_read():
    for new in shipped.FROM_HUB:
        assert read(repository.SHIPPED / new.name) == replace(as_served(new), about="", origin=NEW.origin)
    assert read(repository.SHIPPED / "gector_roberta").model == "gotutiyan/gector-roberta-base-5k"
    assert read(repository.SHIPPED / "gector_distilbert").model == str(bundled_model())


@pytest.mark.parametrize(
    ("task", "requirements", "dtype"),
    [
        ("gector", [], "fp32"),
        ("text-classification", ["transformers"], "fp32"),
        ("custom", ["transformers"], "fp32"),
        ("text-generation", ["torch"], "int8"),
    ],
)
def test_a_folder_with_an_onnx_model_needs_no_pytorch(task, requirements, dtype, tmp_path):
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported" / "model.onnx").touch()
    new = replace(NEW, task=task, model=str(tmp_path / "exported"), dtype=dtype)
    write(new, tmp_path)
    assert repository.requirements(repository.read(tmp_path, "mine")) == requirements
    assert read(tmp_path / "mine") == as_served(new)
    if task != "text-generation":
        with pytest.raises(LauncherError, match="number format of its own: no --dtype"):
            write(replace(new, dtype="int8" if task != "gector" else "fp16"), tmp_path, force=True)


def test_code_of_models_is_not_run_unless_asked_for():
    assert config(NEW).parameters["trust_remote_code"][0] == "false"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "../evil"}, "cannot be a model's name"),
        ({"name": ""}, "cannot be a model's name"),
        ({"name": ".hidden"}, "cannot be a model's name"),
        ({"name": "two words"}, "cannot be a model's name"),
        ({"name": "x" * 101}, "cannot be a model's name"),
        ({"task": "translation"}, "there is no task translation"),
        ({"max_batch": 0}, "at least 1"),
        ({"instances": 0}, "at least 1"),
        ({"device": "cuda", "dtype": "int8"}, "int8 runs on the CPU only"),
        ({"gpus": (0,)}, "add --device cuda"),
        ({"profile": "multi-gpu"}, "profile multi-gpu and device cpu exclude each other"),
        ({"profile": "latency", "device": "cuda"}, "the profiles for GPUs are gpu and multi-gpu"),
        ({"streaming": True}, "no pieces to stream"),
        ({"model": ""}, "no model is named"),
        ({"model": "tests", "revision": "v1"}, "only models of the hub have revisions"),
        ({"model": "./nowhere"}, "there is no folder"),
        ({"model": "/nowhere/at/all"}, "there is no folder"),
        ({"defaults": {"top_k": "0"}}, "top_k is 0; the least is 1"),
        ({"defaults": {"top_k": "abc"}}, "top_k takes INT32, not 'abc'"),
        ({"defaults": {"nothing": "1"}}, "no optional input nothing"),
        ({"task": "gector", "dtype": "int8"}, "ONNX export"),
        ({"task": "gector", "trust_remote_code": True}, "never runs code"),
        ({"task": "gector", "defaults": {"x": "1"}}, "thresholds"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(changes, complaint, tmp_path):
    with pytest.raises(LauncherError, match=complaint):
        write(replace(NEW, **changes), tmp_path / "repository")
    assert not (tmp_path / "repository").exists()


def test_an_existing_model_is_replaced_only_when_asked(tmp_path):
    write(NEW, tmp_path)
    with pytest.raises(LauncherError, match="--force"):
        write(NEW, tmp_path)
    write(replace(NEW, max_batch=4), tmp_path, force=True)
    assert repository.read(tmp_path, "mine").max_batch_size == 4
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_was_replaced_is_put_back_if_something_fails(tmp_path):
    write(NEW, tmp_path)
    with (
        pytest.raises(RuntimeError, match="does not load"),
        written(replace(NEW, max_batch=4), tmp_path, force=True) as target,
    ):
        assert repository.read(tmp_path, target.name).max_batch_size == 4
        raise RuntimeError("does not load")
    assert repository.read(tmp_path, "mine").max_batch_size == as_served(NEW).max_batch
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("file", "change", "complaint"),
    [
        ("config.pbtxt", lambda text: text.replace('"mine"', '"yours"'), "has the name yours, and not its"),
        ("config.pbtxt", lambda text: text + "input {", "no valid model configuration"),
        ("1/model.py", None, "has no 1/model.py"),
        ("1", None, "has no version to serve"),
    ],
)
def test_a_folder_that_triton_can_make_nothing_of_is_refused(file, change, complaint, tmp_path):
    path = write(NEW, tmp_path) / file
    versions.check(path.parent if change else tmp_path / "mine")
    if change:
        path.write_text(change(path.read_text()))
    else:
        path.rename(tmp_path / "elsewhere")
    with pytest.raises(LauncherError, match=complaint):
        versions.check(tmp_path / "mine")


def test_the_users_hooks_survive_a_replacement(tmp_path):
    new = replace(NEW, task="custom")
    hooks = write(new, tmp_path) / "hooks.py"
    hooks.write_text("# my own\n")
    write(replace(new, max_batch=4), tmp_path, force=True)
    assert hooks.read_text() == "# my own\n"


def test_the_names_of_shipped_models_are_taken(tmp_path):
    with pytest.raises(LauncherError, match="comes with grammared"):
        write(replace(NEW, name="gector_roberta"), tmp_path)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LauncherError, match="cannot write"):
        write(NEW, tmp_path / "file")


def test_a_local_model_is_named_by_its_whole_path(tmp_path, monkeypatch):
    (tmp_path / "weights").mkdir()
    monkeypatch.chdir(tmp_path)
    assert config(replace(NEW, model="weights")).parameters["model"][0] == str(tmp_path / "weights")


def test_the_shipped_folders_are_current():
    assert shipped.outdated() == [], "python -m triton_server.authoring.shipped --write"


@pytest.mark.parametrize("new", shipped.FROM_HUB, ids=lambda new: new.name)
def test_shipped_models_can_be(new):
    check(new)
    assert set(files(new)) == {"config.pbtxt", "1/model.py", "README.md"}
    assert "licence" in new.about.lower() or "MIT" in new.about or "Apache-2.0" in new.about


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda one: one.task)
def test_the_documentation_has_the_tables_of_every_task(contract):
    documentation = Path(__file__).parents[3] / "docs" / "triton-models.md"
    assert interface(contract, {}) in documentation.read_text(encoding="utf-8")
