"""A camera's picture with its zones drawn and named, for whoever draws them."""

from collections.abc import Sequence

import numpy as np

from cvinspect.domain import Pixels, Zone
from cvinspect.evidence.lettering import BOLD, line_height, text_width
from cvinspect.evidence.masking import masked
from cvinspect.evidence.overlay import ZONE, draw_label, draw_zone, letters_px, stroke_px
from cvinspect.geometry import Box, Polygon
from cvinspect.opencv import cv2
from cvinspect.taxonomy import ZONE_KINDS_ZH


def zone_map(pixels: Pixels, zones: Sequence[Zone], *, hidden: Sequence[Box] = ()) -> Pixels:
    """The whole picture with every zone's outline, id and kind; the parts in `hidden` are masked."""
    canvas = masked(pixels, hidden)
    for zone in zones:
        draw_zone(canvas, zone.polygon, ZONE, stroke_px(canvas))
    for zone in zones:
        kind = " ".join(filter(None, (ZONE_KINDS_ZH.get(zone.kind), zone.kind)))
        _name(canvas, kind if zone.id == zone.kind else f"{zone.id}: {kind}", zone.polygon)
    return canvas


def _name(canvas: Pixels, words: str, polygon: Polygon) -> None:
    """In the zone's middle: boxes around slanting zones overlap, zones seldom do."""
    height, width = canvas.shape[:2]
    size_px = letters_px(canvas)
    corners = (np.array(polygon) * (width, height)).astype(np.float32)
    area = cv2.moments(corners)
    x, y = (area["m10"] / area["m00"], area["m01"] / area["m00"]) if area["m00"] else corners.mean(axis=0)
    left, below = float(x) - text_width(words, size_px, BOLD) / 2, float(y) + line_height(size_px) / 2
    draw_label(canvas, words, Box(left, below, left, below), ZONE, size_px)
