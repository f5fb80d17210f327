"""Who may import whom: `docs/architecture.md` draws these arrows, here they are enforced."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ARROWS = {
    "lsp_server.errors": "",
    "lsp_server.documents": "",
    "lsp_server.settings": "findings errors",
    "lsp_server.prose": "documents",
    "lsp_server.sentences": "documents prose errors triton_server.segmentation",
    "lsp_server.engines": "errors triton_server.gector",
    "lsp_server.findings": "documents sentences triton_server.gector triton_server.segmentation",
    "lsp_server.suppress": "documents findings settings errors",
    "lsp_server.spelling": "findings triton_server.segmentation",
    "lsp_server.patterns": "findings spelling triton_server.segmentation triton_server.gector",
    "lsp_server.document_words": "prose",
    "lsp_server.document_memory": "document_words documents findings proposers prose",
    "lsp_server.proposers": "document_words documents findings patterns prose settings spelling suppress "
    "triton_server.gector triton_server.segmentation",
    "lsp_server.cache": "triton_server.gector",
    "lsp_server.results": "documents errors findings",
    "lsp_server.checker": "cache document_memory document_words documents prose sentences engines findings "
    "proposers results settings suppress errors triton_server.gector triton_server.segmentation",
    "lsp_server.trials": "documents findings settings",
    "lsp_server.opening": "cache checker engines proposers settings spelling errors sentences trials "
    "triton_server.segmentation",
    "lsp_server.api": "opening checker documents findings sentences settings errors triton_server.gector",
    "lsp_server.integrations": "api documents",
    "lsp_server.playground": "api opening checker documents findings settings errors",
    "lsp_server.http": "opening checker documents findings settings suppress errors",
    "lsp_server.server": "opening checker results documents prose findings settings suppress errors trials",
    "lsp_server.cli": "cache opening checker results documents findings proposers settings suppress errors "
    "server http trials playground triton_server.launcher triton_server.authoring triton_server.export "
    "triton_server.backend triton_server.gector triton_server.training",
    "triton_server.segmentation": "",
    "triton_server.gector": "triton_server.segmentation",
    "triton_server.backend": "triton_server.gector triton_server.segmentation",
    "triton_server.launcher": "triton_server.gector triton_server.backend",
    "triton_server.model_repository": "triton_server.backend",
    "triton_server.export": "triton_server.gector triton_server.backend triton_server.segmentation "
    "triton_server.launcher triton_server.authoring triton_server.training",
    "triton_server.training": "triton_server.gector triton_server.segmentation",
    "triton_server.authoring": "triton_server.backend triton_server.gector triton_server.launcher "
    "triton_server.templates",
    "triton_server.scripts": "triton_server.authoring triton_server.launcher",
    "triton_server.templates": "",
    "triton_server.deploy": "triton_server.launcher",
    "triton_server.models": "",
}
"""Each area, and the areas it may import besides itself; those without a package are of `lsp_server`."""

HOMES = {
    "pygls": "lsp_server.server",
    "lsprotocol": "lsp_server.server",
    "click": "lsp_server.cli",
    "rich": "lsp_server.cli",
    "limits": "lsp_server.http",
    "mkdocs": "lsp_server.integrations",
    "sphinx": "lsp_server.integrations",
    "starlette": "lsp_server.http lsp_server.playground",
    "uvicorn": "lsp_server.http lsp_server.playground",
    "cattrs": "lsp_server.settings lsp_server.server",
    "tree_sitter": "lsp_server.prose",
    "spacy": "triton_server.segmentation",
    "tokenizers": "triton_server.gector",
    "tritonclient": "lsp_server.engines triton_server.launcher triton_server.authoring triton_server.export",
    "onnxruntime": "triton_server.gector triton_server.export",
    "torch": "triton_server.gector triton_server.backend triton_server.export triton_server.training",
    "transformers": "triton_server.gector triton_server.backend triton_server.export",
}
"""Libraries that one area speaks to on behalf of the others."""

MODULES = sorted(
    path.relative_to(ROOT)
    for package in ("lsp_server", "triton_server")
    for path in (ROOT / package).rglob("*.py")
)


def area_of(module):
    """The folder or module right below the package; of the package itself, the package."""
    return ".".join(module.split(".")[:2])


def imported_by(path):
    """The dotted names that a file imports anywhere, for types and inside functions too."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            inside = node.module in ("lsp_server", "triton_server")
            yield from (f"{node.module}.{alias.name}" if inside else node.module for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_follow_the_arrows(path):
    area = area_of(".".join(path.with_suffix("").parts))
    if area.endswith("__init__"):
        assert not list(imported_by(path)), "the packages themselves import nothing"
        return
    assert area in ARROWS, "a new area needs its arrows, here and in docs/architecture.md"
    allowed = {name if "." in name else f"lsp_server.{name}" for name in ARROWS[area].split()} | {area}
    for name in imported_by(path):
        if name.startswith(("lsp_server.", "triton_server.")):
            assert name.endswith(".__version__") or area_of(name) in allowed, f"{path} imports {name}"
        homes = HOMES.get(name.split(".")[0], area)
        assert area in homes.split(), f"{path} imports {name}"


def test_every_arrow_begins_somewhere():
    """Or the table describes what is no longer there."""
    assert set(ARROWS) == {
        area_of(".".join(path.with_suffix("").parts)) for path in MODULES if len(path.parts) > 1
    } - {
        "lsp_server.__init__",
        "triton_server.__init__",
    }


HEAVY = {
    "torch",
    "transformers",
    "spacy",
    "onnxruntime",
    "pygls",
    "lsprotocol",
    "tritonclient",
    "tree_sitter",
}


@pytest.mark.parametrize(
    ("module", "light"),
    [
        ("lsp_server.cli.commands", {"rich", "numpy", "asyncio"}),
        ("lsp_server.cli.lint", {"rich", "numpy"}),
        ("lsp_server.cli.serve", {"rich", "numpy"}),
        ("lsp_server.settings", {"click"}),
        ("lsp_server.engines.local", set()),
        ("triton_server.gector", {"numpy"}),
        ("triton_server.segmentation", set()),
    ],
)
def test_what_is_heavy_is_imported_only_when_it_is_used(module, light):
    run = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(run.stdout.split()) & (HEAVY | light) == set()
