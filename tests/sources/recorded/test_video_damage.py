import os
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import av
import pytest
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from cvinspect.errors import SourceOpenError
from cvinspect.sources.decoding.files import unreadable
from cvinspect.sources.decoding.video_file import VideoFile
from cvinspect.sources.recorded.video import open_video
from tests import clips
from tests.reading import frames_of


@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".flv", ".mkv"])
def test_a_broken_middle_is_counted_and_the_rest_is_read(suffix: str, tmp_path: Path) -> None:
    how = {"size": (160, 120), "ticks": range(60), "options": {"g": "10"}, "picture": clips.noisy}
    whole = clips.encode(tmp_path / f"whole{suffix}", **how)  # type: ignore[arg-type]

    frames, counts = frames_of(clips.damaged(tmp_path / f"damaged{suffix}", whole))

    assert counts.broken > 0
    assert 40 < counts.read < 60
    assert frames[-1].media_s == 5.5


@pytest.mark.parametrize("suffix", [".ts", ".mkv", ".avi", ".flv"])
def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(suffix: str, tmp_path: Path) -> None:
    whole = clips.encode(
        tmp_path / f"whole{suffix}",
        codec="mpeg4" if suffix == ".avi" else "libx264",
        size=(160, 120),
        ticks=range(60),
        picture=clips.noisy,
    )
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    frames, counts = frames_of(cut)

    assert 20 < counts.read < 40
    assert len(frames) >= 4


def test_nothing_is_written_to_the_terminal_about_a_broken_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    how = {"size": (160, 120), "ticks": range(30), "options": {"g": "10"}, "picture": clips.noisy}
    broken = clips.damaged(tmp_path / "damaged.mp4", clips.encode(tmp_path / "whole.mp4", **how))  # type: ignore[arg-type]
    capfd.readouterr()

    _, counts = frames_of(broken)

    assert counts.broken > 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("cover", [False, True])
def test_sound_without_video_is_an_error_that_says_so(cover: bool, tmp_path: Path) -> None:
    path = clips.write_streams(tmp_path / "song.mp4", cover=cover, sound=True)

    with pytest.raises(SourceOpenError, match=r"song\.mp4: holds no video \(found: audio"):
        open_video(path, camera="gate")


def test_a_file_without_a_single_decodable_frame_is_an_error(tmp_path: Path) -> None:
    data = bytearray(clips.encode(tmp_path / "whole.mp4").read_bytes())
    pictures = slice(data.index(b"mdat") + 4, data.index(b"moov") - 4)
    data[pictures] = bytes(len(data[pictures]))
    hollow = tmp_path / "hollow.mp4"
    hollow.write_bytes(data)

    with pytest.raises(SourceOpenError, match=r"hollow\.mp4: not one frame of its h264 video .*20 broken parts"):
        open_video(hollow, camera="gate")


BAD_FILES = {
    "empty.mp4": (b"", "is empty"),
    "text.mp4": (b"not a video at all\n" * 50, "is not a video that can be read"),
    "notes.txt": (b"a shopping list\n" * 50, "is text"),
    "list.mp4": (b"#EXTM3U\n#EXTINF:10,\nhttp://192.0.2.1/a.ts\n#EXT-X-ENDLIST\n", "is not a video"),
    "zeros.mkv": (bytes(5000), "is not a video that can be read"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_video_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    content, found = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(SourceOpenError) as error:
        open_video(path, camera="gate")

    assert str(error.value).startswith(f"{path}: {found}")
    assert "\n" not in str(error.value)


def test_an_mp4_that_was_cut_off_before_its_index_says_what_to_do(tmp_path: Path) -> None:
    whole = clips.encode(tmp_path / "whole.mp4", ticks=range(40))
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    with pytest.raises(SourceOpenError, match=r"cut\.mp4: the recording was cut off .*moov.*repair"):
        open_video(cut, camera="gate")


@pytest.mark.parametrize(
    ("name", "found"),
    [("missing.mp4", "there is no such file"), (".", "is a folder"), ("a.mp4/b.mp4", "no such")],
)
def test_a_path_that_is_no_file_is_an_error_that_names_it(name: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")

    with pytest.raises(SourceOpenError, match=found) as error:
        open_video(tmp_path / name, camera="gate")

    assert str(error.value).startswith(str(tmp_path / name))


def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")

    with pytest.raises(SourceOpenError, match=r"pipe\.mp4: is a pipe or a device"):
        open_video(tmp_path / "pipe.mp4", camera="gate")


def test_a_file_without_permission_is_an_error_that_names_it(tmp_path: Path) -> None:
    error = unreadable(tmp_path / "secret.mp4", PermissionError(13, "denied"), wanted="a video")

    assert str(error) == f"{tmp_path / 'secret.mp4'}: may not be read; give this user read permission"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_not_opened(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "secret.mp4")
    path.chmod(0)

    with pytest.raises(SourceOpenError, match=r"secret\.mp4: may not be read"):
        open_video(path, camera="gate")


class FailingReader:
    """A container whose reads go on failing after its packets."""

    metadata: ClassVar[dict[str, str]] = {}
    duration = None

    def __init__(self, container: InputContainer, failure: Exception) -> None:
        self._packets = container.demux(container.streams.video[0])
        self._failure = failure
        self.reads = 0

    def demux(self, stream: VideoStream) -> Iterator[Packet]:
        self.reads += 1
        yield from (packet for packet in self._packets if packet.size)
        raise self._failure

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("failure", "reads", "broken"),
    [(av.InvalidDataError(1, "damaged"), 100, 100), (IndexError("a stream turned up while reading"), 1, 0)],
)
def test_reads_that_go_on_failing_end_the_video_without_losing_a_frame(
    failure: Exception, reads: int, broken: int, tmp_path: Path
) -> None:
    with av.open(str(clips.encode(tmp_path / "clip.mp4"))) as container:
        reader = FailingReader(container, failure)
        file = VideoFile(reader, container.streams.video[0])  # type: ignore[arg-type]

        frames = list(iter(file.next, None))

    assert (len(frames), reader.reads, file.counts.broken) == (20, reads, broken)
