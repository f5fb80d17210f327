"""The published schemas are current, and agree with what is accepted."""

import json
import sys
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from lsp_server.cli.commands import grammared
from lsp_server.cli.config import FIRST
from lsp_server.settings import Settings, settings_from_options
from lsp_server.settings.options import options_of
from lsp_server.settings.schema import schema

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize(("name", "flags"), [("project.schema.json", []), ("user.schema.json", ["--user"])])
def test_the_committed_schemas_are_current(name, flags):
    printed = CliRunner().invoke(grammared, ["config", "schema", *flags]).output
    assert (DOCS / name).read_text(encoding="utf-8") == printed, (
        f"run: grammared config schema {' '.join(flags)} > docs/{name}"
    )
    jsonschema.Draft7Validator.check_schema(json.loads(printed))


def test_what_a_project_may_not_say_is_not_in_its_schema():
    properties = schema(for_project=True)["properties"]
    assert not {"engine", "model", "triton", "threads"} & set(properties)
    assert {"root", "overrides", "kinds", "words"} <= set(properties)
    assert "url" in schema(for_project=False)["properties"]["triton"]["properties"]


def leaves(settings, prefix=()):
    for option in options_of(settings).values():
        yield from leaves(option.group, (*prefix, option.name)) if option.group else [(prefix, option)]


@pytest.mark.parametrize(
    ("prefix", "option"), [pytest.param(*leaf, id=leaf[1].name) for leaf in leaves(Settings)]
)
def test_every_example_is_valid_and_what_is_refused_is_not(prefix, option):
    def said(value):
        return {prefix[0]: {option.name: value}} if prefix else {option.name: value}

    validator = jsonschema.Draft7Validator(schema(for_project=False))
    assert validator.is_valid(said(option.example))
    refused = [value for value in (-1, "xyz", [1], {"a": []}) if settings_from_options(said(value), "")[1]]
    assert refused
    lenient = (str,) if option.type in (str, str | None) else ()
    assert not [
        value for value in refused if validator.is_valid(said(value)) and not isinstance(value, lenient)
    ] or (
        option.name in ("url", "version")  # strings of which not all are right
    )


def test_the_examples_of_the_guide_and_the_first_file_are_valid():
    guide = (DOCS / "configuration.md").read_text(encoding="utf-8")
    examples = [block.split("```")[0] for block in guide.split("```toml\n")[1:]]
    assert len(examples) >= 3
    validator = jsonschema.Draft7Validator(schema(for_project=True))
    for text in [*examples, FIRST]:
        found = tomllib.loads(text)
        validator.validate(found.get("tool", {}).get("grammared", found) if "tool" in found else found)
