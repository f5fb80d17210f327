"""Models from a hub: a real HTTP server on this machine that speaks as much of it as a download takes."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

pytestmark = pytest.mark.slow
COMMIT = "0123456789abcdef0123456789abcdef01234567"
OLD_COMMIT = "fedcba9876543210fedcba9876543210fedcba98"
REFUSALS = {
    "owner/missing": (401, "RepoNotFound"),
    "owner/deleted": (404, "RepoNotFound"),
    "owner/gated": (401, "GatedRepo"),
    "owner/denied": (403, "GatedRepo"),
    "owner/forbidden": (403, None),
    "owner/broken": (500, None),
}
LOADER = """
import json, sys
from triton_server.backend.tasks.hub import folder_of
from triton_server.backend.tasks.source import LoadError, Source
for described in json.loads(sys.argv[1]):
    try:
        print(json.dumps(str(folder_of(Source(**described)))))
    except LoadError as error:
        print(json.dumps("LoadError: " + str(error)))
"""


class Hub(ThreadingHTTPServer):
    """Serves the models in `folders` (by id) and refuses as `REFUSALS` says."""

    def __init__(self, folders):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folders = folders
        self.asked = []
        self.tokens = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.answer(with_body=True)

    def answer(self, with_body):
        path = unquote(self.path.partition("?")[0])
        self.server.asked.append(f"{self.command} {path}")
        self.server.tokens.add(self.headers.get("Authorization"))
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:  # /api/models/OWNER/NAME/(revision|tree)/REVISION
            self.describe("/".join(parts[2:4]), parts[4], parts[5], with_body)
        elif parts[0] == "api":
            self.reply(404, b"{}", with_body)
        else:  # /OWNER/NAME/resolve/COMMIT/FILE
            self.send_file("/".join(parts[:2]), parts[3], "/".join(parts[4:]), with_body)

    def describe(self, model, what, revision, with_body):
        if model in REFUSALS:
            status, code = REFUSALS[model]
            return self.reply(status, b'{"error": "no"}', with_body, {"X-Error-Code": code} if code else {})
        if revision not in {"main", "v1", COMMIT, OLD_COMMIT}:
            return self.reply(404, b"{}", with_body, {"X-Error-Code": "RevisionNotFound"})
        files = [{"rfilename": path.name} for path in self.server.folders[model].iterdir()]
        commit = OLD_COMMIT if revision in {"v1", OLD_COMMIT} else COMMIT
        described = {"id": model, "sha": commit, "siblings": files}
        if what == "tree":
            described = [
                {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": "0" * 40}
                for path in self.server.folders[model].iterdir()
            ]
        return self.reply(200, json.dumps(described).encode(), with_body)

    def send_file(self, model, commit, name, with_body):
        body = (self.server.folders[model] / name).read_bytes()
        etag = hashlib.sha256(body).hexdigest()
        self.reply(200, body, with_body, {"ETag": f'"{etag}"', "X-Repo-Commit": commit})

    def reply(self, status, body, with_body, headers=()):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(folders, tmp_path):
    weightless = tmp_path / "weightless"
    weightless.mkdir()
    (weightless / "config.json").write_text("{}")
    server = Hub({"owner/classifier": folders["text-classification"], "owner/weightless": weightless})
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def load(tmp_path):
    """Loads sources in a process of their own, as Triton does, each a dict of `Source`'s fields."""

    def run(endpoint, *sources, **environment):
        cleared = {
            name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))
        }
        ran = subprocess.run(
            [sys.executable, "-c", LOADER, json.dumps(sources)],
            env=cleared
            | {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_DISABLE_XET": "1"}
            | environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return [json.loads(line) for line in ran.stdout.splitlines()]

    return run


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_first_start_downloads_and_later_ones_do_not_even_ask(hub, load):
    (folder,) = load(hub.url, {"model": "owner/classifier"})
    assert COMMIT in folder
    assert {path.name for path in Path(folder).iterdir()} >= {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    }
    assert any("model.safetensors" in one for one in hub.asked)
    hub.asked.clear()
    assert load(hub.url, {"model": "owner/classifier"}) == [folder]
    assert hub.asked == []
    assert load(closed_port(), {"model": "owner/classifier", "offline": True}) == [folder]


def test_a_revision_is_pinned_and_a_token_and_a_cache_folder_are_used(hub, load, tmp_path):
    cache = tmp_path / "models" / ".cache"
    source = {"model": "owner/classifier", "revision": "v1", "token": "hf_secret", "cache": str(cache)}
    (folder,) = load(hub.url, source)
    assert OLD_COMMIT in folder
    assert Path(folder).is_relative_to(cache)
    assert "Bearer hf_secret" in hub.tokens


def test_what_an_interrupted_download_left_is_completed(hub, load):
    (folder,) = load(hub.url, {"model": "owner/classifier"})
    (Path(folder) / "model.safetensors").unlink()
    assert load(hub.url, {"model": "owner/classifier", "offline": True})[0].startswith("LoadError: ")
    assert load(hub.url, {"model": "owner/classifier"}) == [folder]
    assert (Path(folder) / "model.safetensors").exists()


def test_each_refusal_of_the_hub_is_one_line_that_says_what_to_do(hub, load, tmp_path):
    expected = {
        ("owner/missing", ""): "there is no model owner/missing on the hub; if it is private, set HF_TOKEN",
        ("owner/deleted", "hf_x"): "there is no model owner/deleted on the hub",
        ("owner/gated", ""): "owner/gated needs a token: accept its terms on the hub and set HF_TOKEN",
        ("owner/denied", "hf_x"): "owner/denied is not open to this HF_TOKEN: accept its terms",
        ("owner/forbidden", ""): "owner/forbidden needs a token",
        ("owner/broken", ""): "the hub failed on owner/broken with HTTP status 500: try again later",
        ("owner/weightless", ""): "owner/weightless has no weights for PyTorch",
        ("no such model!", ""): "no such model! is neither a folder nor the id of a model",
        ("./nowhere", ""): "there is no folder ./nowhere",
        (str(tmp_path / "nowhere"), ""): f"there is no folder {tmp_path / 'nowhere'}",
    }
    said = load(hub.url, *({"model": model, "token": token or None} for model, token in expected))
    for line, wanted in zip(said, expected.values(), strict=True):
        assert line.startswith(f"LoadError: {wanted}"), line
        assert "\n" not in line
    (line,) = load(hub.url, {"model": "owner/classifier", "revision": "v9"})
    assert line == "LoadError: owner/classifier has no revision v9"


def test_no_network_and_offline_are_told_apart(load):
    source = {"model": "owner/classifier"}
    here, offline = load(closed_port(), source, source | {"offline": True})
    assert here == "LoadError: no network: owner/classifier cannot be downloaded and is not in the cache"
    assert (
        offline == "LoadError: owner/classifier is not in the cache, and offline is set: load it once online"
    )
