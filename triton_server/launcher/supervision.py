"""Keeping a server well: a sick model is loaded again, a dead or hung server started again.

Triton 2.51 calls a model ready whose process has died, and may end with all its models when the process of
one was stopped and goes on. So each model is asked by a real inference, for as long as the server is to run.
What fails again and again is given up, loudly: to try for ever would hide it. What has served well for a
while in between is not that.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from triton_server.launcher import http, loading, server, startup
from triton_server.launcher.errors import LauncherError
from triton_server.launcher.health import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from triton_server.launcher.health import Health, ModelHealth
    from triton_server.launcher.places import Places
    from triton_server.launcher.startup import Options

PAUSE = 2.0
"""Seconds between two looks."""
SECONDS = 20.0
"""That a model may take to answer; one that does not twice in a row is loaded again."""
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
"""Seconds before something is tried again; doubled each time."""
_TRIES = 5
"""How often within `_PERIOD` something is tried before it is given up."""
_PERIOD = 600.0
_SERVED_WELL = 30.0
"""Seconds of answering after which nothing that was tried before counts any more: what dies again and again
does so sooner."""
_DEAD = "is not healthy"
"""What Triton says of a model whose process has ended."""
_ON_PURPOSE = "unloaded"
_LOADING = "loading"
"""By whoever asked for it: a new version, say. It ends by itself, or the server hangs."""


@dataclass
class _Attempts:
    """How often something was tried lately."""

    times: deque[float] = field(default_factory=deque)
    next: float = 0.0
    """Not before then again."""
    well_since: float | None = None
    """Since when it has answered each time that it was asked."""

    def see(self, now: float, *, is_well: bool) -> None:
        """Forget what was tried, if it has been well for long enough since."""
        if not is_well:
            self.well_since = None
            return
        if self.well_since is None:
            self.well_since = now
        if now - self.well_since >= _SERVED_WELL:
            self.times.clear()
            self.next = 0.0

    def are_too_many(self, now: float) -> bool:
        """Whether it is to be given up."""
        while self.times and self.times[0] < now - _PERIOD:
            self.times.popleft()
        return len(self.times) >= _TRIES

    def add(self, now: float) -> float:
        """Count one; how long to wait before the next."""
        self.times.append(now)
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (len(self.times) - 1))
        self.next = now + wait
        return wait


class Supervisor:
    """Looks after the server that was started last."""

    def __init__(
        self,
        options: Options,
        places: Places,
        health: Health,
        report: Callable[[str], None],
        *,
        seconds: float = SECONDS,
    ) -> None:
        """Take over a server that has just been started.

        Args:
            options: it was started with.
            places: where its state file is.
            health: how it was then; models that did not load are left alone.
            report: told in one line what is done.
            seconds: that a model may take to answer.
        """
        running = health.server
        self._options = replace(  # so that clients find it again where it was
            options,
            http_port=running.http_port,
            grpc_port=running.grpc_port,
            metrics_port=running.metrics_port,
        )
        self._places = places
        self._report = report
        self._seconds = seconds
        self._well = {model.name for model in health.models if not model.problem}
        self._suspected: set[str] = set()
        self._given_up: set[str] = set()
        self._starts = _Attempts()
        self._loads: dict[str, _Attempts] = {}
        self._silent_since: float | None = None
        self._loading_since: dict[str, float] = {}

    def run(self, pause: float = PAUSE) -> None:
        """Look again and again, until somebody stops the server.

        Raises:
            LauncherError: the server dies again and again.
        """
        while self.look():
            time.sleep(pause)

    def look(self) -> bool:
        """Look once, and do what is needed; false if the server is not wanted any more.

        Raises:
            LauncherError: see `run`.
        """
        if not server.is_wanted(self._places):
            return False
        health = status(self._places, seconds=self._seconds)
        if not server.is_wanted(self._places):
            return False
        if health is None:
            self._start_again(server.epitaph(self._places) or "Triton has died")
        elif not health.version:
            self._see_silence()
        elif health.server.is_alive():  # else it died while it was asked: the next look starts it again
            self._silent_since = None
            self._starts.see(time.monotonic(), is_well=True)
            for model in health.models:
                self._see(health, model)
        return True

    def _see_silence(self) -> None:
        now = time.monotonic()
        self._silent_since = self._silent_since or now
        if now - self._silent_since < self._seconds:
            return
        self._kill(f"Triton gave no sign of life for {self._seconds:g} s and was killed")

    def _kill(self, why: str) -> None:
        server.kill(self._places)
        self._start_again(why)

    def _start_again(self, why: str) -> None:
        now = time.monotonic()
        if self._starts.are_too_many(now):
            raise LauncherError(
                f"Triton is given up: started {_TRIES} times within {_PERIOD / 60:g} minutes, and never "
                f"served for {_SERVED_WELL:g} s. {why}"
            )
        self._starts.see(now, is_well=False)
        wait = self._starts.add(now)
        self._report(f"{why}; it is started again in {wait:g} s")
        time.sleep(wait)
        if not server.is_wanted(self._places):
            return
        models = self._options.models and [*self._options.models, *sorted(self._well)]
        options = replace(self._options, models=list(dict.fromkeys(models)))
        began = time.monotonic()
        try:
            health = startup.start(options, self._places, lambda _: None)
        except LauncherError as error:
            self._report(f"Triton does not start: {error}")
            return
        self._silent_since = None
        self._starts.see(time.monotonic(), is_well=True)
        self._loading_since = {one.name: began for one in health.models if one.problem == _LOADING}
        self._suspected.clear()
        self._report("Triton is back")

    def _see(self, health: Health, model: ModelHealth) -> None:
        name = model.name
        if model.problem == _LOADING and name in self._well:
            self._see_loading(health, name)
            return
        self._loading_since.pop(name, None)
        if name in self._loads:
            self._loads[name].see(time.monotonic(), is_well=not model.problem)
        if not model.problem:
            if name in self._loads and name in self._suspected | self._given_up:
                self._report(f"{name} is well again")
            self._well.add(name)
            self._suspected.discard(name)
            self._given_up.discard(name)
            return
        if name not in self._well or name in self._given_up or model.problem == _ON_PURPOSE:
            return
        if _DEAD not in model.problem and name not in self._suspected:
            self._suspected.add(name)  # it may just be busy, or somebody may be changing its versions
            return
        self._suspected.add(name)
        self._load_again(health, model)

    def _see_loading(self, health: Health, name: str) -> None:
        """Triton may never end a load when the process of an instance was stopped meanwhile."""
        now = time.monotonic()
        since = self._loading_since.setdefault(name, now)
        if now - since > self._options.timeout and not self._answers(health, name):
            self._kill(f"{name} was not loaded within {self._options.timeout:g} s, and Triton was killed")

    def _answers(self, health: Health, name: str) -> bool:
        """Whether any version does."""
        return any(one.name == name and not one.problem for one in health.models)

    def _load_again(self, health: Health, model: ModelHealth) -> None:
        now = time.monotonic()
        attempts = self._loads.setdefault(model.name, _Attempts())
        if now < attempts.next:
            return
        if attempts.are_too_many(now):
            self._given_up.add(model.name)
            self._report(
                f"{model.name} is given up: loaded {_TRIES} times within {_PERIOD / 60:g} minutes, never "
                f"well for {_SERVED_WELL:g} s, and still: {model.problem}"
            )
            return
        attempts.add(now)
        self._report(f"{model.name}: {model.problem.rstrip('.')}; it is loaded again")
        began = time.monotonic()
        try:
            loading.reload(health.server, model.name, self._options.timeout)
        except (http.HttpError, LauncherError) as error:
            self._report(f"{model.name} does not load: {error}")
            if time.monotonic() - began >= self._options.timeout and not self._answers(health, model.name):
                self._kill(f"{model.name} was not loaded in time, and Triton was killed")


@contextmanager
def interrupted_by_terminate() -> Iterator[None]:
    """Let SIGTERM interrupt what is done, as Ctrl-C does: so services are ended."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
