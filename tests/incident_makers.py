"""Nouns for tests, filled with plain values; name only what the test is about."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np

from cvinspect.domain import Camera, Frame, Incident, Location, Moment, Pixels, SeenObject, Stage, Status, Zone
from cvinspect.geometry import Box
from cvinspect.taxonomy import Anchor, Code, Names, Violation

SHANGHAI = timezone(timedelta(hours=8))
START = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)
KERB = Zone("kerb-1", "no_parking", ((0.1, 0.5), (0.9, 0.5), (0.9, 0.95), (0.1, 0.95)))
CAMERA = Camera(
    "kerb-01",
    Location(121.4737, 31.2304, "人民路18号 18 Renmin Road", "310101001002003", "R-7"),
    (KERB,),
    "34020000001320000001",
)


def a_violation(**given: object) -> Violation:
    """Illegal parking, with 0, false or nothing for every value that is not named."""
    blanks = {"float": 0.0, "bool": False}
    filled = {
        field.name: blanks.get(str(getattr(field.type, "__name__", field.type)), ()) for field in fields(Violation)
    }
    names = Names("机动车乱停放", "Illegal parking")
    own = {
        "id": "illegal_parking_motor",
        "names": names,
        "code": Code("05", "05"),
        "anchor": Anchor.GROUND,
        "dwell_s": 5.0,
    }
    return Violation(**{**filled, **own, **given})


def at(seconds: float) -> Moment:
    """That many media seconds after START."""
    return Moment(seconds, START + timedelta(seconds=seconds))


def an_incident(**given: object) -> Incident:
    """A car at a kerb, confirmed after 5 s and seen for 8."""
    values: dict[str, Any] = {
        "id": "inc-1",
        "revision": 1,
        "camera": CAMERA.id,
        "violation": a_violation(),
        "zone": KERB,
        "stage": Stage.VIOLATION,
        "status": Status.OPEN,
        "objects": (SeenObject("motor_vehicle", 0.87654, Box(100.04, 60.0, 180.0, 120.0), 3),),
        "confidence": 0.91239,
        "first_seen": at(2),
        "last_seen": at(10),
        "confirmed": at(7),
    }
    return Incident(**{**values, **given})


def a_street(width: int = 320, height: int = 180) -> Pixels:
    """A smooth grey picture with one bright patch, so that JPEG keeps it nearly as it is."""
    pixels = np.full((height, width, 3), 90, np.uint8)
    pixels[height // 3 : height // 2, width // 3 : width // 2] = (200, 180, 60)
    return pixels


def a_frame(seconds: float = 10.0, pixels: Pixels | None = None, camera: str = CAMERA.id) -> Frame:
    """The frame at that media second."""
    return Frame(camera, round(seconds * 10), seconds, at(seconds).at, a_street() if pixels is None else pixels)
