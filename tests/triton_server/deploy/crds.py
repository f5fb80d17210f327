"""Custom resources held against the schemas of their definitions, as a cluster would, and strictly."""

import gzip
import json
from functools import cache
from pathlib import Path

import jsonschema

FOLDER = Path(__file__).parents[2] / "fixtures" / "crds"


def validate(document):
    """Whether a custom resource is as its definition says, with no field that it does not know.

    Raises:
        jsonschema.ValidationError: it is not.
    """
    group, _, version = document["apiVersion"].partition("/")
    definition = _definition(document["kind"])
    assert definition["group"] == group
    jsonschema.Draft7Validator(_strict(definition["versions"][version])).validate(document)


@cache
def _definition(kind):
    return json.loads(gzip.decompress((FOLDER / f"{kind}.json.gz").read_bytes()))


def _strict(schema):
    """A cluster drops fields that it does not know; here they are wrong."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _strict(one) for name, one in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        return {name: one for name, one in strict.items() if name not in {"type", "anyOf"}}
    is_closed = "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields")
    if schema.get("type") == "object" and is_closed and "additionalProperties" not in schema:
        strict["additionalProperties"] = False
    return strict
