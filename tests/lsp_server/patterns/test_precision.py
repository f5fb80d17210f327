"""What was measured of the patterns, and what is on by default, agree."""

import re
from pathlib import Path

import pytest

from lsp_server.patterns import load
from lsp_server.proposers import LEAST

PAGE = Path(__file__).parents[3] / "docs" / "patterns.md"
ROWS = re.findall(
    r"^\| (.+?) \| [a-z-]+ \| \d+ \| \d+ \| (\d+)% \| (on|off) \|$", PAGE.read_text("utf-8"), re.MULTILINE
)
CONFIDENCES = {pattern.id: pattern.confidence for pattern in load()} | {"doubled": 0.96}


def test_the_page_has_the_patterns_that_were_measured():
    assert len(ROWS) > 30


@pytest.mark.parametrize(("name", "precision", "default"), ROWS, ids=[row[0] for row in ROWS])
def test_a_pattern_that_is_wrong_too_often_is_off_by_default(name, precision, default):
    is_on = CONFIDENCES[name] >= LEAST["normal"]
    assert is_on == (default == "on")
    assert int(precision) >= 98 or not is_on
