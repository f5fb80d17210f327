"""What the models count, as read from a real server's metrics."""

import json
import re
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from triton_server.backend.adapter import ModelArguments
from triton_server.backend.metrics import COUNTERS, INFO, Counters
from triton_server.launcher import http

LONG = "The cat and the dog and " * 60 + "the mouse sleep."
"""More sub-words than the model takes at once, and not so many words that it would be cut into sentences."""


def metrics(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10) as response:
        return response.read().decode()


def read(server):
    """Our own metrics by name, of the only model."""
    found = re.findall(r"^grammared_(\w+?)(?:_total)?\{(.*)\} (\d+)$", metrics(server), re.MULTILINE)
    assert all('model="gector_distilbert",version="1"' in labels for _, labels, _ in found)
    return {name: int(value) for name, _, value in found}


def ask(server, **inputs):
    """What was counted for one request, and the answer."""
    before = read(server)
    body = [
        {"name": name, "shape": [len(rows), 1], "datatype": "BYTES", "data": rows}
        for name, rows in inputs.items()
    ]
    answer = http.call(server.http, "/v2/models/gector_distilbert/infer", {"inputs": body}, seconds=60)
    outputs = {output["name"]: output["data"] for output in answer["outputs"]}
    return {name: value - before[name] for name, value in read(server).items()}, outputs


@pytest.mark.triton
def test_counters(start_triton):
    health, _ = start_triton("gector_distilbert", metrics_port=0)
    server = health.server
    assert set(read(server)) == {*COUNTERS, "model_info"}
    assert read(server)["model_info"] == 1

    counted, outputs = ask(server, text=["She go to school every days. All is well.", "Yes."])
    edits = sum(len(json.loads(row)) for row in outputs["edits"])
    assert edits > 0
    assert (counted["sentences"], counted["edits"]) == (3, edits)
    assert (counted["passes"] >= 4, counted["proposals"], counted["windowed"]) == (True, 0, 0)

    counted, outputs = ask(
        server, words=['["She", "go", "to", "school", "every", "days", "."]', '["Yes", "."]']
    )
    proposals = sum(label != "$KEEP" for row in outputs["labels"] for label in json.loads(row))
    assert proposals > 0
    assert counted == dict.fromkeys(counted, 0) | {"sentences": 2, "passes": 2, "proposals": proposals}

    counted, _ = ask(server, text=[f"{LONG} All is well."])
    assert counted["sentences"] == 2
    assert 0 < counted["windowed"] < counted["passes"]

    before = read(server)
    with pytest.raises(http.HttpError, match="not a JSON list"):
        ask(server, words=["no JSON"])
    assert read(server) == before

    http.call(server.http, "/v2/repository/models/gector_distilbert/unload", post=True)
    while "nv_inference_count{" in metrics(server):  # what serves is told by Triton's own, which go
        time.sleep(0.1)
    assert read(server) == before
    http.load(server.http, "gector_distilbert", None, 60)
    counted, _ = ask(server, words=['["Yes", "."]'])
    assert counted["sentences"] == 1  # after a reload, too


@pytest.mark.triton
def test_a_server_without_metrics(start_triton):
    health, _ = start_triton("gector_distilbert", metrics_port=None)
    assert http.probe(health.server.http, "gector_distilbert")


def test_a_triton_that_has_no_metrics_for_models():
    arguments = ModelArguments("m", "1", "cpu", Path(), {})
    counters = Counters(SimpleNamespace(), arguments)
    counters.tell_identity("weights@1")
    counters.add(sentences=1, edits=2)


def test_the_names_are_prometheus_own_kind():
    assert INFO.startswith("grammared_")
    assert all(re.fullmatch("[a-z]+", name) and about for name, about in COUNTERS.items())
