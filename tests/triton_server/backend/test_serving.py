"""The shipped models on a real Triton: plain HTTP, gRPC, batches, bad requests beside good ones."""

import asyncio
import json
import queue
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tritonclient import grpc
from tritonclient.utils import InferenceServerException

from lsp_server.engines import TritonEngine
from tests.conftest import counted, write_model
from triton_server.gector.model_files import bundled_model
from triton_server.gector.onnx_model import onnx_tagger
from triton_server.gector.passes import correct
from triton_server.launcher import http
from triton_server.launcher.config import ModelConfig, Tensor
from triton_server.segmentation.sentences import sentences_in

pytestmark = pytest.mark.triton


def post(server, path, body):
    """As curl would."""
    request = urllib.request.Request(f"{server.http}{path}", json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def column(name, *rows):
    return {"name": name, "shape": [len(rows), 1], "datatype": "BYTES", "data": list(rows)}


def test_text_over_plain_http(triton):
    code, answer = post(
        triton,
        "/v2/models/gector_distilbert/infer",
        {"inputs": [column("text", "She go to school every day. All is well.", "I am.")]},
    )
    outputs = {output["name"]: output["data"] for output in answer["outputs"]}
    assert code == 200
    assert outputs["corrected_text"] == ["She goes to school every day. All is well.", "I am."]
    [edit] = json.loads(outputs["edits"][0])
    assert (edit["start"], edit["end"], edit["replacement"]) == (4, 6, "goes")
    assert edit["labels"] == ["$TRANSFORM_VERB_VB_VBZ"]
    assert 0 < edit["confidence"] <= 1


def test_the_server_splits_and_corrects_as_we_do(triton):
    """The server has a spaCy of its own, which may be another version."""
    tagger = onnx_tagger(bundled_model())
    decoding = tagger.files.decoding
    texts = [
        "Dr. Smith go (e.g. to Rome) every days.  They does n't like it... Isn't he?",
        "a/b co-op 3.5% :) it's",
    ]
    for text in texts:
        _, answer = post(triton, "/v2/models/gector_distilbert/generate", {"text": text})
        located = sentences_in(text)
        edits = correct([sentence for _, sentence in located], tagger, decoding)
        expected = [
            (start + edit.start, start + edit.end, edit.replacement)
            for (start, _), of_sentence in zip(located, edits, strict=True)
            for edit in of_sentence
        ]
        served = json.loads(answer["edits"])
        assert [(edit["start"], edit["end"], edit["replacement"]) for edit in served] == expected


async def test_labels_are_the_local_engines_to_the_last_bit(triton):
    """Its instances run the same fast form of the model: a sentence a run, whatever is in the batch."""
    sentences = [
        [word.text for word in one.words]
        for _, one in sentences_in("She go to school. They was late! I have two cat. All is well, is n't it?")
    ]
    engine = TritonEngine(triton.grpc, "gector_distilbert", deadline=60)
    await engine.start()
    batches = await asyncio.gather(*(engine.tag(sentences, 0.0) for _ in range(4)))
    await engine.close()
    local = onnx_tagger(bundled_model(), threads=1)(sentences, [0.0] * len(sentences))
    for tagged in batches:
        assert [one.labels for one in tagged] == [one.labels for one in local]
        for one, other in zip(tagged, local, strict=True):
            assert np.array_equal(np.float32(one.probabilities), np.float32(other.probabilities))
            assert np.array_equal(np.float32(one.error_probabilities), np.float32(other.error_probabilities))


def test_generate(triton):
    code, answer = post(
        triton, "/v2/models/gector_distilbert/generate", {"text": "She go to school every day."}
    )
    assert (code, answer["corrected_text"]) == (200, "She goes to school every day.")


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        ([column("words", "no json")], "words of row 0 is not a JSON list of non-empty strings"),
        ([column("words", "[]"), column("text", "")], "give either words"),
        ([], "request has 0 inputs"),
        ([column("nonsense", "")], "unexpected inference input 'nonsense'"),
        ([{"name": "text", "shape": [1, 1], "datatype": "INT32", "data": [1]}], "data-type"),
        ([{"name": "text", "shape": [1, 2], "datatype": "BYTES", "data": ["a", "b"]}], "shape"),
        ([column("text", *["a"] * 17)], "batch-size must be <= 16"),
        ([column("text", "I am.", " \n")], "text of row 1 is empty"),
        ([column("text", "I am. " * 9_000)], "54,000 characters; at most 50,000 are taken"),
        ([column("text", "a b " * 5_001)], "10,002 words and marks; at most 10,000 are taken"),
        ([column("text", "a") | {"data": ["a", "b"]}], "unexpected number of string elements 2 for"),
        ([column("text", "a") | {"data": []}], "expected 1 string elements for"),
        ([column("text", "a") | {"datatype": "TEXT"}], "invalid datatype for input text"),
    ],
)
def test_bad_requests_get_http_400_and_a_reason(triton, inputs, complaint):
    code, answer = post(triton, "/v2/models/gector_distilbert/infer", {"inputs": inputs})
    assert code == 400
    assert complaint in answer["error"]


@pytest.mark.parametrize(
    ("endpoint", "body", "code", "complaint"),
    [
        ("generate", b"{'text': 1}", 500, "failed to parse the request JSON buffer: "),
        ("generate", b'{"txt": "a"}', 400, "out of bounds index 0: request has 0 inputs"),
        ("generate", b'{"text": 5}', 500, "Unable to parse JSON bytes array: "),
        ("infer", b"[]", 500, "Unable to parse 'inputs': "),
        ("infer", b"", 400, "Raw request must only have 1 input (found 1) to be deduced but got 4"),
    ],
)
def test_what_triton_says_of_bodies_that_it_cannot_read(triton, endpoint, body, code, complaint):
    """As the troubleshooting page has it."""
    request = urllib.request.Request(f"{triton.http}/v2/models/gector_distilbert/{endpoint}", body)
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request, timeout=60)
    with raised.value as error:
        assert error.code == code
        assert complaint in json.load(error)["error"]


def infer_text(server, *rows):
    with grpc.InferenceServerClient(server.grpc) as client:
        tensor = grpc.InferInput("text", [len(rows), 1], "BYTES")
        tensor.set_data_from_numpy(np.array([[row] for row in rows], dtype=np.object_))
        result = client.infer("rules", [tensor], client_timeout=60)
        return [row.decode() for (row,) in result.as_numpy("corrected_text")]


def test_bytes_that_are_no_utf8_hurt_nobody_else_in_the_batch(triton):
    def ask(row):
        try:
            return infer_text(triton, row)
        except InferenceServerException as error:
            return error

    rows = [b"I go.", b"caf\xe9", "Zoë go.".encode(), b"\xff\xfe"] * 8
    with ThreadPoolExecutor(16) as threads:
        good, bad, other, worse = (list(threads.map(ask, rows))[i::4] for i in range(4))
    assert good == [["I goes."]] * 8
    assert other == [["Zoë goes."]] * 8
    for error in (*bad, *worse):
        assert error.status() == "StatusCode.INVALID_ARGUMENT"
        assert "text of row 0 is not UTF-8" in error.message()


async def test_concurrent_requests_run_in_batches(triton):
    """The model is busy with one while others arrive; those that wait run together."""
    before = counted(triton, "slow")
    engine = TritonEngine(triton.grpc, "slow", deadline=60)
    await engine.start()
    engines = [TritonEngine(triton.grpc, "slow", deadline=60) for _ in range(12)]
    for one in engines:
        one._client, one._card = engine._client, engine._card
    await asyncio.gather(*(one.tag([["I", "go"]], 0.0) for one in engines))
    after = await asyncio.to_thread(counted, triton, "slow", before["inference_count"] + 13)
    await engine.close()
    assert after["inference_count"] == before["inference_count"] + 13
    assert 13 / (after["execution_count"] - before["execution_count"]) > 2


STREAM_MODEL = """
    import time
    import triton_python_backend_utils as pb_utils
    from triton_server.backend import adapter
    from triton_server.backend.requests import strings

    class TritonPythonModel:
        def execute(self, requests):
            adapter.stream(pb_utils, self, requests)

        def stream(self, requests, send):
            for i, request in enumerate(requests):
                goes_on = send(i, {"piece": strings(["one"])}, False)
                while goes_on and b"endless" in request.inputs["text"]:
                    # Triton may crash when a request is cancelled as a piece is sent.
                    while not request.is_cancelled():
                        time.sleep(0.01)
                    goes_on = send(i, {"piece": strings(["one more"])}, False)
            return [None] * len(requests)
"""


def test_a_client_that_cancels_its_stream_does_not_hold_up_the_next(start_triton, tmp_path):
    text, piece = Tensor("text", "STRING"), Tensor("piece", "STRING")
    config = ModelConfig("pieces", "Pieces.", (text,), (piece,), decoupled=True)
    write_model(tmp_path / "models", config, STREAM_MODEL)
    server = start_triton("pieces", repository=tmp_path / "models")[0].server
    arrived = queue.Queue()
    with grpc.InferenceServerClient(server.grpc) as client:
        client.start_stream(lambda result, error: arrived.put((result, error)))
        tensor = grpc.InferInput("text", [1, 1], "BYTES")
        tensor.set_data_from_numpy(np.array([[b"endless"]], dtype=np.object_))
        client.async_stream_infer("pieces", [tensor])
        result, _ = arrived.get(timeout=60)
        assert result.as_numpy("piece").tolist() == [[b"one"]]
        client.stop_stream(cancel_requests=True)
    assert (
        http.stream(server.http, "/v2/models/pieces/generate_stream", {"text": "short"})[0]["piece"] == "one"
    )


def test_metrics(triton):
    address = f"http://127.0.0.1:{triton.metrics_port}/metrics"
    with urllib.request.urlopen(address, timeout=10) as response:
        assert "nv_inference_exec_count" in response.read().decode()
