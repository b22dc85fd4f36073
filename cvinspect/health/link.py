"""The state of one camera's link, judged from what its reader measures."""

from collections.abc import Callable, Mapping

from cvinspect.health import HealthState
from cvinspect.health.lasting import Lasting, lasting_states

_LAGGING_S = 5.0
_DRIFTING = 0.001
"""A clock that is a minute a day wrong has a share of 0.0007; quartz has 0.0001."""


class LinkHealth:
    """Up, lagging, clock drift, clock wrong. Feed it every second or so, whether pictures come or not."""

    def __init__(self, *, seconds: Callable[[], float]) -> None:
        """`seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._states = {
            HealthState.UP: Lasting(begins_s=0.0, ends_s=0.0),
            HealthState.LAGGING: Lasting(begins_s=5.0, ends_s=5.0),
            HealthState.CLOCK_DRIFT: Lasting(begins_s=0.0, ends_s=600.0),
            HealthState.CLOCK_WRONG: Lasting(begins_s=0.0, ends_s=0.0),
        }

    def see(self, *, is_up: bool, lag_s: float | None, drift: float | None, is_clock_wrong: bool = False) -> None:
        """Take in how the link is; `lag_s` and `drift` are None while unknown, `drift` is a share."""
        at_s = self._seconds()
        self._states[HealthState.UP].see(is_so=is_up, at_s=at_s)
        self._states[HealthState.LAGGING].see(is_so=is_up and (lag_s or 0.0) > _LAGGING_S, at_s=at_s)
        self._states[HealthState.CLOCK_WRONG].see(is_so=is_clock_wrong, at_s=at_s)
        if drift is not None:
            self._states[HealthState.CLOCK_DRIFT].see(is_so=abs(drift) > _DRIFTING, at_s=at_s)

    @property
    def states(self) -> Mapping[HealthState, float]:
        """What is so, and since which second of the clock."""
        return lasting_states(self._states)
