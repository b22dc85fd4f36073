"""From a decoder's frame to an upright BGR picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av import VideoFrame
from av.sidedata.sidedata import SideData, Type
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2

Convert = Callable[[VideoFrame], Pixels]
"""Makes an upright picture of a decoded frame; raises av.FFmpegError or ValueError where it cannot."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How to turn a stored picture upright: first swap rows and columns, then mirror."""

    transposed: bool = False
    mirrored_x: bool = False
    """Left to right."""
    mirrored_y: bool = False
    """Top to bottom."""

    @classmethod
    def from_matrix(cls, matrix: Sequence[int]) -> "Orientation":
        """Read a display matrix: nine numbers a b u c d v x y w.

        A stored point (p, q) is shown at (a p + c q + x, b p + d q + y): ISO/IEC 14496-12, 6.2.2, and
        FFmpeg's libavutil/display.h. Angles between the quarters go to the nearest one.

        >>> Orientation.from_matrix([0, 1, 0, -1, 0, 0, 0, 0, 1])  # a telephone held upright
        Orientation(transposed=True, mirrored_x=True, mirrored_y=False)
        """
        a, b, _, c, d = (int(number) for number in matrix[:5])
        transposed = abs(b) + abs(c) > abs(a) + abs(d)
        rightwards, downwards = (c, b) if transposed else (a, d)
        return cls(transposed, mirrored_x=rightwards < 0, mirrored_y=downwards < 0)

    def shown_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height as shown, of a picture stored with this width and height."""
        return (height, width) if self.transposed else (width, height)

    def upright(self, pixels: Pixels) -> Pixels:
        """The picture as it is to be shown: (h, w, 3) uint8 BGR, contiguous."""
        if self.transposed:
            pixels = np.asarray(cv2.transpose(pixels), np.uint8)
        if self.mirrored_x or self.mirrored_y:
            # OpenCV's codes: 1 about the vertical axis, 0 about the horizontal one, -1 both.
            code = -1 if self.mirrored_x and self.mirrored_y else int(self.mirrored_x)
            pixels = np.asarray(cv2.flip(pixels, code), np.uint8)
        return np.ascontiguousarray(pixels)


def stated_pixel(stream: VideoStream) -> Fraction | None:
    """Width to height of a stored pixel, as the container or the coded video states; None where neither does."""
    return stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or None


def orientation(frame: VideoFrame) -> Orientation:
    """The orientation that the container or the stream asks for; none of the eight is left out."""
    data: object = frame.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
    if not isinstance(data, SideData):
        return Orientation()
    return Orientation.from_matrix(np.frombuffer(bytes(data), np.int32).tolist())


_SQUARE_ENOUGH = Fraction(1, 50)
"""Encoders write 1.001 for 1: what differs by less is not scaled, which would cost something and show nothing."""

_WIDEST_PIXEL = 4
"""What is stated beyond is damaged."""


@dataclass(frozen=True, slots=True)
class PixelShape:
    """The shape of a picture's pixels, as far as known: recorders store pictures half as wide as they look."""

    pixel: Fraction | None = None
    """Width to height of a stored pixel, as the stream states; None where it states none."""
    picture: Fraction | None = None
    """Width to height of the whole picture as shown; goes before what the stream states."""

    def squared(self, width: int, height: int, turned: Orientation) -> tuple[int, int]:
        """Width and height of a stored picture of this size once its pixels are squares; it is never made smaller.

        >>> PixelShape(pixel=Fraction(2)).squared(352, 576, Orientation())
        (704, 576)
        """
        pixel = self._pixel(width, height, turned)
        if abs(pixel - 1) <= _SQUARE_ENOUGH or not Fraction(1, _WIDEST_PIXEL) <= pixel <= _WIDEST_PIXEL:
            return width, height
        return (_even(width * pixel), height) if pixel > 1 else (width, _even(height / pixel))

    def _pixel(self, width: int, height: int, turned: Orientation) -> Fraction:
        if self.picture is None:
            return self.pixel or Fraction(1)
        return (1 / self.picture if turned.transposed else self.picture) * height / width


def _even(length: Fraction) -> int:
    return 2 * round(length / 2)


class ToBgr:
    """Converts frames of any pixel format and size; keeps one scaler, because setting one up is slow.

    Range (limited or full) and matrix (BT.601, 709, 2020) are those the stream states. A stream that does not
    state its matrix is taken as BT.601, as FFmpeg and OpenCV do and as detectors were trained.
    """

    def __init__(self, turned: Orientation | None = None, shape: PixelShape | None = None) -> None:
        """`turned` goes before what the frames say of their orientation, which are cut off from their container.

        Pixels of another `shape` than squares become squares.
        """
        self._reformatter = VideoReformatter()
        self._seen: tuple[int, int, int] | None = None
        self._turned = turned
        self._orientation = Orientation()
        self._shape = shape or PixelShape()
        self._size = 0, 0

    def __call__(self, frame: VideoFrame) -> Pixels:
        """The frame as (h, w, 3) uint8 BGR, upright and contiguous."""
        # PyAV's frame.side_data and the frame hold each other until the collector runs: megabytes for each look.
        now = (frame.width, frame.height, frame.rotation)
        if now != self._seen:
            self._seen, self._orientation = now, self._turned or orientation(frame)
            self._size = self._shape.squared(frame.width, frame.height, self._orientation)
        width, height = self._size
        converted = self._reformatter.reformat(frame, width, height, format="bgr24", threads=1)
        return self._orientation.upright(np.asarray(converted.to_ndarray(), np.uint8))
