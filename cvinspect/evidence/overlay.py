"""Drawing on pictures: boxes, zones, labels, coloured by how far an incident has come. No files, no clock."""

from collections.abc import Iterable

import numpy as np

from cvinspect.domain import Incident, Pixels, Stage, Status, Track
from cvinspect.evidence.lettering import BOLD, Colour, Text, elided, line_height, one_line, text_width, write
from cvinspect.geometry import Box, Polygon
from cvinspect.opencv import cv2

GREY: Colour = (176, 176, 176)
AMBER: Colour = (0, 170, 255)
RED: Colour = (48, 48, 230)
GREEN: Colour = (80, 175, 60)
ZONE: Colour = (255, 190, 60)
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (16, 16, 16)

_FILL_SHARE = 0.14
"""How much of a zone's colour lies over the street: enough to see, too little to hide a thing."""


def incident_colour(incident: Incident) -> Colour:
    """Green once cleared, grey once withdrawn, amber before confirmation, red from then on."""
    if incident.status is Status.CLEARED:
        return GREEN
    if incident.status is Status.CLOSED:
        return GREY
    return AMBER if incident.stage is Stage.PRE_ALARM else RED


def stroke_px(pixels: Pixels) -> int:
    """Line width that reads alike in small and large pictures."""
    longer: int = max(pixels.shape[:2])
    return max(2, round(longer / 480))


def letters_px(pixels: Pixels) -> int:
    """Letter size that reads alike in small and large pictures."""
    longer: int = max(pixels.shape[:2])
    return min(72, max(13, round(longer / 60)))


def draw_box(canvas: Pixels, box: Box, colour: Colour, stroke: int) -> None:
    """Draw a box into the canvas, with a dark edge so that it shows on any ground."""
    x0, y0, x1, y1 = (round(value) for value in box.xyxy)
    corners = (x0, y0), (x1, y1)
    cv2.rectangle(canvas, *corners, BLACK, stroke + 2, cv2.LINE_AA)
    cv2.rectangle(canvas, *corners, colour, stroke, cv2.LINE_AA)


def draw_zone(canvas: Pixels, polygon: Polygon, colour: Colour, stroke: int) -> None:
    """Draw a zone's outline and a light fill; `polygon` is in shares of the canvas, in [0, 1]."""
    height, width = canvas.shape[:2]
    corners = np.array([(x * width, y * height) for x, y in polygon]).round().astype(np.int32)
    x, y, w, h = cv2.boundingRect(corners)
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)
    if x1 > x0 and y1 > y0:
        region = canvas[y0:y1, x0:x1]
        filled = region.copy()
        cv2.fillPoly(filled, [corners - (x0, y0)], colour)
        cv2.addWeighted(filled, _FILL_SHARE, region, 1 - _FILL_SHARE, 0, dst=region)
    cv2.polylines(canvas, [corners], isClosed=True, color=colour, thickness=stroke, lineType=cv2.LINE_AA)


def draw_label(canvas: Pixels, words: str, box: Box, colour: Colour, size_px: int) -> None:
    """Write on a tag above the box, or inside its upper edge where there is no room; never off the canvas."""
    height, width = canvas.shape[:2]
    pad = max(2, size_px // 4)
    words = elided(one_line(words), size_px, BOLD, width - 2 * pad)
    tag_width, tag_height = text_width(words, size_px, BOLD) + 2 * pad, line_height(size_px)
    if tag_width > width or tag_height > height:
        return
    x = min(max(round(box.x0), 0), width - tag_width)
    above = round(box.y0) - tag_height
    y = min(max(above if above >= 0 else round(box.y0), 0), height - tag_height)
    cv2.rectangle(canvas, (x, y), (x + tag_width, y + tag_height), colour, cv2.FILLED)
    ink = WHITE if colour in (RED, BLACK) else BLACK
    write(canvas, Text(words, ink, BOLD), (x + pad, y + size_px + (tag_height - size_px) // 3), size_px)


def draw_tracks(canvas: Pixels, tracks: Iterable[Track]) -> None:
    """Thin grey boxes round everything that is followed."""
    for track in tracks:
        draw_box(canvas, track.box, GREY, max(1, stroke_px(canvas) // 2))


def draw_incidents(canvas: Pixels, incidents: Iterable[Incident]) -> None:
    """Boxes, class and dwell of every incident; the confirmed ones last, so that nothing covers them."""
    stroke, size_px = stroke_px(canvas), letters_px(canvas)
    for incident in sorted(incidents, key=lambda item: item.stage is Stage.VIOLATION):
        colour = incident_colour(incident)
        for seen in incident.objects:
            draw_box(canvas, seen.box, colour, stroke)
        if incident.objects:
            top = min((seen.box for seen in incident.objects), key=lambda box: box.y0)
            draw_label(canvas, f"{incident.violation.names.zh} {incident.dwell_s:.0f} s", top, colour, size_px)
