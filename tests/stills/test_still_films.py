"""Photographs as a camera shows them, and what is made of its incidents."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cvinspect.assembly.models import load_model
from cvinspect.domain import Detection, Pixels
from cvinspect.evaluate.incidents.event_matching import Fate, Outcome
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_size import PictureSize
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from samples.stills.film import frames_of, weather_of
from samples.stills.passers import silhouette
from samples.stills.play import Eyes, played, site_of
from samples.stills.scene import Front, Still, still_of

NAMES = ("graffiti", "banner", "motor_vehicle")
SITE = site_of(10.0)
SECONDS = 30.0
WALL = Box(0.3, 0.3, 0.6, 0.6)
ELSEWHERE = Box(0.75, 0.1, 0.95, 0.3)


class Seer:
    """Sees the same things in every picture."""

    def __init__(self, *things: tuple[str, Box]) -> None:
        self.things = things

    def detect(self, pixels: Pixels) -> list[Detection]:
        height, width = pixels.shape[:2]
        return [Detection(label, 0.9, box.scaled(width, height)) for label, box in self.things]


def still(root: Path, *, whole: tuple[int, ...] = (0, 2), size: tuple[int, int] = (240, 320)) -> Still:
    """A photograph of a wall with something on it."""
    pixels = np.random.default_rng(3).integers(60, 200, (size[0] // 8, size[1] // 8, 3), dtype=np.uint8)
    cv2.imwrite(str(root / "wall.png"), cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_CUBIC))
    picture = LabelledPicture(root / "wall.png", Split.VAL, "here", frozenset(whole), (LabelledBox(0, WALL),))
    violations = SITE.violations(period_s=1.0)
    return still_of(picture, PictureSize(size[1], size[0]), (), NAMES, violations, Front.STREET, seconds=SECONDS)


def shown(one: Still, *, seed: int = 1) -> list[Pixels]:
    return [frame.pixels for frame in frames_of(one, [silhouette()], seed=seed, seconds=SECONDS, fps=1.0)]


def watched(one: Still, *things: tuple[str, Box]) -> WatchedClip:
    eyes = Eyes(SITE, load_model(SITE, None), Seer(*things))
    return played(one, eyes, [], seed=1, seconds=SECONDS, fps=1.0)


def test_a_still_is_the_same_for_a_seed_and_another_for_another(tmp_path: Path) -> None:
    one = still(tmp_path)
    first = shown(one)
    assert len(first) == 31
    assert all(np.array_equal(a, b) for a, b in zip(first, shown(one), strict=True))
    assert not np.array_equal(first[0], shown(one, seed=2)[0])
    assert weather_of(one, seed=1, seconds=60.0) != weather_of(replace(one, name="b"), seed=1, seconds=60.0)


def test_every_sample_differs_a_little_and_the_light_drifts_by_a_tenth_or_two(tmp_path: Path) -> None:
    one = still(tmp_path)
    frames = shown(one)
    light = np.array([frame.mean() for frame in frames])
    assert 0.05 < (light.max() - light.min()) / light.mean() < 0.5
    assert np.abs(np.diff(light)).max() < 0.06 * light.mean()
    assert all(0 < np.abs(a.astype(int) - b).mean() < 40 for a, b in pairwise(frames))


def test_somebody_walks_from_one_edge_to_the_other(tmp_path: Path) -> None:
    one = still(tmp_path)
    weather = weather_of(one, seed=1, seconds=SECONDS)
    figure = np.full((100, 30, 4), 255, np.uint8)
    figure[..., :3] = (255, 0, 255)
    places = []
    for frame in frames_of(one, [figure], seed=1, seconds=SECONDS, fps=2.0):
        blue, green, red = (frame.pixels[..., channel].astype(int) for channel in range(3))
        _, columns = np.nonzero((blue - green > 120) & (red - green > 120))
        if len(columns) > 200:
            places.append((frame.media_s, float(columns.mean())))
    steps = np.diff([place for _, place in places])
    assert len(places) >= 2 * weather.takes_s - 4
    assert all(weather.begins_s <= at_s <= weather.begins_s + weather.takes_s for at_s, _ in places)
    assert (steps < 0).all() if weather.is_leftwards else (steps > 0).all()
    assert abs(places[-1][1] - places[0][1]) > 0.6 * one.size.width_px


def test_a_photograph_is_shown_in_the_stills_size(tmp_path: Path) -> None:
    assert shown(still(tmp_path, size=(960, 1280)))[0].shape == (480, 640, 3)


def test_what_is_drawn_and_seen_is_found_and_right(tmp_path: Path) -> None:
    found = watched(still(tmp_path), ("graffiti", WALL))
    assert [one.fate for one in found.matching.events] == [Fate.FOUND]
    assert [one.outcome for one in found.matching.incidents] == [Outcome.HIT]


def test_what_is_drawn_and_not_seen_is_missed(tmp_path: Path) -> None:
    found = watched(still(tmp_path))
    assert [one.fate for one in found.matching.events] == [Fate.MISSED]
    assert found.matching.incidents == ()


@pytest.mark.parametrize(
    ("label", "outcome"), [("graffiti", Outcome.FALSE), ("motor_vehicle", Outcome.FALSE), ("banner", Outcome.IGNORED)]
)
def test_what_is_raised_where_nothing_is_drawn_is_wrong_if_the_label_is_drawn_completely(
    tmp_path: Path, label: str, outcome: Outcome
) -> None:
    found = watched(still(tmp_path), (label, ELSEWHERE))
    assert [one.outcome for one in found.matching.incidents] == [outcome]


def test_a_class_of_which_no_label_is_drawn_completely_is_not_judged(tmp_path: Path) -> None:
    found = watched(still(tmp_path, whole=(0,)), ("motor_vehicle", ELSEWHERE), ("overflowing_bin", ELSEWHERE))
    assert {one.outcome for one in found.matching.incidents} == {Outcome.IGNORED}


def test_every_class_is_due_after_the_same_dwell() -> None:
    assert {one.dwell_s for one in SITE.violations(period_s=1.0)} == {10.0}
    assert len(SITE.violations(period_s=1.0)) == 12
