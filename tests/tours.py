"""Streets that one camera looks at by turns: what it sees, what is detected, what a fixed camera would see of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from cvinspect.detect import Detector
from cvinspect.domain import Camera, Change, Detection, Frame, Pixels, View
from cvinspect.geometry import Box
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.opencv import cv2
from cvinspect.pipeline import Pipeline
from cvinspect.rules.judge import RuleJudge
from cvinspect.taxonomy import Violation
from cvinspect.tour import Tour
from cvinspect.track.tracker import OverlapTracker
from cvinspect.views.known import KnownView
from cvinspect.views.structure import Structure
from cvinspect.views.watch import ViewWatch
from tests.fakes import SHANGHAI, at, texture, within
from tests.streets import city

SWING = "swing"


@cache
def small(seed: int) -> Pixels:
    """A street of 320 by 180 pixels."""
    return np.asarray(cv2.resize(city(seed), (320, 180), interpolation=cv2.INTER_AREA), np.uint8)


@cache
def _grain(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 4, (180, 320, 3), np.uint8)


PLACE = Box(110, 70, 160, 100)
FPS = 1.0


@dataclass(frozen=True)
class Car:
    """In one view's street, while it stays."""

    view: str
    stays: tuple[tuple[float, float], ...] = ((0.0, 1e9),)
    place: Box = PLACE
    paint: int = 1


@dataclass
class Streets:
    """Cars in several streets, each of which has its own look; `light` changes pictures."""

    cars: Sequence[Car]
    seeds: dict[str, int] = field(default_factory=lambda: {"a": 1, "b": 2, "c": 3})
    light: Callable[[Pixels, float], Pixels] = lambda pixels, at_s: pixels

    def there(self, view: str, at_s: float) -> list[Car]:
        return [one for one in self.cars if one.view == view and within(one.stays, at_s)]

    def shown(self, view: str, at_s: float) -> Pixels:
        """The street's picture; on its way from one view to another the camera shows ever other places."""
        if view not in self.seeds:
            return small(1000 + round(at_s * 10) % 20)
        pixels = small(self.seeds[view]).copy()
        for car in self.there(view, at_s):
            x0, y0, x1, y1 = (round(value) for value in car.place.xyxy)
            pixels[y0:y1, x0:x1] = texture(car.paint, x1 - x0, y1 - y0)
        return self.light(cv2.add(pixels, _grain(round(at_s) % 8)), at_s)

    def known(self, *views: str) -> list[KnownView]:
        """As stills of the empty streets tell it."""
        found = [KnownView(view) for view in views or self.seeds]
        for one in found:
            one.learn(Structure.of(small(self.seeds[one.id])), at_s=None)
        return found

    def frame(self, view: str, at_s: float, *, from_s: float = 0.0) -> Frame:
        moment = at(at_s)
        return Frame("gate", round((at_s - from_s) * 2), at_s - from_s, moment.at, self.shown(view, at_s))


@dataclass
class Looking:
    """A detector that sees the cars of the street that is shown."""

    streets: Streets
    view: str = "a"
    at_s: float = 0.0

    def detect(self, pixels: Pixels) -> list[Detection]:
        return [Detection("motor_vehicle", 0.8, one.place) for one in self.streets.there(self.view, self.at_s)]


Stops = Sequence[tuple[str, float]]
"""Views one after the other, with the seconds for which each is shown."""


def times_of(stops: Stops, *, fps: float = FPS) -> list[tuple[str, float]]:
    """The view that is shown at each sampling time."""
    found, at_s, ends_s = [], 0.0, 0.0
    for view, lasts_s in stops:
        ends_s += lasts_s
        while at_s < ends_s - 1e-9:
            found.append((view, at_s))
            at_s += 1 / fps
    return found


def tour_of(
    streets: Streets, detector: Detector, rules: Sequence[Violation], watch: ViewWatch, *, camera: Camera | None = None
) -> Tour:
    """The real stages behind a detector that knows what is there."""
    place, sure = camera or Camera("gate"), {"motor_vehicle": 0.5}

    def line(view: str) -> tuple[Pipeline, PlaceLedger] | None:
        shown = place.showing(view)
        if shown is None:
            return None
        ledger = PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4", interval_s=1 / FPS)
        made = Pipeline(
            detector=detector,
            new_tracker=lambda: OverlapTracker(thresholds=sure, lost_s=3.0),
            judge=RuleJudge(shown, rules, thresholds=sure, timezone=SHANGHAI),
            ledger=ledger,
        )
        return made, ledger

    return Tour(watch, line, detector=detector, named=[one.id for one in place.views], interval_s=1 / FPS)


def toured(
    streets: Streets, stops: Stops, rule: Violation, *, named: bool = True, tour: Tour | None = None
) -> tuple[list[Change], Tour]:
    """What one camera says that looks at the streets by turns; `named`: somebody gave a still of each."""
    eye = Looking(streets)
    if tour is None:
        views = tuple(View(view) for view in streets.seeds) if named else ()
        watch = ViewWatch(streets.known() if named else (), adopts_after_s=None if named else 3.0, follows_shifts=True)
        tour = tour_of(streets, eye, [rule], watch, camera=Camera("gate", views=views))  # type: ignore[arg-type]
    else:
        eye = tour.detector  # type: ignore[assignment]

    def frames() -> Iterator[Frame]:
        for eye.view, eye.at_s in times_of(stops):
            yield streets.frame(eye.view, eye.at_s)

    return list(tour.incidents(frames())), tour


def fixed(streets: Streets, stops: Stops, rule: Violation, view: str, *, interval_s: float) -> list[Change]:
    """What a camera says that always shows one view, and is looked at when the tour came by."""
    eye, sure = Looking(streets, view), {"motor_vehicle": 0.5}
    ledger = PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4", interval_s=interval_s)
    line = Pipeline(
        detector=eye,  # type: ignore[arg-type]
        new_tracker=lambda: OverlapTracker(thresholds=sure, lost_s=3.0, pause_s=3 * interval_s),
        judge=RuleJudge(Camera("gate"), [rule], thresholds=sure, timezone=SHANGHAI),
        ledger=ledger,
    )

    def frames() -> Iterator[Frame]:
        for shown, eye.at_s in times_of(stops):
            if shown == view:
                yield streets.frame(view, eye.at_s)

    return list(line.incidents(frames()))
