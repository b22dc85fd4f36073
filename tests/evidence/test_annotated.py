"""The annotated video plays at the speed of the street."""

from pathlib import Path

import av
import numpy as np
import pytest

from cvinspect.domain import Frame, Stage, Status, Track
from cvinspect.errors import DeliveryError
from cvinspect.evidence.annotated import AnnotatedVideo
from cvinspect.evidence.overlay import AMBER, GREEN, GREY, RED, incident_colour
from cvinspect.geometry import Box
from tests.incident_makers import CAMERA, SHANGHAI, START, a_frame, a_street, an_incident

TRACK = Track(1, "person", Box(20, 20, 60, 120), Box(20, 20, 60, 120), 0.8, 0.9, 0.0, 1.0, None)


def test_frames_are_shown_at_their_media_time(tmp_path: Path) -> None:
    path = tmp_path / "视频.mp4"
    video = AnnotatedVideo(path, 320, 180, 2.0, timezone=SHANGHAI)
    for seconds in (3.0, 3.5, 4.0, 6.0):
        video.add(a_frame(seconds), [TRACK], [an_incident()], CAMERA, hidden=[TRACK.box])
    video.close()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [round(float(frame.time or 0), 3) for frame in container.decode(video=0)]
        assert (stream.codec_context.name, stream.pix_fmt, stream.width, stream.height, times) == (
            "h264",
            "yuv420p",
            320,
            180,
            [0.0, 0.5, 1.0, 3.0],
        )


@pytest.mark.parametrize(("size", "shown"), [((321, 181), (322, 182)), ((32, 32), (64, 64))])
def test_odd_and_tiny_pictures_are_padded(tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]) -> None:
    video = AnnotatedVideo(tmp_path / "v.mp4", *size, 5.0, timezone=SHANGHAI)
    video.add(a_frame(0.0, a_street(*size)), [], [], CAMERA)
    video.add(a_frame(0.2, a_street(640, 360)), [], [], CAMERA)
    video.close()
    with av.open(str(tmp_path / "v.mp4")) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(video=0))
        assert ((stream.width, stream.height), frames) == (shown, 2)


def test_a_clock_that_stands_still_does_not_break_the_file(tmp_path: Path) -> None:
    video = AnnotatedVideo(tmp_path / "v.mp4", 320, 180, 5.0, timezone=SHANGHAI)
    for index, seconds in enumerate((1.0, 1.0, 0.5)):
        video.add(Frame("c", index, seconds, START, a_street()), [], [], CAMERA)
    video.close()
    with av.open(str(tmp_path / "v.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3


def test_closing_twice_or_without_frames_is_harmless(tmp_path: Path) -> None:
    video = AnnotatedVideo(tmp_path / "v.mp4", 320, 180, 5.0, timezone=SHANGHAI)
    video.close()
    video.close()
    assert list(tmp_path.iterdir()) == []


def test_a_video_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    video = AnnotatedVideo(tmp_path / "missing" / "v.mp4", 320, 180, 5.0, timezone=SHANGHAI)
    with pytest.raises(DeliveryError, match=r"missing/v\.mp4: cannot be written: No such file"):
        video.add(a_frame(0.0), [], [], CAMERA)


def test_the_frame_is_not_drawn_on(tmp_path: Path) -> None:
    video = AnnotatedVideo(tmp_path / "v.mp4", 320, 180, 5.0, timezone=SHANGHAI)
    frame = a_frame(0.0)
    video.add(frame, [TRACK], [an_incident()], CAMERA)
    video.close()
    assert np.array_equal(frame.pixels, a_street())


def test_colours_say_how_far_an_incident_has_come() -> None:
    stages = [
        an_incident(stage=Stage.PRE_ALARM),
        an_incident(),
        an_incident(status=Status.CLEARED),
        an_incident(status=Status.CLOSED),
    ]
    assert [incident_colour(incident) for incident in stages] == [AMBER, RED, GREEN, GREY]


def test_times_that_nobody_vouches_for_are_marked_in_the_corner(tmp_path: Path) -> None:
    corners = []
    for guessed in (False, True):
        path = tmp_path / f"{guessed}.mp4"
        video = AnnotatedVideo(path, 640, 360, 5.0, timezone=SHANGHAI, guessed=guessed)
        video.add(a_frame(0.0, np.full((360, 640, 3), 200, np.uint8)), [], [], CAMERA)
        video.close()
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0)).to_ndarray(format="bgr24")
        corners.append(int((frame[-10, :, 0] < 60).sum()))
    assert corners[1] > 1.5 * corners[0]
