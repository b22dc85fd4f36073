"""The footage as the program saw it: an H.264 video that plays at real speed."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from pathlib import Path

from cvinspect.domain import Camera, Frame, Incident, Pixels, Track
from cvinspect.evidence.band import GUESSED, local_time
from cvinspect.evidence.lettering import BOLD, Text, elided, line_height, one_line, text_width, write
from cvinspect.evidence.masking import masked
from cvinspect.evidence.overlay import (
    BLACK,
    WHITE,
    ZONE,
    draw_incidents,
    draw_tracks,
    draw_zone,
    letters_px,
    stroke_px,
)
from cvinspect.evidence.video_writer import VideoWriter
from cvinspect.geometry import Box
from cvinspect.opencv import cv2


class AnnotatedVideo:
    """Writes one mp4 file; `width`, `height` in pixels and `fps` are those of the sampled frames.

    Sizes are padded to even ones, which H.264 in yuv420p asks for. A frame is shown at its media time,
    counted from the first one; the wall clock in the corner is marked where it is `guessed`. No file appears before
    the first frame; it is valid once `close` was called.
    """

    def __init__(
        self, path: Path, width: int, height: int, fps: float, *, timezone: tzinfo, guessed: bool = False
    ) -> None:
        self._video = VideoWriter(path, width, height, fps)
        self._timezone = timezone
        self._mark = f"  {GUESSED}" if guessed else ""

    def add(
        self,
        frame: Frame,
        tracks: Iterable[Track],
        incidents: Iterable[Incident],
        camera: Camera,
        *,
        hidden: Sequence[Box] = (),
    ) -> None:
        """Draw on a copy of the frame and append it; the parts in `hidden` are masked. Raises DeliveryError."""
        canvas = masked(frame.pixels, hidden)
        for zone in camera.zones:
            draw_zone(canvas, zone.polygon, ZONE, max(1, stroke_px(canvas) // 2))
        draw_tracks(canvas, tracks)
        draw_incidents(canvas, incidents)
        _draw_corner(canvas, f"{local_time(frame.captured_at, self._timezone)}{self._mark}  {camera.id}")
        self._video.add(canvas, frame.media_s)

    def close(self) -> None:
        """Write what is pending and finish the file; safe to call twice. Raises DeliveryError."""
        self._video.close()


def _draw_corner(canvas: Pixels, words: str) -> None:
    """Time and camera in the lower left corner, on a dark ground; left out where the picture is too small."""
    height, width = canvas.shape[:2]
    size_px = letters_px(canvas)
    pad, tall = size_px // 2, line_height(size_px)
    words = elided(one_line(words), size_px, BOLD, width - 2 * pad)
    if tall > height // 2 or text_width(words, size_px, BOLD) + 2 * pad > width:
        return
    wide = text_width(words, size_px, BOLD) + 2 * pad
    cv2.rectangle(canvas, (0, height - tall), (wide, height), BLACK, cv2.FILLED)
    write(canvas, Text(words, WHITE, BOLD), (pad, height - tall + size_px + (tall - size_px) // 3), size_px)
