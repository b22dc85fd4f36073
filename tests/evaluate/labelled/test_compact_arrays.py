"""What is packed to save memory comes out as it went in."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.errors import DeliveryError
from cvinspect.evaluate.detections.pairing import pair, pair_each
from cvinspect.evaluate.labelled import spill_file
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_keys import OwnKeys, PictureKeys
from cvinspect.evaluate.labelled.spill_file import SpillFile
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture, PictureStore
from cvinspect.geometry import Box

SHARES = st.floats(0, 1)
BOXES = st.lists(st.builds(LabelledBox, st.integers(0, 40), st.builds(Box, SHARES, SHARES, SHARES, SHARES)), max_size=3)
NAMES = st.sampled_from(["a.jpg", "b.png", "7.jpg", "007.jpg", "街.jpg", "bad\udcff.jpg", "a.png"])
PATHS = st.builds(lambda folder, name: Path(folder) / name, st.sampled_from(["x", "x/y", "/z", "."]), NAMES)
PICTURES = st.lists(
    st.builds(
        LabelledPicture,
        PATHS,
        st.just(Split.VAL),
        st.sampled_from(["", "by bus"]),
        st.frozensets(st.integers(0, 3)),
        BOXES.map(tuple),
        BOXES.map(tuple),
    ),
    max_size=8,
    unique_by=lambda picture: picture.path,
)
ROW = np.dtype([("number", np.int64), ("share", np.float64)])


def packed(pictures: list[LabelledPicture]) -> PictureStore:
    store = PictureStore()
    for picture in pictures:
        store.append(picture)
    return store


@given(PICTURES, st.slices(8))
def test_packed_pictures_and_their_parts_are_the_pictures(pictures: list[LabelledPicture], part: slice) -> None:
    found = packed(pictures).pictures()
    assert found == pictures
    assert tuple(found[part]) == tuple(pictures[part])
    assert (found == [*pictures, *pictures]) is (not pictures)


def test_packed_pictures_end_where_they_end() -> None:
    with pytest.raises(IndexError):
        packed([]).pictures()[0]


@given(PICTURES)
def test_every_key_leads_to_its_picture_and_no_name_of_two_to_any(pictures: list[LabelledPicture]) -> None:
    keys = PictureKeys(packed(pictures).pictures())
    own = OwnKeys(keys, len(pictures))
    assert [keys[key] for key in own] == list(range(len(pictures)))
    for name_of in (lambda path: path.name, lambda path: path.stem):
        names = [name_of(picture.path) for picture in pictures]
        for place, name in enumerate(names):
            if names.count(name) == 1 and name not in own:
                assert keys[name] == place
            elif name not in own:
                assert name not in keys


@settings(max_examples=30)
@given(counts=st.lists(st.integers(0, 900), max_size=6), first=st.integers(0, 3000), count=st.integers(0, 3000))
def test_records_come_back_in_their_order_whether_they_wait_in_memory_or_in_the_file(
    counts: list[int], first: int, count: int
) -> None:
    every = np.zeros(sum(counts), ROW)
    every["number"] = np.arange(len(every))
    for held_bytes in (1, 5000, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spill_file, "_HELD_BYTES", held_bytes)
            patch.setattr(spill_file, "_BLOCK_RECORDS", 700)
            waiting = SpillFile(ROW)
            for part in np.split(every, np.cumsum(counts)):
                waiting.add(part)
            assert len(waiting) == len(every)
            assert np.array_equal(np.concatenate([every[:0], *waiting.blocks()]), every)
            assert np.array_equal(
                waiting.part(first, count)[: max(0, len(every) - first)], every[first : first + count]
            )


def test_a_small_set_leaves_no_file_and_a_large_one_none_with_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill_file.tempfile, "tempdir", str(tmp_path))
    waiting = SpillFile(ROW)
    waiting.add(np.zeros(200_000, ROW))
    assert len(waiting) == 200_000
    assert list(tmp_path.iterdir()) == []


def test_a_folder_for_temporary_files_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    monkeypatch.setattr(spill_file.tempfile, "tempdir", str(gone))
    with pytest.raises(DeliveryError) as caught:
        SpillFile(ROW).add(np.zeros(200_000, ROW))
    why = os.strerror(errno.ENOENT)
    hint = "name a folder with room for temporary files in TMPDIR"
    assert str(caught.value) == f"{gone}: cannot be written: {why}; {hint}"


@given(st.data())
def test_pairs_of_every_size_at_once_are_those_of_each(data: st.DataObject) -> None:
    boxes, things, doubtful = (data.draw(st.integers(0, 4)) for _ in range(3))
    levels = st.sampled_from([0.0, 0.3, 0.5, 0.62, 0.8, 1.0])
    flat = data.draw(st.lists(levels, min_size=boxes * (things + doubtful), max_size=boxes * (things + doubtful)))
    overlap = np.array(flat, np.float64).reshape(boxes, things + doubtful)
    counts = np.array(
        [data.draw(st.lists(st.booleans(), min_size=things, max_size=things)) for _ in range(4)], np.bool_
    ).reshape(4, things)
    hits, ignored = pair_each(overlap, counts)
    each = [pair(overlap, row) for row in counts]
    assert np.array_equal(hits, [pairs.hits for pairs in each])
    assert np.array_equal(ignored, [pairs.ignored for pairs in each])
