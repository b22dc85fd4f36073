"""Pictures on disk: a folder from one fixed camera, or a single file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np

from cvinspect.domain import Frame, Pace, Pixels
from cvinspect.errors import SourceOpenError
from cvinspect.opencv import MOST_PIXELS, cv2
from cvinspect.sources import Clock, Counts, SourceInfo, SourceKind
from cvinspect.sources.decoding.files import check_file, is_folder, unreadable
from cvinspect.sources.decoding.jpeg import JPEG_START, whole_jpeg
from cvinspect.sources.recorded.picture_times import PictureTimes, picture_times
from cvinspect.sources.recorded.start import CHINA, as_utc

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
    is_asked: bool = False,
    started_at: datetime | None = None,
    timezone: tzinfo = CHINA,
) -> PictureSource:
    """Open a picture, or a folder of pictures taken one after the other by one fixed camera.

    A folder's pictures are taken in natural order of their names ("2.jpg" before "10.jpg"). Their times are those of
    EXIF, where every picture has one and they ascend; else those in their names, where each has one, and in the order
    of these; else the files' dates, where these look like times of taking; otherwise they lie `interval_s` (above 0)
    apart. `is_asked`: the user says `interval_s`, and dates that differ from it are not believed.
    Times without an offset are read in `timezone`. `started_at` (aware) is the capture time of the first
    picture; without it the same is believed, and failing that the first file's modification time, or
    where the user says `interval_s` the last one's, less what lies between the two.

    Raises SourceOpenError when there is no picture that decodes, ValueError for an `interval_s` or
    `started_at` that makes no sense.
    """
    if not interval_s > 0:
        raise ValueError(f"interval_s is {interval_s}; it must be above 0")
    given = None if started_at is None else as_utc(started_at)
    folder = is_folder(path)
    paths = pictures_in(path) if folder else [path]
    unread, pixels = _first_readable(paths, path)
    foreign = frozenset(one for one in paths if one in unread or not _has_signature(one))
    times = picture_times(paths, interval_s=interval_s, is_asked=is_asked, local=timezone, foreign=foreign)
    slots = [
        _Slot(one, i, media_s)
        for i, (one, media_s) in enumerate(zip(times.paths, times.media_s, strict=True))
        if one not in unread
    ]
    if given is not None:
        times = replace(times, started_at=given, clock=Clock.GIVEN)
    info = _info(SourceKind.PICTURES if folder else SourceKind.PICTURE, pixels, slots, times)
    broken_names = [one.name for one in paths if one in unread]
    notes = () if times.note is None else (times.note,)
    return PictureSource(slots, camera=camera, info=info, broken_names=broken_names, notes=notes)


def _info(kind: SourceKind, pixels: Pixels, slots: Sequence[_Slot], times: PictureTimes) -> SourceInfo:
    height, width = pixels.shape[:2]
    return SourceInfo(
        kind=kind,
        width=width,
        height=height,
        codec=slots[0].path.suffix.lower().lstrip("."),
        duration_s=slots[-1].media_s,
        started_at=times.started_at,
        clock=times.clock,
        interval_s=times.interval_s,
    )


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


def has_pictures(folder: Path) -> bool:
    """Whether there is a picture file right in this folder; False where it cannot be read."""
    try:
        return bool(pictures_in(folder))
    except SourceOpenError:
        return False


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
    if data[:3].tobytes() == JPEG_START:
        whole = whole_jpeg(data.tobytes())
        if whole is None:
            raise _spoilt(path, data.size)
        data = np.frombuffer(whole, np.uint8)
    try:
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:
        if "MAX_IMAGE" in str(error):
            raise SourceOpenError(f"{path}: is too large; allowed: {MOST_PIXELS / 1e6:.0f} million pixels") from error
        raise _spoilt(path, data.size) from error
    if pixels is None:
        raise _spoilt(path, data.size)
    return np.ascontiguousarray(pixels, np.uint8)


def _spoilt(path: Path, size: int) -> SourceOpenError:
    return SourceOpenError(f"{path}: is damaged or cut off ({size} bytes); copy it again")


def _first_readable(paths: Sequence[Path], asked: Path) -> tuple[frozenset[Path], Pixels]:
    """The pixels of the first picture that decodes, and the files before it, which do not."""
    for i, path in enumerate(paths):
        try:
            return frozenset(paths[:i]), read_picture(path)
        except SourceOpenError:
            if path == asked:
                raise
    names = ", ".join(path.name for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
    raise SourceOpenError(f"{asked}: not one of its {len(paths)} pictures can be decoded ({names})")


def _has_signature(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(8).startswith(_SIGNATURES)
    except OSError:
        return False
