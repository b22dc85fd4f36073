"""A detector that errs as the shipped one does on real pictures.

Figures from `measure.py` with street-26n, 2 frames a second: over seven cars at rest in `kerb_stop.mp4` and
`lot_two_leave.mp4`, and over the boxes of what is not there in all five clips of the footage (260 frames).
"""

import math

import numpy as np

from cvinspect.detect.yolo import distinct
from cvinspect.domain import Detection
from cvinspect.geometry import Box, covered_share
from samples.scenarios.canvas import Canvas
from samples.scenarios.scene import HEIGHT, WIDTH, Scene, Spot, Thing, moved, visible_part, within

CONFIDENCE = ((0.51, 0.25), (0.53, 0.10), (0.46, 0.19), (0.46, 0.15), (0.73, 0.18), (0.26, 0.14), (0.49, 0.11))
"""Mean and standard deviation of the confidence of each car at rest, whose label's threshold is 0.25."""

FALSE_PLACES = (
    (0.293, 0.0),
    (0.024, 0.0),
    (0.509, 0.0),
    (0.018, 0.0),
    (0.338, 0.026),
    (0.039, 0.0),
    (0.039, 0.0),
    (0.013, 0.0),
    (0.684, 0.0),
    (0.013, 0.0),
    (1.0, 0.182),
    (1.0, 0.0),
    (0.909, 0.0),
    (0.545, 0.0),
)
"""In five clips of fixed cameras, places where something was seen that is not there: the share of frames in which it
was, and in which it was surely. False boxes keep to their places; most never reach their threshold."""

PLACES_A_CAMERA = len(FALSE_PLACES) / 5

_FLOOR = 0.1
"""What is less confident the detector does not tell."""

_MEASURED_THRESHOLD = 0.25

_BURST_S = 2.0
"""Half of the misses come one by one, half in bursts of this mean length: the measured runs go up to 2.5 s."""

_IN_SIGHT_SHARE = 0.35
"""A thing of which less is in sight is not found."""


class NoisyDetector:
    """Tells what a canvas shows, with misses, jitter, unsure moments and boxes of nothing."""

    def __init__(self, scene: Scene, *, seed: int, thresholds: dict[str, float]) -> None:
        self._scene = scene
        self._rng = np.random.default_rng(seed)
        self._thresholds = thresholds
        self._confidence = {id(thing): CONFIDENCE[int(self._rng.integers(len(CONFIDENCE)))] for thing in scene.things}
        single = 1 - math.sqrt(1 - scene.miss_share)
        self._single_share = self._burst_share = single
        self._in_burst: dict[int, bool] = {}
        self._drawn_s: dict[int, float] = {}
        """When that was drawn last: samples need not be evenly spaced."""
        self.cut = 0

    def detect(self, pixels: Canvas) -> list[Detection]:
        """What is seen in this picture, the most confident first."""
        if pixels.view.cover is not None:
            return []
        seen = [*self._true_ones(pixels), *self._false_ones(pixels)]
        return distinct(sorted(seen, key=lambda one: -one.confidence))

    def _true_ones(self, canvas: Canvas) -> list[Detection]:
        found = []
        for position, (thing, box) in enumerate(canvas.present):
            if thing.label is None or self._misses(thing, canvas.at_s):
                continue
            covers = [
                other for front, other in canvas.present[position + 1 :] if not front.light and not front.is_false
            ]
            part, in_sight = visible_part(box, covers)
            if in_sight < _IN_SIGHT_SHARE:
                continue
            drawn = self._drawn(part, canvas)
            if drawn is not None:
                found.append(Detection(thing.label, self._sureness(thing), drawn))
        return found

    def _misses(self, thing: Thing, at_s: float) -> bool:
        """Every miss is drawn, whether the thing is in view or not: bursts go on behind what hides it."""
        passed_s = at_s - self._drawn_s.get(id(thing), at_s - 1 / self._scene.fps)
        self._drawn_s[id(thing)] = at_s
        ends = 1 - math.exp(-passed_s / _BURST_S)
        begins = ends * self._burst_share / (1 - self._burst_share)
        was = self._in_burst.get(id(thing), False)
        draw, single = self._rng.random(2)
        now = draw >= ends if was else draw < begins
        self._in_burst[id(thing)] = now
        return bool(now or single < self._single_share or within(thing.drops, at_s))

    def _sureness(self, thing: Thing) -> float:
        mean, spread = self._confidence[id(thing)]
        above = self._thresholds[thing.label or ""] - _MEASURED_THRESHOLD
        return float(np.clip(self._rng.normal(mean + above, spread), _FLOOR, 0.98))

    def _drawn(self, box: Box, canvas: Canvas) -> Box | None:
        """The box as the detector draws it, cut at the picture's edges; None where little of it is in the picture."""
        seen = moved(box, canvas.view.dx_px, canvas.view.dy_px)
        if covered_share(seen, Box(0, 0, WIDTH, HEIGHT)) < _IN_SIGHT_SHARE:
            return None
        edges = np.array(seen.xyxy) + self._rng.normal(0.0, self._scene.jitter_px, 4)
        inside = Box(*edges.tolist()).clipped(WIDTH, HEIGHT)
        return inside if inside.width >= 4 and inside.height >= 4 else None

    def _false_ones(self, canvas: Canvas) -> list[Detection]:
        found = []
        for spot in self._scene.spots:
            draw = self._rng.random()
            if draw >= spot.duty_share:
                continue
            drawn = self._drawn(spot.box, canvas)
            threshold = self._thresholds[spot.label]
            low, high = (threshold, threshold + 0.1) if draw < spot.sure_share else (_FLOOR, threshold)
            if drawn is not None:
                found.append(Detection(spot.label, float(self._rng.uniform(low, high)), drawn))
        return found


def false_spots(rng: np.random.Generator, labels: tuple[str, ...]) -> tuple[Spot, ...]:
    """The places of one camera that its detector takes for something."""
    spots = []
    for _ in range(int(rng.poisson(PLACES_A_CAMERA))):
        duty, sure = FALSE_PLACES[int(rng.integers(len(FALSE_PLACES)))]
        side = float(rng.uniform(50, 160))
        x0, y0 = rng.uniform(0, WIDTH - side), rng.uniform(0.3 * HEIGHT, HEIGHT - side)
        label = labels[int(rng.integers(len(labels)))]
        spots.append(Spot(label, Box(float(x0), float(y0), float(x0) + side, float(y0) + 0.7 * side), duty, sure))
    return tuple(spots)
