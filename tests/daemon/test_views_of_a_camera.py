"""A live camera on its tour: what it says of each view, over restarts, reloads and databases of before."""

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.daemon.withdrawal import withdraw
from cvinspect.domain import Camera, Frame, Pixels, Reason, View
from cvinspect.health.link import LinkHealth
from cvinspect.health.picture import PictureHealth
from cvinspect.incidents.snapshot import state_to_text, tour_from_text, tour_to_text
from cvinspect.sources.live.states import Link, LinkState, LiveCounts
from tests.daemon.inspection_makers import RULE, Daemon, Shot
from tests.fakes import NOON, Thing, opened, painted, seconds, texture, violation
from tests.tours import Car, Streets, toured


@dataclass
class Reader:
    """Hands out the samples that it is given."""

    waiting: deque[Shot] = field(default_factory=deque)
    link: Link = field(default_factory=lambda: Link(LinkState.UP, NOON))
    lag_s: float | None = 0.1
    drift: float | None = None
    clock_trouble: str | None = None
    sampling: None = None
    counts: LiveCounts = field(default_factory=LiveCounts)

    def take(self) -> Shot | None:
        return self.waiting.popleft() if self.waiting else None


class Live:
    """A watched camera before a street with a car in it, on a clock of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.daemon = Daemon(folder, [Thing()], rules=[violation()])
        self.reader = Reader()
        clock = lambda: self.daemon.at_s  # noqa: E731
        self.camera = WatchedCamera(
            self.daemon.inspection,
            self.reader,  # type: ignore[arg-type]
            PictureHealth(seconds=clock),
            LinkHealth(seconds=clock),
            now=lambda: NOON + timedelta(seconds=clock()),
            seconds=clock,
            waiting=lambda _: 0,
        )

    def sees(self, from_s: float, until_s: float, pixels: Pixels | None = None) -> set[str]:
        """The states after it saw this, or its own street."""
        for at_s in (from_s + passed_s for passed_s in seconds(until_s - from_s)[:-1]):
            self.daemon.at_s = self.daemon.faults.now_s = at_s
            shown = painted([Thing()], at_s) if pixels is None else pixels
            frame = Frame("gate", 0, at_s, NOON + timedelta(seconds=at_s), shown)
            self.reader.waiting.append(Shot(frame, 1, at_s))
            self.camera.turn(self.daemon)  # type: ignore[arg-type]
        return {one.state for one in self.camera.states()}


OTHER = texture(7, 320, 180)


def test_a_camera_that_is_turned_away_is_elsewhere_says_for_how_long_and_goes_on_afterwards(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path)
    assert live.sees(0, 40) == {"up"}
    assert live.camera.view().view == "1"
    [before] = live.daemon.inspection.standing_ids

    assert live.sees(40, 70, OTHER) == {"up", "elsewhere"}
    turned = live.camera.view()
    assert (turned.view, turned.drops["unusable"]) == (None, 60)
    assert live.sees(70, 80) == {"up"}

    back = live.camera.view()
    assert (back.view, back.incidents) == ("1", {RULE.id: 1})
    assert back.unjudged_s == {"other_view": pytest.approx(30)}
    assert back.judged_s == pytest.approx(49.5)
    assert set(live.daemon.inspection.standing_ids) == {before}
    live.daemon.crash()


def test_a_black_picture_is_not_judged_and_told_as_black(tmp_path: Path) -> None:
    live = Live(tmp_path)
    live.sees(0, 40)
    assert live.sees(40, 60, texture(3, 320, 180) // 40) == {"up", "black"}
    live.sees(60, 80)

    assert live.camera.view().unjudged_s == {"black": pytest.approx(25, abs=2)}
    live.daemon.crash()


def test_after_a_restart_a_camera_that_is_still_turned_away_clears_nothing(tmp_path: Path) -> None:
    before = Live(tmp_path)
    before.sees(0, 40)
    before.daemon.inspection.save()
    standing = before.daemon.inspection.standing_ids
    before.daemon.crash()
    after = Live(tmp_path)

    assert after.sees(50, 75, OTHER) == {"up", "elsewhere"}
    assert after.sees(75, 80) == {"up"}
    assert after.daemon.inspection.standing_ids == standing
    after.daemon.crash()


def test_what_an_older_version_wrote_is_the_ledger_of_the_only_view() -> None:
    changes, tour = toured(Streets([Car("a")]), [("a", 60)], violation(), named=False)
    [view] = tour.visited
    old = state_to_text(view.ledger.state)

    state = tour_from_text(old, rules={})

    assert [one.id for one in state.views] == ["1"]
    assert [one.incident.id for one in state.standings] == [opened(changes)[0].incident.id]
    assert state.latest == view.ledger.state.latest


def test_all_views_are_one_document_and_come_back_as_they_were() -> None:
    _, tour = toured(Streets([Car("a"), Car("b")]), [("a", 60), ("swing", 2), ("b", 60)], violation())
    text = tour_to_text(tour.state)
    back = tour_from_text(text, rules={})

    assert [(one.id, one.last_s, one.begun_s, one.apart_s) for one in back.views] == [
        (one.id, one.last_s, one.begun_s, tuple(one.apart_s)) for one in tour.visited
    ]
    assert [one.incident for one in back.standings] == [one.incident for one in tour.state.standings]
    assert back.latest == tour.state.latest
    assert len(text) < 150_000


def test_a_view_that_is_named_no_more_goes_with_what_stands_in_it_and_the_others_stay() -> None:
    _, tour = toured(Streets([Car("a"), Car("b")]), [("a", 60), ("swing", 2), ("b", 60)], violation())
    state = tour_from_text(tour_to_text(tour.state), rules={})
    rules = {RULE.id: violation()}

    withdrawn = withdraw(state, Camera("gate", views=(View("b"),)), rules, before=rules)

    assert [(one.view, one.reason) for one in withdrawn] == [("a", Reason.ZONE_CHANGED)]
    assert [one.incident.view for one in state.standings] == ["b"]
