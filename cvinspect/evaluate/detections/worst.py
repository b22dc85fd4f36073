"""The pictures that are worth looking at: most wrong, slowest. Only those few are remembered. Pure."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cvinspect.geometry import Box


@dataclass(frozen=True, slots=True)
class DrawnThing:
    """One thing that people drew."""

    label: str
    box: Box
    """Shares of width and height."""
    found: bool


@dataclass(frozen=True, slots=True)
class RaisedDetection:
    """One detection at or above its label's threshold that could be judged."""

    label: str
    confidence: float
    """In [0, 1]."""
    box: Box
    """Shares of width and height."""
    hit: bool


@dataclass(frozen=True, slots=True)
class JudgedPicture:
    """One picture with everything right and wrong in it."""

    path: Path
    things: tuple[DrawnThing, ...]
    detections: tuple[RaisedDetection, ...]
    elapsed_s: float | None
    """Reading and detecting it took; None where its detections were read from a file."""

    @property
    def misses(self) -> int:
        """Things not found."""
        return sum(not thing.found for thing in self.things)

    @property
    def false_alarms(self) -> int:
        """Detections of nothing, or of a thing that a surer one found."""
        return sum(not detection.hit for detection in self.detections)

    @property
    def errors(self) -> int:
        """Misses and false alarms together."""
        return self.misses + self.false_alarms


class Foremost:
    """The few pictures with the most of something above 0; of equals those that came first."""

    def __init__(self, most: int, rank: Callable[[JudgedPicture], float]) -> None:
        self._most = most
        self._rank = rank
        self._heap: list[tuple[float, int, JudgedPicture]] = []
        self._count = 0

    def add(self, picture: JudgedPicture) -> None:
        """Remember this one if it belongs to them."""
        self._count += 1
        rank = self._rank(picture)
        if rank > 0:
            heapq.heappush(self._heap, (rank, -self._count, picture))
        if len(self._heap) > self._most:
            heapq.heappop(self._heap)

    @property
    def pictures(self) -> tuple[JudgedPicture, ...]:
        """The foremost first."""
        return tuple(picture for *_, picture in sorted(self._heap, key=lambda item: item[:2], reverse=True))
