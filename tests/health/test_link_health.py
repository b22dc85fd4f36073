from cvinspect.health import HealthState
from cvinspect.health.lasting import Lasting
from cvinspect.health.link import LinkHealth


class Watched:
    """A link with a clock of its own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.health = LinkHealth(seconds=lambda: self.now_s)

    def sees(self, seconds: int, *, is_up: bool = True, lag_s: float | None = 0.1, drift: float | None = None) -> None:
        for _ in range(seconds):
            self.health.see(is_up=is_up, lag_s=lag_s, drift=drift)
            self.now_s += 1


def test_a_link_is_up_as_long_as_pictures_come() -> None:
    watched = Watched()
    watched.sees(3, is_up=False, lag_s=None)
    assert watched.health.states == {}
    watched.sees(3)
    assert watched.health.states == {HealthState.UP: 3.0}
    watched.sees(1, is_up=False, lag_s=None)
    assert watched.health.states == {}


def test_a_link_lags_once_it_has_been_five_seconds_late_for_five_seconds() -> None:
    watched = Watched()
    watched.sees(10)
    watched.sees(5, lag_s=6.0)
    assert set(watched.health.states) == {HealthState.UP}
    watched.sees(1, lag_s=6.0)
    assert watched.health.states == {HealthState.UP: 0.0, HealthState.LAGGING: 10.0}
    watched.sees(3, lag_s=1.0)
    watched.sees(3, lag_s=6.0)
    assert HealthState.LAGGING in watched.health.states
    watched.sees(6, lag_s=1.0)
    assert set(watched.health.states) == {HealthState.UP}


def test_a_link_that_is_down_does_not_lag() -> None:
    watched = Watched()
    watched.sees(10, lag_s=9.0)
    watched.sees(10, is_up=False, lag_s=None)
    assert watched.health.states == {}


def test_a_clock_that_gains_or_loses_a_thousandth_drifts_and_a_lost_link_does_not_mend_it() -> None:
    watched = Watched()
    watched.sees(10, drift=0.0002)
    assert set(watched.health.states) == {HealthState.UP}
    watched.sees(1, drift=-0.002)
    watched.sees(1000, is_up=False, lag_s=None)
    assert watched.health.states == {HealthState.CLOCK_DRIFT: 10.0}
    watched.sees(601, drift=0.0)
    assert set(watched.health.states) == {HealthState.UP}


def test_what_flickers_neither_begins_nor_ends() -> None:
    state = Lasting(begins_s=3.0, ends_s=3.0)
    for at_s in range(20):
        state.see(is_so=at_s % 2 == 0, at_s=at_s)
    assert state.since_s is None
    for at_s in range(20, 24):
        state.see(is_so=True, at_s=at_s)
    for at_s in range(24, 40):
        state.see(is_so=at_s % 2 == 0, at_s=at_s)
    assert state.since_s == 20


def test_a_clock_is_wrong_as_long_as_its_time_stamps_are_not_believed() -> None:
    watched = Watched()
    watched.sees(3)
    watched.health.see(is_up=True, lag_s=0.1, drift=None, is_clock_wrong=True)
    assert watched.health.states == {HealthState.UP: 0.0, HealthState.CLOCK_WRONG: 3.0}
    watched.health.see(is_up=False, lag_s=None, drift=None, is_clock_wrong=True)
    assert set(watched.health.states) == {HealthState.CLOCK_WRONG}
    watched.sees(1)
    assert set(watched.health.states) == {HealthState.UP}
