"""HuggingFace models on ONNX Runtime: what they answer is what they answer on PyTorch."""

import json

import pytest

from tests.triton_server.tiny_gector import FIXTURE
from triton_server.backend.tasks.custom import custom
from triton_server.backend.tasks.loading import MODEL_CLASSES, load
from triton_server.backend.tasks.question_answering import question_answering
from triton_server.backend.tasks.source import LoadError, Source
from triton_server.backend.tasks.text_classification import text_classification
from triton_server.backend.tasks.token_classification import token_classification
from triton_server.export.formats import in_other_formats, quiet
from triton_server.export.huggingface import export
from triton_server.gector.model_files import ONNX, bundled_model

pytestmark = pytest.mark.slow

TEXTS = ["Ada Lovelace was born in London.", "Zoë moved twice.", "word " * 300]
RUNS = {
    "text-classification": (text_classification, [{"text": text, "top_k": 3} for text in TEXTS]),
    "token-classification": (token_classification, [{"text": text, "aggregation": "none"} for text in TEXTS]),
    "question-answering": (
        question_answering,
        [{"question": "Where?", "context": text, "allow_no_answer": False} for text in TEXTS],
    ),
    "custom": (
        lambda loaded: custom(loaded, Hooks),
        [{"text": text, "options": "{}"} for text in TEXTS],
    ),
}


class Hooks:
    """What stands in the `hooks.py` of a custom model."""

    @staticmethod
    def postprocess(text, options, outputs):
        return {name: outputs[name].tolist() for name in sorted(outputs)}


@pytest.fixture(scope="module")
def exported(folders, tmp_path_factory):
    """The tiny models as ONNX, by task."""
    root = tmp_path_factory.mktemp("onnx")
    classes = MODEL_CLASSES | {"custom": "AutoModel"}
    with quiet():
        return {
            task: export(Source(str(folders[task])), classes[task], folders[task], root / task)
            for task in RUNS
        }


def test_an_export_names_no_path_of_the_machine(exported):
    for folder in exported.values():
        assert b"torch_model.py" not in (folder / ONNX).read_bytes()
        assert b"site-packages" not in (folder / ONNX).read_bytes()


@pytest.mark.parametrize("folder", [bundled_model(), FIXTURE])
def test_no_model_that_comes_with_us_names_one(folder):
    assert b"torch_model.py" not in (folder / ONNX).read_bytes()
    assert b"site-packages" not in (folder / ONNX).read_bytes()


def numbers_apart(row):
    """The numbers of an answer, and all else that it says."""
    numbers = []

    def without(value):
        if isinstance(value, str) and value[:1] in "[{":
            value = json.loads(value)
        if isinstance(value, float):
            return numbers.append(value)
        if isinstance(value, dict):
            return {key: without(one) for key, one in value.items()}
        return [without(one) for one in value] if isinstance(value, list) else value

    return without(row), numbers


@pytest.mark.parametrize("task", RUNS)
def test_every_task_answers_as_on_pytorch(task, folders, models, exported):
    run, rows = RUNS[task]
    loaded = load(Source(str(exported[task]), threads=1), MODEL_CLASSES.get(task, "AutoModel"))
    assert loaded.model is None
    for mine, its in zip(run(loaded)(rows), run(models[task])(rows), strict=True):
        (said, numbers), (expected, reference) = numbers_apart(mine), numbers_apart(its)
        assert said == expected
        assert numbers == pytest.approx(reference, abs=1e-4)


def test_other_number_formats_still_say_nearly_the_same(models, exported, tmp_path):
    run, rows = RUNS["text-classification"]
    reference = run(models["text-classification"])(rows)
    for folder in in_other_formats(exported["text-classification"], tmp_path, is_gector=False).values():
        assert (folder / ONNX).stat().st_size < (exported["text-classification"] / ONNX).stat().st_size
        loaded = load(Source(str(folder)), MODEL_CLASSES["text-classification"])
        for mine, its in zip(run(loaded)(rows), reference, strict=True):
            scores = dict(zip(mine["labels"], mine["scores"], strict=True))
            assert [scores[label] for label in its["labels"]] == pytest.approx(its["scores"], abs=0.1)


def test_a_row_in_8_bits_does_not_depend_on_its_company(exported, tmp_path):
    folder = in_other_formats(exported["text-classification"], tmp_path, is_gector=False)["int8"]
    run, rows = RUNS["text-classification"]
    ask = run(load(Source(str(folder)), MODEL_CLASSES["text-classification"]))
    together = ask(rows[:2])
    for mine, alone in zip(together, [ask([row])[0] for row in rows[:2]], strict=True):
        assert mine["scores"] == pytest.approx(alone["scores"], abs=1e-5)


@pytest.mark.parametrize(
    ("task", "of", "complaint"),
    [
        ("text-classification", "token-classification", "it gives no logits of 2 dimensions"),
        ("question-answering", "text-classification", "it gives no start_logits of 2 dimensions"),
    ],
)
def test_an_export_for_another_task_is_refused(task, of, complaint, exported):
    with pytest.raises(LoadError, match=f"was not exported for this task .*{complaint}"):
        load(Source(str(exported[of])), MODEL_CLASSES[task])


def test_a_number_format_or_a_damaged_file_is_refused(exported, tmp_path):
    class_name = MODEL_CLASSES["text-classification"]
    with pytest.raises(LoadError, match="number format of its own: leave out dtype"):
        load(Source(str(exported["text-classification"]), dtype="bf16"), class_name)
    for path in exported["text-classification"].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes()[: -10 if path.name == ONNX else None])
    with pytest.raises(LoadError, match=f"Cannot load {tmp_path / ONNX}: .*copy or export the model again"):
        load(Source(str(tmp_path)), class_name)
