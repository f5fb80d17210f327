"""The Triton engine on a real server, and what it makes of every way to fail."""

import asyncio
import os
import signal
import socket
from dataclasses import replace

import grpc
import pytest
from tritonclient.utils import InferenceServerException

from lsp_server.engines import LocalEngine, TritonEngine
from lsp_server.engines import triton as triton_engine
from lsp_server.errors import EngineError, EngineUnavailable, ModelError
from tests.conftest import counted, held_model, pending, rules_config, wait_until, write_model
from triton_server.gector.types import Decoding
from triton_server.launcher.config import Queue
from triton_server.segmentation import words_of

pytestmark = pytest.mark.triton

TEXTS = """
She go to school every days .
Their are many problem in this cities, are n't they ?
I has been working here since five years and I very like it, an old friend tell me it was good .
All is well.
""".strip().splitlines()
SENTENCES = [[word.text for word in words_of(text)] for text in TEXTS] + [
    [],
    ["Hello"],
    ["naïve", "😀", "x" * 300],
]


@pytest.fixture
async def engine(triton):
    engine = TritonEngine(triton.grpc, "rules")
    await engine.start()
    yield engine
    await engine.close()


async def test_both_engines_say_the_same_of_the_same_weights(triton):
    local, remote = LocalEngine(), TritonEngine(triton.grpc, "gector_distilbert", deadline=60)
    await asyncio.gather(local.start(), remote.start())
    many = SENTENCES * 20  # more than one request
    try:
        assert await remote.tag(many, 0.1) == await local.tag(many, 0.1)
        assert all(remote.decoding(one) == local.decoding(one) for one in ("low", "normal", "high"))
        assert remote.identity == f"triton:gector_distilbert:1:{local.identity.removeprefix('local:')}"
    finally:
        await local.close()
        await remote.close()


async def test_answers_come_in_the_order_of_the_sentences(engine):
    sentences = [["go"] * (i % 7) for i in range(200)]
    taggings = await engine.tag(sentences, 0.0)
    assert [tagging.labels for tagging in taggings] == [
        ("$KEEP", *["$REPLACE_goes"] * (i % 7)) for i in range(200)
    ]


async def test_no_sentences(engine):
    assert await engine.tag([], 0.0) == []


async def test_thresholds_and_identity_are_the_models(engine):
    assert engine.decoding("normal") == Decoding(0.0, 0.1, 3)
    assert engine.identity == "triton:rules:1:rules@1"


async def test_a_version_may_be_chosen(triton):
    engine = TritonEngine(triton.grpc, "rules", version="1")
    await engine.start()
    await engine.close()
    engine = TritonEngine(triton.grpc, "rules", version="7")
    with pytest.raises(ModelError, match="has no model rules version 7"):
        await engine.start()
    await engine.close()


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        ("nope", "has no model nope$"),
        (
            "echo",
            "echo on Triton at .* is no grammar model: it has no error_probabilities, keep_confidence, ",
        ),
    ],
)
async def test_another_model_under_the_name(triton, model, complaint):
    engine = TritonEngine(triton.grpc, model)
    with pytest.raises(ModelError, match=complaint):
        await engine.start()
    await engine.close()


async def test_a_model_that_takes_too_long(triton):
    engine = TritonEngine(triton.grpc, "slow", deadline=0.5)
    with pytest.raises(EngineUnavailable, match="did not answer within"):
        await engine.start()
    await engine.close()


async def test_a_model_that_fails_on_a_sentence_goes_on_with_others(engine):
    with pytest.raises(EngineError, match="the model exploded"):
        await engine.tag([["explode"]], 0.0)
    assert await engine.tag([["go"]], 0.0)


async def test_a_model_that_answers_for_too_few_sentences(start_triton, tmp_path):
    forgetful = """
        import numpy as np
        import triton_python_backend_utils as pb_utils

        class TritonPythonModel:
            def execute(self, requests):
                card = b'{"identity": "f@1", "decodings": {"normal": {}}}'
                labels = np.array([[b'["$KEEP", "$KEEP"]']], dtype=object)
                numbers = np.full((1, 2), 0.9, dtype=np.float32)
                columns = {"labels": labels, "probabilities": numbers, "error_probabilities": numbers}
                columns["model"] = np.array([[card]], dtype=object)
                answer = [pb_utils.Tensor(name, column) for name, column in columns.items()]
                return [pb_utils.InferenceResponse(answer) for _ in requests]
    """
    write_model(tmp_path / "models", rules_config("forgetful"), forgetful)
    health, _ = start_triton(repository=tmp_path / "models")
    engine = TritonEngine(health.server.grpc, "forgetful")
    with pytest.raises(ModelError, match="an answer that does not fit"):
        await engine.start()  # five words, and labels for one
    with pytest.raises(ModelError, match="an answer that does not fit"):
        await engine.tag([["one"], ["two"]], 0.0)
    assert len(await engine.tag([["one"]], 0.0)) == 1
    await engine.close()


async def test_what_is_typed_overtakes_a_whole_file_of_another_editor(start_triton, tmp_path):
    log, gate = tmp_path / "log", tmp_path / "gate"
    config = replace(rules_config("ordered"), queue=Queue(priorities=True), max_batch_size=1)
    write_model(tmp_path / "models", config, held_model(gate, log))
    gate.touch()
    health, _ = start_triton("ordered", repository=tmp_path / "models", metrics_port=0)
    server = health.server
    opening, typing = (TritonEngine(server.grpc, "ordered", deadline=60) for _ in range(2))
    await asyncio.gather(opening.start(), typing.start())
    gate.unlink()
    log.unlink()

    file = asyncio.create_task(opening.tag([["opened"]] * 6, 0.0))
    await asyncio.to_thread(wait_until, lambda: pending(server, "ordered") >= 2)  # one runs
    typed = asyncio.create_task(typing.tag([["typed"]], 0.0))
    await asyncio.to_thread(wait_until, lambda: pending(server, "ordered") >= 3)
    gate.touch()
    await asyncio.gather(file, typed)
    assert log.read_text().split() == ["opened", "typed", *["opened"] * 5]
    await asyncio.gather(opening.close(), typing.close())


async def test_what_is_no_longer_wanted_is_answered_all_the_same(start_triton, tmp_path):
    """Triton may crash on a request that is cancelled."""
    log, gate = tmp_path / "log", tmp_path / "gate"
    write_model(tmp_path / "models", rules_config("held"), held_model(gate, log))
    gate.touch()
    server = start_triton("held", repository=tmp_path / "models")[0].server
    leaves, is_late = (TritonEngine(server.grpc, "held", deadline=60) for _ in range(2))
    await asyncio.gather(leaves.start(), is_late.start())
    before = await asyncio.to_thread(counted, server, "held")
    gate.unlink()
    log.unlink()

    unwanted = asyncio.create_task(leaves.tag([["left"]], 0.0))
    await asyncio.to_thread(wait_until, log.exists)
    unwanted.cancel()
    is_late._deadline = 0.1
    with pytest.raises(EngineUnavailable, match="did not answer within"):
        await is_late.tag([["late"]], 0.0)
    gate.touch()
    after = await asyncio.to_thread(counted, server, "held", before["inference_count"] + 2)
    assert "fail" not in after["inference_stats"] or after["inference_stats"]["fail"].get("count", 0) == 0
    assert log.read_text().split() == ["left", "late"]
    assert await leaves.tag([["wanted"]], 0.0)
    await asyncio.gather(leaves.close(), is_late.close())


async def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        engine = TritonEngine(f"127.0.0.1:{free.getsockname()[1]}", "rules")
        with pytest.raises(EngineUnavailable, match="cannot be reached"):
            await engine.start()
    await engine.close()


async def test_who_asks_until_it_is_cancelled_ends_when_it_is():
    """At whatever moment: an answer that comes just then is not taken for one."""
    engine = TritonEngine("127.0.0.1:1", "rules")

    async def ask():
        while True:
            with pytest.raises(EngineUnavailable):
                await engine.start()

    for moment in range(200):
        asking = asyncio.create_task(ask())
        await asyncio.sleep(moment * 1e-5)
        asking.cancel()
        await asyncio.wait({asking}, timeout=30)
        assert asking.cancelled()
    await engine.close()


async def test_a_killed_server(start_triton):
    health, _ = start_triton("slow")
    engine = TritonEngine(health.server.grpc, "slow", deadline=30)
    await engine.start()
    under_way = asyncio.create_task(engine.tag([["go"]], 0.0))
    await asyncio.sleep(0.2)
    os.kill(health.server.pid, signal.SIGKILL)
    with pytest.raises(EngineUnavailable):
        await asyncio.wait_for(under_way, 10)  # long before its deadline
    await engine.close()


async def test_a_server_that_hangs_is_given_up_before_the_deadline(start_triton, monkeypatch):
    monkeypatch.setattr(triton_engine, "_SIGN_OF_LIFE", 0.5)
    health, _ = start_triton("rules")
    engine = TritonEngine(health.server.grpc, "rules", deadline=60)
    await engine.start()
    os.kill(health.server.pid, signal.SIGSTOP)
    with pytest.raises(EngineUnavailable, match="hangs: it gives no sign of life"):
        await asyncio.wait_for(engine.tag([["go"]], 0.0), 30)
    os.kill(health.server.pid, signal.SIGCONT)
    await engine.close()


async def test_a_dead_stub(start_triton, kill_stub):
    health, _ = start_triton("rules", "echo")
    engine = TritonEngine(health.server.grpc, "rules")
    await engine.start()
    kill_stub(health.server.pid, "rules")
    with pytest.raises(EngineUnavailable, match="not healthy"):
        await engine.tag([["go"]], 0.0)
    await engine.close()


async def test_closing_ends_what_is_under_way(triton):
    engine = TritonEngine(triton.grpc, "slow", deadline=60)
    await engine.start()
    under_way = [asyncio.create_task(engine.tag([["go"]], 0.0)) for _ in range(5)]  # two more than at a time
    await asyncio.sleep(0.2)
    await engine.close()
    for one in under_way:
        with pytest.raises(EngineUnavailable, match="closed"):
            await asyncio.wait_for(one, 60)


async def test_a_closed_engine(engine):
    await engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        await engine.tag([["go"]], 0.0)


MEANING = {
    "INVALID_ARGUMENT": EngineError,
    "NOT_FOUND": ModelError,
    "INTERNAL": EngineError,
}


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_every_status_of_grpc_has_a_meaning(code):
    error = InferenceServerException("a message", status=str(code))
    assert type(TritonEngine("host:1", "m")._as_engine_error(error)) is MEANING.get(
        code.name, EngineUnavailable
    )
