"""Scenes that are shown as whole pictures, and what the shipped network makes of one."""

import numpy as np
import pytest

from cvinspect.evaluate.incidents.event_matching import Outcome
from samples.scenarios import pixel_street as street
from samples.scenarios.film import picture
from samples.scenarios.pixel_families import PIXEL_FAMILIES
from samples.scenarios.play import faults, from_pixels, played
from samples.scenarios.scene import HEIGHT, WIDTH, Scene, View
from samples.scenarios.sprites import place_of, plate, sprite
from samples.scenarios.suite import pixel_scene_of


def short(**given: object) -> Scene:
    """A car that parks for 22 s, and nothing else."""
    car, truth = street.parked(np.random.default_rng(4), 3.0, 25.0, lasts_s=25.0, scale=1.0)
    values = {"things": (car,), "zones": (), "truth": (truth,), "classes": street.JUDGED}
    return Scene("short", 25.0, **{**values, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize("label", ["motor_vehicle", "exposed_garbage"])
def test_a_cut_out_is_the_thing_and_little_else(label: str) -> None:
    found = sprite(label)
    x0, y0, x1, y1 = map(round, found.inner.xyxy)
    inside = found.alpha[y0:y1, x0:x1] > 0.5
    assert 0.5 < inside.mean() < 0.95
    assert inside.sum() > 0.8 * (found.alpha > 0.5).sum()


def test_a_picture_shows_the_things_and_is_the_same_for_the_same_seed() -> None:
    clean: dict[str, object] = {"view": lambda _: View(grain=0.0)}
    empty, parked = (picture(scene, 10.0, seed=0).astype(int) for scene in (short(**clean, things=()), short(**clean)))
    assert parked.shape == (HEIGHT, WIDTH, 3)
    assert np.array_equal(empty, plate())
    x0, y0, x1, y1 = map(round, place_of("motor_vehicle").xyxy)
    changed = np.abs(parked - empty).max(axis=2) > 20
    assert changed[y0:y1, x0:x1].mean() > 0.4
    assert changed.sum() < 1.3 * changed[y0:y1, x0:x1].sum()
    assert np.array_equal(picture(short(), 10.0, seed=3), picture(short(), 10.0, seed=3))
    assert not np.array_equal(picture(short(), 10.0, seed=3), picture(short(), 10.0, seed=4))


def test_a_covered_lens_shows_one_grey_and_a_knocked_camera_the_same_street_elsewhere() -> None:
    covered = picture(short(view=lambda _: View(cover=60, grain=0.0)), 10.0, seed=0)
    assert np.unique(covered).tolist() == [60]
    still = picture(short(view=lambda _: View(grain=0.0)), 10.0, seed=0)
    knocked = picture(short(view=lambda _: View(dx_px=30, dy_px=-10, grain=0.0)), 10.0, seed=0)
    assert np.array_equal(knocked[:-10, 30:], still[10:, :-30])


def test_a_car_grows_as_it_comes_and_stands_where_the_truth_has_it() -> None:
    scene = short()
    (truth,), (car,) = scene.truth, scene.things
    widths = [car.path(at_s).width for at_s in np.arange(-1.0, 3.5, 0.5)]
    assert widths == sorted(widths)
    assert truth.box is not None
    assert car.path(10.0).xyxy == pytest.approx(truth.box.scaled(WIDTH, HEIGHT).xyxy)


@pytest.mark.parametrize("family", PIXEL_FAMILIES)
def test_every_family_has_something_due_and_says_what_it_holds(family: str) -> None:
    scene = pixel_scene_of(family, 1)
    dwells_s = {street.CAR: 15.0, street.RUBBISH: 10.0}
    assert {one.class_id for one in scene.truth if one.is_due(dwells_s[one.class_id])} == set(dwells_s)
    assert PIXEL_FAMILIES[family].__doc__
    assert scene.family == family


def test_the_shipped_network_sees_the_car_and_it_is_raised_once() -> None:
    result = played(short(), seed=1, stage=from_pixels())
    judged = [one.outcome for one in result.watched.matching.incidents if one.outcome is not Outcome.IGNORED]
    assert judged == [Outcome.HIT]  # the parasol of the empty street is raised too, and not asked
    assert faults(result) == []
