"""When a live picture was captured. Our own clock says so; the camera's stamps only shape what arrivals bound.

A picture was captured before it came, and the camera's stamps tell how long before: a reader that drains a slow network
thus dates late pictures right. Stamps that cannot be believed are not: then a picture was captured when it came.
"""

from dataclasses import dataclass

from cvinspect.sources.live.stamps import StampJudge


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a packet's picture stands on the steady clock."""

    at_s: float
    """Never after the arrival; falls back where packets come in another order than pictures are shown."""
    lag_s: float
    """How late it came, as far as that can be told."""


class CameraClock:
    """Places the packets of one connection on our steady clock, in the order in which they come."""

    def __init__(self, *, is_timed: bool = True, doubt: str | None = None, wraps_s: float | None = None) -> None:
        """`is_timed`: whether the packets carry stamps of the camera's.

        `doubt`: what was wrong with them in the connection before; they must show again that they can be believed.
        `wraps_s`: the stamps count up to this and begin again.
        """
        self._judge = StampJudge(doubt=doubt, wraps_s=wraps_s)
        self._is_timed = is_timed
        self._offset_s = 0.0
        """Lag of what was placed last by its stamp. Where stamps are not believed it is kept, so that no second counts
        twice and none is left out."""
        self._is_doubted = False
        """Whether the last stamp was not believed."""

    @property
    def drift(self) -> float | None:
        """How much faster the camera's clock runs than ours, as a share; None until that can be told."""
        return self._judge.drift.share

    @property
    def trouble(self) -> str | None:
        """Why the camera's stamps are not believed, in words; None while they are."""
        return self._judge.trouble

    def place(self, presented_s: float | None, *, arrived_s: float, is_waited_for: bool = True) -> Placed:
        """The next packet. `presented_s` is its stamp in seconds, None where it has none.

        `is_waited_for`: it came just now, and had not piled up before.
        """
        if not self._is_timed:
            return Placed(arrived_s, 0.0)
        judge = self._judge
        found_s = None if presented_s is None else judge.see(
            presented_s, arrived_s=arrived_s, is_waited_for=is_waited_for
        )  # fmt: skip
        if found_s is None or judge.trouble is not None:
            self._is_doubted = self._is_doubted or judge.trouble is not None
            return Placed(arrived_s - self._offset_s, 0.0)
        if self._is_doubted:
            judge.least_s, self._is_doubted = arrived_s - found_s - self._offset_s, False
        self._offset_s = max(0.0, arrived_s - found_s - judge.least_s)
        return Placed(arrived_s - self._offset_s, self._offset_s)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The times of one frame, both by our steady clock, and so with the same steps."""

    media_s: float
    """Seconds since the run began; never back."""
    captured_s: float
    """Never back, never after the arrival."""


class RunClock:
    """Dates the frames of one run, in the order in which they are shown."""

    def __init__(self) -> None:
        self._began_s: float | None = None
        self._captured_s = 0.0

    def stamp(self, at_s: float | None, *, arrived_s: float) -> Stamp:
        """The times of the next frame, whose packet was placed at `at_s`; None where that is not known."""
        captured_s = arrived_s if at_s is None else min(at_s, arrived_s)
        if self._began_s is None:
            self._began_s = self._captured_s = captured_s
        self._captured_s = max(self._captured_s, captured_s)
        return Stamp(round(self._captured_s - self._began_s, 6), self._captured_s)
