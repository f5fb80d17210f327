"""How findings of a kind are shown."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lsp_server.settings.settings import KindLevel, Kinds, Settings


def level_of(code: str, settings: Settings) -> KindLevel:
    """The severity of findings of a kind, or `off`."""
    return cast("KindLevel", _levels(settings.kinds).get(code, settings.severity))


@lru_cache(maxsize=64)
def _levels(kinds: Kinds) -> dict[str, str]:
    return dict(kinds)
