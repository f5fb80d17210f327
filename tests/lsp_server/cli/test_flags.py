"""Settings from flags."""

import pytest

from lsp_server.cli.flags import settings_from_flags
from lsp_server.settings import TritonSettings


@pytest.mark.parametrize(
    ("assignments", "expected"),
    [
        (["deadline=2", "model=other"], TritonSettings(deadline=2.0, model="other")),
        (['versions={"1": 70, "2": 30}'], TritonSettings(versions=(("1", 70.0), ("2", 30.0)))),
        (["versions.1=70", "versions.2=30"], TritonSettings(versions=(("1", 70.0), ("2", 30.0)))),
        (["versions.1=70", 'versions={"2": 30}'], TritonSettings(versions=(("2", 30.0),))),
        (["deadline=2", "deadline=3"], TritonSettings(deadline=3.0)),
    ],
)
def test_assignments_add_up_and_the_last_of_a_name_counts(assignments, expected):
    given = tuple(f"triton.{one}" for one in assignments)
    assert settings_from_flags(None, None, None, None, given).triton == expected
