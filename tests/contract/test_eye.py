"""What every eye keeps to: it may be unable to tell, but never mistakes a place for another one."""

import pytest

from cvinspect.geometry import Box
from cvinspect.incidents import Eye
from cvinspect.incidents.look import BlindEye, PatchEye
from cvinspect.incidents.watch import OTHER_LOOK, SAME_LOOK
from tests.fakes import BAY, Thing, painted

SCENES = [painted([Thing(paint=seed)], 0) for seed in range(1, 6)]


@pytest.fixture(params=[PatchEye, BlindEye])
def eye(request: pytest.FixtureRequest) -> Eye:
    made: Eye = request.param()
    return made


def test_a_place_is_like_itself(eye: Eye) -> None:
    for scene in SCENES:
        before, after = eye.look(scene, BAY), eye.look(scene.copy(), BAY)
        assert (before is None) == (after is None)
        assert before is None or after is None or SAME_LOOK <= eye.likeness(before, after) <= 1.0 + 1e-6


def test_different_things_are_unlike(eye: Eye) -> None:
    looks = [eye.look(scene, BAY) for scene in SCENES]

    assert all(
        a is None or b is None or eye.likeness(a, b) < OTHER_LOOK for i, a in enumerate(looks) for b in looks[i + 1 :]
    )


def test_likeness_is_mutual(eye: Eye) -> None:
    one, other = (eye.look(scene, BAY) for scene in SCENES[:2])

    assert one is None or other is None or eye.likeness(one, other) == pytest.approx(eye.likeness(other, one))


def test_nothing_can_be_told_of_no_place(eye: Eye) -> None:
    assert eye.look(SCENES[0], Box(-50, -50, -10, -10)) is None


def test_looking_changes_no_picture(eye: Eye) -> None:
    before = SCENES[0].copy()
    eye.look(SCENES[0], BAY)

    assert (before == SCENES[0]).all()
