"""How much of the machine the careful network takes, live: patrols wait for room, looks that a verdict needs do not."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cvinspect.assembly.eyes import Careful
from cvinspect.daemon import Durations

_LOG = logging.getLogger(__name__)

_SAVED_S = 3.0
"""Seconds of looks that may be saved up while nobody asks."""

_OWED_S = 30.0
"""What more looks were wanted than this ahead is not made up for: patrols must not cease for an hour after it."""

_FIRST_LOOK_S = 0.5
"""What a look is taken to cost before there was one."""

_NEWS_SHARE = 0.2
"""How much the last look says of what the next one costs."""

_LATELY_S = 5.0
"""So long who asked is thought to ask again; longer, where a camera is sampled more rarely."""

_LATE_S, _TOLD_AGAIN_S = 120.0, 3600.0
"""From when on a patrol that waits is told in the log, and how often."""


@dataclass(slots=True)
class _Asker:
    """A camera that asks for its patrols."""

    asked_s: float
    """When it asked last."""
    is_due: bool = False
    """Whether it waits for a patrol since it asked."""
    due_s: float = 0.0
    """Since when that is due."""
    apart_s: float = 0.0
    """From one time that it asked to the next."""
    granted_s: float = float("-inf")
    is_next: bool = False
    """Whether room is kept for its look, which is granted when it asks again."""

    def ask(self, at_s: float, overdue_s: float) -> None:
        if self.is_due:
            self.apart_s = at_s - self.asked_s
        self.asked_s, self.is_due = at_s, True
        self.due_s = max(at_s - overdue_s, self.granted_s)  # whoever connects again and again is not later for it

    def granted(self, at_s: float) -> None:
        self.granted_s, self.is_due, self.is_next = at_s, False, False

    def waits(self, at_s: float) -> bool:
        return self.is_due and at_s - self.asked_s <= max(_LATELY_S, 2 * self.apart_s)


class CarefulShare:
    """The allowance of all cameras together: a bucket of seconds, filled by the clock, emptied by looks.

    Where it does not suffice, the patrols of all cameras are stretched alike. Safe to use from any thread.
    """

    def __init__(self, *, cores: float, seconds: Callable[[], float]) -> None:
        """`cores`: as many seconds of looks may be taken in a second, such as 0.4; `seconds`: a clock nobody sets."""
        self._cores = cores
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left_s = _SAVED_S
        self._filled_s = seconds()
        self._look_s = _FIRST_LOOK_S
        self._askers: dict[str, _Asker] = {}
        self._taken_s: dict[str, float] = {}
        """By camera, what was taken out for the patrol that it was granted and has not made yet."""
        self._looks: dict[str, Durations] = {}
        self._patrols: Counter[str] = Counter()
        self._told_s: float | None = None

    def looks(self, camera: str) -> Durations:
        """What the camera's looks have cost so far."""
        with self._lock:
            return self._looks.get(camera, Durations())

    def patrols(self, camera: str) -> int:
        """How many of its looks were patrols."""
        with self._lock:
            return self._patrols[camera]

    def grants_patrol(self, camera: str, *, overdue_s: float) -> bool:
        """Whether the camera may look now: there is room, and nobody whose patrol is later has asked lately.

        Room is kept for the latest ones until they ask again, so that who asks rarely does not find it taken.
        """
        with self._lock:
            now_s = self._fill()
            asker = self._askers.setdefault(camera, _Asker(now_s))
            asker.ask(now_s, overdue_s)
            self._keep_room(now_s)
            if not asker.is_next:
                self._tell_late(camera, overdue_s, now_s)
                return False
            asker.granted(now_s)
            self._left_s -= self._look_s
            self._taken_s[camera] = self._look_s
            self._patrols[camera] += 1
            return True

    @contextmanager
    def look(self, camera: str) -> Iterator[None]:
        """Around each look, which takes what it costs, be it into debt."""
        began_s = self._seconds()
        try:
            yield
        finally:
            self._spend(camera, self._seconds() - began_s)

    def _spend(self, camera: str, cost_s: float) -> None:
        with self._lock:
            self._fill()
            self._left_s = max(-_OWED_S, self._left_s + self._taken_s.pop(camera, 0.0) - cost_s)
            self._look_s += _NEWS_SHARE * (cost_s - self._look_s)
            self._looks[camera] = self._looks.get(camera, Durations()).plus(cost_s)

    def _fill(self) -> float:
        """The time now."""
        now_s = self._seconds()
        self._left_s = min(_SAVED_S, self._left_s + (now_s - self._filled_s) * self._cores)
        self._filled_s = now_s
        return now_s

    def _keep_room(self, now_s: float) -> None:
        """For those whose patrols are latest, as far as it goes."""
        if self._left_s <= 0:
            return
        waiting = [one for one in self._askers.values() if one.waits(now_s)]
        free_s = self._left_s - self._look_s * sum(one.is_next for one in waiting)
        for one in sorted(waiting, key=lambda one: one.due_s):
            if free_s > 0 and not one.is_next:
                one.is_next = True
                free_s -= self._look_s

    def _tell_late(self, camera: str, overdue_s: float, now_s: float) -> None:
        is_told = self._told_s is not None and now_s - self._told_s < _TOLD_AGAIN_S
        if overdue_s >= _LATE_S and not is_told:
            self._told_s = now_s
            _LOG.warning(
                "the careful network is behind: camera %s has waited %.0f s for a patrol; fewer cameras with "
                "eyes: both, or a larger watch.careful_share",
                camera, overdue_s,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LiveCareful:
    """The careful network, and what it may take."""

    network: Careful
    share: CarefulShare
