"""Pictures on disk: a folder from one fixed camera, or a single file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from cvinspect.domain import Frame, Pace, Pixels
from cvinspect.errors import SourceOpenError
from cvinspect.opencv import cv2
from cvinspect.sources import Clock, Counts, SourceInfo, SourceKind
from cvinspect.sources.decoding.files import check_file, is_folder, unreadable
from cvinspect.sources.recorded.exif import taken_at
from cvinspect.sources.recorded.start import CHINA, as_utc, modified_at

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
"""In lower case; compared without regard to case."""

WANTED = "a picture (jpg, png, bmp, tif, webp) or a folder of them"

_MAX_NAMES = 20
"""How many broken pictures are remembered by name: enough for a report, bounded for a camera gone mad."""

_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"RIFF")


@dataclass(frozen=True, slots=True)
class _Slot:
    path: Path
    index: int
    media_s: float


class PictureSource:
    """Pictures in order of time, one in memory at a time. Made by `open_pictures`."""

    def __init__(
        self,
        slots: Sequence[_Slot],
        *,
        camera: str,
        info: SourceInfo,
        broken_names: Sequence[str],
        notes: tuple[str, ...] = (),
    ) -> None:
        self.info = info
        self.notes = notes
        """What was assumed of their times, one line each."""
        self.counts = Counts(broken=len(broken_names))
        self.broken_names = list(broken_names[:_MAX_NAMES])
        """Names of pictures that could not be decoded, at most 20; `counts.broken` has the whole number."""
        self._slots = iter(slots)
        self._camera = camera

    def frames(self) -> Iterator[Frame]:
        """Every picture that decodes, in order of time; may be called once.

        Pictures are (h, w, 3) uint8 BGR, upright, each in its own size. Others are counted, remembered in
        `broken_names` and left out.
        """
        while (slot := next(self._slots, None)) is not None:
            try:
                pixels = read_picture(slot.path)
            except SourceOpenError:
                self._leave_out(slot.path)
                continue
            self.counts.read += 1
            self.counts.sampled += 1
            self.counts.media_s = slot.media_s
            captured_at = self.info.started_at + timedelta(seconds=slot.media_s)
            yield Frame(self._camera, slot.index, slot.media_s, captured_at, pixels)

    def go(self, pace: Pace) -> None:
        """There is nothing between two pictures."""

    def close(self) -> None:
        """End the iteration; safe to call twice."""
        self._slots = iter(())

    def _leave_out(self, path: Path) -> None:
        self.counts.broken += 1
        if len(self.broken_names) < _MAX_NAMES:
            self.broken_names.append(path.name)


def open_pictures(
    path: Path,
    *,
    camera: str,
    interval_s: float = 0.5,
    started_at: datetime | None = None,
    timezone: tzinfo = CHINA,
) -> PictureSource:
    """Open a picture, or a folder of pictures taken one after the other by one fixed camera.

    A folder's pictures are taken in natural order of their names ("2.jpg" before "10.jpg"). Their times are
    those of EXIF, where every picture has one and they ascend; otherwise they lie `interval_s` (above 0)
    apart.
    EXIF times without an offset are read in `timezone`. `started_at` (aware) is the capture time of the first
    picture; without it EXIF is believed, and failing that the first file's modification time.

    Raises SourceOpenError when there is no picture that decodes, ValueError for an `interval_s` or
    `started_at` that makes no sense.
    """
    if not interval_s > 0:
        raise ValueError(f"interval_s is {interval_s}; it must be above 0")
    given = None if started_at is None else as_utc(started_at)
    folder = is_folder(path)
    paths = pictures_in(path) if folder else [path]
    first, pixels = _first_readable(paths, path)
    stamps = [taken_at(picture, local=timezone) for picture in paths]
    slots, is_spaced = _slots(paths, stamps, first, interval_s)
    started, clock = _start(given, stamps[first], paths[first])
    height, width = pixels.shape[:2]
    info = SourceInfo(
        kind=SourceKind.PICTURES if folder else SourceKind.PICTURE,
        width=width,
        height=height,
        codec=paths[first].suffix.lower().lstrip("."),
        duration_s=slots[-1].media_s,
        started_at=started,
        clock=clock,
        interval_s=_interval_s(slots),
    )
    broken_names = [p.name for p in paths[:first]]
    notes = (f"no usable capture times: taken {interval_s:g} s apart; --fps sets that",) if is_spaced else ()
    return PictureSource(slots, camera=camera, info=info, broken_names=broken_names, notes=notes)


def _interval_s(slots: Sequence[_Slot]) -> float | None:
    """How far apart they usually are; None for a single one."""
    steps_s = [after.media_s - before.media_s for before, after in pairwise(slots)]
    return median(steps_s) if steps_s else None


def pictures_in(folder: Path) -> list[Path]:
    """The picture files right in this folder, in natural order of their names.

    Hidden files are left out, and with them the `._` doubles that macOS leaves. Raises SourceOpenError when
    there is none.
    """
    try:
        entries = [entry for entry in folder.iterdir() if entry.is_file()]
    except OSError as error:
        raise unreadable(folder, error, wanted=WANTED) from error
    pictures = [p for p in entries if p.suffix.lower() in PICTURE_SUFFIXES and not p.name.startswith(".")]
    if not pictures:
        raise SourceOpenError(f"{folder}: holds no pictures ({len(entries)} other files); name {WANTED}")
    return sorted(pictures, key=natural_key)


def natural_key(path: Path) -> tuple[list[str | int], str]:
    """Sorts names as people count.

    >>> [path.name for path in sorted([Path("10.jpg"), Path("2.jpg"), Path("b.jpg")], key=natural_key)]
    ['2.jpg', '10.jpg', 'b.jpg']
    """
    parts = re.split(r"(\d+)", path.name.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], path.name


def read_picture(path: Path) -> Pixels:
    """A picture as (h, w, 3) uint8 BGR, upright by its EXIF orientation.

    Gray becomes BGR, transparency is dropped, 16 bits become 8. Raises SourceOpenError.
    """
    check_file(path, wanted=WANTED)
    try:
        # Not cv2.imread: its errors do not say why.
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise unreadable(path, error, wanted=WANTED) from error
    if not data[:8].tobytes().startswith(_SIGNATURES):
        raise SourceOpenError(f"{path}: is not a picture that can be read; name {WANTED}")
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise SourceOpenError(f"{path}: is damaged or too large ({data.size} bytes)") from error
    if pixels is None:
        raise SourceOpenError(f"{path}: is damaged or cut off ({data.size} bytes); copy it again")
    return np.ascontiguousarray(pixels, np.uint8)


def _first_readable(paths: Sequence[Path], asked: Path) -> tuple[int, Pixels]:
    for i, path in enumerate(paths):
        try:
            return i, read_picture(path)
        except SourceOpenError:
            if path == asked:
                raise
    names = ", ".join(path.name for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
    raise SourceOpenError(f"{asked}: not one of its {len(paths)} pictures can be decoded ({names})")


def _slots(
    paths: Sequence[Path], stamps: Sequence[datetime | None], first: int, interval_s: float
) -> tuple[list[_Slot], bool]:
    """Each picture from the first readable one on, with its place and time; whether they were merely spaced."""
    rest = range(first, len(paths))
    known = {i: stamp for i in rest if (stamp := stamps[i]) is not None}
    if any(i not in known and _has_signature(paths[i]) for i in rest) or not _ascend(list(known.values())):
        return [_Slot(paths[i], i, round((i - first) * interval_s, 6)) for i in rest], len(rest) > 1
    slots, taken = [], known[first]
    for i in rest:
        # A file that is no picture and so has no time keeps its place, to be counted as broken.
        taken = known.get(i, taken)
        slots.append(_Slot(paths[i], i, (taken - known[first]).total_seconds()))
    return slots, False


def _ascend(moments: Sequence[datetime]) -> bool:
    return all(before < after for before, after in pairwise(moments))


def _has_signature(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(8).startswith(_SIGNATURES)
    except OSError:
        return False


def _start(given: datetime | None, taken: datetime | None, first: Path) -> tuple[datetime, Clock]:
    if given is not None:
        return given, Clock.GIVEN
    if taken is not None:
        return taken, Clock.EXIF
    return modified_at(first), Clock.FILE
