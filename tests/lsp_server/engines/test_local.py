"""The engine inside this process, on the bundled model."""

import asyncio
import threading

import pytest

from lsp_server.engines import LocalEngine
from lsp_server.errors import EngineError, ModelError

SENTENCES = [["She", "go", "to", "school", "."], [], ["All", "is", "well", "."]]


@pytest.fixture
async def engine():
    engine = LocalEngine(threads=1)
    await engine.start()
    yield engine
    await engine.close()


async def test_each_sentence_gets_a_label_for_each_word_and_the_start(engine):
    taggings = await engine.tag(SENTENCES * 30, 0.0)
    assert [len(tagging.labels) for tagging in taggings] == [6, 1, 5] * 30
    assert taggings[:3] == taggings[-3:]
    assert taggings[0].labels[2].startswith("$TRANSFORM_VERB")


async def test_the_event_loop_goes_on_while_the_model_runs(engine):
    tagging = asyncio.create_task(engine.tag(SENTENCES * 100, 0.0))
    turns = 0
    while not tagging.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10


async def test_a_cancelled_check_makes_room_for_the_next(engine):
    endless = asyncio.create_task(engine.tag(SENTENCES * 20_000, 0.0))
    await asyncio.sleep(0.05)
    endless.cancel()
    assert len(await asyncio.wait_for(engine.tag(SENTENCES, 0.0), 60)) == 3


async def test_of_a_cancelled_check_no_further_sentence_is_run(engine, monkeypatch):
    forward, runs, begun = engine._tagger._forward, [], threading.Event()

    def counted(batch):
        runs.append(batch)
        begun.set()
        return forward(batch)

    monkeypatch.setattr(engine._tagger, "_forward", counted)
    check = asyncio.create_task(engine.tag([["ab"] * 300] * 30, 0.0))
    await asyncio.to_thread(begun.wait)
    check.cancel()
    await engine.tag(SENTENCES, 0.0)
    assert len(runs) < 10


async def test_before_the_start_and_after_the_end(engine):
    with pytest.raises(EngineError, match="not started"):
        await LocalEngine().tag(SENTENCES, 0.0)
    await engine.close()
    await engine.close()
    with pytest.raises(EngineError):
        await engine.tag(SENTENCES, 0.0)


async def test_a_folder_without_a_model(tmp_path):
    engine = LocalEngine(tmp_path)
    with pytest.raises(ModelError, match=r"config\.json"):
        await engine.start()
    await engine.close()


@pytest.mark.parametrize("checks", [1, 3])
async def test_closing_ends_the_checks_under_way_and_those_that_wait(engine, checks):
    under_way = [asyncio.create_task(engine.tag(SENTENCES * 20_000, 0.0)) for _ in range(checks)]
    await asyncio.sleep(0.05)
    await engine.close()
    for check in under_way:
        with pytest.raises(EngineError, match="closed"):
            await asyncio.wait_for(check, 60)


async def test_a_cancelled_check_of_endless_sentences_makes_room_for_the_next(engine):
    endless = asyncio.create_task(engine.tag([["ab"] * 500] * 200, 0.0))
    await asyncio.sleep(0.05)
    endless.cancel()
    assert len(await asyncio.wait_for(engine.tag(SENTENCES, 0.0), 60)) == 3
