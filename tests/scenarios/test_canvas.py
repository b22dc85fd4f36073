"""What the scripted streets show and what the scripted detector makes of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.domain import Detection
from cvinspect.geometry import Box
from samples.scenarios.canvas import Canvas
from samples.scenarios.noise import FALSE_PLACES, NoisyDetector
from samples.scenarios.scene import HEIGHT, WIDTH, Scene, Spot, Thing, View, at, visible_part
from samples.scenarios.suite import scene_of

CAR = Box(300, 400, 470, 500)
THRESHOLDS = {"motor_vehicle": 0.25, "exposed_garbage": 0.3}
FRAMES = 3000


def street(**given: object) -> Scene:
    values = {"things": (Thing("motor_vehicle", at(CAR), 5),), "zones": (), "truth": ()}
    return Scene("test", FRAMES / 2, **{**values, **given})  # type: ignore[arg-type]


def detections(scene: Scene) -> list[Detection]:
    """Everything seen in so many frames."""
    detector = NoisyDetector(scene, seed=1, thresholds=THRESHOLDS)
    return [one for i in range(FRAMES) for one in detector.detect(Canvas(scene, i / 2, backdrop=0))]


@settings(deadline=None, max_examples=30)
@pytest.mark.parametrize("family", ["lights", "night", "shaking", "askew"])
@given(part=st.tuples(*[st.integers(0, 700)] * 4), step=st.integers(1, 9))
def test_any_part_of_a_picture_is_that_part_of_the_whole(
    family: str, part: tuple[int, int, int, int], step: int
) -> None:
    made = scene_of(family, 3)
    clean = replace(made, view=lambda at_s: replace(made.view(at_s), grain=0.0))
    canvas = Canvas(clean, 600.0, backdrop=1)
    (y0, y1), (x0, x1) = sorted(part[:2]), sorted(part[2:])
    rows, columns = slice(y0, y1 + 1, step), slice(x0, x1 + 1, step)
    assert np.array_equal(canvas[rows, columns], canvas[0:HEIGHT, 0:WIDTH][rows, columns])


def test_a_covered_lens_shows_one_grey() -> None:
    covered = Canvas(street(view=lambda _: View(cover=60, grain=0.0)), 1.0, backdrop=0)
    assert np.unique(covered[0:HEIGHT, 0:WIDTH]).tolist() == [60]


@pytest.mark.parametrize("share", [0.1, 0.25])
def test_the_detector_misses_the_share_it_is_told_to(share: float) -> None:
    found = detections(street(miss_share=share))
    assert 1 - len(found) / FRAMES == pytest.approx(share, abs=0.03)


def test_boxes_jitter_by_two_pixels_an_edge_and_confidences_spread() -> None:
    found = detections(street(miss_share=0.0))
    edges = np.array([one.box.xyxy for one in found])
    assert edges.mean(axis=0) == pytest.approx(CAR.xyxy, abs=0.2)
    assert edges.std(axis=0) == pytest.approx([2.0] * 4, abs=0.1)
    assert 0.1 <= min(one.confidence for one in found) < max(one.confidence for one in found) <= 0.98


def test_false_places_come_up_as_often_as_measured() -> None:
    duty, sure = max(FALSE_PLACES, key=lambda place: place[1])
    spot = Spot("exposed_garbage", Box(600, 300, 700, 360), duty, sure)
    found = detections(street(things=(), spots=(spot,)))
    assert len(found) / FRAMES == pytest.approx(duty, abs=0.03)
    assert sum(one.confidence >= 0.3 for one in found) / FRAMES == pytest.approx(sure, abs=0.03)


def test_of_a_thing_behind_another_the_largest_rest_is_seen() -> None:
    assert visible_part(CAR, [Box(300, 300, 385, 600)]) == (Box(385, 400, 470, 500), 0.5)
    assert visible_part(CAR, [Box(0, 0, 800, 700)]) == (CAR, 0.0)
    assert visible_part(CAR, [Box(0, 0, 20, 20)]) == (CAR, 1.0)
