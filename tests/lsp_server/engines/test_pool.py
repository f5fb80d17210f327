"""Several real servers as one engine."""

import asyncio
import os
import signal

import pytest

from lsp_server.engines import FailoverEngine, LocalEngine, PoolEngine, TritonEngine
from lsp_server.errors import EngineError, EngineUnavailable
from tests.conftest import RULES_MODEL, counted, rules_config, write_model
from triton_server import launcher
from triton_server.launcher import http

pytestmark = pytest.mark.triton

SENTENCE = ["She", "go", "."]
TAGGED = ("$KEEP", "$KEEP", "$REPLACE_goes", "$KEEP")


class Changes(list):
    """What `on_change` was told; can be waited for."""

    def __init__(self):
        self._news = asyncio.Event()

    def __call__(self, message, out):
        self.append((message, out))
        self._news.set()

    async def until(self, number):
        while len(self) < number:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 60)
        return self[number - 1]


def pool(servers, changes, **options):
    engines = [TritonEngine(server.grpc, "rules", **options) for server in servers]
    return PoolEngine(engines, changes, probe_pause=0.1)


def answers_more(server):
    counted(server, "rules", rows=counted(server, "rules")["inference_count"] + 1)


async def test_killed_under_load_and_brought_back(start_triton):
    servers = [start_triton("rules")[0].server for _ in range(2)]
    changes = Changes()
    engine = pool(servers, changes)
    await engine.start()
    done = asyncio.Event()

    async def ask():
        while not done.is_set():
            assert [one.labels for one in await engine.tag([SENTENCE] * 3, 0.0)] == [TAGGED] * 3

    clients = [asyncio.create_task(ask()) for _ in range(6)]
    for server in servers:
        await asyncio.to_thread(answers_more, server)

    os.kill(servers[0].pid, signal.SIGKILL)
    message, out = await changes.until(1)
    assert (message.startswith(f"Triton at {servers[0].grpc} "), out) == (True, True)
    assert message.endswith("; 1 of 2 go on.")

    ports = {"http_port": servers[0].http_port, "grpc_port": servers[0].grpc_port}
    again = (await asyncio.to_thread(start_triton, "rules", **ports))[0].server
    assert await changes.until(2) == (f"Triton at {again.grpc} is back.", False)
    await asyncio.to_thread(answers_more, again)
    done.set()
    await asyncio.gather(*clients)  # none of them has failed
    assert engine.identity == "triton:rules:1:rules@1"
    await engine.close()


async def test_a_model_that_fails_here_and_not_there_is_left_out(start_triton, kill_stub):
    servers = [start_triton("rules", "echo")[0].server for _ in range(2)]
    changes = Changes()
    engine = pool(servers, changes)
    await engine.start()
    kill_stub(servers[1].pid, "rules")
    for _ in range(4):
        assert (await engine.tag([SENTENCE] * 200, 0.0))[-1].labels == TAGGED
    assert "not healthy" in changes[0][0]
    with pytest.raises(EngineError, match="the model exploded"):  # the sentence's own fault: no server's
        await engine.tag([["explode"]], 0.0)
    assert len(changes) == 1
    await engine.close()


async def test_another_model_is_left_out_until_the_others_have_followed(start_triton, tmp_path):
    servers = []
    for number in (1, 2):
        write_model(tmp_path / f"models{number}", rules_config("rules"), RULES_MODEL)
        servers.append(start_triton("rules", repository=tmp_path / f"models{number}")[0].server)
    changes = Changes()
    engine = pool(servers, changes)
    await engine.start()

    async def renew(number):
        write_model(tmp_path / f"models{number}", rules_config("rules", identity="rules@2"), RULES_MODEL)
        await asyncio.to_thread(http.load, servers[number - 1].http, "rules", None, 60)

    await renew(1)
    await asyncio.gather(*(engine.tag([SENTENCE], 0.0) for _ in range(8)))
    assert engine.identity == "triton:rules:1:rules@1"
    assert "has another model than the others" in (await changes.until(1))[0]
    await renew(2)
    await asyncio.gather(*(engine.tag([SENTENCE], 0.0) for _ in range(8)))
    assert engine.identity == "triton:rules:1:rules@2"
    assert await changes.until(2) == (f"Triton at {servers[0].grpc} is back.", False)
    await engine.close()


async def test_local_only_when_all_are_gone(start_triton):
    started = [start_triton("rules") for _ in range(2)]
    changes, local = Changes(), Changes()
    engine = FailoverEngine(
        pool([health.server for health, _ in started], changes), LocalEngine(), local, probe_pause=0.1
    )
    await engine.start()
    launcher.stop(started[0][1])
    await engine.tag([SENTENCE], 0.0)
    assert engine.identity == "triton:rules:1:rules@1"
    launcher.stop(started[1][1])
    await engine.tag([SENTENCE], 0.0)
    assert engine.identity.startswith("local:")
    server = started[1][0].server
    start_triton("rules", http_port=server.http_port, grpc_port=server.grpc_port)
    assert (await local.until(2))[0] == "Triton is back."
    assert engine.identity == "triton:rules:1:rules@1"
    await engine.close()


async def test_one_is_down_from_the_start_and_then_all(start_triton, triton):
    health, places = start_triton("rules")
    launcher.stop(places)
    changes = Changes()
    engine = pool([health.server, triton], changes)
    await engine.start()
    assert [one.labels for one in await engine.tag([SENTENCE], 0.0)] == [TAGGED]
    assert changes == [(f"Triton at {health.server.grpc} cannot be reached; 1 of 2 go on.", True)]
    await engine.close()
    engine = pool([health.server, health.server], changes)
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await engine.start()
    await engine.close()
