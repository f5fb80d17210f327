"""The protocol's types are the same whether all are built at once or each when it is used."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

FIELDS = """
import attrs
from lsprotocol import converters, types
converters.get_converter()
for name, kind in sorted(types.ALL_TYPES_MAP.items()):
    if isinstance(kind, type) and attrs.has(kind):
        print(name, kind.__eq__ is object.__eq__, kind.__hash__, kind.__match_args__)
        for one in attrs.fields(kind):
            print(" ", one.name, one.type, one.default, one.kw_only, one.on_setattr, one.validator)
"""
LIGHTLY = """
from lsp_server.server.light_types import import_light_types
import_light_types()
"""


def output_of(code):
    """What some code prints, without addresses in memory."""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return re.sub(r" at 0x[0-9a-f]+", "", run.stdout)


def test_a_class_that_is_built_late_is_the_same():
    at_once, late = output_of(FIELDS), output_of(LIGHTLY + FIELDS)
    assert at_once.count("\n") > 2000
    assert late == at_once


USED = """
import attrs
from lsprotocol import converters, types
converter = converters.get_converter()
kinds = [kind for kind in types.ALL_TYPES_MAP.values() if isinstance(kind, type)]
read = converter.structure(
    {"uri": "file:///a", "diagnostics": [{"range": {"start": {"line": 0, "character": 1},
     "end": {"line": 0, "character": 2}}, "message": "No.", "severity": 2, "code": "x", "data": [1]}]},
    types.PublishDiagnosticsParams,
)
place = types.Range(types.Position(0, 1), types.Position(0, 2))
same = types.Diagnostic(place, "No.", types.DiagnosticSeverity.Warning, "x", data=[1])
print(list(read.diagnostics) == [same], sum("__match_args__" in vars(kind) for kind in kinds))
"""


def test_few_classes_are_built_where_few_are_used():
    is_same, built = output_of(LIGHTLY + USED).split()
    assert is_same == "True"
    assert int(built) < 100 < int(output_of(USED).split()[1])
