"""Clips of recorded footage: the seconds around the frame that proved the violation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from cvinspect.assembly.clips import FootageClips
from cvinspect.domain import Frame
from cvinspect.sources.recorded.pictures import open_pictures
from cvinspect.sources.recorded.video import VideoSource, open_video
from tests import clips
from tests.clips import corners
from tests.command_line import cvinspect, latest
from tests.sources.decoding.test_clip_cutter import coded

BEGAN = datetime(2026, 5, 1, tzinfo=UTC)
SAMPLE = Path(__file__).parents[2] / "samples"


def opened_at(path: Path, media_s: float) -> tuple[VideoSource, Frame]:
    """A source that was read up to that second."""
    source = open_video(path, camera="gate", fps=10, started_at=BEGAN)
    return source, next(frame for frame in source.frames() if frame.media_s >= media_s)


@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
def test_the_clip_shows_the_frame_at_its_place(tmp_path: Path, name: str) -> None:
    path = coded(tmp_path, name=name)
    source, frame = opened_at(path, 15.0)
    clip = FootageClips(path, source, tmp_path).take("inc-1")
    source.close()
    assert clip is not None
    assert (clip.role, clip.uri, clip.media_s) == ("clip", "evidence/inc-1_clip_1.mp4", pytest.approx(12.0, abs=0.01))
    assert clip.captured_at == BEGAN + timedelta(seconds=clip.media_s)
    with av.open(str(tmp_path / clip.uri)) as container:
        shown = [one.to_ndarray(format="bgr24") for one in container.decode(video=0)]
    difference = [float(np.abs(one.astype(float) - frame.pixels).mean()) for one in shown]
    assert int(np.argmin(difference)) == round(10 * (frame.media_s - clip.media_s))
    assert min(difference) < 1.0


def test_why_there_is_no_clip_is_noted(tmp_path: Path) -> None:
    first = coded(tmp_path, name="a.ts", seconds=4).read_bytes()
    (tmp_path / "twice.ts").write_bytes(first + first)
    raw = coded(tmp_path, name="raw.avi", codec="huffyuv", pixel_format="yuv422p", seconds=4, options={})
    notes = []
    for path, media_s in ((tmp_path / "twice.ts", 5.0), (raw, 2.0)):
        source, _ = opened_at(path, media_s)
        found = FootageClips(path, source, tmp_path)
        assert found.take("inc-1") is None
        source.close()
        notes += found.missing
    assert notes == [
        "no clip of incident inc-1: its times do not name one place in it",
        "no clip of incident inc-1: MP4 cannot hold its video",
    ]


def test_a_clip_that_cannot_be_written_is_noted_and_a_file_that_is_gone_too(tmp_path: Path) -> None:
    path = coded(tmp_path, seconds=8)
    source, _ = opened_at(path, 5.0)
    (tmp_path / "evidence").write_bytes(b"")
    found = FootageClips(path, source, tmp_path)
    assert found.take("inc-1") is None
    path.unlink()
    assert found.take("inc-2") is None
    source.close()
    written, read = found.missing
    assert written == f"no clip of incident inc-1: {tmp_path}/evidence/inc-1_clip_1.mp4: cannot be written: File exists"
    assert read.startswith(f"no clip of incident inc-2: {path}: there is no such file")


def test_pictures_have_no_video(tmp_path: Path) -> None:
    clips.write_picture(tmp_path / "a.jpg", corners(64, 48))
    source = open_pictures(tmp_path / "a.jpg", camera="gate")
    assert FootageClips.of(tmp_path / "a.jpg", source, tmp_path) is None


def test_a_run_with_clips_names_them_in_its_records_shows_them_and_takes_them_away_with_the_rest(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    sample = ("run", SAMPLE / "street.mp4", "--config", SAMPLE / "street.yaml", "--out", out)
    outcome = cvinspect(*sample, "--clips")
    assert outcome.code == 0, outcome.err
    found = latest(out)
    assert found
    for record in found:
        [clip] = [one for one in record["evidence"] if one["role"] == "clip"]
        assert (out / clip["uri"]).stat().st_size == clip["bytes"]
        assert clip["media_s"] <= record["media"]["confirmed_s"] - 3.0 + 0.05
        assert clip["media_s"] + clip["duration_s"] == pytest.approx(record["media"]["confirmed_s"] + 3.0, abs=0.4)
        assert f'<video src="{clip["uri"]}"' in (out / "report.html").read_text(encoding="utf-8")
    again = cvinspect(*sample, "--overwrite")
    assert again.code == 0, again.err
    assert not list((out / "evidence").glob("*.mp4"))
    assert all(one["role"] != "clip" for record in latest(out) for one in record["evidence"])
