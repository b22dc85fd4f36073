"""The nouns of a scripted street: things on their paths, what the camera does, and what truly happens."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from cvinspect.domain import Zone
from cvinspect.evaluate.truth.truth_clip import Spell, TruthEvent
from cvinspect.geometry import Box, covered_share

WIDTH, HEIGHT = 1280, 720
"""Pixels of every scripted picture."""

ALWAYS = ((-math.inf, math.inf),)

Spans = tuple[tuple[float, float], ...]
"""Scene seconds from and to, the end left out."""

Path = Callable[[float], Box]
"""Where a thing is at a scene second, pixels."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something in the street, drawn where it is and detected unless the detector fails."""

    label: str | None
    """None: no detector knows it."""
    path: Path
    look: int
    """Seed of its texture."""
    spans: Spans = ALWAYS
    """When it is in the street."""
    drops: Spans = ()
    """When the detector does not see it at all."""
    light: float = 0.0
    """Gray levels that it adds, for light that falls on things; 0: a body with a texture."""
    is_false: bool = False
    """Whether a detection of it is a detection of nothing: it is not drawn."""
    street: int = 0
    """In which street it is, of a camera that shows several."""


@dataclass(frozen=True, slots=True)
class View:
    """What the camera does to the street at one moment."""

    dx_px: float = 0.0
    dy_px: float = 0.0
    """How far the picture is moved to the right and down."""
    gain: float = 1.0
    offset: float = 0.0
    """Gray levels."""
    grain: float = 3.0
    """Standard deviation of every pixel, gray levels."""
    cover: int | None = None
    """Gray level of what covers the lens; None: nothing does."""
    street: int = 0
    """Which street the camera shows; on its way between two it shows one in which there is nothing."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place that the detector takes for something now and then."""

    label: str
    box: Box
    duty_share: float
    """Share of the frames in which it does."""
    sure_share: float
    """Share of the frames in which it is sure of it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One camera for some minutes, with its exact truth."""

    family: str
    duration_s: float
    things: tuple[Thing, ...]
    """The farthest first: the later ones stand in front."""
    zones: tuple[Zone, ...]
    truth: tuple[TruthEvent, ...]
    ignored: tuple[Spell, ...] = ()
    fps: float = 2.0
    view: Callable[[float], View] = lambda _: View()
    spots: tuple[Spot, ...] = ()
    miss_share: float = 0.1
    """Of the frames in which a thing is in view, the share in which the detector misses it."""
    jitter_px: float = 2.0
    """Standard deviation of each edge of a detected box."""
    breaks: Spans = ()
    """Lost connections: another run begins where one ends."""
    clock_steps: Spans = ()
    """(scene second, seconds by which the camera's clock jumps then)."""
    streets: tuple[int, ...] = ()
    """Those of which somebody has given a still; empty: the camera has one view, or nobody named any."""
    unjudged_s: float | None = None
    """For how long nothing could be said of a street, turned away or on the way; None: nobody asks."""
    classes: frozenset[str] | None = None
    """Violation classes that the truth knows of; None: all."""

    def present(self, at_s: float) -> list[tuple[Thing, Box]]:
        """What is in the street and where, the farthest first."""
        street = self.view(at_s).street
        here = [
            thing
            for thing in self.things
            if thing.street == street and any(start <= at_s < end for start, end in thing.spans)
        ]
        return [(thing, thing.path(at_s)) for thing in here]


def within(spans: Spans, at_s: float) -> bool:
    """Whether the moment lies in one of the spans, their ends left out."""
    return any(start <= at_s < end for start, end in spans)


def moved(box: Box, dx: float, dy: float = 0.0) -> Box:
    """The box, so many pixels further."""
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def at(box: Box) -> Path:
    """It stays there."""
    return lambda _: box


def event(class_id: str, box: Box, start_s: float, end_s: float, *, is_there_at_end: bool = False) -> TruthEvent:
    """The truth of one thing at rest; its box in pixels. The scene's name is filled in when it is played."""
    shares = Box(box.x0 / WIDTH, box.y0 / HEIGHT, box.x1 / WIDTH, box.y1 / HEIGHT)
    return TruthEvent("", "", class_id, start_s, end_s, is_there_at_end=is_there_at_end, box=shares)


def named(truth: TruthEvent, clip: str) -> TruthEvent:
    """The same truth, of that clip."""
    return replace(truth, clip=clip, camera=clip)


def visible_part(box: Box, covers: list[Box]) -> tuple[Box, float]:
    """What a detector would draw of a thing behind others, and which share of it is in sight.

    Of a box behind one other the largest rest along one side remains; the covers are taken one by one.
    """
    rest = box
    for cover in covers:
        if covered_share(rest, cover) == 0:
            continue
        sides = (
            Box(rest.x0, rest.y0, min(rest.x1, cover.x0), rest.y1),
            Box(max(rest.x0, cover.x1), rest.y0, rest.x1, rest.y1),
            Box(rest.x0, rest.y0, rest.x1, min(rest.y1, cover.y0)),
            Box(rest.x0, max(rest.y0, cover.y1), rest.x1, rest.y1),
        )
        rest = max(sides, key=lambda side: side.area if side.x1 > side.x0 and side.y1 > side.y0 else 0.0)
        if rest.x1 <= rest.x0 or rest.y1 <= rest.y0:
            return box, 0.0
    return rest, rest.area / box.area
