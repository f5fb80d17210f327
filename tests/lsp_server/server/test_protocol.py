"""Messages that are not as they should be, and those that come at the wrong time."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.lsp_server.server.editor import PATIENCE
from tests.lsp_server.server.test_lifecycle import (
    OPEN,
    SESSION,
    ended,
    framed,
    initialize,
    listening,
    message,
    read,
    read_until,
    server,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOCUMENT = {"uri": "file:///a.md", "version": 2}
START = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
BEFORE_ALL = {**START, "start": {"line": -1, "character": 0}}
EVERYWHERE = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 2**32 - 1}}


async def said(*bodies: bytes) -> tuple[list[dict], bytes]:
    """What a server answers to messages up to its first diagnostics, and its standard error."""
    process = await server()
    process.stdin.write(b"".join(bodies))
    answers = [await read(process.stdout)]
    while answers[-1].get("method") != "textDocument/publishDiagnostics":
        answers.append(await read(process.stdout))
    process.stdin.write_eof()
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    return answers, errors


def errors_of(answers: list[dict]) -> list[tuple[object, int]]:
    return [(answer["id"], answer["error"]["code"]) for answer in answers if "error" in answer]


UNUSABLE = [
    (b'{"a":1,,}', None, -32700),
    (b"\xff\xfe{}", None, -32700),
    (b"", None, -32700),
    (b"[" * 100_000, None, -32700),
    (b"[]", None, -32600),
    (b"5", None, -32600),
    (b"null", None, -32600),
    (b"{}", None, -32600),
    (b'[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', None, -32600),
    (b'{"jsonrpc":"1.0","id":79,"method":"shutdown"}', 79, -32600),
    (b'{"id":81,"method":"shutdown"}', 81, -32600),
    (b'{"jsonrpc":"2.0","id":80,"method":5}', 80, -32600),
    (b'{"jsonrpc":"2.0","id":{"a":1},"method":"shutdown"}', None, -32600),
    (b'{"jsonrpc":"2.0","id":true,"method":"shutdown"}', None, -32600),
    (b'{"jsonrpc":"2.0"}', None, -32600),
    (b'{"jsonrpc":"2.0","id":82,"method":"foo/bar"}', 82, -32601),
    (b'{"jsonrpc":"2.0","id":83,"method":"textDocument/codeAction"}', 83, -32602),
    (b'{"jsonrpc":"2.0","id":84,"method":"textDocument/codeAction","params":[1]}', 84, -32602),
    (message("initialize", {"capabilities": {}}, 85), 85, -32600),
]
"""Messages, and with which number and code each is refused."""

MEANINGLESS = [
    b'{"jsonrpc":"2.0","method":"foo/bar"}',
    b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":5}}',
    b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":4711}}',
    b'{"jsonrpc":"2.0","id":4711,"result":null}',
    b'{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"?"}}',
]
"""Notifications and answers that nothing comes of."""


async def test_what_cannot_be_handled_is_answered_with_the_right_code():
    bodies = [body for body, _, _ in UNUSABLE] + MEANINGLESS
    answers, errors = await said(*map(framed, [*SESSION[:2], *bodies, OPEN]))
    assert errors_of(answers) == [(number, code) for _, number, code in UNUSABLE]
    assert errors.count(b"\n") <= 4, errors  # of what is our client's fault; the tiny server prints one
    assert b"Traceback" not in errors


async def test_requests_before_initialize():
    ask = message("textDocument/codeAction", {}, 7)
    answers, _ = await said(*map(framed, [ask, OPEN, message("shutdown", None, 8), *SESSION]))
    assert errors_of(answers) == [(7, -32002), (8, -32002)]


async def test_requests_after_shutdown():
    process = await server()
    process.stdin.write(b"".join(map(framed, [*SESSION[:2], message("shutdown", None, 2)])))
    while (await read(process.stdout)).get("id") != 2:
        pass
    process.stdin.write(b"".join(map(framed, [OPEN, message("textDocument/codeAction", {}, 3)])))
    answer = await read(process.stdout)
    assert (answer["id"], answer["error"]["code"]) == (3, -32600)
    process.stdin.write(framed(message("exit")))
    assert await ended(process) == 0


async def test_initialized_without_parameters():
    plain = b'{"jsonrpc":"2.0","method":"initialized"}'
    answers, _ = await said(*map(framed, [SESSION[0], plain, OPEN]))
    assert answers[-1]["params"]["diagnostics"]


@pytest.mark.parametrize("process", [2**40, "x"])
async def test_a_process_that_cannot_be(process):
    answers, _ = await said(*map(framed, [initialize(process), *SESSION[1:]]))
    assert errors_of(answers) == []


async def test_capabilities_of_a_future_version_are_passed_over():
    capabilities = {
        "textDocument": {
            "publishDiagnostics": {"tagSupport": {"valueSet": ["new"]}},
            "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}},
        },
        "workspace": 7,
        "general": {"positionEncodings": ["utf-7", "utf-32"]},
    }
    hello = message("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities}, 1)
    process = await server()
    process.stdin.write(framed(hello))
    answer = await read(process.stdout)
    assert "error" in answer or answer["result"]["capabilities"]["positionEncoding"] == "utf-32"
    del capabilities["workspace"]
    process.stdin.write(framed(message("initialize", {"capabilities": capabilities, "processId": None}, 2)))
    answer = await read(process.stdout)
    assert answer["result"]["capabilities"]["positionEncoding"] == "utf-32"
    process.stdin.write_eof()
    assert await ended(process) == 1


HEADERS = [
    b"content-length: %d\r\n\r\n",
    b"Content-Length:%d\r\n\r\n",
    b"CONTENT-LENGTH :  %d  \r\n\r\n",
    b"Content-Length: %d\n\n",
    b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
    b"Content-Length: 99\r\nContent-Length: %d\r\n\r\n",
    b"\r\n\r\nFoo: bar\r\n\r\nContent-Length: abc\r\n\r\nContent-Length: %d\r\n\r\n",
    b"X" * 200_000 + b"\r\nContent-Length: %d\r\n\r\n",
    b"X" * 200_000 + b": y\r\nContent-Length: %d\r\n\r\n",
]


async def test_headers_as_clients_write_them():
    asked = [message("foo/bar", None, number) for number in range(len(HEADERS))]
    bodies = [header % len(body) + body for header, body in zip(HEADERS, asked, strict=True)]
    answers, errors = await said(*map(framed, SESSION[:2]), *bodies, framed(OPEN))
    assert errors_of(answers) == [(number, -32601) for number in range(len(HEADERS))]
    assert b"Traceback" not in errors


async def test_a_message_shorter_than_it_says_costs_no_more_than_the_next():
    broken = framed(b'{"jsonrpc":"2.0","id":50,"method":"foo"}').replace(b": 40", b": 60")
    late = message("textDocument/codeAction", {}, 51)
    answers, _ = await said(*map(framed, SESSION[:2]), broken, framed(late), *map(framed, [late, OPEN]))
    assert (None, -32700) in errors_of(answers)


async def test_an_announcement_beyond_memory_ends_the_connection_in_one_line():
    process = await server()
    process.stdin.write(framed(SESSION[0]) + b"Content-Length: 99999999999\r\n\r\n{}")
    assert (await read(process.stdout))["id"] == 1
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 1
    assert re.fullmatch(rb"grammared: ERROR: a message of 99999999999 bytes .*\n", errors)


async def test_a_client_that_reads_no_more_holds_up_nothing():
    process = await server()
    process.stdin.write(b"".join(map(framed, SESSION)))
    await read_until(process.stdout, "textDocument/publishDiagnostics")
    for number in range(20_000):  # the answers are more than a pipe takes
        process.stdin.write(framed(message("foo/bar", None, number)))
    await asyncio.wait_for(process.stdin.drain(), PATIENCE)  # they are all read all the same
    process.stdin.write_eof()
    await asyncio.wait_for(exited(process), PATIENCE)
    assert await ended(process) == 1


async def exited(process: asyncio.subprocess.Process) -> None:
    """Wait for the end of a process whose output nobody reads; `wait` would wait for that of its pipes."""
    while process.returncode is None:  # noqa: ASYNC110  (its end comes as no event)
        await asyncio.sleep(0.02)


async def test_a_client_that_closes_the_end_it_reads_from():
    process = await server()
    process.stdin.write(b"".join(map(framed, SESSION)))
    await read_until(process.stdout, "textDocument/publishDiagnostics")
    process._transport.get_pipe_transport(1).close()
    process.stdin.write(framed(message("foo/bar", None, 2)))
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 1


@pytest.mark.parametrize(
    "change",
    [
        {
            "textDocument": DOCUMENT,
            "contentChanges": [{"range": {**START, "start": {"line": -1}}, "text": "x"}],
        },
        {"textDocument": {**DOCUMENT, "version": None}, "contentChanges": [{"range": START, "text": "x"}]},
        {"textDocument": {**DOCUMENT, "version": 2**31}, "contentChanges": [{"range": START, "text": "x"}]},
        {"textDocument": DOCUMENT, "contentChanges": [{"range": START}]},
    ],
    ids=["position", "no version", "version", "no text"],
)
async def test_a_document_whose_change_cannot_be_read_is_left_alone_until_all_of_it_comes(change):
    process = await server()
    hello = {
        "processId": None,
        "rootUri": None,
        "capabilities": {"textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {
            "valueSet": ["quickfix"]}}}}},
    }  # fmt: skip
    process.stdin.write(b"".join(map(framed, [message("initialize", hello, 1), *SESSION[1:]])))
    await read_until(process.stdout, "textDocument/publishDiagnostics")
    ask = {"textDocument": DOCUMENT, "range": EVERYWHERE, "context": {"diagnostics": []}}
    more = {"textDocument": {**DOCUMENT, "version": 3}, "contentChanges": [{"range": START, "text": "x"}]}
    for body in (
        message("textDocument/didChange", change),
        message("textDocument/didChange", change),
        message("textDocument/didChange", more),
        message("textDocument/codeAction", ask, 2),
    ):
        process.stdin.write(framed(body))
    told = await read_until(process.stdout, "window/showMessage")
    assert told["params"]["message"].startswith("Grammared could not read a change to file:///a.md")
    while "id" not in (answer := await read(process.stdout)):
        assert answer["method"] not in ("window/showMessage", "textDocument/publishDiagnostics")
    assert (answer["id"], answer["result"]) == (2, [])
    whole = {
        "textDocument": {**DOCUMENT, "version": 4},
        "contentChanges": [{"text": "I saw teh dog. He go."}],
    }
    process.stdin.write(framed(message("textDocument/didChange", whole)))
    published = await read_until(process.stdout, "textDocument/publishDiagnostics")
    assert (published["params"]["version"], len(published["params"]["diagnostics"])) == (4, 2)
    process.stdin.write_eof()
    assert await ended(process) == 1


ODD = [
    {"codeDescription": {}},
    {"severity": 0},
    {"severity": 5},
    {"tags": [99]},
    {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 2**32 - 1}}},
    {"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}},
    {"code": {"value": 1}},
    {"message": None},
]
"""What diagnostics of other servers may hold that is not LSP."""


async def test_an_odd_diagnostic_of_another_server_costs_no_code_action():
    asked = []
    for number, odd in enumerate(ODD, start=2):
        foreign = {"range": START, "message": "other", "source": "other", **odd}
        context = {"diagnostics": [foreign], "triggerKind": 9}
        ask = {"textDocument": {"uri": "file:///a.md"}, "range": EVERYWHERE, "context": context}
        asked.append(message("textDocument/codeAction", ask, number))
    answers, _ = await said(*map(framed, [*SESSION[:2], *asked, OPEN]))
    assert errors_of(answers) == []
    assert {answer["id"] for answer in answers if "id" in answer} >= set(range(2, 2 + len(ODD)))


CONFIGURABLE = message(
    "initialize",
    {"processId": None, "rootUri": None, "capabilities": {"workspace": {"configuration": True}}},
    1,
)


@pytest.mark.parametrize(
    "answer",
    [
        {"result": None},
        {"result": []},
        {"result": [None]},
        {"result": {"a": 1}},
        {"error": {"code": -32601, "message": "no"}},
        {"error": "no"},
    ],
    ids=str,
)
async def test_any_answer_to_the_question_for_settings_will_do(answer):
    process = await server()
    process.stdin.write(b"".join(map(framed, [CONFIGURABLE, *SESSION[1:]])))
    asked = await read_until(process.stdout, "workspace/configuration")
    process.stdin.write(framed(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **answer}).encode()))
    published = await read_until(process.stdout, "textDocument/publishDiagnostics")
    assert published["params"]["diagnostics"]
    process.stdin.write_eof()
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert b"Traceback" not in errors
    assert b"not told its settings yet" not in errors


async def test_settings_that_are_told_late_count_from_then_on():
    process = await server()
    process.stdin.write(b"".join(map(framed, [CONFIGURABLE, *SESSION[1:]])))
    asked = await read_until(process.stdout, "workspace/configuration")
    published = await read_until(process.stdout, "textDocument/publishDiagnostics")  # after some patience
    assert published["params"]["diagnostics"][0]["severity"] == 2
    late = {"jsonrpc": "2.0", "id": asked["id"], "result": [{"severity": "hint"}]}
    process.stdin.write(framed(json.dumps(late).encode()))
    published = await read_until(process.stdout, "textDocument/publishDiagnostics")
    assert published["params"]["diagnostics"][0]["severity"] == 4
    process.stdin.write_eof()
    assert await ended(process) == 1


async def test_websocket_messages_are_text_and_come_in_order():
    process = await server("--ws", "0")
    async with connect(f"ws://127.0.0.1:{await listening(process)}") as connection:
        await connection.send(SESSION[0].decode())
        for number in range(2, 50):
            await connection.send(message("foo/bar", None, number))
        for number in range(1, 50):
            frame = await asyncio.wait_for(connection.recv(), PATIENCE)
            assert isinstance(frame, str)
            assert json.loads(frame)["id"] == number
        await connection.send("not json")
        assert json.loads(await asyncio.wait_for(connection.recv(), PATIENCE))["error"]["code"] == -32700
    assert await ended(process) == 1


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://localhost:8080", True),
        ("https://127.0.0.1", True),
        ("https://evil.example", False),
        ("http://localhost.evil.example", False),
        ("null", False),
    ],
)
async def test_web_pages_from_elsewhere_are_refused(origin, welcome):
    process = await server("--ws", "0")
    address = f"ws://127.0.0.1:{await listening(process)}"
    if welcome:
        async with connect(address, origin=origin) as connection:
            await connection.send(SESSION[0])
            assert json.loads(await asyncio.wait_for(connection.recv(), PATIENCE))["id"] == 1
    else:
        with pytest.raises(InvalidStatus):
            await connect(address, origin=origin)
        async with connect(address):  # the server still waits for its client
            pass
    assert await ended(process) == 1
