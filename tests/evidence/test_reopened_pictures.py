"""Pictures of an incident that was cleared wrongly are counted on, and no picture takes the place of another."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvinspect.domain import Change, ChangeKind, Incident, Pixels, Status
from cvinspect.evidence import Original, Picture
from cvinspect.evidence.remembered import CLEARED_COUNT, CLEARED_S
from cvinspect.evidence.snapshots import Snapshots
from tests.incident_makers import CAMERA, SHANGHAI, a_frame, a_street, an_incident, at

DARK: Pixels = np.full((180, 320, 3), 20, np.uint8)


def told(kind: ChangeKind, seconds: float, name: str = "inc-1", pixels: Pixels | None = None) -> Change:
    incident = an_incident(id=name, last_seen=at(seconds))
    if kind is ChangeKind.CLEARED:
        incident = replace(incident, status=Status.CLEARED, cleared=at(seconds))
    return Change(kind, incident, a_frame(seconds, pixels))


def lie_as_recorded(folder: Path, pictures: tuple[Picture, ...]) -> bool:
    originals = [one.original for one in pictures if one.original is not None]
    files: list[Picture | Original] = [*pictures, *originals]
    return all(hashlib.sha256((folder / one.uri).read_bytes()).hexdigest() == one.sha256 for one in files)


def names(pictures: tuple[Picture, ...]) -> list[str]:
    return [picture.uri.removeprefix("evidence/inc-1_") for picture in pictures]


def cleared(incident: Incident, at_s: float) -> Incident:
    return replace(incident, status=Status.CLEARED, cleared=at(at_s))


def test_a_reopened_incident_has_its_pictures_and_counts_on(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI)
    snapshots.take(told(ChangeKind.OPENED, 7), CAMERA)
    first = snapshots.take(told(ChangeKind.CLEARED, 20), CAMERA)
    assert snapshots.take(told(ChangeKind.UPDATED, 600), CAMERA)[:3] == first
    last = snapshots.take(told(ChangeKind.CLEARED, 610, pixels=DARK), CAMERA)
    assert names(last) == ["panorama_1.jpg", "closeup_1.jpg", "after_1.jpg", "panorama_2.jpg", "after_2.jpg"]
    assert lie_as_recorded(tmp_path, last)


def test_a_restart_after_clearing_costs_a_reopened_incident_nothing(tmp_path: Path) -> None:
    before = Snapshots(tmp_path, timezone=SHANGHAI)
    before.take(told(ChangeKind.OPENED, 7), CAMERA)
    taken = before.take(told(ChangeKind.CLEARED, 20), CAMERA)
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI)
    snapshots.resume(cleared(an_incident(), 20), taken)
    assert names(snapshots.take(told(ChangeKind.CLEARED, 40), CAMERA)) == [*names(taken), "after_2.jpg"]


@pytest.mark.parametrize(("later_s", "is_known"), [(CLEARED_S, True), (CLEARED_S + 1, False)])
def test_what_cannot_be_reopened_any_more_is_forgotten_with_the_next_clearing(
    tmp_path: Path, later_s: float, is_known: bool
) -> None:
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI)
    snapshots.take(told(ChangeKind.CLEARED, 20), CAMERA)
    snapshots.take(told(ChangeKind.CLEARED, 20 + later_s, "other"), CAMERA)
    assert bool(snapshots.taken(told(ChangeKind.UPDATED, 20 + later_s))) is is_known


def test_of_one_camera_no_more_cleared_ones_are_remembered_than_its_ledger_knows(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI)
    taken = snapshots.take(told(ChangeKind.CLEARED, 20), CAMERA)
    elsewhere = replace(an_incident(id="elsewhere"), camera="other")
    snapshots.resume(cleared(elsewhere, 20), taken)
    for number in range(CLEARED_COUNT):
        snapshots.resume(cleared(an_incident(id=f"more-{number}"), 20), taken)
    assert snapshots.taken(told(ChangeKind.UPDATED, 21)) == ()
    assert snapshots.taken(told(ChangeKind.UPDATED, 21, "more-0")) == taken
    assert snapshots.taken(Change(ChangeKind.UPDATED, elsewhere, a_frame(21))) == taken


def test_one_that_stands_again_is_not_forgotten_however_long(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI)
    snapshots.take(told(ChangeKind.CLEARED, 20), CAMERA)
    reopened = snapshots.take(told(ChangeKind.UPDATED, 30), CAMERA)
    snapshots.take(told(ChangeKind.CLEARED, 9999, "other"), CAMERA)
    assert snapshots.taken(told(ChangeKind.UPDATED, 9999)) == reopened != ()


def test_a_picture_that_nobody_remembers_is_not_replaced_by_another(tmp_path: Path) -> None:
    before = Snapshots(tmp_path, timezone=SHANGHAI).take(told(ChangeKind.OPENED, 7), CAMERA)
    after = Snapshots(tmp_path, timezone=SHANGHAI).take(told(ChangeKind.OPENED, 8, pixels=DARK), CAMERA)
    assert names(after) == ["panorama_2.jpg", "closeup_2.jpg"]
    assert lie_as_recorded(tmp_path, before + after)


def test_a_close_up_and_its_original_go_by_one_name(tmp_path: Path) -> None:
    stray = tmp_path / "evidence" / "original" / "inc-1_closeup_1.jpg"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"left by somebody")
    closeup = Snapshots(tmp_path, timezone=SHANGHAI).take(told(ChangeKind.OPENED, 7), CAMERA)[1]
    assert closeup.original is not None
    assert (closeup.uri, closeup.original.uri) == (
        "evidence/inc-1_closeup_2.jpg",
        "evidence/original/inc-1_closeup_2.jpg",
    )
    assert stray.read_bytes() == b"left by somebody"


def test_the_same_pictures_taken_again_after_a_crash_keep_their_names(tmp_path: Path) -> None:
    taken = [
        Snapshots(tmp_path, timezone=SHANGHAI).take(told(ChangeKind.OPENED, 7, pixels=a_street()), CAMERA)
        for _ in range(2)
    ]
    assert taken[0] == taken[1]
    assert len(list(tmp_path.rglob("*.jpg"))) == 4
