"""What the VS Code extension says of the server is what the server says of itself."""

import importlib.util
import json
import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "editors" / "vscode"
SPEC = importlib.util.spec_from_file_location("generate", FOLDER / "generate.py")
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)


def test_the_generated_files_are_current():
    """If not: python editors/vscode/generate.py."""
    assert (FOLDER / "package.json").read_text(encoding="utf-8") == generate.package()
    assert (FOLDER / "src" / "languages.ts").read_text(encoding="utf-8") == generate.languages()


def test_a_workspace_cannot_say_what_is_run_or_where_text_goes():
    properties = json.loads(generate.package())["contributes"]["configuration"]["properties"]
    machine = {name for name, one in properties.items() if one["scope"] == "machine"}
    assert {
        "grammared.server.command",
        "grammared.engine",
        "grammared.model",
        "grammared.triton.url",
    } <= machine
    assert properties["grammared.dialect"]["scope"] == "resource"


def test_the_problem_matcher_reads_what_lint_prints():
    from tests.lsp_server.cli.test_formats import made

    (matcher,) = json.loads(generate.package())["contributes"]["problemMatchers"]
    match = re.match(matcher["pattern"]["regexp"], made("concise").splitlines()[0])
    assert match.group(1, 2, 3, 5) == ("docs/a b,c.md", "1", "7", "subject-verb-agreement")
