"""A detector that errs as the shipped one does on real pictures.

Figures from `measure.py` with street-26n, 2 frames a second: over seven cars at rest in `kerb_stop.mp4` and
`lot_two_leave.mp4`, and over the boxes of what is not there in all five clips of the footage (260 frames).
"""

import math

import numpy as np
from numpy.typing import NDArray

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
    """Tells what a canvas shows, with misses, jitter, unsure moments and boxes of nothing.

    It errs in the same way on the same moment, whatever it was shown before, as a network does: so whoever looks more
    seldom sees a part of what whoever looks more often sees.
    """

    def __init__(self, scene: Scene, *, seed: int, thresholds: dict[str, float]) -> None:
        self._scene = scene
        self._seed = seed
        self._thresholds = thresholds
        rng = np.random.default_rng(seed)
        self._confidence = {id(thing): CONFIDENCE[int(rng.integers(len(CONFIDENCE)))] for thing in scene.things}
        single = 1 - math.sqrt(1 - scene.miss_share)
        self._single_share = self._burst_share = single
        self._numbers = {id(thing): number for number, thing in enumerate(scene.things)}
        self._bursts = {id(thing): self._bursts_of(number) for number, thing in enumerate(scene.things)}
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
            rng = self._luck(self._numbers[id(thing)], canvas.at_s)
            if thing.label is None or self._misses(thing, canvas.at_s, rng):
                continue
            covers = [
                other for front, other in canvas.present[position + 1 :] if not front.light and not front.is_false
            ]
            part, in_sight = visible_part(box, covers)
            if in_sight < _IN_SIGHT_SHARE:
                continue
            drawn = self._drawn(part, canvas, rng)
            if drawn is not None:
                found.append(Detection(thing.label, self._sureness(thing, rng), drawn))
        return found

    def _luck(self, number: int, at_s: float) -> np.random.Generator:
        """What befalls one thing, or false place, at one moment."""
        return np.random.default_rng((self._seed, number, round(at_s * 1000)))

    def _bursts_of(self, number: int) -> NDArray[np.bool_]:
        """Whether a thing is missed at each step of the scene, in view or not: bursts go on behind what hides it."""
        steps = math.ceil(self._scene.duration_s * self._scene.fps) + 1
        ends = 1 - math.exp(-1 / self._scene.fps / _BURST_S)
        begins = ends * self._burst_share / (1 - self._burst_share)
        states = np.zeros(steps, np.bool_)
        now = False
        for step, draw in enumerate(np.random.default_rng((self._seed, number)).random(steps)):
            now = bool(draw >= ends if now else draw < begins)
            states[step] = now
        return states

    def _misses(self, thing: Thing, at_s: float, rng: np.random.Generator) -> bool:
        in_burst = self._bursts[id(thing)][round(at_s * self._scene.fps)]
        return bool(in_burst or rng.random() < self._single_share or within(thing.drops, at_s))

    def _sureness(self, thing: Thing, rng: np.random.Generator) -> float:
        mean, spread = self._confidence[id(thing)]
        above = self._thresholds[thing.label or ""] - _MEASURED_THRESHOLD
        return float(np.clip(rng.normal(mean + above, spread), _FLOOR, 0.98))

    def _drawn(self, box: Box, canvas: Canvas, rng: np.random.Generator) -> Box | None:
        """The box as the detector draws it, cut at the picture's edges; None where little of it is in the picture."""
        seen = moved(box, canvas.view.dx_px, canvas.view.dy_px)
        if covered_share(seen, Box(0, 0, WIDTH, HEIGHT)) < _IN_SIGHT_SHARE:
            return None
        edges = np.array(seen.xyxy) + rng.normal(0.0, self._scene.jitter_px, 4)
        inside = Box(*edges.tolist()).clipped(WIDTH, HEIGHT)
        return inside if inside.width >= 4 and inside.height >= 4 else None

    def _false_ones(self, canvas: Canvas) -> list[Detection]:
        found = []
        for number, spot in enumerate(self._scene.spots, start=len(self._scene.things)):
            rng = self._luck(number, canvas.at_s)
            draw = rng.random()
            if draw >= spot.duty_share:
                continue
            drawn = self._drawn(spot.box, canvas, rng)
            threshold = self._thresholds[spot.label]
            low, high = (threshold, threshold + 0.1) if draw < spot.sure_share else (_FLOOR, threshold)
            if drawn is not None:
                found.append(Detection(spot.label, float(rng.uniform(low, high)), drawn))
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
