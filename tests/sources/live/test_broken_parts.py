"""Streams of which parts are lost or spoilt: nothing is shown that builds on them, until the next whole key frame."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext

from cvinspect.domain import Pixels
from cvinspect.modes import Sampling
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingRule
from cvinspect.sources.live.address import Transport
from cvinspect.sources.live.states import LinkState, Reason, Sample
from tests import clips
from tests.dispatch.http_server import serving
from tests.sources.live.odd_camera import Footage, Habits, odd_camera
from tests.sources.live.test_live import watching

FPS, KEY_EVERY, LENGTH = 20, 10, 40
SIZE = (320, 240)
CODECS = ["libx264", "libx265"]
KEYS_AUTO = SamplingRule(Sampling.AUTO, 0.6)


def busy(i: int) -> Pixels:
    """Tiles of noise, some of which change with each picture: a smear can be seen."""
    tiles = np.random.default_rng(1).integers(40, 215, (SIZE[1] // 16, SIZE[0] // 16, 3), np.uint8)
    chance = np.random.default_rng(1000 + i)
    for _ in range(12):
        tiles[chance.integers(0, tiles.shape[0]), chance.integers(0, tiles.shape[1])] = chance.integers(0, 255, 3)
    return np.roll(tiles.repeat(16, 0).repeat(16, 1), 2 * i, axis=1)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def of(codec: str) -> Path:
        if codec not in made:
            path = tmp_path_factory.mktemp("clips") / f"{codec}.mp4"
            rare = f"keyint={KEY_EVERY}:min-keyint={KEY_EVERY}:scenecut=0:bframes=0"
            key = "x265-params" if "265" in codec else "x264-params"
            quiet = ":log-level=none:pools=1:frame-threads=1" if "265" in codec else ""
            quiet += ":hash=1" if "checksums" in codec else ""
            made[codec] = clips.encode(
                path, codec=codec.split(maxsplit=1)[0], size=SIZE, fps=FPS, ticks=range(LENGTH), picture=busy,
                options={key: rare + quiet, "crf": "28"},
            )  # fmt: skip
        return made[codec]

    return of


@pytest.fixture
def whole(clip: Callable[[str], Path]) -> Callable[[str], list[Pixels]]:
    def of(codec: str) -> list[Pixels]:
        with av.open(str(clip(codec))) as container:
            return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]

    return of


def smeared(samples: list[Sample], whole: list[Pixels]) -> list[int]:
    """Samples that look like no picture of the clip."""

    def unlike(one: Sample) -> float:
        pixels = one.frame.pixels.astype(np.int16)
        return min(float(np.mean(np.abs(pixels - picture) > 12)) for picture in whole)

    return [one.frame.index for one in samples if unlike(one) > 0.001]


def now_and_then(share: float, *, of_keys: bool = False) -> Callable[[int, bool], bool]:
    """Loses so many packets by chance, those of key pictures only on request."""
    chance = random.Random(11)
    return lambda _, is_key: chance.random() < share and (of_keys or not is_key)


@pytest.mark.parametrize("rule", [EVERY_FRAME, KEYS_AUTO], ids=["all", "keys"])
@pytest.mark.parametrize("transport", list(Transport))
@pytest.mark.parametrize("codec", CODECS)
def test_nothing_is_shown_that_builds_on_packets_that_were_lost(
    clip: Callable[[str], Path],
    whole: Callable[[str], list[Pixels]],
    codec: str,
    transport: Transport,
    rule: SamplingRule,
) -> None:
    footage = Footage.of(clip(codec))
    with (
        odd_camera(footage, Habits(loses=now_and_then(0.05))) as camera,
        watching(camera.url, transport=transport, fps=FPS, rule=rule) as watcher,
    ):
        samples = watcher.more(8 if rule is EVERY_FRAME else 4)
        counts = watcher.camera.counts

    assert smeared(samples, whole(codec)) == []
    assert counts.broken > 0
    assert counts.failures == {}


def spoilt(kind: str) -> Callable[[int, bytes], bytes]:
    """A tenth of the NAL units of other than key pictures, and parameter sets, have a bit turned or their end cut."""
    chance = random.Random(5)

    def spoil(number: int, nal: bytes) -> bytes:
        if number % KEY_EVERY == 0 or len(nal) < 80 or chance.random() > 0.1:
            return nal
        at = chance.randrange(40, len(nal))
        return nal[:at] if kind == "cut" else nal[:at] + bytes([nal[at] ^ 0x10]) + nal[at + 1 :]

    return spoil


@pytest.mark.parametrize("kind", ["cut", "turned"])
@pytest.mark.parametrize("codec", ["libx264", "libx265 with checksums"])
def test_nothing_is_shown_that_builds_on_spoilt_pictures(
    clip: Callable[[str], Path], whole: Callable[[str], list[Pixels]], codec: str, kind: str
) -> None:
    """FFmpeg's decoder of H.265 notices little by itself."""
    footage = Footage.of(clip(codec))
    with odd_camera(footage, Habits(spoils=spoilt(kind))) as camera, watching(camera.url, fps=FPS) as watcher:
        samples = watcher.more(10)
        watcher.until(lambda: watcher.camera.counts.broken > 0)
        samples += watcher.more(10)

    assert smeared(samples, whole(codec)) == []


@pytest.mark.parametrize("codec", CODECS)
def test_nothing_is_shown_that_builds_on_pictures_that_the_camera_left_out(
    clip: Callable[[str], Path], whole: Callable[[str], list[Pixels]], codec: str
) -> None:
    habits = Habits(leaves_out=lambda number: number % KEY_EVERY == 4)
    with odd_camera(Footage.of(clip(codec)), habits) as camera, watching(camera.url, fps=FPS) as watcher:
        samples = watcher.more(16)

    assert smeared(samples, whole(codec)) == []


@pytest.mark.parametrize("rule", [EVERY_FRAME, KEYS_AUTO], ids=["all", "keys"])
def test_a_key_frame_that_is_not_whole_heals_nothing_and_the_next_one_does(
    clip: Callable[[str], Path], whole: Callable[[str], list[Pixels]], rule: SamplingRule
) -> None:
    """The second key picture of four is cut off, each time round."""

    def spoil(number: int, nal: bytes) -> bytes:
        return nal[: len(nal) // 2] if number % LENGTH == KEY_EVERY and len(nal) > 80 else nal

    footage = Footage.of(clip("libx264"))
    with odd_camera(footage, Habits(spoils=spoil)) as camera, watching(camera.url, fps=FPS, rule=rule) as watcher:
        samples = watcher.more(4)
        watcher.until(lambda: watcher.camera.counts.broken > 0)
        samples += watcher.more(3)

    assert smeared(samples, whole("libx264")) == []


@pytest.mark.parametrize("transport", list(Transport))
def test_a_camera_that_numbers_its_packets_anew_costs_one_connection_and_no_further_one(
    clip: Callable[[str], Path], transport: Transport
) -> None:
    habits = Habits(numbers=lambda number: number % 400)
    with (
        odd_camera(Footage.of(clip("libx264")), habits) as camera,
        watching(camera.url, transport=transport) as watcher,
    ):
        watcher.until(lambda: watcher.camera.counts.failures[Reason.HUNG] == 1)
        before = camera.sent
        watcher.until(lambda: camera.sent > before + 2 * LENGTH)
        watcher.more(4)

        assert watcher.camera.counts.failures.total() == 1


def test_while_no_whole_key_frame_comes_the_state_says_so_and_the_connection_is_kept(
    clip: Callable[[str], Path],
) -> None:
    lost = {"share": 0.0}
    chance = random.Random(3)
    footage = Footage.of(clip("libx264"))
    habits = Habits(loses=lambda _number, _is_key: chance.random() < lost["share"])
    with odd_camera(footage, habits) as camera, watching(camera.url) as watcher:
        watcher.until_up()
        lost["share"] = 0.5
        watcher.until(lambda: watcher.camera.link.state is LinkState.WAITING)
        assert watcher.camera.link.detail is not None
        assert watcher.camera.link.detail.endswith(
            "a part of its stream was lost or broken; nothing can be shown before the next whole key frame"
        )
        lost["share"] = 0.0
        watcher.until_up()
        assert watcher.camera.counts.connections == 1
        assert watcher.camera.counts.broken > 20


@pytest.fixture
def pictures(tmp_path: Path) -> list[bytes]:
    path = clips.encode(
        tmp_path / "gate.mjpeg", codec="mjpeg", muxer="mjpeg", pixel_format="yuvj420p",
        size=SIZE, ticks=range(4), picture=busy,
    )  # fmt: skip
    with av.open(str(path), format="mjpeg") as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.fixture
def shown(pictures: list[bytes]) -> list[Pixels]:
    decoder = cast("VideoCodecContext", CodecContext.create("mjpeg", "r"))
    frames = [frame for one in pictures for frame in decoder.decode(Packet(one))]
    return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in frames]


def test_a_jpeg_that_breaks_off_is_not_shown(pictures: list[bytes], shown: list[Pixels]) -> None:
    def answer(connection: object) -> None:
        connection.sendall(  # type: ignore[attr-defined]
            b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n"
        )
        for number in range(60):
            whole = pictures[number % 4]
            part = whole[: len(whole) // 2] if number % 4 == 2 else whole
            head = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(part)
            connection.sendall(head + part + b"\r\n")  # type: ignore[attr-defined]
            threading.Event().wait(0.1)

    with serving(answer) as http, watching(f"{http.url}/gate", fps=10) as watcher:
        samples = watcher.more(12)
        watcher.until(lambda: watcher.camera.counts.broken >= 2)

    assert smeared(samples, shown) == []
