"""The HTTP API: a real server, asked by a real LanguageTool client and by hand."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InputError
from lsp_server.http import annotated

pytest.importorskip("uvicorn")
from lsp_server.http.app import RateLimit

TEXT = "😀 She go to school every day. I recieved it."


class Server:
    """`grammared serve --http` in a process of its own."""

    def __init__(self, home, *arguments, token=None):
        environment = {**os.environ, "GRAMMARED_HOME": str(home)} | (
            {"GRAMMARED_HTTP_TOKEN": token} if token else {}
        )
        command = [sys.executable, "-m", "lsp_server.cli", "serve", "--http", *(arguments or ["0"])]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        match = re.fullmatch(r"grammared: listening on (http://\S+)/v2\n", line)
        assert match, line
        self.address = match[1]

    def ask(self, path="/v2/check", headers=(), **form):
        """Status, headers and body."""
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.address + path, body, dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def matches(self, **form):
        status, _, body = self.ask(**form)
        assert status == 200, body
        return json.loads(body)["matches"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process.stderr.close()
        return code


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    started = Server(tmp_path_factory.mktemp("home"))
    yield started
    started.stop()


def test_a_languagetool_client_checks_and_corrects(server):
    language_tool_python = pytest.importorskip("language_tool_python")
    tool = language_tool_python.LanguageTool("en-US", remote_server=server.address)
    found = tool.check(TEXT)
    assert [TEXT[one.offset : one.offset + one.error_length] for one in found] == ["go", "recieved"]
    assert tool.correct(TEXT) == "😀 She goes to school every day. I received it."
    tool.close()


def test_another_languagetool_client_checks(server):
    """pyLanguagetool, with the command that it installs."""
    command = [
        Path(sys.executable).with_name("pylanguagetool"),
        "--api-url",
        f"{server.address}/v2/",
        "-l",
        "en-US",
    ]
    done = subprocess.run(command, input=TEXT, capture_output=True, text=True, timeout=120)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    assert "goes" in shown, shown
    assert "received" in shown


@pytest.mark.slow
def test_a_languagetool_client_from_npm_checks(server, tmp_path):
    """Gramma, a command line for LanguageTool."""
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "gramma@1.6.0"]
    subprocess.run(install, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    settings = {"api_url": f"{server.address}/v2/check", "dictionary": [], "language": "en-US", "rules": {}}
    (tmp_path / ".gramma.json").write_text(json.dumps(settings))
    (tmp_path / "a.txt").write_text(TEXT)
    command = ["node_modules/.bin/gramma", "check", "--print", "a.txt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert "Found 2 potential mistakes" in done.stdout, done
    assert re.findall(r"1\) (\w+)", done.stdout) == ["goes", "received"]


def test_the_examples_of_languagetools_documentation(server):
    """Those of its HTTP API (https://languagetool.org/http-api/)."""
    assert server.matches(language="en-US", text="a simple test") == []
    data = '{"annotation":[{"text": "A "},{"markup": "<b>"},{"text": "test"},{"markup": "</b>"}]}'
    assert server.matches(language="en-US", data=data) == []


def test_who_asks_too_often_is_told_when_to_come_again(tmp_path):
    server = Server(tmp_path, "0", "--rate-limit", "3/hour")
    try:
        found = [server.ask(text="All is well.", language="en") for _ in range(5)]
    finally:
        server.stop()
    assert [status for status, _, _ in found] == [200, 200, 200, 429, 429]
    _, headers, body = found[-1]
    assert body == f"Error: too many requests; come again in {headers['Retry-After']} s"


def test_each_client_has_its_own_limit_and_its_time_comes():
    limit = RateLimit("2/second")
    assert [limit.retry_after(client) for client in ("a", "a", "b")] == [0, 0, 0]
    while limit.retry_after("a"):  # refused requests do not count: the second passes
        assert limit.retry_after("a") in (0, 1)
    assert RateLimit("1/hour").retry_after("a") == 0
    hourly = RateLimit("1/hour")
    hourly.retry_after("a")
    assert 3500 < hourly.retry_after("a") <= 3600
    with pytest.raises(ValueError, match="often"):
        RateLimit("often")


def test_positions_are_in_utf_16_and_the_answer_has_what_clients_read(server):
    first, second = server.matches(text=TEXT, language="en-US")
    assert (first["offset"], first["length"]) == (7, 2)  # the face takes two
    assert first["replacements"] == [{"value": "goes"}]
    assert second["rule"]["id"] == "GRAMMARED_SPELLING"
    assert second["rule"]["category"]["id"] == "TYPOS"
    context = second["context"]
    units = context["text"].encode("utf-16-le")
    start = 2 * context["offset"]
    assert units[start : start + 2 * context["length"]].decode("utf-16-le") == "recieved"
    assert second["sentence"] == "I recieved it."


def test_markup_is_left_alone(server):
    annotation = [
        {"text": "A "},
        {"markup": "<b>"},
        {"text": "tset"},
        {"markup": "</b>"},
        {"markup": "<br/>", "interpretAs": "\n\n"},
        {"text": "I recieved it."},
    ]
    original = "".join(one.get("text", "") + one.get("markup", "") for one in annotation)
    found = server.matches(data=json.dumps({"annotation": annotation}), language="en")
    assert [original[one["offset"] : one["offset"] + one["length"]] for one in found] == ["tset", "recieved"]


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        ({"disabledRules": "GRAMMARED_SPELLING"}, ["GRAMMARED_SUBJECT_VERB_AGREEMENT"]),
        ({"disabledCategories": "GRAMMAR"}, ["GRAMMARED_SPELLING"]),
        ({"disabledCategories": "TYPOS", "enabledRules": "GRAMMARED_SPELLING"}, 2),
        ({"enabledOnly": "true", "enabledCategories": "TYPOS"}, ["GRAMMARED_SPELLING"]),
        ({"level": "picky"}, 2),
    ],
)
def test_rules_are_switched(server, form, kinds):
    found = [one["rule"]["id"] for one in server.matches(text=TEXT, language="en-US", **form)]
    assert found == kinds or len(found) == kinds


def test_the_language_is_a_dialect(server):
    def found(language, **form):
        return len(server.matches(text="The color is nice.", language=language, **form))

    assert [
        found("en-US"),
        found("en-GB"),
        found("auto"),
        found("auto", preferredVariants="de-DE,en-GB"),
    ] == [0, 1, 0, 1]


def test_words_are_added_and_taken_away(server):
    assert server.ask("/v2/words/add", word="recieved")[2] == '{"added":true}'
    assert [one["rule"]["id"] for one in server.matches(text=TEXT, language="en-US")] == [
        "GRAMMARED_SUBJECT_VERB_AGREEMENT"
    ]
    assert json.loads(server.ask("/v2/words")[2]) == {"words": ["recieved"]}
    assert server.ask("/v2/words/delete", word="recieved")[2] == '{"deleted":true}'
    assert server.ask("/v2/words/delete", word="recieved")[2] == '{"deleted":false}'
    assert len(server.matches(text=TEXT, language="en-US")) == 2


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"text": "x"}, 400, "Error: the parameter language is missing"),
        ({"text": "x", "language": "de-DE"}, 400, "'de-DE' is not a language code known to Grammared"),
        ({"language": "en"}, 400, "give one of the parameters text and data"),
        ({"data": "[", "language": "en"}, 400, "the parameter data must be JSON"),
        ({"data": '{"annotation": [{"text": 5}]}', "language": "en"}, 400, "the parameter data must be JSON"),
        (
            {"data": r'{"annotation": [{"text": "half \ud800"}]}', "language": "en"},
            400,
            "the parameter data holds half a surrogate pair",
        ),
        ({"text": "x", "language": "en", "enabledOnly": "true"}, 400, "enabledOnly needs enabledRules"),
        ({"text": "x" * 200_001, "language": "en"}, 413, "the text is longer than 200,000 characters"),
        ({"text": "x" * 2_000_000, "language": "en"}, 413, "the text is longer than 200,000 characters"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(server, form, status, said):
    code, _, body = server.ask(**form)
    assert (code, "\n" in body) == (status, False)
    assert said in body


@pytest.mark.parametrize("said", ["x", "-1", "1.5"])
def test_a_count_of_words_is_a_number(server, said):
    code, _, body = server.ask(f"/v2/words?offset={said}")
    assert (code, body) == (400, f"Error: the parameter offset must be a number, 0 or more, not {said!r}")


def test_other_addresses(server):
    assert {"name": "English (GB)", "code": "en", "longCode": "en-GB"} in json.loads(
        server.ask("/v2/languages")[2]
    )
    assert server.ask("/v2/maxtextlength")[2] == "200000"
    assert re.search(
        r"^grammared_http_requests_answered_total [1-9]", server.ask("/metrics")[2], re.MULTILINE
    )
    assert server.ask("/v2/nothing")[0] == 404
    assert "access-control-allow-origin" not in server.ask("/v2/languages", {"Origin": "https://a.org"})[1]


def test_many_clients_at_once_all_get_their_own_answer(server):
    texts = [f"Number {number} is here. I recieved it." for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: server.matches(text=text, language="en-US"), texts))
    assert all(
        text[one[0]["offset"] :].startswith("recieved") for text, one in zip(texts, answers, strict=True)
    )


@pytest.mark.slow
def test_a_token_and_an_origin_and_requests_under_way_are_answered_when_it_stops(tmp_path):
    server = Server(tmp_path, "127.0.0.1:0", "--allow-origin", "https://a.org", token="secret")
    assert server.ask(text="x", language="en")[0] == 403
    assert server.ask(text="x", language="en", apiKey="secret")[0] == 200
    bearer = {"Authorization": "Bearer secret", "Origin": "https://a.org"}
    status, headers, _ = server.ask(headers=bearer, text="x", language="en")
    assert (status, headers["access-control-allow-origin"]) == (200, "https://a.org")
    assert "access-control-allow-origin" not in server.ask("/v2/languages", {"Origin": "https://b.org"})[1]

    answers = []
    text = " ".join(f"Sentence number {number} are here." for number in range(400))
    asking = threading.Thread(
        target=lambda: answers.append(server.ask(text=text, language="en", apiKey="secret"))
    )
    asking.start()
    while not re.search(r"waiting 1$", server.ask("/metrics")[2], re.MULTILINE):
        pass
    assert server.stop() == 0
    asking.join()
    assert answers[0][0] == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["0.0.0.0:0"], "can be reached from other machines: set a token that clients must bring"),
        (["0", "--rate-limit", "often"], "often is no rate; write it as 20/second or 600/minute"),
        (["0", "--stdio"], "only one of --stdio, --tcp, --ws and --http can be used"),
    ],
)
def test_it_does_not_begin_where_it_should_not(arguments, said):
    command = [sys.executable, "-m", "lsp_server.cli", "serve", "--http", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_port_that_is_taken_is_said(server):
    port = server.address.rpartition(":")[2]
    command = [sys.executable, "-m", "lsp_server.cli", "serve", "--http", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


PARTS = st.lists(
    st.one_of(
        st.builds(lambda text: {"text": text}, st.text("ab 😀", max_size=4)),
        st.builds(lambda markup: {"markup": markup}, st.text("<>b", max_size=4)),
        st.builds(
            lambda markup, said: {"markup": markup, "interpretAs": said},
            st.text("<>", max_size=3),
            st.text("\nx", max_size=2),
        ),
    ),
    max_size=6,
)


@given(PARTS, st.data())
def test_every_place_leads_to_the_same_text_of_the_original(parts, data):
    text = annotated.read(json.dumps({"annotation": parts}))
    assert text.original == "".join(one.get("text", "") + one.get("markup", "") for one in parts)
    if not text.text:
        return
    start = data.draw(st.integers(0, len(text.text) - 1))
    end = data.draw(st.integers(start + 1, len(text.text)))
    place = text.place(start, end)
    if place:
        first, last = place
        assert text.original[first] == text.text[start]
        assert text.original[last - 1] == text.text[end - 1]
        offset, length = text.units(first, last)
        units = text.original.encode("utf-16-le")[2 * offset : 2 * (offset + length)]
        assert units.decode("utf-16-le") == text.original[first:last]


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_data_that_is_none_is_refused(value):
    with pytest.raises(InputError):
        annotated.read(json.dumps(value))
