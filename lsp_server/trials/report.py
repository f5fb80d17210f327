"""The arms of a trial side by side, from the counts of `ledger`."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lsp_server.trials.ledger import milliseconds_of

if TYPE_CHECKING:
    from pathlib import Path

_Z = 1.96
"""Standard deviations on each side of a 95 % interval."""
_COUNTS = ("documents", "words", "sentences", "found", "accepted", "edited", "gone", "ignored")


@dataclass
class Arm:
    """What one model did."""

    counts: Counter[str] = field(default_factory=Counter)
    """Of documents, words, sentences, and of findings by what became of them."""
    latency: Counter[int] = field(default_factory=Counter)
    """Requests, by bucket."""

    @property
    def requests(self) -> int:
        """How often it was asked."""
        return sum(self.latency.values())

    def percentile(self, share: float) -> float | None:
        """The latency in milliseconds that this share of the requests stays within; None without any."""
        passed = 0
        for bucket in sorted(self.latency):
            passed += self.latency[bucket]
            if passed >= share * self.requests:
                return milliseconds_of(bucket)
        return None

    @property
    def settled(self) -> int:
        """Findings that a person has decided about, one way or the other."""
        return sum(self.counts[name] for name in ("accepted", "edited", "ignored"))


def read(path: Path) -> dict[str, Arm]:
    """The arms by the identity of their model; a line that is no count (a disk was full) is passed over."""
    arms: dict[str, Arm] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    for line in lines:
        try:
            entry = json.loads(line)
            counts = {name: int(entry.get(name, 0)) for name in _COUNTS}
            latency = {int(bucket): int(number) for bucket, number in entry.get("latency", {}).items()}
            arm = arms.setdefault(str(entry["model"]), Arm())
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        arm.counts.update(counts)
        arm.latency.update(latency)
    return dict(sorted(arms.items()))


def proportion(part: int, whole: int) -> tuple[float, float, float] | None:
    """A share and its 95 % interval, after Wilson (1927); None of nothing."""
    if not whole:
        return None
    share = part / whole
    spread = _Z * math.sqrt(share * (1 - share) / whole + (_Z / (2 * whole)) ** 2)
    middle, scale = share + _Z**2 / (2 * whole), 1 + _Z**2 / whole
    return share, max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def rate(events: int, exposure: int, per: int = 1000) -> tuple[float, float, float] | None:
    """Events in `per` units of exposure, and the 95 % interval of a Poisson count (square-root method)."""
    if not exposure:
        return None
    low = max(0.0, math.sqrt(events) - _Z / 2) ** 2
    high = (math.sqrt(events + 1) + _Z / 2) ** 2
    return per * events / exposure, per * low / exposure, per * high / exposure


def rows(arms: dict[str, Arm]) -> list[tuple[str, ...]]:
    """A table: what is compared, then each arm's figure; the first row names the arms."""
    table: list[tuple[str, ...]] = [("", *arms)]
    for title, figure in _FIGURES:
        table.append((title, *(figure(arm) for arm in arms.values())))
    return table


def as_json(arms: dict[str, Arm]) -> dict[str, Any]:
    """The same for programs."""
    return {
        model: {
            **{name: arm.counts[name] for name in _COUNTS},
            "requests": arm.requests,
            "p50_ms": arm.percentile(0.5),
            "p95_ms": arm.percentile(0.95),
            "findings_per_1000_words": rate(arm.counts["found"], arm.counts["words"]),
            "accepted_share": proportion(arm.counts["accepted"], arm.settled),
            "ignored_share": proportion(arm.counts["ignored"], arm.settled),
        }
        for model, arm in arms.items()
    }


def _share(part: str, arm: Arm) -> str:
    found = proportion(arm.counts[part], arm.settled)
    percent = "" if not found else f" = {found[0]:.0%} ({found[1]:.0%} to {found[2]:.0%})"
    return f"{arm.counts[part]} of {arm.settled}{percent}"


def _latency(share: float, arm: Arm) -> str:
    found = arm.percentile(share)
    return "-" if found is None else f"{found:.1f} ms"


def _rate(arm: Arm) -> str:
    found = rate(arm.counts["found"], arm.counts["words"])
    return "-" if not found else f"{found[0]:.1f} ({found[1]:.1f} to {found[2]:.1f})"


_FIGURES = (
    ("documents", lambda arm: str(arm.counts["documents"])),
    ("words", lambda arm: str(arm.counts["words"])),
    ("requests", lambda arm: str(arm.requests)),
    ("sentences tagged", lambda arm: str(arm.counts["sentences"])),
    ("latency p50", lambda arm: _latency(0.5, arm)),
    ("latency p95", lambda arm: _latency(0.95, arm)),
    ("findings", lambda arm: str(arm.counts["found"])),
    ("findings in 1,000 words", _rate),
    ("accepted", lambda arm: _share("accepted", arm)),
    ("edited by hand", lambda arm: _share("edited", arm)),
    ("ignored", lambda arm: _share("ignored", arm)),
    ("gone by themselves", lambda arm: str(arm.counts["gone"])),
)
