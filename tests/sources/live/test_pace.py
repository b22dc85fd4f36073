"""Cameras that send few pictures, or one for each request, or a key frame now and then: read as any other."""

import threading
from itertools import pairwise
from pathlib import Path

import av
import pytest

from cvinspect.modes import Sampling
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from cvinspect.sources.live.address import Address
from cvinspect.sources.live.faults import usual_time_out_s
from cvinspect.sources.live.feed import FeedPace
from cvinspect.sources.live.patience import Patience
from cvinspect.sources.live.states import LinkLostError, LinkState, Reason
from cvinspect.sources.live.waiting import KeyFrameWait
from tests import clips
from tests.dispatch.http_server import Answer, says, sends, serving
from tests.sources.live.odd_camera import Footage, Habits, odd_camera
from tests.sources.live.test_live import watching

AUTO_2S = SamplingRule(Sampling.AUTO, 2.0)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    path = clips.encode(
        tmp_path_factory.mktemp("clip") / "gate.mjpeg", codec="mjpeg", muxer="mjpeg", pixel_format="yuvj420p",
        size=(640, 480), ticks=range(10),
    )  # fmt: skip
    with av.open(str(path), format="mjpeg") as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def slides(pictures: list[bytes], every_s: float) -> Answer:
    """Motion JPEG over HTTP, for a minute."""

    def answer(connection: object) -> None:
        connection.sendall(  # type: ignore[attr-defined]
            b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
        )
        for number in range(int(60 / every_s)):
            picture = pictures[number % len(pictures)]
            head = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
            connection.sendall(head + picture + b"\r\n")  # type: ignore[attr-defined]
            threading.Event().wait(every_s)

    return answer


def test_motion_jpeg_is_sampled_by_when_it_comes(pictures: list[bytes]) -> None:
    with serving(slides(pictures, 0.2)) as http, watching(f"{http.url}/mj", fps=1, rule=AUTO_2S) as watcher:
        samples = watcher.more(5)
        sampling = watcher.camera.sampling

    steps_s = [b.captured_s - a.captured_s for a, b in pairwise(samples)]
    assert steps_s[1:] == pytest.approx([1.0] * 3, abs=0.3)
    assert sampling is not None
    assert str(sampling) == "key frames only: its key frames are 0.2 s apart, samples 2 s apart are enough"


@pytest.mark.parametrize("every_s", [1.0, 5.0])
def test_slow_motion_jpeg_is_read_on_one_connection(pictures: list[bytes], every_s: float) -> None:
    with serving(slides(pictures, every_s)) as http, watching(f"{http.url}/mj", rule=AUTO_2S) as watcher:
        samples = watcher.more(3)
        counts = watcher.camera.counts

    assert samples[2].captured_s - samples[1].captured_s == pytest.approx(every_s, abs=0.3)
    assert (counts.connections, counts.failures, len(http.requests)) == (1, {}, 1)


def test_one_picture_for_each_request_is_a_camera_that_is_asked_at_the_sampling_rate(pictures: list[bytes]) -> None:
    answers = [says("200 OK", one, content_type="image/jpeg") for one in pictures]
    with serving(*answers) as http, watching(f"{http.url}/snap.jpg", fps=4) as watcher:
        samples = watcher.more(8)
        link, counts, sampling = watcher.camera.link, watcher.camera.counts, watcher.camera.sampling

    assert link.state is LinkState.UP
    assert counts.failures == {}
    assert counts.connections == 1
    assert {sample.run for sample in samples} == {1}
    assert 7 / 4 - 0.3 <= samples[-1].captured_s - samples[0].captured_s <= 10  # later on a busy machine, never sooner
    assert samples[-1].frame.media_s == pytest.approx(samples[-1].captured_s - samples[0].captured_s, abs=0.001)
    assert 8 <= len(http.requests) <= 12
    assert str(sampling).startswith("all frames decoded: it gives one picture for each request")


def test_a_picture_that_breaks_off_is_left_out_and_a_refusal_is_told(pictures: list[bytes]) -> None:
    whole = says("200 OK", pictures[0], content_type="image/jpeg")
    half = says("200 OK", pictures[0][: len(pictures[0]) // 2], content_type="image/jpeg")
    answers = [whole, half, half, whole, says("503 Service Unavailable")]
    with serving(*answers) as http, watching(f"{http.url}/snap.jpg", fps=10) as watcher:
        watcher.until_down(Reason.FAULTY)
        counts = watcher.camera.counts

    assert (counts.read, counts.broken) == (2, 7)


def breaking_off(picture: bytes) -> Answer:
    """The connection ends before the whole of the picture that was announced has come."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()
    return sends(head + picture[: len(picture) // 2])


def test_requests_that_fail_now_and_then_do_not_take_a_camera_down(pictures: list[bytes]) -> None:
    whole = says("200 OK", pictures[0], content_type="image/jpeg")
    failures = [
        breaking_off(pictures[0]), says("503 Service Unavailable"), says("404 Not Found"), says("200 OK", b"busy"),
    ]  # fmt: skip
    with serving(whole, *failures, whole, *failures, whole) as http:
        with watching(f"{http.url}/snap.jpg", fps=10) as watcher:
            samples = watcher.more(4)
            counts, link = watcher.camera.counts, watcher.camera.link

        assert len(http.requests) >= 12

    assert link.state is LinkState.UP
    assert (counts.failures, counts.connections, counts.broken) == ({}, 1, 8)
    assert {sample.run for sample in samples} == {1}


def test_a_camera_that_breaks_off_five_answers_in_a_row_is_down_and_says_so(pictures: list[bytes]) -> None:
    whole = says("200 OK", pictures[0], content_type="image/jpeg")
    with serving(whole, breaking_off(pictures[0])) as http, watching(f"{http.url}/snap.jpg", fps=10) as watcher:
        watcher.until(lambda: watcher.camera.counts.failures.total() > 0)

        assert (watcher.camera.counts.read, watcher.camera.counts.broken) == (1, 5)
        assert watcher.camera.link.detail == f"127.0.0.1:{http.port}: breaks off its answers"


def test_a_login_that_is_refused_later_is_told_at_once(pictures: list[bytes]) -> None:
    whole = says("200 OK", pictures[0], content_type="image/jpeg")
    refused = says("401 Unauthorized", www_authenticate='Basic realm="gate"')
    who = {"user": "viewer", "password": "odd"}
    with serving(whole, refused) as http, watching(f"{http.url}/snap.jpg", fps=10, **who) as watcher:
        watcher.until_down(Reason.UNAUTHORISED)

        assert (watcher.camera.counts.read, watcher.camera.counts.broken) == (1, 0)


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Footage:
    """A key frame every six seconds."""
    options = {"bf": "0", "x264-params": "keyint=60:min-keyint=60:scenecut=0"}
    return Footage.of(clips.encode(tmp_path_factory.mktemp("clip") / "rare.mp4", ticks=range(120), options=options))


@pytest.mark.parametrize(
    "rule", [AUTO_2S, SamplingRule(Sampling.KEYFRAMES), SamplingRule()], ids=["auto", "keys", "all"]
)
def test_a_camera_whose_next_key_frame_is_far_is_waited_for_and_told_so(rare: Footage, rule: SamplingRule) -> None:
    with odd_camera(rare, Habits(begins_with=1, describes=True)) as camera, watching(camera.url, rule=rule) as watcher:
        watcher.until(lambda: watcher.camera.link.state is LinkState.WAITING)
        link = watcher.camera.link
        watcher.until_up()
        watcher.more(1)

        assert link.reason is None
        assert link.detail == (
            f"127.0.0.1:{camera.port}: sends video, but no key frame yet; nothing can be shown before one"
        )
        assert camera.connections == 1
        assert watcher.camera.counts.failures == {}


def waited(wait: KeyFrameWait, seconds: range, *, key_every_s: int | None = None, is_holed: bool = False) -> list[str]:
    told: list[str] = []
    for at_s in seconds:
        is_key = key_every_s is not None and at_s % key_every_s == 0
        wait.see(float(at_s), is_key=is_key, is_holed=is_holed, tell=told.append)
    return sorted(set(told))


def test_no_key_frame_for_minutes_is_in_order_and_for_longer_the_camera_is_asked_anew() -> None:
    wait = KeyFrameWait(Address("rtsp://gate/x"), began_s=0.0)

    assert waited(wait, range(301)) == ["sends video, but no key frame yet; nothing can be shown before one"]
    with pytest.raises(LinkLostError, match="gate:554: sent video for 300 s without a whole key frame") as caught:
        waited(wait, range(301, 310))
    assert caught.value.reason is Reason.NO_KEY_FRAME


def test_whole_key_frames_of_which_no_picture_comes_are_garbage_and_broken_ones_are_not() -> None:
    wait = KeyFrameWait(Address("rtsp://gate/x"), began_s=0.0)
    waited(wait, range(300), key_every_s=2, is_holed=True)
    wait = KeyFrameWait(Address("rtsp://gate/x"), began_s=0.0)

    with pytest.raises(LinkLostError, match="sent data for 30 s, and no picture in it") as caught:
        waited(wait, range(300), key_every_s=2)
    assert caught.value.reason is Reason.GARBAGE


def test_a_slow_camera_is_waited_for_longer_and_a_fast_one_never() -> None:
    patience = Patience(usual_time_out_s(Address("rtsp://gate/x")))
    found = []
    for pace, reason in [
        (FeedPace(packets=1), Reason.STALLED),
        (FeedPace(packets=2), Reason.HUNG),
        (FeedPace(packets=40, usual_s=10.0), Reason.ENDED),
        (FeedPace(packets=40, usual_s=60.0), Reason.ENDED),
        (FeedPace(packets=400, usual_s=0.1), Reason.STALLED),
    ]:
        patience.learn(pace, reason)
        found.append(patience.time_out_s)

    assert found == [15.0, 45.0, 30.0, 90.0, 5.0]


def test_after_connections_that_brought_nothing_every_other_attempt_is_a_patient_one() -> None:
    patience = Patience(usual_time_out_s(Address("rtsp://gate/x")))
    found = []
    for _ in range(7):
        patience.learn(FeedPace(packets=0), Reason.STALLED)
        found.append(patience.time_out_s)

    assert found == [15.0, 5.0, 45.0, 5.0, 90.0, 5.0, 90.0]


def test_over_http_where_a_slide_show_opens_slowly_every_other_attempt_is_a_patient_one() -> None:
    patience = Patience(usual_time_out_s(Address("http://gate/x")))
    found = []
    for _ in range(3):
        patience.refused(Reason.SILENT, is_http=True)
        found.append(patience.time_out_s)
    patience.refused(Reason.REFUSED, is_http=True)

    assert (found, patience.time_out_s) == ([22.5, 7.5, 67.5], 67.5)


def test_a_stream_slower_than_a_picture_in_five_seconds_is_read(pictures: list[bytes], tmp_path: Path) -> None:
    options = {"bf": "0", "g": "1"}
    footage = Footage.of(clips.encode(tmp_path / "slow.mp4", ticks=range(8), options=options))
    with odd_camera(footage, Habits(pace=lambda at_s: at_s * 70)) as camera, watching(camera.url) as watcher:
        samples = watcher.more(4, within_s=60)

    assert samples[-1].captured_s - samples[-2].captured_s == pytest.approx(7.0, abs=0.5)
