"""Encryption and tokens, against a real Triton with TLS and a real gRPC proxy before one."""

import logging
import subprocess
import sys
from contextlib import asynccontextmanager

import grpc
import pytest
import trustme

from lsp_server.engines import Access, TritonEngine
from lsp_server.errors import EngineError, EngineUnavailable

pytestmark = pytest.mark.triton

SENTENCE = ["She", "go", "."]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Files of an authority, of a server's and a client's certificate, and of another authority."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    for name, issued in (("server", "127.0.0.1"), ("client", "me@example.org")):
        certificate = authority.issue_cert(issued)
        certificate.private_key_pem.write_to_path(folder / f"{name}.key")
        certificate.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    return folder


@pytest.fixture
def start_with_tls(start_triton, certificates):
    def start(*more):
        options = [
            "--grpc-use-ssl=true",
            f"--grpc-server-cert={certificates / 'server.pem'}",
            f"--grpc-server-key={certificates / 'server.key'}",
            *more,
        ]
        return start_triton("rules", server_options=options)[0].server.grpc

    return start


async def started(url, access):
    engine = TritonEngine(url, "rules", access=access, retries=0)
    try:
        await engine.start()
        return await engine.tag([SENTENCE], 0.0)
    finally:
        await engine.close()


async def test_tls_with_an_authority_of_ones_own(start_with_tls, certificates):
    url = start_with_tls()
    assert await started(url, Access(tls=True, root_certificates=certificates / "ca.pem"))
    for access in (
        Access(tls=True, root_certificates=certificates / "other.pem"),
        Access(tls=True),
        Access(),
    ):
        with pytest.raises(EngineUnavailable):
            await started(url, access)


async def test_a_server_that_asks_who_we_are(start_with_tls, certificates):
    url = start_with_tls("--grpc-use-ssl-mutual=true", f"--grpc-root-cert={certificates / 'ca.pem'}")
    ours = (certificates / "client.pem", certificates / "client.key")
    assert await started(url, Access(True, certificates / "ca.pem", *ours))
    with pytest.raises(EngineUnavailable):
        await started(url, Access(True, certificates / "ca.pem"))


def test_a_server_without_tls_is_told_of_in_one_line(triton, tmp_path):
    """gRPC's C library says it, too, if it is let, but to stderr."""
    (tmp_path / "notes.md").write_text("All is well.\n")
    command = [sys.executable, "-m", "lsp_server.cli", "lint", f"--triton-url={triton.grpc}"]
    more = ["--set=triton.model=rules", "--set=triton.tls=true", "--set=fallback=false", "notes.md"]
    ran = subprocess.run([*command, *more], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"grammared: Triton at {triton.grpc} ")
    assert len(ran.stderr.splitlines()) == 1


async def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(EngineError, match=r"no\.pem cannot be read: No such file"):
        await started("127.0.0.1:1", Access(tls=True, root_certificates=tmp_path / "no.pem"))


@asynccontextmanager
async def proxy(target, token):
    """A gRPC server that hands on what comes with the token, byte for byte, and refuses the rest."""
    async with grpc.aio.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)]) as channel:

        class Forward(grpc.GenericRpcHandler):
            def service(self, details):
                sent = dict(details.invocation_metadata).get("authorization")

                async def unary(request, context):
                    if sent != f"Bearer {token}":
                        await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
                    return await channel.unary_unary(details.method)(request)

                return grpc.unary_unary_rpc_method_handler(unary)

        server = grpc.aio.server()
        server.add_generic_rpc_handlers([Forward()])
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            await server.stop(None)


async def test_a_token_opens_the_way_and_is_in_no_message(triton, caplog):
    caplog.set_level(logging.DEBUG)
    async with proxy(triton.grpc, "s3cr3t") as url:
        assert await started(url, Access(token="s3cr3t"))
        with pytest.raises(EngineUnavailable, match="refuses the token: set GRAMMARED_TRITON_TOKEN") as wrong:
            await started(url, Access(token="n0t"))
        with pytest.raises(EngineUnavailable, match="refuses us without a token"):
            await started(url, Access())
    assert "n0t" not in str(wrong.value)
    assert "s3cr3t" not in caplog.text + repr(Access(token="s3cr3t"))


async def test_a_token_is_not_sent_in_the_clear():
    with pytest.raises(EngineError, match=r"The token is not sent to gpu\.example\.org:8001 in the clear"):
        await started("gpu.example.org:8001", Access(token="s3cr3t"))
