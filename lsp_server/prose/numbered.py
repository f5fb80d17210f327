"""Numbers at the beginning of a line: of a list's item, or of a sentence that was wrapped before them."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\s*\(?(\d{1,3})[.)]\s")


class Numbers:
    """Tells one from the other, line by line."""

    def __init__(self) -> None:
        self._last = 0
        """Number of the last item."""

    def begins_item(self, line: str, before: str) -> bool:
        """Whether a line with a marker begins an item.

        A number is part of the sentence ("on August⏎19. For") if something comes before it that no stop or
        colon ends, and it neither begins a list nor goes on with one.

        Args:
            line: with its marker.
            before: the line before it, empty if a blank one stands between.
        """
        found = _NUMBER.match(line)
        if found is None:
            return True
        number = int(found[1])
        if number > 1 and number != self._last + 1 and before and before[-1] not in ".!?:;":
            return False
        self._last = number
        return True
