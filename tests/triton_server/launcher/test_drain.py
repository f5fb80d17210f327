"""A server that is stopped answers what is in flight, refuses what is new, and says what it cut."""

import http.client
import shutil
import threading
import time
from pathlib import Path

import pytest

from lsp_server.engines import TritonEngine
from lsp_server.errors import EngineUnavailable
from tests.conftest import RULES_MODEL, pending, rules_config, wait_until, write_model
from tests.triton_server.conftest import NEW_PORTS
from triton_server import launcher
from triton_server.launcher import http as triton_http
from triton_server.launcher import process, repository

pytestmark = pytest.mark.triton


class Client(threading.Thread):
    """Asks a model for one text, over HTTP or gRPC; keeps what came."""

    def __init__(self, server, model, protocol="grpc", text="He go."):
        super().__init__(daemon=True)
        self.server, self.model, self.protocol, self.text = server, model, protocol, text
        self.answer = self.error = None
        self.start()

    def run(self):
        try:
            self.answer = getattr(self, f"over_{self.protocol}")()
        except Exception as error:
            self.error = error

    def over_http(self):
        data = {"name": "text", "shape": [1, 1], "datatype": "BYTES", "data": [self.text]}
        path = f"/v2/models/{self.model}/infer"
        answer = triton_http.call(self.server.http, path, {"inputs": [data]}, seconds=100)
        return next(one["data"][0] for one in answer["outputs"] if one["name"] == "corrected_text")

    def over_grpc(self):
        import numpy as np
        from tritonclient.grpc import InferenceServerClient, InferInput

        with InferenceServerClient(self.server.grpc) as client:
            text = InferInput("text", [1, 1], "BYTES")
            text.set_data_from_numpy(np.array([[self.text.encode()]], dtype=np.object_))
            return (
                client.infer(self.model, [text], client_timeout=100).as_numpy("corrected_text")[0][0].decode()
            )


def told(log):
    """The rules, which tell in a file that they have begun."""
    return RULES_MODEL.replace(
        "time.sleep(self.pause)", f"open({str(log)!r}, 'a').close(); time.sleep(self.pause)"
    )


def test_requests_in_flight_are_answered_whatever_connections_are_idle(start_triton, tmp_path):
    begun = tmp_path / "begun"
    write_model(tmp_path / "models", rules_config("rules", pause="4"), told(begun))
    health, places = start_triton("rules", repository=tmp_path / "models", metrics_port=0)
    server = health.server
    begun.unlink()  # of the trial
    idle = http.client.HTTPConnection("127.0.0.1", server.http_port)
    idle.request("GET", "/v2/health/ready")
    idle.getresponse().read()
    clients = [Client(server, "rules", protocol) for protocol in ("http", "grpc", "http", "grpc")]
    wait_until(begun.exists)
    time.sleep(0.5)  # the others are in the queue by then
    assert launcher.stop(places, seconds=60) == launcher.Ended(by_itself=True)
    for client in clients:
        client.join(60)
        assert (client.answer, client.error) == ("He goes.", None)
    idle.close()


async def test_new_requests_are_refused_so_that_clients_ask_elsewhere(start_triton, tmp_path):
    begun = tmp_path / "begun"
    write_model(tmp_path / "models", rules_config("rules", pause="4"), told(begun))
    health, places = start_triton("rules", repository=tmp_path / "models")
    server = health.server
    begun.unlink()
    first = Client(server, "rules")
    wait_until(begun.exists)
    stopping = threading.Thread(target=launcher.stop, args=(places, 60))
    stopping.start()
    wait_until(lambda: "Waiting for in-flight requests" in Path(server.log).read_text())
    late = Client(server, "rules")
    late.join(3)
    # The second with "no available versions": for Triton, a model whose last batch is being executed is gone.
    assert late.error.status() in {"StatusCode.UNAVAILABLE", "StatusCode.NOT_FOUND"}
    engine = TritonEngine(server.grpc, "rules")
    with pytest.raises(EngineUnavailable):
        await engine.start()
    await engine.close()
    late = Client(server, "rules", "http")
    late.join(3)
    assert isinstance(late.error, triton_http.HttpError)
    first.join(60)
    assert first.answer == "He goes."
    stopping.join(60)
    assert process.start_time(server.pid) is None


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_what_is_cut_is_counted(cli, tmp_path, protocol):
    begun = tmp_path / "begun"
    write_model(tmp_path / "models", rules_config("rules", pause="0"), told(begun))
    write_model(tmp_path / "models", rules_config("slow", pause="30"), told(begun))
    ports = [one for one in NEW_PORTS if one != "--no-metrics"]
    start = ["start", f"--repository={tmp_path / 'models'}", "--model=rules", "--metrics-port=0"]
    code, _, err = cli(*start, *ports)
    assert (code, err.splitlines()[-1:]) == (0, ["Loading rules …"])
    server = launcher.find(launcher.Places(cli.home / "data", cli.home / "state", cli.home / "cache"))
    triton_http.load(server.http, "slow", None, 60)
    begun.unlink()
    clients = [Client(server, "slow", protocol)]
    wait_until(begun.exists)  # alone in its batch
    clients += [Client(server, "slow", protocol) for _ in range(2)]
    wait_until(lambda: pending(server, "slow") == 2)
    code, out, _ = cli("stop", "--timeout=3")
    assert (code, out.startswith("Triton did not stop within 3 s and was killed: at least ")) == (0, True)
    assert out.endswith(" got no answer\n")
    assert int(out.split()[-5]) == 3
    for client in clients:
        client.join(60)
        assert client.error


def test_a_pipelines_request_is_finished_before_its_tagger_refuses(start_triton, tmp_path):
    """Its text takes several rounds, each a request of the pipeline to the tagger."""
    shipped = repository.SHIPPED / "grammar_pipeline"
    folder = tmp_path / "models"
    begun = tmp_path / "begun"
    write_model(
        folder,
        rules_config("rules", pause="1"),
        told(begun).replace("Decoding(0.0, 0.1, 3)", "Decoding(0.0, 0.1, 5)"),
    )
    shutil.copytree(shipped, folder / "grammar_pipeline")
    config = folder / "grammar_pipeline" / "config.pbtxt"
    config.write_text(config.read_text().replace("gector_distilbert", "rules"))
    health, places = start_triton("grammar_pipeline", repository=folder)
    begun.unlink()
    text = " ".join(["He go very far with an boy."] * 60)
    client = Client(health.server, "grammar_pipeline", text=text)
    wait_until(begun.exists)
    assert launcher.stop(places, seconds=60).by_itself
    client.join(60)
    assert client.error is None
    assert client.answer == text.replace("go very", "goes").replace("an boy", "a boy")
