"""Frames of H.264 that are missing are told by their numbers."""

from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext

from cvinspect.sources.decoding.frame_numbers import FrameNumbers
from tests import clips
from tests.sources.live.odd_camera import START_CODE

IDR = 5
PLAIN = "keyint=15:min-keyint=15:scenecut=0"


def packets_of(path: Path, x264: str, **how: str) -> list[bytes]:
    clips.encode(path, ticks=range(45), options={"x264-params": x264, **how})
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        return [bytes(one) for packet in container.demux(stream) for one in to_annex_b.filter(packet) if one.size]


def first_slice(data: bytes) -> int:
    """The first byte of a picture's first slice."""
    units = (nal for nal in START_CODE.split(data) if nal)
    return next(nal[0] for nal in units if nal[0] & 0x1F in {1, IDR})


@pytest.mark.parametrize(
    ("x264", "how"),
    [
        (f"{PLAIN}:bframes=0", {}),
        (f"{PLAIN}:bframes=3:b-pyramid=normal", {}),
        (f"{PLAIN}:bframes=0:cqm=jvt", {}),
        (f"{PLAIN}:bframes=0:slices=4", {}),
        (f"{PLAIN}:open-gop=1:bframes=2", {}),
        (f"{PLAIN}:interlaced=1", {}),
        (f"{PLAIN}:bframes=0", {"profile": "baseline"}),
        (f"{PLAIN}:ref=5:mixed-refs=1", {}),
    ],
    ids=["high", "pyramid", "scaling", "slices", "open", "interlaced", "baseline", "references"],
)
def test_a_whole_stream_has_no_gap_and_each_missing_frame_that_others_build_on_is_one(
    tmp_path: Path, x264: str, how: dict[str, str]
) -> None:
    packets = packets_of(tmp_path / "a.mp4", x264, **how)
    numbers = FrameNumbers(None)
    assert [numbers.is_gap_before(one) for one in packets] == [False] * len(packets)

    for missing in range(1, len(packets) - 1):
        follows = FrameNumbers(None)
        for one in packets[:missing]:
            follows.is_gap_before(one)
        kind, following = first_slice(packets[missing]), first_slice(packets[missing + 1])
        is_built_on = bool(kind & 0x60) and following & 0x1F != IDR
        assert follows.is_gap_before(packets[missing + 1]) is is_built_on, missing


def test_it_says_nothing_where_it_cannot_tell(tmp_path: Path) -> None:
    packets = packets_of(tmp_path / "a.mp4", f"{PLAIN}:bframes=0")
    assert [FrameNumbers(None).is_gap_before(one) for one in packets[1:9]] == [False] * 8

    numbers = FrameNumbers(packets[0])
    for data in (b"", b"\x00", b"\x00\x00\x01", b"\x00\x00\x01\x67", b"no start code", b"\x00\x00\x01\x41\xff"):
        assert numbers.is_gap_before(data) in {False, True}
