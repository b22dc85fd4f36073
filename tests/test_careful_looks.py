"""When the careful network looks, and what of it is news."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from cvinspect.domain import Detection, Track
from cvinspect.geometry import Box
from cvinspect.second_look import LookCounts, SecondLook, Seen
from tests.fakes import BAY, Thing, frame, shifted, track, violation
from tests.two_eyes import AGREES_FROM, SURE_FROM, CarefulEye, second_look

CAR = Thing()
ELSEWHERE = Box(200, 60, 260, 100)
FIRST = 1_000_000_001


class Grudging:
    """Grants a patrol that is overdue by so much, and remembers what it was asked and told."""

    def __init__(self, least_s: float) -> None:
        self.least_s = least_s
        self.asked_s: list[float] = []
        self.looks = 0

    def grants_patrol(self, camera: str, *, overdue_s: float) -> bool:
        self.asked_s.append(overdue_s)
        return overdue_s >= self.least_s

    @contextmanager
    def look(self, camera: str) -> Iterator[None]:
        self.looks += 1
        yield


def everything(found: list[Detection]) -> list[Detection]:
    return found


def see_all(
    look: SecondLook,
    eye: CarefulEye,
    times: Sequence[float],
    tracks: Sequence[Track] = (),
    wanted: Sequence[float] = (),
) -> dict[float, Seen]:
    """What is seen at those times at which it looks."""
    seen = {}
    for media_s in times:
        eye.now_s = media_s
        found = look.see(frame(media_s), tracks, everything, wanted=media_s in wanted)
        if found is not None:
            seen[media_s] = found
    return seen


HALF_SECONDS = [i / 2 for i in range(61)]


def test_patrols_go_at_once_and_then_at_their_times() -> None:
    eye = CarefulEye([CAR])
    look = second_look(eye, [violation()])
    assert list(see_all(look, eye, HALF_SECONDS)) == [0.0, 10.0, 20.0, 30.0] == eye.looked_s
    assert look.counts == LookCounts(looks=4, on_patrol=4, longest_wait_s=10.0)
    assert str(look.counts) == "4 times, 0 of them because a verdict was near"


def test_a_look_that_is_wanted_is_taken_at_once_and_puts_the_next_patrol_off() -> None:
    eye = CarefulEye([CAR])
    look = second_look(eye, [violation()])
    assert list(see_all(look, eye, HALF_SECONDS, wanted=[7.0])) == [0.0, 7.0, 17.0, 27.0]
    assert look.counts == LookCounts(looks=4, on_patrol=3, longest_wait_s=10.0)


def test_what_somebody_asks_for_is_looked_at_once() -> None:
    eye = CarefulEye([])
    look = second_look(eye, [violation()])
    see_all(look, eye, [0.0])
    look.is_asked_for = True
    assert list(see_all(look, eye, [0.5, 1.0])) == [0.5]
    assert not look.is_asked_for


def test_an_allowance_is_asked_only_when_a_patrol_is_due_and_told_by_how_much() -> None:
    eye, allowance = CarefulEye([]), Grudging(1.0)
    look = second_look(eye, [violation()], allowance=allowance)
    assert list(see_all(look, eye, HALF_SECONDS[:30])) == [0.0, 11.0]
    assert allowance.asked_s == [10.0, 0.0, 0.5, 1.0]
    assert allowance.looks == 2


def test_who_is_refused_from_the_beginning_waits_longer_and_longer() -> None:
    eye, allowance = CarefulEye([]), Grudging(11.5)
    look = second_look(eye, [violation()], allowance=allowance)
    assert list(see_all(look, eye, HALF_SECONDS[:10])) == [1.5]
    assert allowance.asked_s == [10.0, 10.5, 11.0, 11.5]


def test_a_verdict_asks_nobody_and_is_counted() -> None:
    eye, allowance = CarefulEye([]), Grudging(1e9)
    look = second_look(eye, [violation()], allowance=allowance)
    assert list(see_all(look, eye, HALF_SECONDS[:12], wanted=[3.0])) == [3.0]
    assert allowance.asked_s == [10.0, 10.5, 11.0, 11.5, 12.0, 12.5]
    assert allowance.looks == 1


def test_a_run_begins_with_a_look_and_with_tracks_of_its_own() -> None:
    eye = CarefulEye([CAR])
    look = second_look(eye, [violation()])
    before = see_all(look, eye, [0.0, 9.0, 10.0])
    look.begin_run()
    after = see_all(look, eye, [0.0, 5.0])
    assert [list(before), list(after)] == [[0.0, 10.0], [0.0]]
    assert before[10.0].sightings
    assert not after[0.0].sightings
    assert look.counts.longest_wait_s == 10.0


def test_its_tracks_are_numbered_where_no_quick_one_comes_and_go_on_from_look_to_look() -> None:
    eye = CarefulEye([CAR, Thing(ELSEWHERE)])
    seen = see_all(second_look(eye, [violation()]), eye, [0.0, 10.0, 20.0])
    assert [[one.id for one in found.tracks] for found in seen.values()] == [[FIRST, FIRST + 1]] * 3
    assert [[one.track for one in found.sightings] for found in seen.values()] == [[], *[[FIRST, FIRST + 1]] * 2]
    assert all(one.by_careful and one.sure for one in seen[10.0].sightings)


@pytest.mark.parametrize(
    ("other", "is_new"),
    [
        (track(), False),
        (track(box=shifted(BAY, 24)), False),  # IoU 0.43
        (track(box=Box(110, 65, 135, 85)), False),  # a part of it
        (track(box=shifted(BAY, 45)), True),
        (track(label="two_wheeler"), True),
    ],
)
def test_what_the_quick_network_follows_is_no_news(other: Track, is_new: bool) -> None:
    eye = CarefulEye([CAR])
    seen = see_all(second_look(eye, [violation()]), eye, [0.0, 10.0], tracks=[other])
    assert [bool(seen[10.0].tracks), bool(seen[10.0].sightings)] == [is_new, is_new]
    assert [one.box for one in seen[10.0].look.detections] == [BAY]


def test_of_two_things_close_by_the_one_that_is_not_followed_is_news() -> None:
    beside = shifted(BAY, 30)  # IoU 0.33
    eye = CarefulEye([CAR, Thing(beside)])
    seen = see_all(second_look(eye, [violation()]), eye, [0.0, 10.0], tracks=[track()])
    assert [one.box for one in seen[10.0].tracks] == [beside]


def test_a_rider_counts_whoever_sees_him() -> None:
    bikes = violation(labels=("two_wheeler",), unless_with=("person",))
    eye = CarefulEye([Thing(label="two_wheeler")])
    rider = track(label="person", box=Box(110, 55, 150, 95))
    seen = see_all(second_look(eye, [bikes]), eye, [0.0, 10.0], tracks=[rider])
    assert seen[10.0].sightings == ()


def test_what_is_nothing_in_the_street_is_neither_news_nor_a_word_for_anything() -> None:
    eye = CarefulEye([CAR, Thing(ELSEWHERE)])
    look = second_look(eye, [violation()])

    def without_the_clock(found: list[Detection]) -> list[Detection]:
        return [one for one in found if one.box != ELSEWHERE]

    for media_s in (0.0, 10.0):
        eye.now_s = media_s
        seen = look.see(frame(media_s), [], without_the_clock, wanted=False)
    assert seen is not None
    assert [one.box for one in seen.tracks] == [BAY]
    assert [one.box for one in seen.look.detections] == [BAY]


def test_a_look_says_from_which_confidence_it_counts_and_keeps_what_is_unsure() -> None:
    eye = CarefulEye([Thing(confidence=0.1)])
    seen = see_all(second_look(eye, [violation()]), eye, [0.0])[0.0]
    assert (seen.look.agrees_from, seen.look.sure_from) == (AGREES_FROM, SURE_FROM)
    assert [one.confidence for one in seen.look.detections] == [0.1]
    assert seen.tracks == ()


def test_a_picture_alone_is_looked_at() -> None:
    eye = CarefulEye([CAR])
    look = second_look(eye, [violation()], snapshot=True)
    seen = look.see(frame(0.0), [], everything, wanted=False)
    assert seen is not None
    assert [one.label for one in seen.sightings] == ["motor_vehicle"]
