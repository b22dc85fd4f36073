"""Which pictures are taken when, what is in them, and that their hashes hold."""

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from cvinspect.domain import Camera, Change, ChangeKind, Frame, Incident, Location, Pixels, SeenObject, Stage, Status
from cvinspect.errors import DeliveryError
from cvinspect.evidence import Picture
from cvinspect.evidence.band import facts
from cvinspect.evidence.masking import head
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.geometry import Box
from tests.incident_makers import CAMERA, SHANGHAI, a_frame, a_street, an_incident, at


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path, timezone=SHANGHAI)


def change(kind: ChangeKind, seconds: float, incident: Incident | None = None, pixels: Pixels | None = None) -> Change:
    shown = incident or an_incident(last_seen=at(seconds))
    return Change(kind, shown, a_frame(seconds, pixels))


def roles(pictures: tuple[Picture, ...]) -> list[str]:
    return [picture.role for picture in pictures]


def read(path: Path) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


def difference(a: Pixels, b: Pixels) -> float:
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def test_a_whole_life_leaves_these_pictures(snapshots: Snapshots) -> None:
    snapshots.take(change(ChangeKind.OPENED, 7), CAMERA)
    snapshots.take(change(ChangeKind.UPDATED, 9), CAMERA)
    cleared = an_incident(status=Status.CLEARED, last_seen=at(9), cleared=at(20))
    pictures = snapshots.take(change(ChangeKind.CLEARED, 20, cleared), CAMERA)
    assert [(picture.role, picture.uri, picture.media_s, picture.captured_at) for picture in pictures] == [
        ("panorama", "evidence/inc-1_panorama_1.jpg", 7, at(7).at),
        ("closeup", "evidence/inc-1_closeup_1.jpg", 7, at(7).at),
        ("panorama", "evidence/inc-1_panorama_2.jpg", 9, at(9).at),
        ("after", "evidence/inc-1_after_1.jpg", 20, at(20).at),
    ]


def test_a_closed_incident_keeps_its_pictures_in_its_last_record(snapshots: Snapshots) -> None:
    opened = snapshots.take(change(ChangeKind.OPENED, 7), CAMERA)
    closed = change(ChangeKind.CLOSED, 8)
    assert (snapshots.take(closed, CAMERA), snapshots.take(closed, CAMERA)) == (opened, ())


@pytest.mark.parametrize(
    ("seconds", "last_seen_s", "taken"),
    [
        (8.0, 8.0, True),
        (7.9, 7.9, False),
        (9.0, 8.5, False),
    ],
    ids=["a second later", "too soon", "not seen in this frame"],
)
def test_the_second_panorama_shows_the_thing_a_second_later(
    snapshots: Snapshots, seconds: float, last_seen_s: float, taken: bool
) -> None:
    first = snapshots.take(change(ChangeKind.OPENED, 7), CAMERA)
    update = change(ChangeKind.UPDATED, seconds, an_incident(last_seen=at(last_seen_s)))
    assert (len(snapshots.take(update, CAMERA)) > len(first)) is taken


def test_there_is_no_third_panorama(snapshots: Snapshots) -> None:
    snapshots.take(change(ChangeKind.OPENED, 7), CAMERA)
    snapshots.take(change(ChangeKind.UPDATED, 9), CAMERA)
    assert roles(snapshots.take(change(ChangeKind.UPDATED, 12), CAMERA)) == ["panorama", "closeup", "panorama"]


def test_a_pre_alarm_has_pictures_only_where_the_picture_is_all_there_is(snapshots: Snapshots) -> None:
    early = an_incident(id="p", stage=Stage.PRE_ALARM, revision=0, confirmed=None)
    told = change(ChangeKind.PRE_ALARM, 4, early)
    assert snapshots.take(told, CAMERA) == ()
    assert roles(snapshots.take(told, CAMERA, snapshot=True)) == ["panorama", "closeup"]


def test_hashes_sizes_and_lengths_are_those_of_the_files(snapshots: Snapshots, tmp_path: Path) -> None:
    for picture in snapshots.take(change(ChangeKind.OPENED, 7), CAMERA):
        assert picture.original is not None
        for stored in (picture, picture.original):
            path = tmp_path / stored.uri
            data = path.read_bytes()
            height, width = read(path).shape[:2]
            assert (stored.sha256, stored.bytes, stored.width, stored.height) == (
                hashlib.sha256(data).hexdigest(),
                len(data),
                width,
                height,
            )


def test_originals_show_the_frame_and_its_part_without_drawing_or_masks(snapshots: Snapshots, tmp_path: Path) -> None:
    person = Box(100, 60, 140, 120)
    panorama, closeup = snapshots.take(change(ChangeKind.OPENED, 7), CAMERA, hidden=lambda _: [person])
    assert panorama.original is not None
    assert closeup.original is not None
    whole, part = read(tmp_path / panorama.original.uri), read(tmp_path / closeup.original.uri)
    height, width = part.shape[:2]
    # 80 x 60 px of car, 35 % of its size (69 px) on every side.
    assert (whole.shape, part.shape) == ((180, 320, 3), (108, 128, 3))
    assert difference(whole, a_street()) < 2
    assert difference(part, a_street()[36 : 36 + height, 76 : 76 + width]) < 2


def test_the_original_of_a_frame_is_stored_once_for_all_its_incidents(snapshots: Snapshots, tmp_path: Path) -> None:
    first, *_ = snapshots.take(change(ChangeKind.OPENED, 7, an_incident(id="a")), CAMERA)
    second, *_ = snapshots.take(change(ChangeKind.OPENED, 7, an_incident(id="b")), CAMERA)
    assert first.original == second.original
    assert len(list((tmp_path / "evidence" / "original").glob("frame_*.jpg"))) == 1


def test_two_files_that_claim_the_same_time_keep_their_own_originals(snapshots: Snapshots, tmp_path: Path) -> None:
    dark = np.zeros((180, 320, 3), np.uint8)
    taken = [
        snapshots.take(
            Change(ChangeKind.OPENED, an_incident(id=name), Frame("c", index, 7.0, at(7).at, pixels)), CAMERA
        )
        for name, index, pixels in (("a", 70, a_street()), ("b", 71, dark))
    ]
    uris = {pictures[0].original.uri for pictures in taken if pictures[0].original}
    assert len(uris) == 2


def test_originals_are_not_kept_where_the_law_asks_for_that(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI, keep_originals=False)
    pictures = snapshots.take(change(ChangeKind.OPENED, 7), CAMERA)
    assert [picture.original for picture in pictures] == [None, None]
    assert not (tmp_path / "evidence" / "original").exists()


def test_the_band_lies_below_the_picture_and_hides_nothing(snapshots: Snapshots, tmp_path: Path) -> None:
    panorama = snapshots.take(change(ChangeKind.OPENED, 7), CAMERA)[0]
    burned = read(tmp_path / panorama.uri)
    assert burned.shape[0] > 180
    # Left of the zone nothing is drawn on the picture itself.
    assert difference(burned[:180, :25], a_street()[:, :25]) < 2


def test_the_band_says_where_it_was_in_chinese(snapshots: Snapshots, tmp_path: Path) -> None:
    bands = []
    for name, address in (("a", "人民路"), ("b", "解放街"), ("c", None)):
        camera = Camera("c", Location(address=address))
        incident = an_incident(id=name * 9, zone=None)
        panorama = snapshots.take(change(ChangeKind.OPENED, 7, incident), camera)[0]
        bands.append(read(tmp_path / panorama.uri)[180 : 180 + 70])
    assert min(difference(bands[0], bands[1]), difference(bands[0], bands[2])) > 0.1


def words(incident: Incident, role: str, **given: bool) -> str:
    return " | ".join(text.words for part in facts(incident, CAMERA, role=role, at="10:00", **given) for text in part)


def test_a_picture_of_a_place_that_is_empty_again_does_not_call_it_a_violation() -> None:
    standing = words(an_incident(), "panorama")
    cleared = words(an_incident(status=Status.CLEARED, cleared=at(20)), "after")
    assert "违规 violation | 停留 dwell 8 s" in standing
    assert "清除后 after" in cleared
    assert "已清除 cleared | 停留 dwell 8 s" in cleared
    assert "violation" not in cleared


def test_a_time_that_nobody_vouches_for_is_marked_on_the_picture(snapshots: Snapshots, tmp_path: Path) -> None:
    assert "10:00 | 时间为推测 time is a guess |" in words(an_incident(), "panorama", guessed=True)
    assert "guess" not in words(an_incident(), "panorama")
    bands = [
        read(tmp_path / snapshots.take(opened, CAMERA, guessed=guessed)[0].uri)[180:250]
        for opened, guessed in (
            (change(ChangeKind.OPENED, 7, an_incident(id="sure")), False),
            (change(ChangeKind.OPENED, 7, an_incident(id="what")), True),
        )
    ]
    assert difference(*bands) > 1


def test_heads_are_masked_on_the_copy(tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (180, 320, 3), np.uint8)
    person = Box(20, 20, 60, 150)
    plain, burned = (
        read(tmp_path / name / Snapshots(tmp_path / name, timezone=SHANGHAI).take(
            change(ChangeKind.OPENED, 7, pixels=pixels), CAMERA, hidden=lambda _, found=persons: found
        )[0].uri)
        for name, persons in (("plain", []), ("masked", [head(person)]))
    )  # fmt: skip
    assert difference(plain[22:46, 22:58], burned[22:46, 22:58]) > 20
    assert difference(plain[60:90, 22:58], burned[60:90, 22:58]) < 3


@pytest.mark.parametrize("size", [(32, 32), (1, 1), (7680, 48), (48, 4320), (4096, 2160)])
def test_pictures_of_any_size_are_taken(snapshots: Snapshots, size: tuple[int, int]) -> None:
    width, height = size
    pixels = np.full((height, width, 3), 90, np.uint8)
    thing = SeenObject("motor_vehicle", 0.9, Box(width * 0.2, height * 0.2, width * 0.6, height * 0.7), 1)
    opened = change(ChangeKind.OPENED, 7, an_incident(objects=(thing,)), pixels)
    panorama, closeup = snapshots.take(opened, CAMERA)
    assert panorama.width == max(width, 360)
    assert panorama.height > height
    assert closeup.width >= 1


def test_a_small_thing_is_enlarged_but_its_original_is_not(snapshots: Snapshots) -> None:
    thing = SeenObject("garbage_bag", 0.9, Box(200, 100, 212, 110), 1)
    closeup = snapshots.take(change(ChangeKind.OPENED, 7, an_incident(objects=(thing,))), CAMERA)[1]
    assert closeup.original is not None
    assert (closeup.original.width, closeup.original.height, closeup.width) == (64, 64, 360)
    assert closeup.height > 320


def test_things_at_the_edge_are_shown_as_far_as_there_is_a_picture(snapshots: Snapshots) -> None:
    thing = SeenObject("motor_vehicle", 0.9, Box(-40, 150, 60, 230), 1)
    closeup = snapshots.take(change(ChangeKind.OPENED, 7, an_incident(objects=(thing,))), CAMERA)[1]
    assert closeup.original is not None
    # 31 px of context above and to the right; nothing beyond the picture's 320 x 180.
    assert (closeup.original.width, closeup.original.height) == (91, 64)


def test_ids_that_are_no_file_names_become_some(snapshots: Snapshots, tmp_path: Path) -> None:
    names = ["../../etc/x", "摄像头/1", "摄像头/2", "a" * 300]
    uris = [snapshots.take(change(ChangeKind.OPENED, 7, an_incident(id=name)), CAMERA)[0].uri for name in names]
    assert len(set(uris)) == 4
    assert all((tmp_path / uri).parent == tmp_path / "evidence" and uri.isascii() for uri in uris)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file, not a folder")
    snapshots = Snapshots(tmp_path, timezone=SHANGHAI)
    with pytest.raises(DeliveryError, match=r"inc-1_panorama_1\.jpg: cannot be written: "):
        snapshots.take(change(ChangeKind.OPENED, 7), CAMERA)


def test_the_frame_itself_is_never_drawn_on(snapshots: Snapshots) -> None:
    opened = change(ChangeKind.OPENED, 7)
    snapshots.take(replace(opened), CAMERA, hidden=lambda _: [Box(10, 10, 50, 100)])
    assert np.array_equal(opened.frame.pixels, a_street())
