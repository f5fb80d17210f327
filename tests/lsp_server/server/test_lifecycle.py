"""From the first byte to the last: transports, and every way to end."""

from __future__ import annotations

import asyncio
import json
import socket
import sys

import pytest
from lsprotocol import types
from websockets.asyncio.client import connect

from tests.lsp_server.server.editor import PATIENCE, ROOT, SERVER, Editor, capabilities

pytestmark = pytest.mark.asyncio(loop_scope="session")


def message(method: str, params: object = None, number: int | None = None) -> bytes:
    content = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(content if number is None else {**content, "id": number}).encode()


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def initialize(process_id: int | None = None) -> bytes:
    return message("initialize", {"processId": process_id, "capabilities": {}, "rootUri": None}, 1)


OPEN = message(
    "textDocument/didOpen",
    {"textDocument": {"uri": "file:///a.md", "languageId": "markdown", "version": 1, "text": "He go home."}},
)
SESSION = [initialize(), message("initialized", {}), OPEN]


async def server(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *SERVER, *arguments, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
    )


async def read(reader: asyncio.StreamReader) -> dict:
    """The next message; whatever is no message fails here."""
    header = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
    lines = dict(line.split(": ") for line in header.decode().strip().split("\r\n"))
    return json.loads(await asyncio.wait_for(reader.readexactly(int(lines["Content-Length"])), PATIENCE))


async def read_until(reader: asyncio.StreamReader, method: str) -> dict:
    while (answer := await read(reader)).get("method") != method:
        pass
    return answer


async def ended(process: asyncio.subprocess.Process) -> int:
    """The exit status; what the server still says is read."""
    await asyncio.wait_for(process.communicate(), PATIENCE)
    return process.returncode


async def test_shutdown_and_exit():
    editor = Editor()
    await editor.start(capabilities("visual-studio-code"), options={"model": "endless"})
    editor.open("This is endless.")
    assert await editor.stop() == 0


async def test_exit_without_shutdown():
    process = await server()
    process.stdin.write(framed(initialize()) + framed(message("exit")))
    assert await ended(process) == 1


async def test_nothing_but_messages_on_standard_output():
    """The tiny server prints while it loads its model."""
    process = await server()
    process.stdin.write(b"".join(map(framed, SESSION)))
    await read_until(process.stdout, "textDocument/publishDiagnostics")
    process.stdin.write(framed(message("shutdown", None, 2)) + framed(message("exit")))
    assert (await read(process.stdout))["id"] == 2
    rest, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert rest == b""
    assert errors == b"printing must not reach the client\n"
    assert process.returncode == 0


@pytest.mark.parametrize("said", [0, 3], ids=["nothing", "all"])
async def test_a_client_that_closes_its_end(said):
    process = await server()
    process.stdin.write(b"".join(map(framed, SESSION[:said])))
    process.stdin.write_eof()
    assert await ended(process) == 1


async def test_a_client_that_breaks_off_in_the_middle_of_a_message():
    process = await server()
    process.stdin.write(framed(initialize())[:-10])
    process.stdin.write_eof()
    assert await ended(process) == 1


async def test_nonsense_between_messages():
    process = await server()
    process.stdin.write(b"Content-Length: 4\r\n\r\n{]{]" + framed(b'"text"') + b"".join(map(framed, SESSION)))
    published = await read_until(process.stdout, "textDocument/publishDiagnostics")
    assert len(published["params"]["diagnostics"]) == 1
    process.stdin.write_eof()
    assert await ended(process) == 1


async def test_malformed_parameters_get_an_error():
    process = await server()
    process.stdin.write(b"".join(map(framed, SESSION)))
    await read_until(process.stdout, "textDocument/publishDiagnostics")
    document = {"uri": "file:///a.md", "version": 2}
    for number, place in enumerate([{"line": -1, "character": 0}, {"line": 0}, "first", None, 1.5], start=2):
        where = {"start": place, "end": place}
        change = {"textDocument": document, "contentChanges": [{"range": where, "text": "x"}]}
        ask = {"textDocument": document, "range": where, "context": {"diagnostics": []}}
        process.stdin.write(framed(message("textDocument/didChange", change)))
        process.stdin.write(framed(message("textDocument/codeAction", ask, number)))
        while "id" not in (answer := await read(process.stdout)):
            # a message for the first of them, as tested elsewhere
            assert answer["method"] in ("window/showMessage", "grammared/status")
        assert (answer["id"], "error" in answer) == (number, True)
    whole = {"textDocument": document, "contentChanges": [{"text": "I saw teh dog. He go."}]}
    process.stdin.write(framed(message("textDocument/didChange", whole)))
    published = await read_until(process.stdout, "textDocument/publishDiagnostics")
    assert len(published["params"]["diagnostics"]) == 2
    process.stdin.write_eof()
    assert await ended(process) == 1


async def test_a_client_that_is_killed_while_another_process_holds_its_pipe():
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE
    )
    process = await server()
    process.stdin.write(b"".join(map(framed, [initialize(client.pid), *SESSION[1:]])))
    await read_until(process.stdout, "textDocument/publishDiagnostics")
    client.kill()
    await client.wait()
    assert await ended_without_eof(process) == 1


async def ended_without_eof(process: asyncio.subprocess.Process) -> int:
    await asyncio.gather(process.stdout.read(), process.stderr.read())
    return await asyncio.wait_for(process.wait(), PATIENCE)


async def listening(process: asyncio.subprocess.Process) -> int:
    line = await asyncio.wait_for(process.stderr.readline(), PATIENCE)
    assert line.startswith(b"grammared: listening on 127.0.0.1:")
    return int(line.rsplit(b":")[-1])


@pytest.mark.parametrize("orderly", [True, False])
async def test_tcp(orderly):
    process = await server("--tcp", "0")
    reader, writer = await asyncio.open_connection("127.0.0.1", await listening(process))
    writer.write(b"".join(map(framed, SESSION)))
    await read_until(reader, "textDocument/publishDiagnostics")
    if orderly:
        writer.write(framed(message("shutdown", None, 2)) + framed(message("exit")))
        assert (await read(reader))["id"] == 2
    writer.close()
    assert await ended(process) == (0 if orderly else 1)


@pytest.mark.parametrize("orderly", [True, False])
async def test_websocket(orderly):
    process = await server("--ws", "0")
    async with connect(f"ws://127.0.0.1:{await listening(process)}", max_size=None) as connection:
        for body in SESSION:
            await connection.send(body)
        while json.loads(await asyncio.wait_for(connection.recv(), PATIENCE)).get("method") != (
            types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS
        ):
            pass
        if orderly:
            await connection.send(message("shutdown", None, 2))
            assert json.loads(await asyncio.wait_for(connection.recv(), PATIENCE))["id"] == 2
            await connection.send(message("exit"))
    assert await ended(process) == (0 if orderly else 1)


@pytest.mark.parametrize("transport", ["--tcp", "--ws"])
async def test_a_port_that_is_taken(transport):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await server(transport, str(taken.getsockname()[1]))
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert b"InputError: cannot listen on 127.0.0.1:" in errors
    assert process.returncode != 0
