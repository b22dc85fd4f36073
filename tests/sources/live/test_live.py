"""Live cameras, read from a real RTSP server."""

import gc
import random
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from av import VideoFrame

from cvinspect.modes import Sampling
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingRule
from cvinspect.sources.live.address import Address, Transport
from cvinspect.sources.live.rtsp import LiveCamera
from cvinspect.sources.live.states import LinkState, Reason, Sample
from tests import clips
from tests.dispatch.http_server import Answer, serving
from tests.faults.relay import relaying
from tests.faults.rtsp_server import RtspServer, h264_clip, running

RECOVERED_S = 10.0
PATIENCE_S = 30.0


class Clock:
    """The steady clock, which can be put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


class Watcher:
    """Takes what a camera hands out."""

    def __init__(self, camera: LiveCamera, news: threading.Event) -> None:
        self.camera = camera
        self.samples: list[Sample] = []
        self._news = news

    def until(self, true: Callable[[], bool], *, within_s: float = PATIENCE_S) -> float:
        """Take samples until something is so; seconds it took."""
        began_s = time.monotonic()
        while not true():
            took_s = time.monotonic() - began_s
            assert took_s < within_s, (self.camera.link, self.camera.counts, len(self.samples))
            self._news.wait(0.05)
            self._news.clear()
            sample = self.camera.take()
            if sample is not None:
                self.samples.append(sample)
        return time.monotonic() - began_s

    def more(self, count: int, *, within_s: float = PATIENCE_S) -> list[Sample]:
        """The next so many samples."""
        before = len(self.samples)
        self.until(lambda: len(self.samples) >= before + count, within_s=within_s)
        return self.samples[before:]

    def until_down(self, *reasons: Reason) -> None:
        self.until(lambda: self.camera.link.state is LinkState.DOWN and self.camera.link.reason in reasons)

    def until_up(self, *, within_s: float = RECOVERED_S) -> float:
        return self.until(lambda: self.camera.link.state is LinkState.UP, within_s=within_s)


@contextmanager
def watching(
    url: str,
    *,
    fps: float = 2,
    seconds: Callable[[], float] = time.monotonic,
    rule: SamplingRule = EVERY_FRAME,
    ring: PacketRing | None = None,
    **who: str,
) -> Iterator[Watcher]:
    news = threading.Event()
    camera = LiveCamera(
        Address(url, **who),  # type: ignore[arg-type]
        camera="gate",
        fps=fps,
        now=lambda: datetime.now(UTC),
        seconds=seconds,
        jitter=random.random,
        arrived=news.set,
        rule=rule,
        ring=ring,
    )
    camera.start()
    try:
        yield Watcher(camera, news)
    finally:
        camera.stop(timeout_s=10)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return h264_clip(tmp_path_factory.mktemp("clip") / "gate.h264")


@pytest.fixture
def server(clip: Path) -> Iterator[RtspServer]:
    with running() as server:
        server.mount("/gate", clip)
        yield server


def readers() -> int:
    return sum(thread.name == "reader of gate" for thread in threading.enumerate())


@pytest.mark.parametrize("transport", list(Transport))
def test_a_live_camera_gives_pictures_at_the_sampling_rate_with_the_time_of_capture(
    server: RtspServer, transport: Transport
) -> None:
    with watching(server.url("/gate"), transport=transport) as watcher:
        watcher.more(2)  # what came while the stream was analysed
        samples = watcher.more(4)
        age_s = (datetime.now(UTC) - samples[-1].frame.captured_at).total_seconds()

        assert [sample.run for sample in samples] == [1] * 4
        assert [sample.frame.pixels.shape for sample in samples] == [(120, 160, 3)] * 4
        steps_s = [b.frame.media_s - a.frame.media_s for a, b in pairwise(samples)]
        assert steps_s == pytest.approx([0.5] * 3, abs=0.15)
        assert [s.captured_s - samples[0].captured_s for s in samples] == pytest.approx(
            [s.frame.media_s - samples[0].frame.media_s for s in samples], abs=0.3
        )
        assert -0.001 < age_s < 2
        assert watcher.camera.lag_s is not None
        assert 0 <= watcher.camera.lag_s < 1
        assert watcher.camera.counts.read >= 5 * (watcher.camera.counts.sampled - 1)
        assert watcher.camera.counts.connections == 1


def test_a_camera_that_was_killed_is_read_again_within_ten_seconds_in_a_new_run(server: RtspServer) -> None:
    with watching(server.url("/gate")) as watcher:
        watcher.more(2)
        server.kill()
        watcher.until_down(Reason.REFUSED)
        watcher.until(lambda: watcher.camera.counts.failures[Reason.REFUSED] >= 4)
        down_since = watcher.camera.link.since
        server.start()
        watcher.until_up()
        watcher.until(lambda: watcher.samples[-1].run == 2)

        assert watcher.samples[-1].frame.media_s < 2
        assert watcher.camera.link.since > down_since
        assert watcher.camera.counts.connections == 2
        assert watcher.camera.link.detail is None


def test_a_camera_that_cannot_be_reached_at_the_start_is_read_when_it_comes(clip: Path) -> None:
    server = RtspServer()
    with watching(server.url("/gate")) as watcher:
        watcher.until_down(Reason.REFUSED)
        assert watcher.camera.take() is None
        assert watcher.camera.link.detail == f"127.0.0.1:{server.port}: refuses the connection"
        server.start()
        try:
            server.mount("/gate", clip)
            watcher.until_up()
        finally:
            server.kill()


def test_a_mount_that_is_not_there_is_told_and_read_when_it_comes(server: RtspServer, clip: Path) -> None:
    with watching(server.url("/yard")) as watcher:
        watcher.until_down(Reason.NOT_FOUND)
        assert watcher.camera.link.detail == f"127.0.0.1:{server.port}: has no such stream"
        server.mount("/yard", clip)
        watcher.until_up()


@pytest.mark.parametrize("scheme", ["digest", "basic"])
def test_odd_passwords_get_in_and_wrong_ones_are_told_without_being_shown(
    server: RtspServer, scheme: str, capfd: pytest.CaptureFixture[str]
) -> None:
    user, password = "城管@x", "p@:/ %x?#&ü"
    server.admit(user, password, scheme=scheme)
    with watching(server.url("/gate"), user=user, password="hunter2") as watcher:
        watcher.until_down(Reason.UNAUTHORISED)
        shown = f"{watcher.camera.link!r} {watcher.camera.counts!r} {watcher.camera!r}"
        assert watcher.camera.link.detail == f"127.0.0.1:{server.port}: refuses user or password"
        assert "hunter2" not in shown
        server.admit(user, "hunter2", scheme=scheme)
        watcher.until_up()
    server.admit(user, password, scheme=scheme)
    with watching(server.url("/gate"), user=user, password=password) as watcher:
        watcher.until_up()

    assert capfd.readouterr() == ("", "")


def test_a_new_picture_size_is_a_new_run_of_the_same_connection(server: RtspServer, tmp_path: Path) -> None:
    with watching(server.url("/gate")) as watcher:
        watcher.more(2)
        server.show("/gate", h264_clip(tmp_path / "small.h264", size=(96, 80)))
        watcher.until(lambda: watcher.samples[-1].run == 2)

        assert {(sample.run, sample.frame.pixels.shape) for sample in watcher.samples} == {
            (1, (120, 160, 3)),
            (2, (80, 96, 3)),
        }
        assert watcher.samples[-1].frame.media_s == 0.0
        assert watcher.camera.counts.connections == 1


def test_a_short_stall_breaks_nothing_and_what_comes_late_keeps_its_time(server: RtspServer) -> None:
    with relaying(server.port) as relay, watching(relay.url("/gate"), fps=10) as watcher:
        watcher.more(10)
        relay.hold()
        threading.Event().wait(2.0)
        relay.go_on()
        before = len(watcher.samples)
        watcher.until(lambda: watcher.samples[-1].frame.media_s > watcher.samples[before - 1].frame.media_s + 3)
        read = watcher.samples[before:]
        first, last = read[0], read[-1]

        assert {sample.run for sample in watcher.samples} == {1}
        assert watcher.camera.counts.failures == {}
        assert last.captured_s - first.captured_s == pytest.approx(last.frame.media_s - first.frame.media_s, abs=0.3)


def test_a_reader_that_has_fallen_behind_catches_up_by_key_frames(server: RtspServer) -> None:
    with relaying(server.port) as relay, watching(relay.url("/gate"), fps=10) as watcher:
        watcher.more(10)
        relay.hold()
        threading.Event().wait(4.2)
        relay.go_on()
        watcher.until(lambda: watcher.camera.counts.skipped > 0)
        watcher.more(1)
        watcher.until(lambda: watcher.camera.lag_s is not None and watcher.camera.lag_s < 1)
        late = watcher.more(10)

        assert {sample.run for sample in watcher.samples} == {1}
        assert watcher.camera.counts.broken == 0
        assert late[-1].frame.media_s - late[0].frame.media_s == pytest.approx(0.9, abs=0.5)


def test_a_camera_that_stalls_is_told_and_read_again_within_ten_seconds(server: RtspServer) -> None:
    with relaying(server.port) as relay, watching(relay.url("/gate")) as watcher:
        watcher.more(2)
        relay.hold()
        watcher.until_down(Reason.STALLED)
        assert watcher.camera.link.detail == f"127.0.0.1:{relay.port}: sent nothing for 5 s"
        assert watcher.camera.lag_s is None
        watcher.until_down(Reason.SILENT)
        relay.go_on()
        watcher.until_up()


def test_a_half_open_connection_is_found_out(server: RtspServer) -> None:
    with relaying(server.port) as relay, watching(relay.url("/gate")) as watcher:
        watcher.more(2)
        relay.lose()
        watcher.until_down(Reason.STALLED)
        relay.find()
        watcher.until_up()


def test_a_camera_that_sends_reports_and_no_video_is_read_anew(server: RtspServer) -> None:
    clock = Clock()
    report = b"$\x01\x00\x1c" + struct.pack(">BBHIQIII", 0x80, 200, 6, 1, 0, 0, 0, 0)  # RFC 3550, 6.4.1
    with relaying(server.port) as relay, watching(relay.url("/gate"), seconds=clock) as watcher:
        watcher.more(2)
        relay.lose()
        for _ in range(14):  # longer than FFmpeg waits where nothing comes at all
            threading.Event().wait(0.5)
            relay.inject(report)
        assert watcher.camera.link.state is LinkState.UP
        clock.ahead_s += 4.0
        watcher.until_down(Reason.HUNG)
        relay.find()
        watcher.until_up(within_s=PATIENCE_S)
        watcher.until(lambda: readers() == 1)


def test_a_torn_connection_is_made_again(server: RtspServer) -> None:
    with relaying(server.port) as relay, watching(relay.url("/gate")) as watcher:
        watcher.more(2)
        relay.cut()
        watcher.until_down(Reason.GARBAGE, Reason.ENDED)
        watcher.until_up()
        watcher.until(lambda: watcher.samples[-1].run == 2)


def test_garbage_in_the_stream_is_counted_and_got_over(server: RtspServer) -> None:
    with relaying(server.port) as relay, watching(relay.url("/gate")) as watcher:
        watcher.more(2)
        relay.damage(5)
        watcher.until(lambda: watcher.camera.counts.broken > 0 or watcher.camera.counts.failures.total() > 0)
        watcher.more(2, within_s=RECOVERED_S)
        relay.inject(b"\x00\xff" * 50_000)
        watcher.more(4, within_s=2 * RECOVERED_S)


def test_what_nobody_takes_is_overtaken_and_no_picture_is_given_twice(server: RtspServer) -> None:
    with watching(server.url("/gate"), fps=10) as watcher:
        camera = watcher.camera
        watcher.until_up()
        threading.Event().wait(1.5)
        taken = [sample.frame.index for _ in range(8) if (sample := camera.take()) is not None]

        assert camera.counts.overtaken >= 5
        assert taken == sorted(set(taken))
        assert 5 <= len(taken) <= 7  # five waited; one or two came meanwhile


def test_a_stopped_camera_ends_its_thread_and_gives_nothing_more(server: RtspServer) -> None:
    with watching(server.url("/gate")) as watcher:
        watcher.more(2)

        assert watcher.camera.stop(timeout_s=5)
        assert watcher.camera.take() is None
        assert readers() == 0


def test_a_camera_that_is_away_stops_at_once() -> None:
    with watching("rtsp://127.0.0.1:9/gate") as watcher:
        watcher.until_down(Reason.REFUSED)
        began_s = time.monotonic()

        assert watcher.camera.stop(timeout_s=5)
        assert time.monotonic() - began_s < 2


def test_a_reader_that_hangs_is_replaced_but_not_without_end(server: RtspServer) -> None:
    clock = Clock()
    with relaying(server.port) as relay, watching(relay.url("/gate"), seconds=clock) as watcher:
        watcher.more(2)
        relay.hold()
        for _ in range(5):  # each reader now waits in FFmpeg for up to 5 s
            clock.ahead_s += 60.0
            threading.Event().wait(0.2)
            watcher.camera.watch()

        assert readers() == 2
        assert watcher.camera.link.reason is Reason.HUNG
        assert watcher.camera.counts.failures[Reason.HUNG] == 2
        relay.go_on()
        watcher.until_up(within_s=PATIENCE_S)
        watcher.until(lambda: readers() == 1)
        assert watcher.more(1)[0].run >= 2


def test_key_frames_alone_are_decoded_on_request(server: RtspServer) -> None:
    with watching(server.url("/gate"), rule=SamplingRule(Sampling.KEYFRAMES)) as watcher:
        samples = watcher.more(4)

        steps_s = [b.frame.media_s - a.frame.media_s for a, b in pairwise(samples)]
        assert steps_s[1:] == pytest.approx([1.0] * 2, abs=0.15)
        assert watcher.camera.counts.read <= len(samples) + 1


def test_no_frame_is_kept_beyond_the_newest(server: RtspServer) -> None:
    with watching(server.url("/gate"), fps=10) as watcher:
        watcher.more(3)
        gc.collect()
        gc.disable()
        try:
            for _ in range(30):
                watcher.more(1)
                watcher.samples.clear()
            left = sum(isinstance(thing, VideoFrame) for thing in gc.get_objects())
        finally:
            gc.enable()

        assert left <= 10  # of at least 30 that were decoded; some are on their way


def test_a_file_plays_a_camera_looped_at_real_speed_each_loop_a_new_run(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "gate.mp4", ticks=range(15))
    with watching(str(path)) as watcher:
        samples = watcher.more(7)

        assert [(sample.run, sample.frame.media_s, sample.frame.index) for sample in samples] == [
            (1, 0.0, 0),
            (1, 0.5, 5),
            (1, 1.0, 10),
            (2, 0.0, 0),
            (2, 0.5, 5),
            (2, 1.0, 10),
            (3, 0.0, 0),
        ]
        assert [s.captured_s - samples[0].captured_s for s in samples] == pytest.approx(
            [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0], abs=1.0
        )
        assert watcher.camera.counts.connections == 3


def test_a_file_that_is_missing_or_damaged_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "gate.mp4"
    with watching(str(path)) as watcher:
        watcher.until_down(Reason.NOT_FOUND)
        assert watcher.camera.link.detail is not None
        assert watcher.camera.link.detail.startswith(f"{path}: there is no such file")
        clips.encode(tmp_path / "whole.mp4").rename(path)
        watcher.until_up()


def streaming(data: bytes, kind: str) -> Answer:
    """An endless answer, a tenth of the data each tenth of a second."""

    def answer(connection: object) -> None:
        connection.sendall(f"HTTP/1.0 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode())  # type: ignore[attr-defined]
        step = len(data) // 50
        for start in range(0, len(data), step):
            connection.sendall(data[start : start + step])  # type: ignore[attr-defined]
            threading.Event().wait(0.1)

    return answer


@pytest.mark.parametrize(
    ("codec", "muxer", "kind"),
    [
        ("mjpeg", "mpjpeg", "multipart/x-mixed-replace;boundary=ffmpeg"),
        ("libx264", "mpegts", "video/mp2t"),
    ],
)
def test_a_camera_may_speak_http(codec: str, muxer: str, kind: str, tmp_path: Path) -> None:
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    options = {"g": "5", "bf": "0"}
    path = clips.encode(
        tmp_path / "gate", codec=codec, muxer=muxer, pixel_format=pixel_format, ticks=range(50), options=options
    )
    with (
        serving(streaming(path.read_bytes(), kind)) as http,
        watching(f"{http.url}/gate", user="u", password="p w") as watcher,
    ):
        watcher.more(3)
        watcher.until(lambda: watcher.samples[-1].run == 2)
        run = [sample for sample in watcher.samples if sample.run == 1]

        assert http.requests[0].line == "GET /gate HTTP/1.1"
        assert 1.5 < run[-1].frame.media_s < 8
        assert run[-1].captured_s - run[0].captured_s == pytest.approx(run[-1].frame.media_s, abs=1.5)
        assert watcher.camera.counts.failures.total() == 1


def test_two_dozen_cameras_are_read_in_one_process_by_one_thread_each(server: RtspServer, clip: Path) -> None:
    before = threading.active_count()
    cameras = []
    for i in range(24):
        server.mount(f"/gate{i}", clip)
        cameras.append(
            LiveCamera(
                Address(server.url(f"/gate{i}")),
                camera=f"gate{i}",
                fps=2,
                now=lambda: datetime.now(UTC),
                seconds=time.monotonic,
                jitter=random.random,
            )
        )
    try:
        for camera in cameras:
            camera.start()
        ends_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends_s and any(camera.counts.sampled < 6 for camera in cameras):
            threading.Event().wait(0.1)

        assert [camera.link.state for camera in cameras] == [LinkState.UP] * 24
        assert threading.active_count() - before == 24
    finally:
        stopped = [camera.stop(timeout_s=10) for camera in cameras]
        assert stopped == [True] * 24
