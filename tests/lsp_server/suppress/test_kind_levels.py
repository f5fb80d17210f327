"""Kinds switched off in files that their users keep by hand."""

from __future__ import annotations

import pytest

from lsp_server.errors import InputError
from lsp_server.suppress.kind_levels import set_kind_level


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, '[kinds]\narticle = "off"\n'),
        ('strictness = "low"\n', 'strictness = "low"\n\n[kinds]\narticle = "off"\n'),
        ('[kinds]\narticle = "hint" # why\n', '[kinds]\narticle = "off"\n'),
        (
            '[kinds]\nspelling = "hint"\n\n[triton]\nurl = "a:1"\n',
            '[kinds]\nspelling = "hint"\narticle = "off"\n\n[triton]\nurl = "a:1"\n',
        ),
        ('[ kinds ]  # mine\n"article"="hint"\n', '[ kinds ]  # mine\narticle = "off"\n'),
    ],
)
def test_what_is_written(tmp_path, before, after):
    path = tmp_path / "grammared.toml"
    if before:
        path.write_text(before)
    change = set_kind_level(path, "article", "off")
    assert path.read_text() == after
    change.undo()
    assert (path.read_text() if path.exists() else None) == before


def test_in_a_pyproject(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "x"\n')
    set_kind_level(path, "article", "off")
    assert path.read_text() == '[project]\nname = "x"\n\n[tool.grammared.kinds]\narticle = "off"\n'


@pytest.mark.parametrize(
    "before",
    [
        'kinds = { article = "hint" }\n',
        'model = """\n[kinds]\n"""\n',
        "no [toml\n",
        '[kinds]\nx = [\n  "y",\n]\narticle.x = 1\n',
    ],
)
def test_another_form_is_left_alone(tmp_path, before):
    path = tmp_path / "grammared.toml"
    path.write_text(before)
    with pytest.raises(InputError, match="by hand"):
        set_kind_level(path, "article", "off")
    assert path.read_text() == before
