"""H.264 video that plays at real speed: the one writer of video."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from cvinspect.domain import Pixels
from cvinspect.errors import DeliveryError
from cvinspect.opencv import cv2

_TICKS_HZ = 90_000
"""The usual clock of MPEG video."""
_MIN_SIDE_PX = 64
"""Smaller pictures are padded: players refuse videos of a few pixels."""


class VideoWriter:
    """Writes one mp4 file of pictures of `width` x `height` pixels, some `fps` a second.

    Sizes are padded to even ones, which H.264 in yuv420p asks for. A picture is shown at its media time, counted from
    the first one. No file appears before the first picture; it is valid once `close` was called.
    """

    def __init__(self, path: Path, width: int, height: int, fps: float) -> None:
        self._path = path
        self._size = (width, height)
        self._fps = Fraction(fps).limit_denominator(1001)
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._first_s = 0.0
        self._last_tick = -1

    def add(self, canvas: Pixels, media_s: float) -> None:
        """Append a picture. Raises DeliveryError."""
        try:
            self._append(canvas, media_s)
        except (av.FFmpegError, OSError) as error:
            raise self._not_written(error) from error

    def close(self) -> None:
        """Write what is pending and finish the file; safe to call twice. Raises DeliveryError."""
        container, stream = self._container, self._stream
        self._container = self._stream = None
        if container is None or stream is None:
            return
        try:
            try:
                container.mux(stream.encode(None))
            finally:
                container.close()  # fails by itself where the disk is full
        except (av.FFmpegError, OSError) as error:
            raise self._not_written(error) from error

    def _append(self, canvas: Pixels, media_s: float) -> None:
        if self._container is None or self._stream is None:
            self._first_s = media_s
            self._container, self._stream = self._open()
        picture = av.VideoFrame.from_ndarray(self._fitted(canvas), format="bgr24")
        # Two frames at one tick, or a clock that steps back, would make the muxer fail.
        self._last_tick = max(round((media_s - self._first_s) * _TICKS_HZ), self._last_tick + 1)
        picture.pts = self._last_tick
        picture.time_base = Fraction(1, _TICKS_HZ)
        self._container.mux(self._stream.encode(picture))

    def _open(self) -> tuple[OutputContainer, VideoStream]:
        container = av.open(str(self._path), "w", format="mp4", options={"movflags": "faststart"})
        stream = container.add_stream("libx264", rate=self._fps, options={"crf": "23", "preset": "veryfast"})
        stream.width, stream.height = (_padded(side) for side in self._size)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS_HZ)
        container.start_encoding()  # opens the file, so that a bad path is known at the first frame
        return container, stream

    def _fitted(self, canvas: Pixels) -> Pixels:
        """The canvas at the video's size: scaled where a camera changed its picture, then padded."""
        width, height = self._size
        if canvas.shape[:2] != (height, width):
            canvas = np.asarray(cv2.resize(canvas, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        below, right = _padded(height) - height, _padded(width) - width
        if below or right:
            padded = cv2.copyMakeBorder(canvas, 0, below, 0, right, cv2.BORDER_REPLICATE)
            return np.asarray(padded, np.uint8)
        return canvas

    def _not_written(self, error: Exception) -> DeliveryError:
        cause = getattr(error, "strerror", None) or error
        return DeliveryError(f"{self._path}: cannot be written: {cause}")


def _padded(side: int) -> int:
    return max(side + side % 2, _MIN_SIDE_PX)
