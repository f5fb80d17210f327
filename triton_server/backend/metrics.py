"""What the grammar models did, as metrics of the server they run on, beside Triton's own.

Each is a counter with the labels `model` and `version`; instances of a model add to the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triton_server.backend.adapter import ModelArguments

COUNTERS = {
    "sentences": "Sentences answered",
    "passes": "Sentences run through the model, each time counted",
    "windowed": "Sentences run through the model in windows, being longer than it takes at once",
    "proposals": "Words for which requests with words were told another label than $KEEP",
    "edits": "Edits in the answers to requests with text",
}
"""By name in the program: what is counted. The metric is `grammared_<name>_total`."""
INFO = "grammared_model_info"
"""A gauge, always 1, whose label `identity` tells with which weights the version was loaded."""


class Counters:
    """The counters of one model version; without metrics in the server, they count nothing.

    They stay listed when the model is unloaded, until the server ends; Triton's own go, which tells what
    serves. To delete them in the model's `finalize` corrupts the memory of Triton 2.51 when another version,
    or the same one loaded anew, has the like: it aborts or hangs.
    """

    def __init__(self, pb_utils: Any, arguments: ModelArguments) -> None:
        """Make them known to the server, at 0.

        Args:
            pb_utils: Triton's module; metrics may be switched off, or not be there in an old one.
            arguments: which model and version.
        """
        self._pb_utils = pb_utils
        self._labels = {"model": arguments.name, "version": arguments.version}
        self._families: list[Any] = []
        self._metrics = {
            name: self._metric("COUNTER", f"grammared_{name}_total", about, self._labels)
            for name, about in COUNTERS.items()
        }

    def add(self, **amounts: int) -> None:
        """Count; the names are those of `COUNTERS`."""
        for name, amount in amounts.items():
            metric = self._metrics[name]
            if metric is not None and amount:
                metric.increment(amount)

    def tell_identity(self, identity: str) -> None:
        """Publish which weights the model has."""
        about = "1 for each loaded model version, with a name and hash of its weights"
        info = self._metric("GAUGE", INFO, about, self._labels | {"identity": identity})
        if info is not None:
            info.set(1)
            self._metrics[INFO] = info

    def _metric(self, kind: str, name: str, about: str, labels: dict[str, str]) -> Any:
        try:
            family = self._pb_utils.MetricFamily(
                name=name, description=about, kind=getattr(self._pb_utils.MetricFamily, kind)
            )
            metric = family.Metric(labels=labels)
        except Exception:  # the server runs without metrics: nobody would read them
            return None
        self._families.append(family)
        return metric
