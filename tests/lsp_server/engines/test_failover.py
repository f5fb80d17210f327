"""Triton goes, the local engine takes over; Triton returns, it takes over again."""

import asyncio
import os
import signal

import pytest

from lsp_server.engines import FailoverEngine, LocalEngine, PoolEngine, SplitEngine, TritonEngine
from lsp_server.errors import EngineError, EngineUnavailable, ModelError
from triton_server import launcher
from triton_server.launcher import http

pytestmark = pytest.mark.triton

SENTENCE = ["She", "go", "."]


class Changes(list):
    """What `on_change` was told; can be waited for."""

    def __init__(self):
        self._news = asyncio.Event()

    def __call__(self, message, degraded):
        self.append((message, degraded))
        self._news.set()

    async def next(self):
        await asyncio.wait_for(self._news.wait(), 60)
        self._news.clear()
        return self[-1]


async def failover(server, model, changes, **options):
    return FailoverEngine(
        TritonEngine(server.grpc, model, **options), LocalEngine(), changes, probe_pause=0.1
    )


async def test_killed_during_a_check_and_started_again(start_triton):
    health, _ = start_triton("slow")
    changes = Changes()
    engine = await failover(health.server, "slow", changes, deadline=30)
    await engine.start()
    assert engine.identity == "triton:slow:1:rules@1"

    under_way = asyncio.create_task(engine.tag([SENTENCE], 0.0))
    await asyncio.sleep(0.2)
    os.kill(health.server.pid, signal.SIGKILL)
    message, degraded = await changes.next()
    assert (degraded, message.endswith("The local engine takes over.")) == (True, True)
    assert len((await under_way)[0].labels) == 4
    assert engine.identity.startswith("local:")

    start_triton("slow", http_port=health.server.http_port, grpc_port=health.server.grpc_port)
    assert await changes.next() == ("Triton is back.", False)
    assert engine.identity == "triton:slow:1:rules@1"
    await engine.close()


async def test_down_at_the_start(start_triton):
    health, places = start_triton("rules")
    launcher.stop(places)
    changes = Changes()
    engine = await failover(health.server, "rules", changes)
    await engine.start()
    assert changes == [
        (f"Triton at {health.server.grpc} cannot be reached. The local engine takes over.", True)
    ]
    assert await engine.tag([SENTENCE], 0.0)
    await engine.close()


async def test_a_dead_stub_and_its_model_loaded_again(start_triton, kill_stub):
    health, _ = start_triton("rules")
    changes = Changes()
    engine = await failover(health.server, "rules", changes)
    await engine.start()
    kill_stub(health.server.pid, "rules")
    await engine.tag([SENTENCE], 0.0)
    assert (await changes.next())[1]
    base = health.server.http
    await asyncio.to_thread(http.call, base, "/v2/repository/models/rules/unload", post=True)
    await asyncio.to_thread(http.load, base, "rules", None, 60)
    assert await changes.next() == ("Triton is back.", False)
    await engine.close()


@pytest.mark.parametrize(
    ("model", "options", "complaint"),
    [
        ("slow", {"deadline": 0.5}, "did not answer within 0.5 s"),
        ("echo", {}, "is no grammar model"),
        ("nope", {}, "has no model nope"),
    ],
)
async def test_slow_or_wrong_at_the_start(triton, model, options, complaint):
    changes = Changes()
    engine = await failover(triton, model, changes, **options)
    await engine.start()
    assert complaint in changes[0][0]
    assert engine.identity.startswith("local:")
    await engine.close()


async def test_many_checks_fail_at_once_and_one_message_is_given(start_triton):
    health, places = start_triton("rules")
    changes = Changes()
    engine = await failover(health.server, "rules", changes)
    await engine.start()
    launcher.stop(places)
    answers = await asyncio.gather(*(engine.tag([SENTENCE], 0.0) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(changes) == 1
    await engine.close()


@pytest.mark.parametrize("kind", ["failover", "pool", "split"])
async def test_closing_under_load_is_no_news_and_leaves_nothing_behind(triton, kind):
    changes = Changes()
    slow = [TritonEngine(triton.grpc, "slow", deadline=60) for _ in range(2)]
    engine = {
        "failover": lambda: FailoverEngine(slow[0], LocalEngine(), changes),
        "pool": lambda: PoolEngine(slow, changes),
        "split": lambda: SplitEngine(dict(zip("12", slow, strict=True)), {"1": 1, "2": 1}, None, changes),
    }[kind]()
    await engine.start()
    others = asyncio.all_tasks()
    checks = [asyncio.create_task(engine.tag([SENTENCE], 0.0)) for _ in range(5)]
    await asyncio.sleep(0.2)
    await engine.close()
    for check in checks:
        with pytest.raises(EngineError, match="closed"):
            await asyncio.wait_for(check, 60)
    assert changes == []
    assert asyncio.all_tasks() == others


async def test_neither_can_be_used(triton, tmp_path):
    engine = FailoverEngine(TritonEngine(triton.grpc, "nope"), LocalEngine(tmp_path), print)
    with pytest.raises(
        ModelError, match=r"has no model nope; and the local engine: .*config\.json"
    ) as raised:
        await engine.start()
    assert isinstance(raised.value.__cause__, EngineError)
    assert not isinstance(raised.value, EngineUnavailable)
    await engine.close()
