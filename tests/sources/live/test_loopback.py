"""A recording served as RTSP cameras: what comes out is what went in, at its own times."""

import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import av
import numpy as np
import pytest

from cvinspect.errors import SourceOpenError
from cvinspect.sources.live.loopback import LoopbackCameras, read_recording
from tests.clips import encode
from tests.reading import frames_of

COMPLEX = {"g": "10", "crf": "4"}
"""Pictures of many packets each."""


def received(port: int, count: int, *, path: str = "any") -> list[av.VideoFrame]:
    address = f"rtsp://127.0.0.1:{port}/{path}"
    found: list[av.VideoFrame] = []
    with closing(av.open(address, options={"rtsp_transport": "tcp"}, timeout=(5.0, 5.0))) as container:
        for frame in container.decode(video=0):
            found.append(frame)
            if len(found) == count:
                break
    return found


def noise(i: int) -> np.ndarray:
    return np.random.default_rng(i).integers(0, 255, (120, 160, 3), np.uint8)


@pytest.mark.parametrize("b_frames", ["0", "2"])
def test_a_camera_shows_the_recording_picture_for_picture(tmp_path: Path, b_frames: str) -> None:
    options = {**COMPLEX, "bf": b_frames}
    path = encode(tmp_path / "a.mp4", size=(160, 120), fps=25, ticks=range(50), picture=noise, options=options)
    cameras = LoopbackCameras({"": read_recording(path)})

    pictures = [frame.to_ndarray(format="bgr24") for frame in received(cameras.port, 30)]

    for picture, frame in zip(pictures, frames_of(path, fps=25)[0], strict=False):
        np.testing.assert_allclose(picture.astype(int), frame.pixels.astype(int), atol=6)


def test_the_recording_is_looped_without_a_leap_in_time(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", fps=25, ticks=range(25), options={"g": "10", "bf": "0"})
    cameras = LoopbackCameras({"": read_recording(path)})

    times = [frame.time for frame in received(cameras.port, 40)[1:]]

    assert np.diff(times) == pytest.approx(0.04, abs=0.002)


def test_numbered_cameras_show_other_moments_of_it(tmp_path: Path) -> None:
    path = encode(
        tmp_path / "a.mp4", fps=25, ticks=range(100), picture=noise, options={"g": "10", "bf": "0", "sc_threshold": "0"}
    )
    recording = read_recording(path)
    cameras = LoopbackCameras({"": recording})
    every = [frame.pixels.astype(int) for frame in frames_of(path, fps=25)[0]]

    starts = [recording.start(f"rtsp://127.0.0.1/{number}") for number in range(10)]
    picture = received(cameras.port, 2, path="3")[0].to_ndarray(format="bgr24").astype(int)

    assert set(starts) <= set(range(0, 100, 10))
    assert len(set(starts)) >= 8
    assert np.argmin([np.abs(picture - one).mean() for one in every]) == starts[3]


def test_cameras_of_several_recordings_have_a_path_each(tmp_path: Path) -> None:
    sizes = {"gate": (160, 120), "集市 2": (320, 180)}
    recordings = {
        name: read_recording(encode(tmp_path / f"{name}.mp4", size=size, fps=25, ticks=range(25)))
        for name, size in sizes.items()
    }
    cameras = LoopbackCameras(recordings)

    for path, size in (("gate", (160, 120)), ("gate/", (160, 120)), (quote("集市 2"), (320, 180))):
        [picture] = received(cameras.port, 1, path=path)
        assert (picture.width, picture.height) == size
    with pytest.raises(av.HTTPNotFoundError):
        received(cameras.port, 1, path="yard")


def test_pictures_out_of_their_order_keep_their_times_over_the_leap(tmp_path: Path) -> None:
    options = {"g": "10", "bf": "2", "sc_threshold": "0"}
    path = encode(tmp_path / "a.mp4", fps=25, ticks=range(25), picture=noise, options=options)
    cameras = LoopbackCameras({"": read_recording(path)})

    times = [frame.time for frame in received(cameras.port, 60)[3:]]

    assert np.diff(times) == pytest.approx(0.04, abs=0.002)


def test_many_are_served_at_once(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", fps=25, ticks=range(25), options={"g": "5"})
    cameras = LoopbackCameras({"": read_recording(path)})
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(len(received(cameras.port, 10)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert found == [10] * 8


def test_another_coding_is_refused(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", codec="mpeg4")

    with pytest.raises(SourceOpenError, match=r"a\.mp4: its video is mpeg4; allowed: h264"):
        read_recording(path)


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing")

    with pytest.raises(SourceOpenError, match="is not a video that can be read"):
        read_recording(tmp_path / "a.mp4")
