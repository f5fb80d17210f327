"""The troubleshooting guide lists the messages that there are: all of them, and no others."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "troubleshooting-triton.md"
TRITONS = "## What Triton itself says"
ERRORS = {
    "LauncherError",
    "LoadError",
    "ExportError",
    "GectorError",
    "BadRequest",
    "EngineError",
    "EngineUnavailable",
    "ModelError",
    "_TooDifferent",
}
SOURCES = [
    *(file for file in (ROOT / "triton_server").glob("**/*.py") if file.parent.name != "training"),
    *(file for file in (ROOT / "lsp_server" / "engines").glob("*.py") if file.name != "local.py"),
    *(ROOT / "lsp_server" / "cli").glob("triton*.py"),
]


@functools.cache
def in_source():
    """Every message that is raised, with … for what is filled in; but none that consists of little else."""
    calls = (node for file in SOURCES for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    texts = {
        _text(call.args[0])
        for call in calls
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ERRORS and call.args
    }
    plain = {re.sub("…+", "…", text).replace("`", "'") for text in texts}
    return sorted(text for text in plain if sum(map(str.isalpha, text)) >= 8)


def _text(node):
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    return "…"


@functools.cache
def in_guide():
    """The messages in the first column of the guide's tables, except for those that are Triton's own."""
    return _listed(GUIDE.read_text(encoding="utf-8").partition(TRITONS)[0])


def _listed(tables):
    rows = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    return [message for row in rows for message in re.findall(r"`([^`]+)`", row)]


def is_like(message, template):
    """Whether the guide's message is the source's; the guide may fill in what the source leaves open."""
    return re.fullmatch(".+".join(map(re.escape, template.split("…"))), message) is not None


@pytest.mark.parametrize("message", in_guide())
def test_what_the_guide_lists_is_raised(message):
    assert any(is_like(message, template) for template in in_source())


@pytest.mark.parametrize("template", in_source())
def test_what_is_raised_is_in_the_guide(template):
    assert any(is_like(message, template) for message in in_guide())


@pytest.mark.triton
def test_triton_says_what_the_guide_says_it_does(triton, triton_data):
    """Its programs have the words, of which the compiler keeps long ones in pieces of 16 bytes."""
    packages = next((triton_data / "triton").glob("lib/*/site-packages"))
    programs = [
        packages / "pytriton" / "tritonserver" / "bin" / "tritonserver",
        packages / "pytriton" / "tritonserver" / "backends" / "python" / "libtriton_python.so",
        next((packages / "nvidia_pytriton.libs").glob("libtritonserver*")),
    ]
    known = b"".join(program.read_bytes() for program in programs)
    tables = GUIDE.read_text(encoding="utf-8").partition(TRITONS)[2]
    for message in _listed(tables):
        for part in message.split("…"):
            assert part.strip()[:16].encode() in known
