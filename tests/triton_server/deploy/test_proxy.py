"""The proxy before Triton, run by the real nginx: TLS, token, limit, and only what clients need."""

import ssl
import string
import subprocess
import time
import urllib.error
import urllib.request

import pytest
import trustme

from lsp_server.engines import TritonEngine
from lsp_server.engines.triton import Access
from lsp_server.errors import EngineUnavailable
from tests.triton_server.deploy.conftest import DEPLOY, free_ports

pytestmark = pytest.mark.triton
MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    include {folder}/site.conf;
}}
"""


@pytest.fixture
def proxy(triton, tmp_path):
    """Starts nginx with the template before the server of the tests; gives its port."""
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(certificates / "ca.crt")
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(certificates / "tls.key")
    for part in certificate.cert_chain_pems:
        part.write_to_path(certificates / "tls.crt", append=True)
    started = []

    def start(rate=1000, burst=1000):
        [port] = free_ports(1)
        values = {"TRITON": "127.0.0.1", "PORT": port, "RATE": rate, "BURST": burst, "TOKEN": "s3cret"}
        site = filled(
            (DEPLOY / "proxy" / "nginx.conf.template").read_text(), CERTIFICATES=certificates, **values
        )
        # The template has Triton's own ports, the server of the tests has others.
        site = site.replace("127.0.0.1:8001", triton.grpc).replace("http://127.0.0.1:8000", triton.http)
        (tmp_path / "site.conf").write_text(site)
        (tmp_path / "nginx.conf").write_text(MAIN.format(folder=tmp_path))
        command = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")]
        started.append(subprocess.Popen(command))
        while not (tmp_path / "pid").exists():
            assert started[-1].poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.02)
        return port, certificates / "ca.crt"

    yield start
    for one in started:
        one.terminate()
        one.wait(20)


def filled(template, **values):
    """As envsubst does for these names only."""
    for name, value in values.items():
        template = template.replace(f"${{{name}}}", str(value))
    return template


def engine(port, authority, token="s3cret"):
    access = Access(tls=True, root_certificates=authority, token=token)
    return TritonEngine(f"localhost:{port}", "rules", retries=0, access=access)


def get(port, authority, path, token="s3cret", body=None):
    request = urllib.request.Request(
        f"https://localhost:{port}{path}", body, {"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(
            request, context=ssl.create_default_context(cafile=authority)
        ) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


async def test_who_has_the_token_is_let_in(proxy):
    port, authority = proxy()
    tagger = engine(port, authority)
    await tagger.start()
    [tagging] = await tagger.tag([["He", "go", "."]], 0.0)
    assert tagging.labels[2] == "$REPLACE_goes"
    await tagger.close()
    assert get(port, authority, "/v2/models/rules/ready") == 200


async def test_nobody_else_is(proxy):
    port, authority = proxy()
    for token, said in (("wrong", "refuses the token"), (None, "refuses us without a token")):
        tagger = engine(port, authority, token)
        with pytest.raises(EngineUnavailable, match=said):
            await tagger.start()
        await tagger.close()
    assert get(port, authority, "/v2/models/rules/ready", token="wrong") == 401


def test_what_clients_do_not_need_stays_inside(proxy):
    port, authority = proxy()
    for path in (
        "/v2/repository/index",
        "/v2/repository/models/rules/unload",
        "/v2/logging",
        "/v2/trace/setting",
    ):
        assert get(port, authority, path, body=b"{}") == 404
    assert get(port, authority, "/inference.GRPCInferenceService/RepositoryModelUnload", body=b"") == 404


async def test_who_asks_too_often_is_told_to_wait(proxy):
    port, authority = proxy(rate=1, burst=3)
    statuses = [get(port, authority, "/v2/health/ready") for _ in range(8)]
    assert statuses.count(200) >= 4 and statuses[-1] == 429
    tagger = engine(port, authority)
    with pytest.raises(EngineUnavailable, match="too many requests"):
        await tagger.start()
    await tagger.close()


async def test_a_server_that_is_gone_is_told_of(proxy, triton, monkeypatch):
    monkeypatch.setattr(type(triton), "grpc", "127.0.0.1:9")
    port, authority = proxy()
    tagger = engine(port, authority)
    with pytest.raises(EngineUnavailable, match="the server is gone"):
        await tagger.start()
    await tagger.close()


def test_kubernetes_has_the_same_file():
    copy = DEPLOY / "kubernetes" / "proxy" / "nginx.conf.template"
    assert copy.read_text() == (DEPLOY / "proxy" / "nginx.conf.template").read_text()
    names = set(string.Template(copy.read_text()).get_identifiers()) & {
        "TRITON",
        "PORT",
        "RATE",
        "BURST",
        "TOKEN",
    }
    assert len(names) == 5
