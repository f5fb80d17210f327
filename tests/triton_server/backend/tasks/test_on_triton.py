"""Every task on a real Triton server: added, tried over HTTP and gRPC, and sent what is wrong."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tritonclient.grpc as grpc
from tritonclient.utils import InferenceServerException

from lsp_server.cli import main
from tests.conftest import counted
from tests.triton_server.backend.tasks.test_hub import Hub
from tests.triton_server.tiny_gector import FIXTURE as ONNX_GECTOR
from tests.triton_server.tiny_gector import tiny_gector
from triton_server import launcher
from triton_server.authoring.new_model import NewModel, write
from triton_server.authoring.trial import NoAnswer, try_model
from triton_server.launcher import http

NAMES = ["classes", "spans", "answers", "rewrites", "stream", "embeds", "grammar", "grammar_onnx"]
pytestmark = [pytest.mark.triton, pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def server(triton_data, folders, tmp_path_factory):
    """A server with a model for each task, and two that cannot be loaded."""
    repository = tmp_path_factory.mktemp("tasks")
    seq2seq, causal = str(folders["seq2seq"]), str(folders["causal"])
    short = {"max_new_tokens": "12"}
    for new in (
        NewModel("classes", "text-classification", str(folders["text-classification"])),
        NewModel("spans", "token-classification", str(folders["token-classification"]), dtype="bf16"),
        NewModel("answers", "question-answering", str(folders["question-answering"]), dtype="int8"),
        NewModel("rewrites", "text-generation", seq2seq, defaults=short),
        NewModel("stream", "text-generation", causal, streaming=True, defaults=short),
        NewModel("embeds", "custom", str(folders["custom"])),
        NewModel("grammar", "gector", str(tiny_gector(tmp_path_factory.mktemp("gector") / "tiny"))),
        NewModel("grammar_onnx", "gector", str(ONNX_GECTOR)),
        NewModel("untrained", "question-answering", str(folders["custom"])),
        NewModel("absent", "text-classification", "owner/nowhere", offline=True),
    ):
        write(new, repository)
    places = launcher.Places(triton_data, tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("cache"))
    options = launcher.Options(
        (), repository, http_port=0, grpc_port=0, metrics_port=None, use_docker=False, timeout=900
    )
    health = launcher.start(options, places, lambda line: None)
    yield health
    launcher.stop(places, seconds=5)


@pytest.fixture
def client(server):
    with grpc.InferenceServerClient(server.server.grpc) as opened:
        yield opened


def ask(client, model, version="", **texts):
    inputs = []
    for name, value in texts.items():
        rows = value if isinstance(value, list) else [value]
        tensor = grpc.InferInput(name, [len(rows), 1], "BYTES")
        tensor.set_data_from_numpy(np.array([[row] for row in rows], dtype=np.object_))
        inputs.append(tensor)
    return client.infer(model, inputs, model_version=version, client_timeout=60)


def test_models_that_cannot_be_loaded_say_why_and_the_others_serve_on(server):
    problems = {model.name: model.problem for model in server.models if model.problem}
    assert set(problems) == {"untrained", "absent"}
    assert "was not trained for this task" in problems["untrained"]
    assert problems["absent"].startswith("owner/nowhere is not in the cache, and offline is set")
    assert {model.name for model in server.models} == {*NAMES, *problems}


@pytest.mark.parametrize("name", NAMES)
def test_http_and_grpc_give_the_same_answers(server, name):
    answers = try_model(server.server.http, server.server.grpc, name, repeats=2)
    assert answers
    for over_http, over_grpc in zip(answers[::2], answers[1::2], strict=True):
        assert (over_http.protocol, over_grpc.protocol) == ("HTTP", "gRPC")
        assert over_http.outputs.keys() == over_grpc.outputs.keys()
        for output, value in over_http.outputs.items():
            other = over_grpc.outputs[output]
            assert other == (pytest.approx(value, rel=1e-4) if isinstance(value, (float, list)) else value)
        assert over_http.milliseconds > 0 < over_grpc.milliseconds


def test_parameters_reach_the_model_over_both_protocols(server):
    given = {"text": "I has two cat.", "max_new_tokens": "3", "temperature": "1.5", "seed": "4"}
    over_http, over_grpc = try_model(server.server.http, server.server.grpc, "rewrites", given, repeats=1)
    assert over_http.outputs == over_grpc.outputs
    assert over_http.outputs["tokens"] <= 3
    (spans, _) = try_model(
        server.server.http, server.server.grpc, "spans", {"aggregation": "none"}, repeats=1
    )[:2]
    assert all(one["label"][1] == "-" for one in json.loads(spans.outputs["entities"]))


def test_words_are_sent_without_the_sample_text_and_get_labels(server):
    answers = try_model(
        server.server.http, server.server.grpc, "grammar", {"words": '["She", "go"]'}, repeats=1
    )
    assert [answer.inputs for answer in answers] == [{"words": '["She", "go"]'}] * 2
    assert len(json.loads(answers[0].outputs["labels"])) == 3


def test_the_refusal_of_a_stream_is_told_in_its_own_words(server):
    with pytest.raises(NoAnswer, match="stream over HTTP: text of row 0 is empty"):
        try_model(server.server.http, server.server.grpc, "stream", {"text": " "}, repeats=1)


def test_options_of_a_custom_model_can_be_generated_with(server):
    body = {"text": "Hello, world.", "options": '{"prefix": "A "}'}
    answer = http.call(server.server.http, "/v2/models/embeds/generate", body)
    assert (
        answer["result"]
        != http.call(server.server.http, "/v2/models/embeds/generate", {"text": body["text"]})["result"]
    )


def test_the_example_of_the_readme_works(server):
    answer = http.call(server.server.http, "/v2/models/classes/generate", {"text": "Hello, world."})
    assert {"labels", "scores", "truncated"} <= answer.keys()


def test_a_streamed_answer_comes_in_pieces_and_ends(server):
    pieces = http.stream(server.server.http, "/v2/models/stream/generate_stream", {"text": "Hello"})
    assert len(pieces) > 2
    assert [bool(one["finish_reason"]) for one in pieces] == [False] * (len(pieces) - 1) + [True]
    with pytest.raises(http.HttpError, match="empty"):
        http.stream(server.server.http, "/v2/models/stream/generate_stream", {"text": " "})


BAD_TEXTS = {
    "text of row 0 is empty": b"  \n",
    "is not UTF-8: byte 0xff": b"caf\xff",
    "at most 200,000 are taken": b"word " * 50_000,
}


@pytest.mark.parametrize("complaint", BAD_TEXTS)
@pytest.mark.parametrize("model", ["classes", "spans", "rewrites", "embeds"])
def test_a_bad_text_is_refused_and_says_why(client, model, complaint):
    with pytest.raises(InferenceServerException) as caught:
        ask(client, model, text=BAD_TEXTS[complaint])
    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert complaint in caught.value.message()


def outcome(client, text):
    try:
        return ask(client, "classes", text=text).as_numpy("labels")[0, 0]
    except InferenceServerException as error:
        return error.status()


def test_bad_requests_among_good_ones_fail_alone_and_all_run_in_batches(server):
    before = counted(server.server, "classes")
    texts = [f"Hello, world number {i}.".encode() if i % 8 else b"\xff" for i in range(48)]
    start = threading.Barrier(16)

    def send(worker):
        with grpc.InferenceServerClient(server.server.grpc) as client:
            start.wait()
            return [outcome(client, text) for text in texts[worker::16]]

    with ThreadPoolExecutor(16) as pool:
        by_worker = list(pool.map(send, range(16)))
    for worker, outcomes in enumerate(by_worker):
        for text, got in zip(texts[worker::16], outcomes, strict=True):
            refused = got == "StatusCode.INVALID_ARGUMENT"
            assert refused == (text == b"\xff"), got
    rows = sum(text != b"\xff" for text in texts)
    after = counted(server.server, "classes", before["inference_count"] + rows)
    assert after["execution_count"] - before["execution_count"] < rows


def test_a_bad_row_among_good_ones_is_named(client):
    with pytest.raises(InferenceServerException, match="row 1 is empty"):
        ask(client, "classes", text=[b"Good.", b"", b"Good."])


def test_a_wrong_type_shape_model_or_version_is_refused(client):
    wrong_type = grpc.InferInput("text", [1, 1], "FP32")
    wrong_type.set_data_from_numpy(np.zeros((1, 1), dtype=np.float32))
    wrong_shape = grpc.InferInput("text", [1, 2], "BYTES")
    wrong_shape.set_data_from_numpy(np.array([[b"a", b"b"]], dtype=np.object_))
    for model, inputs, version, complaint in (
        ("classes", [wrong_type], "", "data-type"),
        ("classes", [wrong_shape], "", "shape"),
        ("classes", [], "", "expected"),
        ("nobody", [wrong_shape], "", "unknown model"),
        ("classes", [wrong_shape], "7", "version 7 is not found"),
    ):
        with pytest.raises(InferenceServerException, match=complaint):
            client.infer(model, inputs, model_version=version, client_timeout=60)
    assert ask(client, "classes", text=b"Still here.").as_numpy("labels").size


def test_too_many_rows_are_refused(client):
    with pytest.raises(InferenceServerException, match="batch-size"):
        ask(client, "classes", text=[b"Hello."] * 33)


@pytest.fixture
def own_home(triton_data, tmp_path, monkeypatch):
    """A home of the user's own, but for the server's environment, which takes minutes to make."""
    data = tmp_path / "home" / "data"
    data.mkdir(parents=True)
    triton_data.mkdir(parents=True, exist_ok=True)
    (triton_data / "triton").mkdir(exist_ok=True)
    (data / "triton").symlink_to(triton_data / "triton")
    monkeypatch.setenv("GRAMMARED_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    launcher.stop(launcher.Places.of_user(), seconds=5)


def test_add_and_test_on_the_command_line(own_home, folders, capfd):
    def grammared(*arguments):
        code = main(["triton", *arguments])
        said = capfd.readouterr()
        return code, said.out + said.err

    assert grammared("test", "sentiment")[0] == 3  # no server runs
    classifier = ("--model", str(folders["text-classification"]), "--task", "text-classification")
    code, said = grammared("add", "sentiment", *classifier)
    assert code == 0 and "grammared triton start --model sentiment" in said
    ports = ("--http-port", "0", "--grpc-port", "0", "--no-metrics", "--no-docker")
    code, said = grammared("start", "--model", "sentiment", *ports)
    assert code == 0, said
    code, said = grammared("test", "sentiment", "--text", "Zürich 😀", "--input", "top_k=2", "--repeats", "2")
    assert code == 0, said
    assert "text: Zürich 😀" in said and "HTTP: " in said and "gRPC: " in said
    code, said = grammared("add", "more", "--model", str(folders["custom"]), "--task", "custom")
    assert code == 0 and "more is loaded and answers" in said, said
    hooks = own_home / "data" / "model_repository" / "more" / "hooks.py"
    hooks.write_text("def postprocess(text, options, outputs):\n    return len(text) + options['more']\n")
    code, said = grammared("test", "more", "--reload", "--text", "four", "--input", 'options={"more": 3}')
    assert code == 0 and "result: 7" in said, said
    code, said = grammared("test", "more", "--text", "four")
    assert code == 1 and "postprocess of hooks.py failed: KeyError" in said, said
    wrong = ("--model", str(folders["custom"]), "--task", "question-answering")
    code, said = grammared("add", "wrong", *wrong)
    assert code == 1 and "wrong does not load: " in said and "not trained for this task" in said
    elsewhere = ("--repository", str(own_home / "elsewhere"))
    code, said = grammared("add", "unseen", *classifier, *elsewhere)
    assert code == 1 and "the running server does not serve this repository" in said, said
    code, said = grammared("add", "sentiment", *classifier, *elsewhere)
    assert code == 1 and "the running server does not serve this repository" in said, said
    code, said = grammared("add", "sentiment", *wrong, "--force")
    assert code == 1 and "not trained for this task" in said and "what it replaced is back" in said, said
    code, said = grammared("test", "sentiment", "--reload", "--repeats", "1")
    assert code == 0 and "labels: " in said, said
    listed = {one["name"]: one["state"] for one in json.loads(grammared("list", "--format", "json")[1])}
    assert (listed["sentiment"], listed["more"], listed["ner_bert"]) == ("READY", "READY", "")
    (own_home / "data" / "model_repository" / "wrong" / "1" / "model.py").unlink()
    code, said = grammared("test", "wrong")
    assert code == 1 and "has no 1/model.py" in said, said
    code, said = grammared("add", "more", *wrong)
    assert code == 2 and "--force" in said
    code, said = grammared("test", "nobody")
    assert code == 2 and len(said.splitlines()) == 1 and "there is no model nobody" in said
    code, said = grammared("test", "sentiment", "--input", "top_k=many")
    assert code == 2 and "top_k takes INT32" in said
    assert grammared("test", "sentiment", "--timeout", "0")[0] == 2
    code, said = grammared("remove", "more", "--yes")
    assert code == 0 and not hooks.exists(), said
    code, said = grammared("test", "more")
    assert code == 2 and "there is no model more" in said, said


def test_models_of_a_hub_are_downloaded_once_and_refusals_are_told(
    triton_data, folders, tmp_path, monkeypatch
):
    hub = Hub({"owner/classifier": folders["text-classification"]})
    repository = tmp_path / "hub"
    for name, model in {
        "open": "owner/classifier",
        "gated": "owner/gated",
        "missing": "owner/missing",
    }.items():
        write(NewModel(name, "text-classification", model), repository)
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for variable in ("HF_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(variable, raising=False)
    places = launcher.Places(triton_data, tmp_path / "state", tmp_path / "cache")
    options = launcher.Options((), repository, http_port=0, grpc_port=0, metrics_port=None, use_docker=False)
    try:
        for weights_asked in (True, False):
            hub.asked.clear()
            health = launcher.start(options, places, lambda line: None)
            assert {model.name: model.problem for model in health.models} == {
                "open": "",
                "gated": "owner/gated needs a token: accept its terms on the hub and set HF_TOKEN",
                "missing": "there is no model owner/missing on the hub; if it is private, set HF_TOKEN",
            }
            assert any("owner/classifier" in one for one in hub.asked) == weights_asked
            launcher.stop(places, seconds=5)
    finally:
        launcher.stop(places, seconds=5)
        hub.shutdown()
        hub.server_close()
