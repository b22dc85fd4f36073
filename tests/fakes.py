"""Ten-line fakes, nouns with defaults, and a small scripted street whose pictures show what its detections claim."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect import Detector
from cvinspect.domain import Camera, Change, Detection, Frame, Moment, Pixels, Sighting, Track, Zone
from cvinspect.geometry import Box, Polygon
from cvinspect.incidents import Look, LookMatcher
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.opencv import cv2
from cvinspect.pipeline import Pipeline
from cvinspect.rules.judge import RuleJudge
from cvinspect.taxonomy import Anchor, Code, Names, Violation
from cvinspect.tour import Tour
from cvinspect.track.tracker import OverlapTracker
from cvinspect.views.watch import ViewWatch

NOON = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""

SHANGHAI = ZoneInfo("Asia/Shanghai")

WIDTH, HEIGHT = 320, 180
"""Pixels of every fake picture."""

FPS = 2.0

ALWAYS = ((0.0, math.inf),)
NEVER: tuple[tuple[float, float], ...] = ()

BAY = Box(100, 60, 160, 100)
"""Where things stand when a test does not care."""


def at(media_s: float) -> Moment:
    """Both clocks, `media_s` after noon."""
    return Moment(media_s, NOON + timedelta(seconds=media_s))


def violation(**given: object) -> Violation:
    """Illegal parking anywhere: dwell 30 s, announced at 6 s, cleared 6 s after."""
    values: dict[str, object] = {
        "id": "illegal_parking_motor",
        "names": Names("机动车乱停放", "Illegal parking"),
        "code": Code("05", "05"),
        "codes": (),
        "labels": ("motor_vehicle",),
        "zones": (),
        "outside_zones": (),
        "exempt_zones": (),
        "exempt_hours": (),
        "named_zones": (),
        "hours": (),
        "anchor": Anchor.GROUND,
        "dwell_s": 30.0,
        "pre_alarm_s": 6.0,
        "clear_s": 6.0,
        "gap_s": 30.0,
        "seen_share": 0.25,
        "min_size_share": 0.0,
        "whole": False,
        "second_picture_s": 15.0,
        "reach": 0.0,
        "unless_with": (),
        "yields_to": (),
        "yield_reach": 0.0,
        "joins": (),
        "recurrence_days": 7.0,
    }
    return Violation(**{**values, **given})  # type: ignore[arg-type]


def square(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """A zone's corners, as shares of the picture."""
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def zone(kind: str = "no_parking", polygon: Polygon | None = None, *, name: str | None = None) -> Zone:
    """A zone over the whole picture, called by its kind."""
    return Zone(name or kind, kind, polygon or square(0, 0, 1, 1))


def camera(*zones: Zone) -> Camera:
    """A camera with these zones."""
    return Camera("gate", zones=zones)


def detection(box: Box = BAY, label: str = "motor_vehicle", confidence: float = 0.8) -> Detection:
    """A sure car."""
    return Detection(label, confidence, box)


def track(**given: object) -> Track:
    """A car that has rested since second 0, seen at second 10."""
    box = given.get("box", BAY)
    values: dict[str, object] = {
        "id": 1,
        "label": "motor_vehicle",
        "box": box,
        "smoothed": box,
        "confidence": 0.8,
        "peak_confidence": 0.9,
        "first_seen_s": 0.0,
        "last_seen_s": 10.0,
        "rest_since_s": 0.0,
    }
    return Track(**{**values, **given})  # type: ignore[arg-type]


def sighting(media_s: float = 0.0, **given: object) -> Sighting:
    """A car that came to rest at `media_s`."""
    values: dict[str, object] = {
        "violation": violation(),
        "zone": None,
        "track": 1,
        "label": "motor_vehicle",
        "confidence": 0.8,
        "box": BAY,
        "rest_since": at(media_s),
        "sure": True,
    }
    return Sighting(**{**values, **given})  # type: ignore[arg-type]


@cache
def texture(seed: int, width: int, height: int) -> Pixels:
    """Blotches, each seed's own, that survive scaling."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def street(seed: int = 99) -> Pixels:
    """An empty street."""
    return texture(seed, WIDTH, HEIGHT).copy()


def frame(media_s: float = 0.0, pixels: Pixels | None = None, *, start: datetime = NOON) -> Frame:
    """The frame at that media second, of an empty street."""
    picture = street() if pixels is None else pixels
    return Frame("gate", round(media_s * FPS), media_s, start + timedelta(seconds=media_s), picture)


class ScriptedDetector:
    """Says what the script says, picture by picture."""

    def __init__(self, script: Iterable[Sequence[Detection]]) -> None:
        self._script = iter(script)

    def detect(self, pixels: Pixels) -> list[Detection]:
        """The next entry of the script."""
        return sorted(next(self._script), key=lambda seen: -seen.confidence)


class FakeBackend:
    """A network that answers the same rows to every input, and keeps the inputs."""

    def __init__(self, rows: Sequence[Sequence[float]]) -> None:
        self._rows = np.asarray(rows, np.float32).reshape(-1, 6)
        self.inputs: list[NDArray[np.float32]] = []

    def infer(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """The rows."""
        self.inputs.append(tensor)
        return self._rows


Path = Callable[[float], Box]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something in the street: painted where it is while it `stays`, and detected unless it is `missed`."""

    where: Box | Path = BAY
    label: str = "motor_vehicle"
    stays: tuple[tuple[float, float], ...] = ALWAYS
    missed: tuple[tuple[float, float], ...] = NEVER
    confidence: float = 0.8
    paint: int | None = 1
    """Seed of its texture; None: it cannot be seen in the picture."""

    def box(self, media_s: float) -> Box:
        """Where it is."""
        return self.where if isinstance(self.where, Box) else self.where(media_s)


def within(spans: Sequence[tuple[float, float]], media_s: float) -> bool:
    """Whether the moment lies in one of the spans, their ends left out."""
    return any(start <= media_s < end for start, end in spans)


def shifted(box: Box, dx: float, dy: float = 0.0) -> Box:
    """The box moved by so many pixels."""
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def moving(start: Box, *, px_s: float, from_s: float = 0.0, until_s: float = math.inf) -> Path:
    """To the right, from one second to another."""
    return lambda media_s: shifted(start, px_s * (min(max(media_s, from_s), until_s) - from_s))


def painted(things: Sequence[Thing], media_s: float) -> Pixels:
    """The street with its things; the later ones stand in front."""
    pixels = street()
    for thing in things:
        if thing.paint is None or not within(thing.stays, media_s):
            continue
        x0, y0, x1, y1 = (round(value) for value in thing.box(media_s).xyxy)
        picture = texture(thing.paint, x1 - x0, y1 - y0)
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, WIDTH), min(y1, HEIGHT)
        if right > left and bottom > top:
            pixels[top:bottom, left:right] = picture[top - y0 : bottom - y0, left - x0 : right - x0]
    return pixels


def detected(things: Sequence[Thing], media_s: float) -> list[Detection]:
    """What the detector says of them."""
    return [
        Detection(thing.label, thing.confidence, thing.box(media_s).clipped(WIDTH, HEIGHT))
        for thing in things
        if within(thing.stays, media_s) and not within(thing.missed, media_s)
    ]


def seconds(until_s: float, *, fps: float = FPS) -> list[float]:
    """Sampling times from 0 to `until_s`, the last included."""
    return [i / fps for i in range(round(until_s * fps) + 1)]


def pipeline(
    script: Iterable[Sequence[Detection]],
    violations: Sequence[Violation],
    *,
    where: Camera | None = None,
    matcher: LookMatcher | None = None,
    source: str | None = "clip.mp4",
    budget: int = 300,
    fps: float = FPS,
    watch: ViewWatch | None = None,
) -> "OneView":
    """The real stages behind a scripted detector, put together as `assembly` does; sure is what is 0.5 confident."""
    thresholds = dict.fromkeys(("person", "bin", *(label for one in violations for label in one.labels)), 0.5)
    place = where or camera()

    def line(view: str) -> tuple[Pipeline, PlaceLedger] | None:
        shown = place.showing(view)
        if shown is None:
            return None
        ledger = PlaceLedger(place.id, matcher=matcher or PatchMatcher(), source=source, budget=budget)
        made = Pipeline(
            detector=detector,
            new_tracker=lambda: OverlapTracker(thresholds=thresholds, lost_s=max(2.0, 2.5 / fps)),
            judge=RuleJudge(shown, violations, thresholds=thresholds, timezone=SHANGHAI),
            ledger=ledger,
        )
        return made, ledger

    detector = ScriptedDetector(script)
    return OneView(
        watch or ViewWatch(follows_shifts=True),
        line,
        detector=detector,
        named=[one.id for one in place.views],
        interval_s=1 / fps,
    )


class OneView(Tour):
    """A tour whose first view's ledger can be taken out and put back."""

    @property
    def ledger(self) -> PlaceLedger:
        """Of the first view."""
        return self._first().ledger

    @ledger.setter
    def ledger(self, ledger: PlaceLedger) -> None:
        self._first().ledger = self._first().pipeline.ledger = ledger

    def detections(self, frame: Frame, detector: Detector) -> list[Detection]:
        """Those of the script, which has an entry for each frame, also for one that is not judged."""
        found = super().detections(frame, detector)
        if self.look(frame).why is not None or self.look(frame).view is None:
            detector.detect(frame.pixels)
        return found


def play(
    things: Sequence[Thing],
    *violations: Violation,
    until_s: float,
    where: Camera | None = None,
    matcher: LookMatcher | None = None,
    fps: float = FPS,
    start: datetime = NOON,
) -> list[Change]:
    """What is said of a scene, from second 0 to `until_s` and at its end."""
    times = seconds(until_s, fps=fps)
    script = [detected(things, media_s) for media_s in times]
    frames = (frame(media_s, painted(things, media_s), start=start) for media_s in times)
    return list(pipeline(script, violations or (violation(),), where=where, matcher=matcher, fps=fps).incidents(frames))


def story(changes: Iterable[Change]) -> list[tuple[str, float]]:
    """What was said and at which media second."""
    return [(change.kind.value, change.frame.media_s) for change in changes]


def kinds(changes: Iterable[Change]) -> list[str]:
    """What was said."""
    return [change.kind.value for change in changes]


def opened(changes: Iterable[Change]) -> list[Change]:
    """What was opened."""
    return [change for change in changes if change.kind.value == "opened"]


def without_picture(change: Change) -> Change:
    """The same change, comparable: arrays are not."""
    return replace(change, frame=replace(change.frame, pixels=np.zeros((1, 1, 3), np.uint8)))


class BlindMatcher:
    """Sees nothing: for detections without pictures, and for those who want to judge by detections alone."""

    def look(self, pixels: Pixels, place: Box) -> Look | None:
        """None: nothing can be told."""
        return None

    def likeness(self, before: Look, after: Look) -> float:
        """Never asked, since there are no looks."""
        return 1.0
