"""A trace of every request, at a collector that is a few lines of Python."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from triton_server import launcher
from triton_server.launcher import http
from triton_server.launcher.errors import LauncherError


@pytest.fixture
def collector():
    """What it gets, as spans; its URL is `collector.url`."""
    spans = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in sent["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    for span in scope["spans"]:
                        spans.put((resource["resource"], span))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    spans.url = f"http://127.0.0.1:{server.server_port}/v1/traces"
    yield spans
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.triton
def test_a_request_leaves_a_trace_in_the_context_of_its_sender(start_triton, collector):
    server = start_triton("rules", trace_url=collector.url)[0].server
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    inputs = [{"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": ["I go."]}]
    context = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    http.call(server.http, "/v2/models/rules/infer", {"inputs": inputs}, headers=context)
    found = {}
    while set(found) != {"InferRequest", "rules", "compute"}:
        resource, span = collector.get(timeout=120)
        if span["traceId"] == trace:
            found[span["name"]] = span
    assert found["InferRequest"]["parentSpanId"] == "00f067aa0ba902b7"
    assert found["rules"]["parentSpanId"] == found["InferRequest"]["spanId"]
    assert found["compute"]["parentSpanId"] == found["rules"]["spanId"]
    names = {one["key"]: one["value"]["stringValue"] for one in resource["attributes"]}
    assert names["service.name"] == "grammared-triton"


@pytest.mark.parametrize(
    "url", ["localhost:4318", "grpc://localhost:4317/x", "http://localhost:4318/", "http:///v1"]
)
def test_what_is_no_collector_is_refused_at_once(url, repository, tmp_path):
    places = launcher.Places(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    with pytest.raises(
        LauncherError, match="is no address for traces: give one as http://localhost:4318/v1/"
    ):
        launcher.start(launcher.Options(("rules",), repository, trace_url=url), places, lambda _: None)
