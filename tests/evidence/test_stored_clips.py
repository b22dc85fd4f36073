"""Clips beside the pictures: whole or not at all."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from cvinspect.domain import Change, ChangeKind
from cvinspect.errors import DeliveryError
from cvinspect.evidence import Picture
from cvinspect.evidence.clips import Beginning, store_clip
from cvinspect.evidence.snapshots import Snapshots
from tests.fakes import NOON, SHANGHAI
from tests.incident_makers import CAMERA, a_frame, an_incident, at

BEGINS = Beginning(NOON + timedelta(seconds=4), 4.0)


@dataclass
class Reel:
    """Footage that is a few bytes, or that cannot be written to its end."""

    data: bytes = b"moov"
    breaks: bool = False
    width: int = 1920
    height: int = 1080
    duration_s: float = 6.5

    def write(self, path: Path) -> None:
        path.write_bytes(self.data)
        if self.breaks:
            raise DeliveryError(f"{path}: cannot be written: No space left on device")


def test_a_clip_lies_beside_the_pictures_and_is_named_with_all_that_a_record_says_of_it(tmp_path: Path) -> None:
    clip = store_clip(tmp_path, "inc-1", Reel(), BEGINS)
    assert clip == Picture(
        role="clip",
        uri="evidence/inc-1_clip_1.mp4",
        sha256=hashlib.sha256(b"moov").hexdigest(),
        captured_at=BEGINS.captured_at,
        media_s=4.0,
        width=1920,
        height=1080,
        bytes=4,
        original=None,
        duration_s=6.5,
    )
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["inc-1_clip_1.mp4"]
    assert (tmp_path / clip.uri).read_bytes() == b"moov"


def test_half_a_clip_is_none(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="No space left on device"):
        store_clip(tmp_path, "inc-1", Reel(breaks=True), BEGINS)
    assert list((tmp_path / "evidence").iterdir()) == []


def test_a_folder_that_is_none_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_bytes(b"")
    with pytest.raises(DeliveryError, match=r"inc-1_clip_1\.mp4: cannot be written: File exists"):
        store_clip(tmp_path, "inc-1", Reel(), BEGINS)


def test_a_clip_counts_to_the_incidents_pictures_and_takes_no_other_ones_place(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI)
    opened = Change(ChangeKind.OPENED, an_incident(last_seen=at(7)), a_frame(7))
    cleared = Change(ChangeKind.CLEARED, an_incident(last_seen=at(20)), a_frame(20))
    snapshots.take(opened, CAMERA)
    snapshots.add(opened.incident.id, store_clip(tmp_path, opened.incident.id, Reel(), BEGINS))
    assert [one.role for one in snapshots.take(cleared, CAMERA)] == [
        "panorama", "closeup", "clip", "after",
    ]  # fmt: skip
