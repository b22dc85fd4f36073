"""Small clips and pictures, made on the spot: deterministic, a few kilobytes each."""

import struct
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2

RED, GREEN, BLUE, GRAY = (0, 0, 255), (0, 255, 0), (255, 0, 0), (120, 120, 120)
"""BGR."""

_QUIET = {"libx264": {"bf": "2"}, "libx265": {"x265-params": "log-level=none:pools=1:frame-threads=1"}}


def corners(width: int, height: int) -> Pixels:
    """A picture whose quarters differ: red top-left, green top-right, blue bottom-left, gray bottom-right."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = GRAY
    return picture


def moving(width: int, height: int) -> Callable[[int], Pixels]:
    """Pictures of a square that moves over a ramp: enough for every frame to differ."""

    def picture(i: int) -> Pixels:
        ramp = np.linspace(30, 200, width, dtype=np.uint8)
        pixels = np.repeat(np.tile(ramp, (height, 1))[:, :, None], 3, axis=2)
        left = 3 * i % max(1, width - 8)
        pixels[height // 3 : height // 3 + 8, left : left + 8] = RED
        return pixels

    return picture


def encode(
    path: Path,
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (64, 48),
    fps: int = 10,
    ticks: Iterable[int] = range(20),
    ticks_per_s: int | None = None,
    pixel_format: str = "yuv420p",
    picture: Callable[[int], Pixels] | None = None,
    rotation: float | None = None,
    hflip: bool = False,
    metadata: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
    muxer: str | None = None,
    muxer_options: Mapping[str, str] | None = None,
) -> Path:
    """Write a clip with one frame at each tick; a tick is 1/ticks_per_s s, by default one frame."""
    width, height = size
    picture = picture or moving(width, height)
    tick_s = Fraction(1, ticks_per_s or fps)
    with av.open(str(path), "w", format=muxer, options=dict(muxer_options or {})) as container:
        container.metadata.update(metadata or {})
        stream = container.add_stream(codec, rate=fps, options={**_QUIET.get(codec, {}), **(options or {})})
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = tick_s
        if rotation is not None:
            stream.set_display_rotation(rotation, hflip=hflip)
        for i, tick in enumerate(ticks):
            frame = av.VideoFrame.from_ndarray(picture(i), format="bgr24")
            frame.pts, frame.time_base = tick, tick_s
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def plain(pixels: Pixels) -> Callable[[int], Pixels]:
    """The same picture over and over."""
    return lambda _: pixels


def quarters(pixels: Pixels) -> list[list[int]]:
    """The middle of each quarter, BGR: top-left, top-right, bottom-left, bottom-right."""
    height, width = pixels.shape[:2]
    return [pixels[y, x].tolist() for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]


def write_picture(path: Path, pixels: Pixels, *, exif: bytes | None = None) -> Path:
    """Write a picture in the format of its suffix; jpg, png and webp may carry EXIF."""
    if exif is None:
        done, data = cv2.imencode(path.suffix, pixels)
    else:
        block = np.frombuffer(exif, np.uint8)
        done, data = cv2.imencodeWithMetadata(path.suffix, pixels, [cv2.IMAGE_METADATA_EXIF], [block])
    assert done
    path.write_bytes(data.tobytes())
    return path


def exif_block(taken: str, *, offset: str = "", fraction: str = "", orientation: int = 1, order: str = "<") -> bytes:
    """An EXIF block in TIFF form; `order` is "<" for Intel's and ">" for Motorola's byte order."""
    texts = {0x9003: taken, 0x9011: offset, 0x9291: fraction}
    stored = {tag: text.encode() + b"\0" for tag, text in texts.items() if text}
    exif_at = 8 + 2 + 12 * 2 + 4
    data_at = exif_at + 2 + 12 * len(stored) + 4
    entries, data = b"", b""
    for tag, text in stored.items():
        if len(text) <= 4:
            value = text.ljust(4, b"\0")
        else:
            value = struct.pack(order + "I", data_at + len(data))
            data += text
        entries += struct.pack(order + "HHI", tag, 2, len(text)) + value
    return b"".join(
        [
            b"II*\0" if order == "<" else b"MM\0*",
            struct.pack(order + "IH", 8, 2),
            struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0),
            struct.pack(order + "HHII", 0x8769, 4, 1, exif_at),
            bytes(4),
            struct.pack(order + "H", len(stored)),
            entries,
            bytes(4),
            data,
        ]
    )


def noisy(i: int) -> Pixels:
    """Noise, (120, 160, 3): it compresses badly, so that damage in the middle of a file meets pictures."""
    return np.random.default_rng(i).integers(0, 255, (120, 160, 3), np.uint8)


def damaged(path: Path, whole: Path) -> Path:
    """The same bytes with a tenth in the middle zeroed."""
    data = bytearray(whole.read_bytes())
    middle = slice(4 * len(data) // 10, 5 * len(data) // 10)
    data[middle] = bytes(len(data[middle]))
    path.write_bytes(data)
    return path


def write_streams(path: Path, *, cover: bool = False, sound: bool = False, sizes: tuple[int, ...] = ()) -> Path:
    """A file with a cover picture of 320x320, sound, and square videos of these sizes, in this order."""
    with av.open(str(path), "w") as container:
        if cover:
            picture = container.add_stream("mjpeg", rate=10)
            picture.width, picture.height, picture.pix_fmt = 320, 320, "yuvj420p"
            picture.disposition = Disposition.attached_pic
        if sound:
            track = container.add_stream("aac", rate=8000, layout="mono")
        videos = [container.add_stream("mpeg4", rate=10) for _ in sizes]
        for stream, size in zip(videos, sizes, strict=True):
            stream.width, stream.height, stream.pix_fmt = size, size, "yuv420p"
        container.start_encoding()
        if cover:
            mux_picture(container, picture, corners(320, 320), pts=0)
            container.mux(picture.encode(None))
        if sound:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.sample_rate, silence.pts = 8000, 0
            container.mux(track.encode(silence))
            container.mux(track.encode(None))
        for stream, size in zip(videos, sizes, strict=True):
            for i in range(5):
                mux_picture(container, stream, moving(size, size)(i), pts=i)
            container.mux(stream.encode(None))
    return path


def mux_picture(container: OutputContainer, stream: VideoStream, pixels: Pixels, *, pts: int) -> None:
    frame = av.VideoFrame.from_ndarray(pixels, format="bgr24")
    frame.pts, frame.time_base = pts, Fraction(1, 10)
    container.mux(stream.encode(frame))
