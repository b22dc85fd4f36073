"""Pictures of incidents: panoramas, a close-up, and the place after it was cleared."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from pathlib import Path

import numpy as np

from cvinspect.domain import Camera, Change, ChangeKind, Frame, Incident, Pixels
from cvinspect.errors import DeliveryError
from cvinspect.evidence import Original, Picture
from cvinspect.evidence.band import local_time, with_band
from cvinspect.evidence.masking import masked
from cvinspect.evidence.overlay import ZONE, draw_box, draw_zone, incident_colour, stroke_px
from cvinspect.geometry import Box, bounding
from cvinspect.opencv import cv2

JPEG_QUALITY = 90
SECOND_PANORAMA_S = 1.0
"""Two pictures nearer than this prove nothing about staying."""
CONTEXT_SHARE = 0.35
"""Of the things' size, shown around them in a close-up."""
MIN_CROP_PX = 64
"""A close-up shows at least this much of the picture, however small the thing."""
MIN_CLOSEUP_PX = 320
"""A close-up whose shorter side is smaller is enlarged to it."""
MAX_CLOSEUP_PX = 1600
"""An enlarged close-up's longer side goes no further."""

_Window = tuple[int, int, int, int]
"""x0, y0, x1, y1 in whole pixels."""


@dataclass(frozen=True, slots=True)
class _FrameKey:
    camera: str
    index: int
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class _Jpeg:
    data: bytes
    sha256: str
    width: int
    height: int


class Snapshots:
    """Keeps the pictures of incidents in `evidence/` and the untouched ones in `evidence/original/`.

    What it knows of an incident is forgotten once that is cleared or closed. The original of one frame is
    stored once, however many incidents it shows. `folder` is the output folder; burned-in times are those of
    `timezone`.
    """

    def __init__(self, folder: Path, *, timezone: tzinfo, keep_originals: bool = True) -> None:
        self._store = _Store(folder)
        self._timezone = timezone
        self._keep_originals = keep_originals
        self._taken: dict[str, tuple[Picture, ...]] = {}
        self._last_originals: dict[str, tuple[_FrameKey, Original]] = {}

    def take(
        self, change: Change, camera: Camera, *, persons: Sequence[Box] = (), snapshot: bool = False
    ) -> tuple[Picture, ...]:
        """Store what this change asks for and return every picture of the incident so far.

        Opened: panorama and close-up. Updated: one second panorama, of a frame that shows the thing, a second
        or more after the first. Not cleared: the thing that still stands there. Cleared: the place afterwards. A
        pre-alarm has pictures only with `snapshot`, for single pictures. `persons` are the person boxes of the
        change's frame, whose heads are masked on the burned copies. Raises DeliveryError when a picture cannot be
        stored.
        """
        taken = self._taken.get(change.incident.id, ())
        roles = _asked_for(change, taken, snapshot=snapshot)
        if roles:
            clean = masked(change.frame.pixels, persons)
            for role in roles:
                taken += (self._picture(role, change, camera, clean, taken),)
        if change.kind in (ChangeKind.CLEARED, ChangeKind.CLOSED):
            self._taken.pop(change.incident.id, None)
        elif taken:
            self._taken[change.incident.id] = taken
        return taken

    def resume(self, incident_id: str, taken: Sequence[Picture]) -> None:
        """After a restart: these pictures of an incident that still stands were taken before."""
        self._taken[incident_id] = tuple(taken)

    def add(self, incident_id: str, picture: Picture) -> None:
        """Count something to an incident's pictures that was stored elsewhere, such as its clip."""
        self._taken[incident_id] = (*self._taken.get(incident_id, ()), picture)

    def taken(self, change: Change) -> tuple[Picture, ...]:
        """Every picture of the incident so far; none is added, and of one that ends they are forgotten."""
        taken = self._taken.get(change.incident.id, ())
        if change.kind in (ChangeKind.CLEARED, ChangeKind.CLOSED):
            self._taken.pop(change.incident.id, None)
        return taken

    def _picture(self, role: str, change: Change, camera: Camera, clean: Pixels, taken: tuple[Picture, ...]) -> Picture:
        incident, frame = change.incident, change.frame
        number = sum(picture.role == role for picture in taken) + 1
        name = f"{file_name(incident.id)}_{role}_{number}.jpg"
        window = _window(incident, frame.pixels) if role == "closeup" else _whole(frame.pixels)
        drawn = _drawn(clean, incident, window)
        burned = with_band(drawn, incident, camera, role=role, at=local_time(frame.captured_at, self._timezone))
        stored = self._store.put(f"evidence/{name}", _encoded(burned))
        return Picture(
            role=role,
            uri=stored.uri,
            sha256=stored.sha256,
            captured_at=frame.captured_at,
            media_s=frame.media_s,
            width=stored.width,
            height=stored.height,
            bytes=stored.bytes,
            original=self._original(role, name, frame, window) if self._keep_originals else None,
        )

    def _original(self, role: str, name: str, frame: Frame, window: _Window) -> Original:
        if role == "closeup":
            return self._store.put(f"evidence/original/{name}", _encoded(_cut(frame.pixels, window)))
        key = _FrameKey(frame.camera, frame.index, frame.captured_at)
        last_key, original = self._last_originals.get(frame.camera, (None, None))
        if last_key != key or original is None:
            encoded = _encoded(frame.pixels)
            original = self._store.put(f"evidence/original/{_frame_name(frame, encoded)}", encoded)
            self._last_originals[frame.camera] = key, original
        return original


class _Store:
    """JPEG files below one folder, each there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, uri: str, jpeg: _Jpeg) -> Original:
        """Store under a path relative to the folder. Raises DeliveryError."""
        path = self._folder / uri
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(jpeg.data)
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise DeliveryError(f"{path}: cannot be written: {error.strerror or error}") from error
        return Original(uri, jpeg.sha256, jpeg.width, jpeg.height, len(jpeg.data))


def _encoded(pixels: Pixels) -> _Jpeg:
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    height, width = pixels.shape[:2]
    if not done:
        raise DeliveryError(f"a picture of {width}x{height} pixels cannot be encoded as JPEG")
    data = encoded.tobytes()
    return _Jpeg(data, sha256(data).hexdigest(), width, height)


def _asked_for(change: Change, taken: tuple[Picture, ...], *, snapshot: bool) -> tuple[str, ...]:
    match change.kind:
        case ChangeKind.OPENED:
            return "panorama", "closeup"
        case ChangeKind.PRE_ALARM if snapshot:
            return "panorama", "closeup"
        case ChangeKind.UPDATED if _second_is_due(change, taken):
            return ("panorama",)
        case ChangeKind.NOT_CLEARED:
            return ("panorama",)
        case ChangeKind.CLEARED:
            return ("after",)
        case _:
            return ()


def _second_is_due(change: Change, taken: tuple[Picture, ...]) -> bool:
    panoramas = [picture for picture in taken if picture.role == "panorama"]
    return (
        len(panoramas) == 1
        and change.incident.last_seen.media_s == change.frame.media_s
        and (change.frame.captured_at - panoramas[0].captured_at).total_seconds() >= SECOND_PANORAMA_S
    )


def _drawn(clean: Pixels, incident: Incident, window: _Window) -> Pixels:
    """The window of the masked frame with zone and boxes; a small close-up is enlarged before drawing.

    After clearing, the boxes say where the things stood.
    """
    height, width = clean.shape[:2]
    x0, y0, _, _ = window
    cut = _cut(clean, window)
    scale = _enlargement(cut) if window != _whole(clean) else 1.0
    drawn = cut.copy()
    if scale > 1:
        enlarged = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        drawn = np.asarray(enlarged, np.uint8)
    stroke = stroke_px(drawn)
    if incident.zone is not None:
        across, down = drawn.shape[1] / scale, drawn.shape[0] / scale
        polygon = tuple(((x * width - x0) / across, (y * height - y0) / down) for x, y in incident.zone.polygon)
        draw_zone(drawn, polygon, ZONE, stroke)
    for seen in incident.objects:
        left, top, right, bottom = seen.box.xyxy
        moved = Box((left - x0) * scale, (top - y0) * scale, (right - x0) * scale, (bottom - y0) * scale)
        draw_box(drawn, moved, incident_colour(incident), stroke)
    return drawn


def _enlargement(cut: Pixels) -> float:
    shorter, longer = sorted(cut.shape[:2])
    return max(1.0, min(MIN_CLOSEUP_PX / float(shorter), MAX_CLOSEUP_PX / float(longer)))


def _whole(pixels: Pixels) -> _Window:
    height, width = pixels.shape[:2]
    return 0, 0, width, height


def _window(incident: Incident, pixels: Pixels) -> _Window:
    """The part of the picture that a close-up shows."""
    height, width = pixels.shape[:2]
    if not incident.objects:
        return _whole(pixels)
    wanted = bounding([seen.box for seen in incident.objects]).grown(CONTEXT_SHARE)
    x0, x1 = _span(wanted.x0, wanted.x1, width)
    y0, y1 = _span(wanted.y0, wanted.y1, height)
    return x0, y0, x1, y1


def _span(low: float, high: float, limit: int) -> tuple[int, int]:
    """Whole pixels from `low` to `high`, at least MIN_CROP_PX of them where the picture has so many."""
    first, last = max(0, round(low)), min(limit, round(high))
    length = max(last - first, min(MIN_CROP_PX, limit))
    start = min(max(round((first + last - length) / 2), 0), limit - length)
    return start, start + length


def _cut(pixels: Pixels, window: _Window) -> Pixels:
    x0, y0, x1, y1 = window
    return pixels[y0:y1, x0:x1]


def file_name(identifier: str) -> str:
    """ASCII letters and digits only, so that the name is its own URI; a hash keeps changed names apart."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", identifier).lstrip(".")
    if plain == identifier and len(plain) <= 80:
        return plain
    return f"{plain[:80]}-{sha256(identifier.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _frame_name(frame: Frame, jpeg: _Jpeg) -> str:
    """Part of the hash is in it: two files of one camera may claim the same time."""
    moment = frame.captured_at.astimezone(UTC)
    milliseconds = moment.microsecond // 1000
    return f"frame_{file_name(frame.camera)}_{moment:%Y%m%dT%H%M%S}{milliseconds:03d}Z_{jpeg.sha256[:8]}.jpg"
