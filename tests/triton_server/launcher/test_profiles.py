"""Profiles, and what their settings do on a real server: queues, priorities, cache."""

import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import tritonclient.grpc as grpc
from tritonclient.utils import InferenceServerException

from tests.conftest import counted, held_model, pending, rules_config, wait_until, write_model
from triton_server.authoring import new_model
from triton_server.authoring.new_model import NewModel, write
from triton_server.authoring.shipped import PIPELINE, TAGGER
from triton_server.backend import adapter
from triton_server.launcher import profiles, repository
from triton_server.launcher.config import Queue
from triton_server.launcher.profiles import Profile


@pytest.mark.parametrize("profile", get_args(Profile))
def test_a_profile_explains_itself_and_is_the_same_at_start_as_in_a_file(profile):
    text = profiles.profiled(TAGGER, profile).pbtxt()
    assert f"# Profile {profile}: " in text
    read = repository.read(repository.SHIPPED, TAGGER.name)
    profiles.apply(read, profile)
    assert read == repository.parse(text)
    assert repository.is_on_gpu(read) == ("gpu" in profile)


@pytest.mark.parametrize(("cores", "instances"), [(1, 1), (2, 2), (8, 2), (64, 16)])
def test_instances_of_several_threads_share_the_cores(cores, instances):
    assert profiles.preset("cpu", cores).instances == instances


@pytest.mark.parametrize(("device", "rows"), [("cpu", 16), ("cuda", 64)])
def test_a_grammar_model_lets_typing_overtake_and_others_have_no_priorities(device, rows):
    new = NewModel("mine", "gector", "owner/model", device=device)
    made = new_model.config(new)
    assert (made.queue.priorities, made.instances, made.max_batch_size) == (True, 2, rows)
    assert not new_model.config(replace(new, instances=1)).queue.priorities  # they slow a lone one down
    made = new_model.config(replace(new, task="token-classification"))
    assert (made.queue.priorities, made.instances, made.max_batch_size) == (False, 1, 32)


def test_cores_where_the_system_does_not_say_which_are_ours(monkeypatch):
    assert adapter.cores() == len(os.sched_getaffinity(0))
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS, from which Docker can be started
    assert adapter.cores() == os.cpu_count()
    assert profiles.preset("throughput").instances >= 1


@pytest.mark.parametrize("profile", get_args(Profile))
def test_a_pipeline_takes_no_turns_lest_its_tagger_wait_for_it_for_ever(profile):
    made = profiles.profiled(PIPELINE, profile)
    assert not made.queue.in_turn
    assert (made.device, made.instances) == ("cpu", PIPELINE.instances)


def test_a_model_that_streams_is_not_cached():
    assert not profiles.profiled(replace(TAGGER, decoupled=True), "throughput").queue.cached


@pytest.mark.parametrize("profile", ["throughput", "gpu", "multi-gpu"])
def test_a_model_whose_answers_may_be_sampled_is_not_cached_and_its_configuration_says_why(profile):
    generates = NewModel("writer", task="text-generation", model="someone/model", profile=profile)
    text = new_model.config(generates).pbtxt()
    assert "response_cache" not in text
    assert "# But not from this model: a text may be sampled" in text
    assert "response_cache" in new_model.config(replace(generates, task="question-answering")).pbtxt()


def test_a_model_of_ones_own_with_a_profile(tmp_path):
    new = NewModel("mine", "text-classification", "someone/model", device="cuda", profile="multi-gpu")
    text = (write(new, tmp_path) / "config.pbtxt").read_text()
    assert "# Profile multi-gpu: two instances on every GPU" in text
    assert "kind: KIND_GPU count: 2" in text


def test_which_gpus():
    three = replace(TAGGER, device="gpu", gpus=(2, 3))
    assert profiles.profiled(three, "gpu").gpus == (2,)
    assert profiles.profiled(three, "multi-gpu").gpus == (2, 3)
    assert profiles.profiled(three, "cpu").gpus == ()
    assert profiles.profiled(TAGGER, "gpu").gpus == (0,)


def test_what_the_server_must_be_told():
    def of(profile):
        return repository.parse(profiles.profiled(TAGGER, profile).pbtxt())

    assert profiles.server_options([of("latency")]) == []
    assert profiles.server_options([of("throughput")]) == ["--cache-config=local,size=67108864"]
    assert profiles.server_options([of("cpu"), of("latency")])[0] == "--rate-limit=execution_count"


def served_model(folder, name, queue, gate, log):
    """A model that answers one request at a time, none while there is no gate, and logs what it was asked."""
    made = replace(rules_config(name), queue=queue, max_batch_size=1)
    write_model(folder, made, held_model(gate, log))


def infer(server, model, text, **options):
    with grpc.InferenceServerClient(server.grpc) as client:
        tensor = grpc.InferInput("text", [1, 1], "BYTES")
        tensor.set_data_from_numpy(np.array([[text.encode()]], dtype=np.object_))
        try:
            result = client.infer(model, [tensor], client_timeout=60, **options)
        except InferenceServerException as error:
            return error
        return result.as_numpy("corrected_text")[0, 0].decode()


@pytest.mark.triton
def test_queues_priorities_cache_and_turns_on_a_real_server(start_triton, tmp_path):
    gate, log = tmp_path / "gate", tmp_path / "log"
    gate.touch()
    queues = {
        "short": Queue(most=2),
        "typing": Queue(timeout=60_000_000, priorities=True),
        "cached": Queue(cached=True, in_turn=True),
    }
    for name, queue in queues.items():
        served_model(tmp_path / "r", name, queue, gate, log)
    health, _ = start_triton(*queues, repository=tmp_path / "r", metrics_port=0)
    server = health.server

    with ThreadPoolExecutor(8) as threads:
        gate.unlink()
        asked = [threads.submit(infer, server, "short", "I go.") for _ in range(8)]
        wait(asked, return_when=FIRST_COMPLETED)  # none is answered now
        gate.touch()
        answers = [one.result() for one in asked]
        refused = [one for one in answers if isinstance(one, InferenceServerException)]
        assert {one.status() for one in refused} == {"StatusCode.UNAVAILABLE"}
        assert "maximum queue size" in refused[0].message()
        assert answers.count("I goes.") == 8 - len(refused) >= 2

        gate.unlink()
        log.unlink()
        files = [threads.submit(infer, server, "typing", "I go.") for _ in range(6)]
        wait_until(lambda: pending(server, "typing") >= 5)  # one runs
        typed = threads.submit(infer, server, "typing", "He go.", priority=1)
        wait_until(lambda: pending(server, "typing") >= 6)
        gate.touch()
        assert (typed.result(), *(one.result() for one in files)) == ("He goes.", *["I goes."] * 6)
        order = log.read_text().split()
        passes = order.count("I") // len(files)
        assert order[order.index("He") :].count("I") >= 2 * passes

        gate.unlink()
        threads.submit(infer, server, "typing", "I go.")
        late = [threads.submit(infer, server, "typing", "I go.", timeout=1000) for _ in range(3)]
        wait_until(lambda: pending(server, "typing") >= 1 or any(one.done() for one in late))
        gate.touch()
        assert any("timeout expired" in str(one.result()) for one in late)

    assert infer(server, "cached", "He go.") == infer(server, "cached", "He go.") == "He goes."
    wait_until(lambda: counted(server, "cached")["inference_stats"]["cache_hit"]["count"] >= 1)
