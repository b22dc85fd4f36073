"""Pictures of incidents: panoramas, a close-up, and the place after it was cleared."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from pathlib import Path

import numpy as np

from cvinspect.domain import Camera, Change, ChangeKind, Frame, Incident, Pixels
from cvinspect.evidence import HiddenIn, Original, Picture, nothing
from cvinspect.evidence.band import local_time, with_band
from cvinspect.evidence.masking import masked
from cvinspect.evidence.overlay import ZONE, draw_box, draw_zone, incident_colour, stroke_px
from cvinspect.evidence.picture_store import Jpeg, PictureStore, encoded
from cvinspect.evidence.remembered import Remembered
from cvinspect.geometry import Box, bounding
from cvinspect.opencv import cv2

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


class Snapshots:
    """Keeps the pictures of incidents in `evidence/` and the untouched ones in `evidence/original/`.

    What it knows of an incident is forgotten once that is closed, or was cleared so long ago that it is not reopened.
    A file that is there is never replaced by another picture. The original of one frame is stored once, however many
    incidents it shows. `folder` is the output folder; burned-in times are those of `timezone`.
    """

    def __init__(self, folder: Path, *, timezone: tzinfo, keep_originals: bool = True) -> None:
        self._store = PictureStore(folder)
        self._timezone = timezone
        self._keep_originals = keep_originals
        self._taken = Remembered()
        self._last_originals: dict[str, tuple[_FrameKey, Original]] = {}

    def take(
        self,
        change: Change,
        camera: Camera,
        *,
        hidden: HiddenIn = nothing,
        snapshot: bool = False,
        guessed: bool = False,
    ) -> tuple[Picture, ...]:
        """Store what this change asks for and return every picture of the incident so far.

        Opened or doubted: panorama and close-up. Updated or reopened: one second panorama, of a frame that shows the
        thing, a second or more after the first. Not cleared: the thing that still stands there. Cleared: the place
        afterwards.
        A pre-alarm has pictures only with `snapshot`, for single pictures. `hidden` says which parts of a picture are
        masked on the burned copies, and is asked only where one is stored; times that are `guessed` are burned in as
        such. Raises DeliveryError when a picture cannot be stored.
        """
        taken = self._taken.of(change.incident.id)
        roles = _asked_for(change, taken, snapshot=snapshot)
        if roles:
            clean = masked(change.frame.pixels, hidden(change.frame))
            for role in roles:
                taken += (self._picture(role, change, camera, clean, taken, guessed=guessed),)
        self._remember(change, taken)
        return taken

    def resume(self, incident: Incident, taken: Sequence[Picture]) -> None:
        """After a restart: these pictures of an incident that stands, or may be reopened, were taken before."""
        if incident.cleared is None:
            self._taken.stands(incident, taken)
        else:
            self._taken.is_cleared(incident, taken, at_s=incident.cleared.media_s)

    def add(self, incident_id: str, picture: Picture) -> None:
        """Count something to an incident's pictures that was stored elsewhere, such as its clip."""
        self._taken.add(incident_id, picture)

    def taken(self, change: Change) -> tuple[Picture, ...]:
        """Every picture of the incident so far; none is added."""
        taken = self._taken.of(change.incident.id)
        self._remember(change, taken)
        return taken

    def _remember(self, change: Change, taken: tuple[Picture, ...]) -> None:
        match change.kind:
            case ChangeKind.CLOSED:
                self._taken.forget(change.incident)
            case ChangeKind.CLEARED:
                self._taken.is_cleared(change.incident, taken, at_s=change.frame.media_s)
            case _:
                self._taken.stands(change.incident, taken)

    def _picture(
        self,
        role: str,
        change: Change,
        camera: Camera,
        clean: Pixels,
        taken: tuple[Picture, ...],
        *,
        guessed: bool,
    ) -> Picture:
        incident, frame = change.incident, change.frame
        window = _window(incident, frame.pixels) if role == "closeup" else _whole(frame.pixels)
        drawn = _drawn(clean, incident, window)
        at = local_time(frame.captured_at, self._timezone)
        files = {"evidence": encoded(with_band(drawn, incident, camera, role=role, at=at, guessed=guessed))}
        if self._keep_originals and role == "closeup":
            files["evidence/original"] = encoded(_cut(frame.pixels, window))
        first = sum(picture.role == role for picture in taken) + 1
        stored, *own = self._store.put_numbered(f"{file_name(incident.id)}_{role}", files, first=first)
        return Picture(
            role=role,
            uri=stored.uri,
            sha256=stored.sha256,
            captured_at=frame.captured_at,
            media_s=frame.media_s,
            width=stored.width,
            height=stored.height,
            bytes=stored.bytes,
            original=own[0] if own else self._whole_original(frame) if self._keep_originals else None,
        )

    def _whole_original(self, frame: Frame) -> Original:
        key = _FrameKey(frame.camera, frame.index, frame.captured_at)
        last_key, original = self._last_originals.get(frame.camera, (None, None))
        if last_key != key or original is None:
            whole = encoded(frame.pixels)
            original = self._store.put(f"evidence/original/{_frame_name(frame, whole)}", whole)
            self._last_originals[frame.camera] = key, original
        return original


def _asked_for(change: Change, taken: tuple[Picture, ...], *, snapshot: bool) -> tuple[str, ...]:
    match change.kind:
        case ChangeKind.OPENED | ChangeKind.DOUBTED:
            return "panorama", "closeup"
        case ChangeKind.PRE_ALARM if snapshot:
            return "panorama", "closeup"
        case ChangeKind.UPDATED | ChangeKind.REOPENED if _second_is_due(change, taken):
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


def _frame_name(frame: Frame, jpeg: Jpeg) -> str:
    """Part of the hash is in it: two files of one camera may claim the same time."""
    moment = frame.captured_at.astimezone(UTC)
    milliseconds = moment.microsecond // 1000
    return f"frame_{file_name(frame.camera)}_{moment:%Y%m%dT%H%M%S}{milliseconds:03d}Z_{jpeg.sha256[:8]}.jpg"
