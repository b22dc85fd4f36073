"""A picture for a report on accuracy: people masked, the place marked, small enough to stand in the page."""

from collections.abc import Sequence

import numpy as np

from cvinspect.domain import Pixels
from cvinspect.errors import DeliveryError
from cvinspect.evidence.lettering import Colour
from cvinspect.evidence.masking import masked
from cvinspect.evidence.overlay import draw_box, stroke_px
from cvinspect.geometry import Box
from cvinspect.opencv import cv2

_WIDEST_PX = 720
_JPEG_QUALITY = 78


def exhibit(pixels: Pixels, marks: Sequence[tuple[Box, Colour]], *, hidden: Sequence[Box] = ()) -> bytes:
    """A JPEG of the frame, at most 720 px wide, with the marked boxes (pixels of the frame) drawn.

    The parts in `hidden` are masked. Raises DeliveryError when it cannot be encoded.
    """
    canvas = masked(pixels, hidden)
    height, width = canvas.shape[:2]
    scale = min(1.0, _WIDEST_PX / width)
    if scale < 1.0:
        size = _WIDEST_PX, max(1, round(height * scale))
        canvas = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_AREA), np.uint8)
    for box, colour in marks:
        draw_box(canvas, Box(*(value * scale for value in box.xyxy)), colour, stroke_px(canvas))
    done, encoded = cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise DeliveryError(f"a picture of {width}x{height} pixels cannot be encoded as JPEG")
    return encoded.tobytes()
