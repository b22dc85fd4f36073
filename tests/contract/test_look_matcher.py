"""What every matcher keeps to: it may be unable to tell, but never mistakes a place for another one."""

import pytest

from cvinspect.geometry import Box
from cvinspect.incidents import LookMatcher
from cvinspect.incidents.look import PatchMatcher
from cvinspect.incidents.watch import OTHER_LOOK, SAME_LOOK
from tests.fakes import BAY, BlindMatcher, Thing, painted

SCENES = [painted([Thing(paint=seed)], 0) for seed in range(1, 6)]


@pytest.fixture(params=[PatchMatcher, BlindMatcher])
def matcher(request: pytest.FixtureRequest) -> LookMatcher:
    made: LookMatcher = request.param()
    return made


def test_a_place_is_like_itself(matcher: LookMatcher) -> None:
    for scene in SCENES:
        before, after = matcher.look(scene, BAY), matcher.look(scene.copy(), BAY)
        assert (before is None) == (after is None)
        assert before is None or after is None or SAME_LOOK <= matcher.likeness(before, after) <= 1.0 + 1e-6


def test_different_things_are_unlike(matcher: LookMatcher) -> None:
    looks = [matcher.look(scene, BAY) for scene in SCENES]

    assert all(
        a is None or b is None or matcher.likeness(a, b) < OTHER_LOOK
        for i, a in enumerate(looks)
        for b in looks[i + 1 :]
    )


def test_likeness_is_mutual(matcher: LookMatcher) -> None:
    one, other = (matcher.look(scene, BAY) for scene in SCENES[:2])

    assert one is None or other is None or matcher.likeness(one, other) == pytest.approx(matcher.likeness(other, one))


def test_nothing_can_be_told_of_no_place(matcher: LookMatcher) -> None:
    assert matcher.look(SCENES[0], Box(-50, -50, -10, -10)) is None


def test_looking_changes_no_picture(matcher: LookMatcher) -> None:
    before = SCENES[0].copy()
    matcher.look(SCENES[0], BAY)

    assert (before == SCENES[0]).all()
