"""Loading over gRPC: nobody waits for it, and a server that encrypts is no obstacle."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from http.client import HTTPConnection

import pytest
import trustme

from tests.conftest import RULES_MODEL, rules_config, write_model
from triton_server.authoring.trial import try_model
from triton_server.launcher import grpc, http, loading, promotion, versions
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.http import HttpError

GATED_MODEL = RULES_MODEL.replace(
    'self.pause = float(parameters["pause"])',
    """self.pause = 0
            import pathlib
            while parameters.get("gate") and not pathlib.Path(parameters["gate"]).exists():
                time.sleep(0.01)""",
)
"""Is loaded when the file is there that its parameter names."""


@pytest.fixture
def folder(tmp_path):
    config = rules_config("rules")
    gated = replace(config, parameters={**config.parameters, "gate": ("", "A file to wait for.")})
    write_model(tmp_path / "models", gated, GATED_MODEL)
    return tmp_path / "models" / "rules"


@pytest.mark.parametrize(
    ("listens", "reached"),
    [
        ("0.0.0.0:8001", "127.0.0.1:8001"),
        ("[::]:8001", "[::1]:8001"),
        ("127.0.0.1:1", "127.0.0.1:1"),
        ("gpu.example.org:8001", "gpu.example.org:8001"),
    ],
)
def test_where_to_reach_a_server(listens, reached):
    assert grpc.connectable(listens) == reached


@pytest.mark.triton
def test_clients_over_http_are_answered_while_a_version_loads(start_triton, folder, tmp_path):
    health, _ = start_triton("rules", repository=folder.parent)
    server, gate = health.server, tmp_path / "gate"
    number = versions.install(folder, {"gate": str(gate), "identity": "rules@2"})
    with ExitStack() as connections, ThreadPoolExecutor(1) as other:
        # Three for each thread that Triton has for them.
        clients = [connections.enter_context(_connection(server)) for _ in range(24)]
        assert [_ask(client) for client in clients] == [200] * 24
        promoted = other.submit(promotion.promote, folder, number, server)
        try:
            while _state(server, number) != "LOADING":
                assert not promoted.done()
            assert [_ask(client) for client in clients] == [200] * 24
            assert _state(server, number) == "LOADING"
        finally:
            gate.touch()
        assert promoted.result().served == [1, 2]


def _connection(server):
    return closing(HTTPConnection(server.address, server.http_port, timeout=30))


def _ask(client):
    header = {"Content-Type": "application/json"}
    client.request("POST", "/v2/models/rules/generate", json.dumps({"text": "I go."}), header)
    with client.getresponse() as answer:
        answer.read()
        return answer.status


def _state(server, number):
    return next((one.state for one in http.models(server.http) if one.version == str(number)), "")


@pytest.mark.triton
def test_a_server_that_encrypts(start_triton, folder, tmp_path):
    certificate = trustme.CA().issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "server.key")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "server.pem")
    health, _ = start_triton(
        "rules",
        repository=folder.parent,
        address="0.0.0.0",
        server_options=[
            "--grpc-use-ssl=true",
            f"--grpc-server-cert={tmp_path / 'server.pem'}",
            f"--grpc-server-key={tmp_path / 'server.key'}",
        ],
    )
    server = health.server
    assert grpc.speaks_tls(server.grpc)
    said = rf"gRPC at 127\.0\.0\.1:{server.grpc_port} is encrypted, .* --set triton\.tls=true"
    with pytest.raises(LauncherError, match=said):
        try_model(server.http, server.grpc, "rules")
    assert promotion.promote(folder, versions.install(folder, {"identity": "two"}), server).served == [1, 2]


@pytest.mark.triton
def test_what_is_not_encrypted_and_what_does_not_answer(triton):
    assert not grpc.speaks_tls(triton.grpc)
    assert not grpc.speaks_tls("127.0.0.1:1")


@pytest.mark.triton
def test_why_it_does_not_load_is_told_in_one_line(triton):
    with pytest.raises(HttpError, match=r"^failed to load 'nosuch', failed to poll from model repository$"):
        loading.load(triton, "nosuch", None, 30)
