"""The band below a picture that says what it shows: outside the picture, so that it hides nothing."""

from datetime import datetime, timedelta, tzinfo

import numpy as np

from cvinspect.domain import Camera, Incident, Pixels, Stage, Status
from cvinspect.evidence.lettering import BOLD, Colour, Layout, Text, flow, write
from cvinspect.evidence.overlay import AMBER, incident_colour, letters_px
from cvinspect.opencv import cv2

ROLE_NAMES = {"panorama": "全景 panorama", "closeup": "特写 close-up", "after": "清除后 after"}
GUESSED = "时间为推测 time is a guess"
"""Said beside a time that is only the file's modification time."""

_GROUND: Colour = (30, 26, 24)
_INK: Colour = (245, 245, 245)
_QUIET: Colour = (190, 186, 182)
_MIN_WIDTH_PX = 360
"""Narrower pictures get a wider canvas: the date, the longest single fact, must be readable."""


def local_time(moment: datetime, timezone: tzinfo) -> str:
    """Date, time and offset at the site, such as `2026-11-21 10:00:05 +08:00`."""
    local = moment.astimezone(timezone)
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"{local:%Y-%m-%d %H:%M:%S} {sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def short_id(incident_id: str) -> str:
    """Its last 8 letters: enough to tell incidents of one report apart."""
    return incident_id if len(incident_id) <= 8 else f"…{incident_id[-8:]}"


def facts(
    incident: Incident, camera: Camera, *, role: str, at: str, guessed: bool = False
) -> tuple[tuple[Text, ...], ...]:
    """What the band says, in paragraphs; `at` is the time as text, `guessed` whether nobody vouches for it."""
    violation = incident.violation
    dwell = f"停留 dwell {incident.dwell_s:.0f} s / {violation.dwell_s:.0f} s"
    address = camera.location.address
    place = [camera.id] if address is None else [camera.id, address]
    return (
        (
            Text(violation.names.zh, _INK, BOLD),
            Text(violation.names.en, _INK),
            Text(ROLE_NAMES[role], _QUIET),
        ),
        (Text(at, _INK, BOLD), *([Text(GUESSED, AMBER)] if guessed else []), *(Text(words, _INK) for words in place)),
        (Text(_state(incident), _QUIET), Text(dwell, _QUIET), Text(f"编号 id {short_id(incident.id)}", _QUIET)),
    )


def _state(incident: Incident) -> str:
    if incident.status is Status.CLEARED:
        return "已清除 cleared"
    if incident.status is Status.CLOSED:
        return "已撤销 withdrawn"
    return "预警 pre-alarm" if incident.stage is Stage.PRE_ALARM else "违规 violation"


def with_band(
    pixels: Pixels, incident: Incident, camera: Camera, *, role: str, at: str, guessed: bool = False
) -> Pixels:
    """The picture on a canvas with the band below; the picture keeps its place at the upper left."""
    height, width = pixels.shape[:2]
    canvas_width = max(width, _MIN_WIDTH_PX)
    size_px = min(letters_px(pixels), canvas_width // 24)
    pad = size_px // 2
    edge = max(3, size_px // 4)
    paragraphs = [
        flow(texts, size_px=size_px, width_px=canvas_width - 2 * pad)
        for texts in facts(incident, camera, role=role, at=at, guessed=guessed)
    ]
    band_height = edge + 2 * pad + sum(layout.height_px for layout in paragraphs)
    margins = 0, band_height, 0, canvas_width - width
    canvas = np.asarray(cv2.copyMakeBorder(pixels, *margins, cv2.BORDER_CONSTANT, value=_GROUND), np.uint8)
    canvas[height : height + edge, :] = incident_colour(incident)
    _write_paragraphs(canvas, paragraphs, x=pad, y=height + edge + pad, size_px=size_px)
    return canvas


def _write_paragraphs(canvas: Pixels, paragraphs: list[Layout], *, x: int, y: int, size_px: int) -> None:
    for layout in paragraphs:
        for placed in layout.placed:
            write(canvas, placed.text, (x + placed.x, y + placed.y), size_px)
        y += layout.height_px
